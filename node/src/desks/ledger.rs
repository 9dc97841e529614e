//! The ledger: append-only, each entry chained to the one before by hash.

use super::records::{LEDGER, LEDGER_HEAD, LedgerAct, LedgerEntry, LedgerHead};
use protocol::codec;
use protocol::ids::{AgentId, ItemId};
use protocol::label::Level;
use protocol::signature::Digest;
use protocol::time::Timestamp;
use store::{Read, Slot, StoreError, Tx};

/// What happened.
#[derive(Debug, Clone, Default)]
pub(super) struct Note {
    pub(super) subject: Option<ItemId>,
    pub(super) level: Option<Level>,
    pub(super) agent: Option<AgentId>,
    pub(super) content: Option<Digest>,
    pub(super) detail: Option<String>,
}

/// Appends an entry; its position.
pub(super) fn append(tx: &Tx<'_>, at: Timestamp, act: LedgerAct, note: Note) -> Result<u64, StoreError> {
    let head = head(tx)?;
    let position = head.position + 1;
    let Note { subject, level, agent, content, detail } = note;
    let entry =
        LedgerEntry { position, previous: head.hash, at, act, subject, level, agent, content, detail };
    tx.put(LEDGER, &position, &Slot::System, &entry)?;
    tx.put(LEDGER_HEAD, &(), &Slot::System, &LedgerHead { position, hash: hash(&entry) })?;
    Ok(position)
}

/// Where the ledger ends.
pub(super) fn head(read: &impl Read) -> Result<LedgerHead, StoreError> {
    Ok(read.get(LEDGER_HEAD, &())?.unwrap_or(LedgerHead { position: 0, hash: Digest([0; 32]) }))
}

/// The hash that the next entry names.
pub(super) fn hash(entry: &LedgerEntry) -> Digest {
    Digest::of("ledger/entry", &[&codec::encode(entry)])
}
