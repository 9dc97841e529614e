//! What proves that somebody lied or was set back: kept whole, once, and said aloud.

use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::records::{ALARMS, Alarm, AlarmKind, HELLOS, LastHello, LedgerAct};
use minicbor::bytes::ByteVec;
use protocol::codec;
use protocol::federation::{ListError, SignedList, SignedSuspension};
use protocol::ids::{ItemId, NodeId};
use protocol::refusal::Code;
use protocol::signature::Digest;
use protocol::wire::Hello;
use store::{Read, Slot, Tx};

/// Pieces of evidence kept: whoever produces more adds nothing to what is known of him.
const ALARMS_MAX: usize = 1_000;

impl Desks {
    /// Another list than ours that the authority has signed all the same.
    pub(super) async fn keep_other_list(&self, peer: Option<NodeId>, signed: &SignedList, error: &ListError) {
        let (kind, version) = match error {
            ListError::Split { version } => (AlarmKind::SplitList, *version),
            ListError::Chain { version } => (AlarmKind::BrokenChain, *version),
            _ => return,
        };
        let ours = ByteVec::from(self.stored_list().unwrap_or_default());
        let theirs = ByteVec::from(signed.0.clone());
        // By content: who else signs the same list is no new evidence.
        let hash = signed.hash().unwrap_or_else(|_| Digest::plain(&signed.0));
        self.keep_alarm(Alarm { kind, at: self.now(), peer, version, ours, theirs }, hash).await;
    }

    /// Two statements that one key of the authority gave one number.
    pub(super) async fn keep_two_suspensions(
        &self,
        peer: Option<NodeId>,
        version: u64,
        ours: &SignedSuspension,
        theirs: &SignedSuspension,
    ) {
        let kind = AlarmKind::TwoSuspensions;
        let (ours, theirs) = (ByteVec::from(codec::encode(ours)), ByteVec::from(codec::encode(theirs)));
        let hash = Digest::plain(&theirs);
        self.keep_alarm(Alarm { kind, at: self.now(), peer, version, ours, theirs }, hash).await;
    }

    /// Notes a peer's hello, and whether it shows an older list than it showed before.
    pub(super) async fn note_hello(&self, peer: NodeId, hello: &Hello) {
        let known: Option<LastHello> =
            self.snapshot().ok().and_then(|snapshot| snapshot.get(HELLOS, &peer).ok()?);
        let latest = LastHello {
            at: self.now(),
            list_version: hello.list_version,
            list_hash: hello.list_hash,
            incarnation: hello.incarnation,
        };
        if let Some(before) = known.filter(|before| before.list_version > latest.list_version) {
            let detail =
                format!("it showed list {} before and {} now", before.list_version, latest.list_version);
            self.refuse(peer, Code::ListRollback, &detail);
            let alarm = Alarm {
                kind: AlarmKind::RolledBackPeer,
                at: latest.at,
                peer: Some(peer),
                version: latest.list_version,
                ours: ByteVec::from(codec::encode(&before)),
                theirs: ByteVec::from(codec::encode(&latest)),
            };
            let hash = Digest::of("rolled-back", &[peer.as_bytes(), &before.list_version.to_be_bytes()]);
            self.keep_alarm(alarm, hash).await;
        }
        let kept = self.act(move |tx, _| Ok(tx.put(HELLOS, &peer, &Slot::System, &latest)?)).await;
        if let Err(problem) = kept {
            tracing::debug!(code = problem.code.as_str(), "hello.not_noted");
        }
    }

    /// Whether a list of this version and hash is among the evidence already.
    pub(super) fn is_kept(&self, version: u64, hash: Digest) -> bool {
        let snapshot = self.snapshot().ok();
        snapshot.is_some_and(|snapshot| matches!(snapshot.has(ALARMS, &key(version, hash)), Ok(true)))
    }

    async fn keep_alarm(&self, alarm: Alarm, hash: Digest) {
        let key = key(alarm.version, hash);
        let kept = self.act(move |tx, _| keep(tx, key, &alarm)).await;
        if let Err(problem) = kept {
            tracing::error!(code = problem.code.as_str(), "evidence.not_kept");
        }
        self.inner.metrics.alarm();
    }
}

fn key(version: u64, hash: Digest) -> (u64, ItemId) {
    (version, hash.short())
}

fn keep(tx: &Tx<'_>, key: (u64, ItemId), alarm: &Alarm) -> Result<(), ActError> {
    if tx.has(ALARMS, &key)? || tx.all(ALARMS)?.len() >= ALARMS_MAX {
        return Ok(());
    }
    tx.put(ALARMS, &key, &Slot::System, alarm)?;
    let code = match alarm.kind {
        AlarmKind::SplitList | AlarmKind::TwoSuspensions => Code::ListSplit,
        AlarmKind::BrokenChain | AlarmKind::RolledBackPeer => Code::ListRollback,
    };
    let by = alarm.peer.map_or_else(|| "operator".to_owned(), |peer| peer.to_string());
    let note = Note {
        content: Some(Digest::plain(&alarm.theirs)),
        detail: Some(format!("{code} {by} version {}", alarm.version)),
        ..Note::default()
    };
    ledger::append(tx, alarm.at, LedgerAct::Refused, note)?;
    Ok(())
}
