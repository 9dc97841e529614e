//! Suspensions by a single key of the authority, as they stand beside the list: kept, applied at once
//! and passed on, until a list settles them.

use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{LedgerAct, SUSPENSIONS};
use minicbor::bytes::ByteVec;
use protocol::codec;
use protocol::federation::{AuthorityKeys, SignedSuspension, Suspended, Trusted};
use protocol::ids::{ItemId, NodeId};
use protocol::limits::{SUSPENSION_BYTES_MAX, SUSPENSIONS_MAX};
use protocol::refusal::Code;
use protocol::time::Timestamp;
use protocol::wire::{LogAnswer, LogRequest};
use store::{Read, Slot, StoreError, Tx};

/// A statement and its signature as they are stored: the statement's limit, a key and a signature.
const STORED_BYTES_MAX: usize = SUSPENSION_BYTES_MAX + 256;

/// The list with the suspensions that are kept here.
pub(in crate::desks) fn with_suspensions(
    read: &impl Read,
    authority: &AuthorityKeys,
    mut list: Trusted,
) -> Result<Trusted, StoreError> {
    for (_, suspended) in kept(read, authority)? {
        list.suspend(&suspended);
    }
    Ok(list)
}

/// All statements kept here, whether in force or settled, oldest first for each node.
fn kept(
    read: &impl Read,
    authority: &AuthorityKeys,
) -> Result<Vec<(SignedSuspension, Suspended)>, StoreError> {
    let rows: Vec<((NodeId, u64, ItemId), ByteVec)> = read.all(SUSPENSIONS)?;
    let verified = rows.into_iter().filter_map(|(_, bytes)| {
        let signed: SignedSuspension = codec::decode(&bytes, STORED_BYTES_MAX).ok()?;
        // One whose key the authority has given up counts no more.
        let suspended = signed.verify(authority).ok()?;
        Some((signed, suspended))
    });
    Ok(verified.collect())
}

fn keep(tx: &Tx<'_>, now: Timestamp, signed: &SignedSuspension, said: &Suspended) -> Result<(), ActError> {
    let statement = said.statement();
    let at = u64::try_from(statement.at.0).unwrap_or_default();
    let key = (statement.node, at, said.hash().short());
    tx.put(SUSPENSIONS, &key, &Slot::System, &ByteVec::from(codec::encode(signed)))?;
    let note = Note {
        content: Some(said.hash()),
        detail: Some(format!("suspension of {}: {}", statement.node, statement.reason)),
        ..Note::default()
    };
    ledger::append(tx, now, LedgerAct::ListAccepted, note)?;
    Ok(())
}

impl Desks {
    /// The statements that are in force, for a peer that has others.
    pub(super) fn suspensions_in_force(&self) -> Result<Vec<SignedSuspension>, Problem> {
        let list = self.list();
        let counts =
            |said: &Suspended| list.suspended_since(said.statement().node) == Some(said.statement().at);
        let all = kept(&self.snapshot()?, &self.inner.authority)?;
        Ok(all
            .into_iter()
            .filter(|(_, said)| counts(said))
            .map(|(signed, _)| signed)
            .take(SUSPENSIONS_MAX)
            .collect())
    }

    /// Fetches the suspensions that a peer knows of.
    pub(super) async fn fetch_suspensions(&self, peer: NodeId) -> Result<(), Problem> {
        let LogAnswer::Suspensions(statements) = self.ask_log(peer, &LogRequest::Suspensions).await? else {
            return Err(Problem::new(Code::Malformed, "no suspensions"));
        };
        self.settle_suspensions(Some(peer), statements).await.map(|_| ())
    }

    /// Applies the statements that change something. Whether one did.
    pub(super) async fn settle_suspensions(
        &self,
        from: Option<NodeId>,
        statements: Vec<SignedSuspension>,
    ) -> Result<bool, Problem> {
        let one_at_a_time = self.inner.peers.listing.lock().await;
        let mut list = Trusted::clone(&self.list());
        let mut changing = Vec::new();
        let held = kept(&self.snapshot()?, &self.inner.authority)?;
        for signed in statements.into_iter().take(SUSPENSIONS_MAX) {
            let said = signed.verify(&self.inner.authority).map_err(|error| {
                let by = from.map_or_else(|| "operator".to_owned(), |peer| self.name_of(peer));
                self.inner.metrics.refuse(error.code(), &by, &error.to_string());
                Problem::new(error.code(), error.to_string())
            })?;
            self.compare_statement(from, &list, &held, (&signed, &said)).await;
            if list.suspended_count() < SUSPENSIONS_MAX && list.suspend(&said) {
                changing.push((signed, said));
            }
        }
        if changing.is_empty() {
            return Ok(false);
        }
        for (_, said) in &changing {
            let (name, reason) = (self.name_of(said.statement().node), &said.statement().reason);
            tracing::warn!(
                node = name,
                reason,
                refusal.code = Code::NodeSuspended.as_str(),
                "node.suspended"
            );
        }
        let desks = self.clone();
        self.act(move |tx, _| {
            changing.iter().try_for_each(|(signed, said)| keep(tx, desks.now(), signed, said))
        })
        .await?;
        self.put_in_force(list);
        drop(one_at_a_time);
        self.list_changed().await;
        Ok(true)
    }

    /// A statement may prove that there are two lists of one version, or two statements of one number.
    async fn compare_statement(
        &self,
        from: Option<NodeId>,
        list: &Trusted,
        held: &[(SignedSuspension, Suspended)],
        (signed, said): (&SignedSuspension, &Suspended),
    ) {
        if list.contradicts(said) {
            self.refuse_statement(from, "a suspension names another list of the version held here");
        }
        let twin = held.iter().find(|(_, other)| {
            other.key() == said.key()
                && other.statement().number == said.statement().number
                && other.hash() != said.hash()
        });
        if let Some((ours, _)) = twin {
            self.keep_two_suspensions(from, said.statement().list_version, ours, signed).await;
        }
    }

    fn refuse_statement(&self, from: Option<NodeId>, detail: &str) {
        let by = from.map_or_else(|| "operator".to_owned(), |peer| self.name_of(peer));
        self.inner.metrics.refuse(Code::ListSplit, &by, detail);
    }
}
