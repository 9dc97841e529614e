//! The refusals of late, for whoever runs the node: what, of whom, how often and since when. In memory
//! only; the audit trail is the ledger.

use crate::limits::REFUSALS_MAX;
use protocol::refusal::Code;
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was refused to one peer by one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The code.
    pub(crate) code: Code,
    /// Short name, peer id or address.
    pub(crate) peer: String,
    /// How often.
    pub(crate) count: u64,
    /// The last time.
    pub(crate) last: Timestamp,
    /// What was refused then.
    pub(crate) detail: String,
}

/// Refusals by code and peer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusals {
    kept: Arc<Mutex<BTreeMap<(Code, String), Refusal>>>,
}

impl Refusals {
    /// Counts one. Beyond the limit the one that lies furthest back makes room: a flood of strangers
    /// hides old news, and costs no memory.
    pub(crate) fn note(&self, at: Timestamp, code: Code, peer: &str, detail: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (code, peer.to_owned());
        let count = kept.get(&key).map_or(0, |known| known.count) + 1;
        let refusal = Refusal { code, peer: peer.to_owned(), count, last: at, detail: detail.to_owned() };
        kept.insert(key, refusal);
        if kept.len() > REFUSALS_MAX {
            let oldest = kept.iter().min_by_key(|(_, refusal)| refusal.last).map(|(key, _)| key.clone());
            oldest.map(|key| kept.remove(&key));
        }
    }

    /// Latest first.
    pub(crate) fn latest(&self) -> Vec<Refusal> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Refusal> = kept.values().cloned().collect();
        all.sort_by_key(|refusal| std::cmp::Reverse(refusal.last));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_code_and_peer_and_the_oldest_make_room() {
        let refusals = Refusals::default();
        refusals.note(Timestamp(1), Code::UnknownPeer, "a", "first");
        refusals.note(Timestamp(2), Code::UnknownPeer, "a", "second");
        refusals.note(Timestamp(3), Code::NodeRevoked, "a", "other");
        let latest = refusals.latest();
        assert_eq!((latest[0].code, latest[0].count), (Code::NodeRevoked, 1));
        assert_eq!((latest[1].count, latest[1].detail.as_str()), (2, "second"));
        for n in 0..REFUSALS_MAX {
            refusals.note(Timestamp(4), Code::Malformed, &n.to_string(), "flood");
        }
        let latest = refusals.latest();
        assert_eq!(latest.len(), REFUSALS_MAX);
        assert!(latest.iter().all(|refusal| refusal.code == Code::Malformed));
    }
}
