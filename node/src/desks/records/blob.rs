//! Attachments: files on their way in, files kept, and who refers to them. Shapes are the file format.

use minicbor::{Decode, Encode};
use protocol::blob::{Attachment, Sha512};
use protocol::ids::{BlobId, ItemId, SpaceId};
use protocol::label::Level;
use protocol::time::Timestamp;

/// A file of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Upload {
    /// Name of its chunks on disk.
    #[n(0)]
    pub(crate) file: ItemId,
    #[n(2)]
    pub(crate) name: String,
    #[n(4)]
    pub(crate) size: u64,
    /// AES-256 key of its chunks.
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) key: [u8; 32],
    #[n(8)]
    pub(crate) begun: Timestamp,
    /// Once all of it is here.
    #[n(10)]
    pub(crate) whole: Option<Whole>,
}

/// What is known of a file once all of it is here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Whole {
    #[n(0)]
    pub(crate) root: BlobId,
    #[n(2)]
    pub(crate) sha512: Sha512,
    #[n(4)]
    pub(crate) media_type: String,
}

/// How a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum BlobState {
    /// On its way from another node.
    #[n(0)]
    Arriving,
    /// All of it is here and is what was signed.
    #[n(1)]
    Whole,
    /// All of it is here and is not what was signed.
    #[n(2)]
    Damaged,
}

/// A file that an item refers to, at the item's level (BLB-013).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct BlobRecord {
    /// Name of its chunks on disk.
    #[n(0)]
    pub(crate) file: ItemId,
    #[n(2)]
    pub(crate) size: u64,
    #[n(4)]
    pub(crate) state: BlobState,
}

/// A file to be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Wanted {
    #[n(0)]
    pub(crate) attachment: Attachment,
    #[n(2)]
    pub(crate) level: Level,
    /// Whose members may have it.
    #[n(4)]
    pub(crate) spaces: Vec<SpaceId>,
    /// Of the most urgent item that refers to it.
    #[n(6)]
    pub(crate) urgency: u8,
    #[n(8)]
    pub(crate) since: Timestamp,
}
