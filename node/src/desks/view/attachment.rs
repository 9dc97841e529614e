//! Attachments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file of an item or a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttachmentView {
    /// Of an item: the root of its hash tree. Of a draft: its id there.
    pub id: String,
    /// The file's name, without a path.
    pub name: String,
    /// Media type, from its bytes and its name; for information: it is never rendered here.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-512 in hexadecimal; empty until all of it is here.
    pub sha512: String,
    /// `uploading`, `arriving`, `whole` or `damaged`.
    pub state: String,
    /// Bytes that are here.
    pub held: u64,
}
