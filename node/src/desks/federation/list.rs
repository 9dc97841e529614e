//! The federation list as this node holds it: replaced only by a newer one that is signed and
//! chained, kept for ever, applied to the transport and passed on.

use super::suspension::with_suspensions;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{LISTS, LedgerAct};
use minicbor::bytes::ByteVec;
use protocol::federation::{ListError, SignedList, Trusted};
use protocol::ids::NodeId;
use protocol::refusal::Code;
use protocol::time::Timestamp;
use protocol::wire::{LogAnswer, LogRequest};
use std::sync::{Arc, PoisonError};
use store::{Read, Slot, Tx};

/// Keeps an accepted list.
pub(in crate::desks) fn accept_list(
    tx: &Tx<'_>,
    now: Timestamp,
    signed: &SignedList,
    trusted: &Trusted,
) -> Result<(), ActError> {
    let version = trusted.list().version;
    tx.put(LISTS, &version, &Slot::System, &ByteVec::from(signed.0.clone()))?;
    let note = Note {
        content: Some(trusted.hash()),
        detail: Some(format!("federation list {version}")),
        ..Note::default()
    };
    ledger::append(tx, now, LedgerAct::ListAccepted, note)?;
    Ok(())
}

impl Desks {
    /// The bytes of the list in force, for a peer that has an older one.
    pub(super) fn stored_list(&self) -> Result<Vec<u8>, Problem> {
        let version = self.list().list().version;
        let bytes: Option<ByteVec> = self.snapshot()?.get(LISTS, &version)?;
        bytes.map(Vec::from).ok_or_else(|| Problem::new(Code::Internal, "the list in force is not stored"))
    }

    /// Fetches a peer's list and, if it holds, puts it in force.
    pub(super) async fn fetch_list(&self, peer: NodeId) -> Result<(), Problem> {
        let LogAnswer::List(bytes) = self.ask_log(peer, &LogRequest::List).await? else {
            return Err(Problem::new(Code::Malformed, "no list"));
        };
        self.settle_list(Some(peer), SignedList(bytes)).await.map(|_| ())
    }

    /// Puts a list in force that a peer, or the operator, has brought, if it holds. `false` when it is
    /// the one in force.
    pub(super) async fn settle_list(
        &self,
        from: Option<NodeId>,
        signed: SignedList,
    ) -> Result<bool, Problem> {
        // Two lists that come at once are looked at one after the other.
        let one_at_a_time = self.inner.peers.listing.lock().await;
        let held = self.list();
        let checked = signed.verify(&self.inner.authority);
        if checked.as_ref().is_ok_and(|given| given.hash() == held.hash()) {
            return Ok(false);
        }
        let accepted = checked.and_then(|newer| held.accepts(&newer).map(|()| newer));
        let newer = match accepted {
            Ok(newer) => newer,
            Err(error) => return Err(self.refuse_list(from, &signed, &error).await),
        };
        let (desks, kept, bytes) = (self.clone(), newer.clone(), signed.clone());
        self.act(move |tx, _| accept_list(tx, desks.now(), &bytes, &kept)).await?;
        let newer = with_suspensions(&self.snapshot()?, &self.inner.authority, newer)?;
        self.put_in_force(newer);
        drop(one_at_a_time);
        self.list_changed().await;
        Ok(true)
    }

    async fn refuse_list(&self, from: Option<NodeId>, signed: &SignedList, error: &ListError) -> Problem {
        let by = from.map_or_else(|| "operator".to_owned(), |peer| self.name_of(peer));
        self.inner.metrics.refuse(error.code(), &by, &error.to_string());
        if error.is_evidence() {
            self.keep_other_list(from, signed, error).await;
        }
        Problem::new(error.code(), error.to_string())
    }

    /// In memory; what is kept on disk is the caller's.
    pub(super) fn put_in_force(&self, list: Trusted) {
        *self.inner.list.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(list);
    }

    /// The list or what stands beside it has changed: the transport hears of it at once, peers next.
    pub(super) async fn list_changed(&self) {
        self.apply_list().await;
        self.inner.peers.greet_anew.notify_one();
        // Pages show how the federation stands.
        let _ = self.inner.live.send(());
    }

    /// Tells the transport who may connect: every other node in force, with its listed key.
    pub(super) async fn apply_list(&self) {
        let (list, now) = (self.list(), self.now());
        let active = list.list().entries.iter().filter_map(|entry| list.active(entry.node, now));
        let peers = active.filter(|entry| entry.node != self.own_node()).map(|entry| net::Peer {
            node: entry.node,
            key: entry.identity.0,
            addresses: entry.addresses,
        });
        let peers: Vec<_> = peers.collect();
        if let Some(net) = self.net() {
            net.set_peers(peers).await;
        }
        self.inner.metrics.list(&list, now);
        self.look_for_own_keys(&list);
        self.remove_unlisted().await;
    }
}
