//! Serving chunks to other members.

use super::blocking;
use crate::desks::Desks;
use crate::desks::problem::Problem;
use crate::desks::records::{
    BLOBS, BlobRecord, BlobState, COMPARTMENTS, CompartmentRecord, REFERRED, level_tag,
};
use protocol::blob::Shape;
use protocol::codec;
use protocol::ids::{BlobId, CompartmentId, NodeId};
use protocol::limits::BLOB_FRAME_BYTES_MAX;
use protocol::wire::{BlobAnswer, BlobRequest};
use store::Read;

impl Desks {
    /// Answers on the plane of attachments; `None` when the bytes are no request.
    pub(in crate::desks) async fn answer_blob(&self, from: NodeId, bytes: &[u8]) -> Option<Vec<u8>> {
        let BlobRequest::Get { compartment, root, index } = match codec::decode(bytes, BLOB_FRAME_BYTES_MAX) {
            Ok(request) => request,
            Err(error) => {
                self.refuse(from, error.code(), &error.to_string());
                return None;
            }
        };
        let answer = match self.chunk_for(from, compartment, root, index).await {
            Ok(answer) => answer,
            Err(problem) => {
                self.refuse(from, problem.code, "attachment");
                BlobAnswer::Refused(problem.code.as_str().to_owned())
            }
        };
        Some(codec::encode(&answer))
    }

    async fn chunk_for(
        &self,
        from: NodeId,
        compartment: CompartmentId,
        root: BlobId,
        index: u32,
    ) -> Result<BlobAnswer, Problem> {
        let BlobRecord { file, size, .. } =
            self.servable(from, compartment, root)?.ok_or_else(Problem::not_found)?;
        let shape = Shape::of(size).ok_or_else(Problem::not_found)?;
        let desks = self.clone();
        let read = blocking(move || {
            let chunks = desks.chunks(file, shape)?;
            let proof = desks.tree(file, &chunks).and_then(|tree| tree.proof(index));
            Ok::<_, std::io::Error>(chunks.get(index)?.zip(proof))
        });
        let read = read.await?.map_err(|error| super::disk(&error))?;
        let (chunk, proof) = read.ok_or_else(Problem::not_found)?;
        Ok(BlobAnswer::Chunk { chunk, proof })
    }

    /// BLB-007: a file that the asker may have through this compartment.
    fn servable(
        &self,
        from: NodeId,
        compartment: CompartmentId,
        root: BlobId,
    ) -> Result<Option<BlobRecord>, Problem> {
        let snapshot = self.snapshot()?;
        let record: Option<CompartmentRecord> = snapshot.get(COMPARTMENTS, &compartment)?;
        let member = |record: &CompartmentRecord| record.active && record.members.contains(&from);
        let Some(record) = record.filter(member) else { return Ok(None) };
        let tag = level_tag(&record.level);
        if !self.may_exchange(from, &record.level) || !snapshot.has(REFERRED, &(record.space, tag, root))? {
            return Ok(None);
        }
        let blob: Option<BlobRecord> = snapshot.get(BLOBS, &(tag, root))?;
        Ok(blob.filter(|blob| blob.state == BlobState::Whole))
    }
}
