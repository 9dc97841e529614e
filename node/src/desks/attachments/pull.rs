//! One fetcher per peer: takes the most urgent file that this peer may have and nobody else is
//! fetching, and leaves it for a more urgent one.

use super::Place;
use crate::desks::Desks;
use crate::desks::federation::{Peer, room};
use crate::desks::problem::Problem;
use crate::desks::records::{BLOBS, BlobRecord, BlobState, WANTED, Wanted};
use protocol::ids::{CompartmentId, NodeId};
use std::cmp::Reverse;
use std::time::Duration;
use store::Read;
use tokio::sync::watch;

/// Pause before a peer that failed is asked again, when nothing else wakes the fetcher.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// A file to be fetched from a peer.
pub(super) struct Job {
    pub(super) place: Place,
    pub(super) wanted: Wanted,
    pub(super) record: BlobRecord,
    /// Through which the peer knows of it.
    pub(super) compartment: CompartmentId,
}

/// How a fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// All of it is here; or something more urgent is wanted.
    Over,
    /// This peer does not have it, or not the right one.
    Absent,
    /// The link or the disk failed.
    Failed,
}

impl Desks {
    /// Runs until the node stops.
    pub(in crate::desks) async fn pull(&self, node: NodeId, mut stopped: watch::Receiver<bool>) {
        let peer = self.peer(node);
        let mut retry = None;
        loop {
            let woken = async {
                match retry {
                    // A timer, not a wait for something that happens elsewhere.
                    Some(pause) => drop(tokio::time::timeout(pause, peer.fetch.notified()).await),
                    None => peer.fetch.notified().await,
                }
            };
            tokio::select! {
                () = woken => {}
                _ = stopped.changed() => return,
            }
            retry = None;
            while peer.is_ready() && !*stopped.borrow() {
                let job = match self.next_job(node, &peer) {
                    Ok(Some(job)) => job,
                    Ok(None) => break,
                    Err(_) => {
                        retry = Some(RETRY_AFTER);
                        break;
                    }
                };
                let place = job.place;
                let ended = tokio::select! {
                    ended = self.fetch(node, &job) => ended,
                    _ = stopped.changed() => Ended::Failed,
                };
                self.inner.attachments.release(&place);
                match ended {
                    Ended::Over => {}
                    Ended::Absent => {
                        peer.note_absent(place);
                        // Another member may have it.
                        self.inner.peers.fetch_all();
                    }
                    Ended::Failed => {
                        retry = Some(RETRY_AFTER);
                        break;
                    }
                }
            }
        }
    }

    /// The most urgent file that the peer may have, claimed.
    fn next_job(&self, node: NodeId, peer: &Peer) -> Result<Option<Job>, Problem> {
        let snapshot = self.snapshot()?;
        let mut all: Vec<(Place, Wanted)> = snapshot.all(WANTED)?;
        all.sort_by_key(|(_, wanted)| (Reverse(wanted.urgency), wanted.since));
        for (place, wanted) in all {
            if peer.lacks(&place) || !self.may_exchange(node, &wanted.level) {
                continue;
            }
            let mut through = None;
            for space in &wanted.spaces {
                let found = room(&snapshot, *space, &wanted.level)?;
                through =
                    through.or(found.filter(|(_, record)| record.stands() && record.members.contains(&node)));
            }
            let Some((compartment, _)) = through else { continue };
            let record: Option<BlobRecord> = snapshot.get(BLOBS, &place)?;
            let arriving = record.filter(|record| record.state == BlobState::Arriving);
            if let Some(record) = arriving
                && self.inner.attachments.claim(place)
            {
                return Ok(Some(Job { place, wanted, record, compartment }));
            }
        }
        Ok(None)
    }
}
