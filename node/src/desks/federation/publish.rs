//! Publishing this node's groups: sealed in the NP channel, again whenever they changed.

use super::outbox::enqueue;
use crate::desks::Desks;
use crate::desks::directory;
use crate::desks::problem::Problem;
use crate::desks::records::PUBLISHED;
use protocol::correspondence::Precedence;
use protocol::ids::NodeId;
use protocol::label::Level;
use protocol::message::Payload;
use store::{Read, Slot};

impl Desks {
    /// Queues the directory for a peer that does not have its latest version.
    pub(super) async fn publish_directory(&self, peer: NodeId) -> Result<(), Problem> {
        let desks = self.clone();
        self.act(move |tx, groups| {
            let (version, entries) = directory::own_entries(tx)?;
            if tx.get(PUBLISHED, &peer)?.is_some_and(|published: u64| published >= version) {
                return Ok(());
            }
            tx.put(PUBLISHED, &peer, &Slot::System, &version)?;
            let payload = Payload::Directory { version, groups: entries };
            enqueue(&desks, tx, groups, peer, &Level::NP, Precedence::Immediate.number(), payload)
        })
        .await
    }
}
