//! Who signed a vote: the identity keys of the federation list, those of another time for a while.

use crate::desks::Desks;
use protocol::commit::Voice;
use protocol::federation::Trusted;
use protocol::ids::NodeId;
use protocol::limits::FORMER_KEY_VOTES_SECONDS;
use protocol::signature::{SecretKey, Signature};
use protocol::time::Timestamp;

/// This node's voice among those of the list. A vote or certificate that was signed before a change of
/// keys still counts for the time that a post may be away (WIR-037).
pub(in crate::desks) struct Listed<'a> {
    own: &'a SecretKey,
    list: &'a Trusted,
    now: Timestamp,
}

impl Desks {
    /// The voice of this node among those of `list`.
    pub(in crate::desks) fn voice<'a>(&'a self, list: &'a Trusted) -> Listed<'a> {
        Listed { own: &self.inner.identity, list, now: self.now() }
    }
}

impl Voice for Listed<'_> {
    fn sign(&self, domain: &str, bytes: &[u8]) -> Signature {
        self.own.sign(domain, bytes)
    }

    fn verifies(&self, node: NodeId, domain: &str, bytes: &[u8], signature: &Signature) -> bool {
        let Some(entry) = self.list.entry(node) else { return false };
        let recent = entry
            .former
            .iter()
            .filter(|keys| self.now < keys.until.plus_seconds(FORMER_KEY_VOTES_SECONDS))
            .map(|keys| &keys.identity);
        std::iter::once(&entry.identity).chain(recent).any(|key| key.verifies(domain, bytes, signature))
    }
}
