//! Fetching one file from one peer: as many chunks under way as the link answers in good time, each
//! verified before it is kept.

use super::blocking;
use super::finish::{Flaw, read_through};
use super::pull::{Ended, Job};
use crate::desks::Desks;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{BLOBS, BlobRecord, BlobState, LedgerAct, WANTED};
use net::Plane;
use protocol::blob::{Shape, leaf};
use protocol::codec;
use protocol::ids::NodeId;
use protocol::limits::BLOB_FRAME_BYTES_MAX;
use protocol::refusal::Code;
use protocol::signature::Digest;
use protocol::wire::{BlobAnswer, BlobRequest};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Chunks, Read, Slot};
use tokio::task::JoinSet;

/// Chunks under way with one peer (BLB-008).
const WINDOW_MAX: usize = 8;
/// Answered within this, one more may be under way: the link has room.
const QUICK: Duration = Duration::from_millis(500);
/// Answered after this, one less: what is urgent must not wait behind a queue.
const SLOW: Duration = Duration::from_secs(2);

/// What came of asking for a chunk.
enum Came {
    Kept(Duration),
    Absent,
    Invalid,
    Failed,
}

impl Desks {
    /// Fetches until the file is whole, something more urgent is wanted, or the peer fails.
    pub(super) async fn fetch(&self, node: NodeId, job: &Job) -> Ended {
        let Some(shape) = Shape::of(job.record.size) else { return Ended::Absent };
        let (desks, file) = (self.clone(), job.record.file);
        let opened = blocking(move || desks.chunks(file, shape)).await;
        let Ok(Ok(chunks)) = opened else { return Ended::Failed };
        let wants = self.inner.attachments.wants();
        let mut missing = VecDeque::from(chunks.missing());
        let (mut window, mut under_way) = (1, JoinSet::new());
        let mut ended = None;
        loop {
            while ended.is_none()
                && under_way.len() < window
                && let Some(index) = missing.pop_front()
            {
                let (desks, chunks) = (self.clone(), Arc::clone(&chunks));
                let request = BlobRequest::Get { compartment: job.compartment, root: job.place.1, index };
                under_way.spawn(async move { desks.get_chunk(node, &chunks, request).await });
            }
            let Some(came) = under_way.join_next().await else { break };
            match came {
                Ok(Came::Kept(took)) if took <= QUICK => window = (window + 1).min(WINDOW_MAX),
                Ok(Came::Kept(took)) if took > SLOW => window = (window - 1).max(1),
                Ok(Came::Kept(_)) => {}
                Ok(Came::Absent) => ended = Some(Ended::Absent),
                Ok(Came::Invalid) => {
                    self.refuse(node, Code::ChunkInvalid, "attachment");
                    ended = Some(Ended::Absent);
                }
                Ok(Came::Failed) | Err(_) => ended = ended.or(Some(Ended::Failed)),
            }
            if wants != self.inner.attachments.wants() {
                // Whatever is the most urgent now, it may well be this one.
                ended = ended.or(Some(Ended::Over));
            }
        }
        match ended {
            Some(ended) => ended,
            None => self.finish(job, chunks).await,
        }
    }

    async fn get_chunk(&self, node: NodeId, chunks: &Arc<Chunks>, request: BlobRequest) -> Came {
        let BlobRequest::Get { root, index, .. } = request;
        let asked = Instant::now();
        let Ok(bytes) = self.ask(node, Plane::Blob, codec::encode(&request)).await else {
            return Came::Failed;
        };
        let took = asked.elapsed();
        let (chunk, proof) = match codec::decode(&bytes, BLOB_FRAME_BYTES_MAX) {
            Ok(BlobAnswer::Chunk { chunk, proof }) => (chunk, proof),
            // Asking it again is of no use on this connection.
            Ok(BlobAnswer::Refused(code)) if code == Code::NotFound.as_str() => return Came::Absent,
            Ok(BlobAnswer::Refused(_)) => return Came::Failed,
            Err(_) => return Came::Invalid,
        };
        let chunks = Arc::clone(chunks);
        let kept = blocking(move || {
            let shape = chunks.shape();
            // BLB-008: of the length that the size gives, and proved to stand there.
            let sound = shape.chunk_bytes(index) == Some(chunk.len())
                && proof.holds(leaf(&chunk), index, shape.chunks(), root);
            if !sound {
                return Ok(false);
            }
            chunks.put(index, &chunk).map(|()| true)
        });
        match kept.await {
            Ok(Ok(true)) => {
                self.inner.metrics.chunks.inc();
                Came::Kept(took)
            }
            Ok(Ok(false)) => Came::Invalid,
            Ok(Err(error)) => {
                super::disk(&error);
                Came::Failed
            }
            Err(_) => Came::Failed,
        }
    }

    /// BLB-009: nobody sees a file before all of it was opened and found to be what was signed.
    async fn finish(&self, job: &Job, chunks: Arc<Chunks>) -> Ended {
        let attachment = job.wanted.attachment.clone();
        let read = blocking(move || {
            chunks.sync()?;
            let read = read_through(&chunks, &attachment.key)?;
            Ok::<_, std::io::Error>(read.map(|(sha512, _)| sha512 == attachment.sha512))
        });
        let state = match read.await {
            Ok(Ok(Ok(true))) => BlobState::Whole,
            Ok(Ok(Ok(false) | Err(Flaw::Damaged))) => BlobState::Damaged,
            Ok(Ok(Err(Flaw::Missing))) | Ok(Err(_)) | Err(_) => return Ended::Failed,
        };
        match self.arrived(job, state).await {
            Ok(()) => Ended::Over,
            Err(_) => Ended::Failed,
        }
    }

    async fn arrived(&self, job: &Job, state: BlobState) -> Result<(), Problem> {
        let (place, level, size) = (job.place, job.wanted.level.clone(), job.record.size);
        let (desks, file) = (self.clone(), job.record.file);
        self.act(move |tx, _| {
            if !tx.has(BLOBS, &place)? {
                return Ok(());
            }
            tx.put(BLOBS, &place, &Slot::Level(level.clone()), &BlobRecord { file, size, state })?;
            tx.remove(WANTED, &place)?;
            let act = match state {
                BlobState::Damaged => LedgerAct::Refused,
                BlobState::Whole | BlobState::Arriving => LedgerAct::AttachmentArrived,
            };
            let damaged = (state == BlobState::Damaged).then(|| Code::AttachmentDamaged.as_str().to_owned());
            let note = Note {
                level: Some(level.clone()),
                content: Some(Digest(*place.1.as_bytes())),
                detail: damaged,
                ..Note::default()
            };
            ledger::append(tx, desks.now(), act, note)?;
            Ok(())
        })
        .await?;
        if state == BlobState::Damaged {
            self.inner.metrics.refuse(Code::AttachmentDamaged, "attachment", "not what was signed");
        }
        // Open pages show it.
        let _ = self.inner.live.send(());
        Ok(())
    }
}
