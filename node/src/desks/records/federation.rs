//! What is kept of the federation beside its lists. Shapes are the file format.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::ids::NodeId;
use protocol::signature::Digest;
use protocol::time::Timestamp;

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum AlarmKind {
    /// The authority signed two lists of one version.
    #[n(0)]
    SplitList,
    /// The authority signed a list that follows another than the one held.
    #[n(1)]
    BrokenChain,
    /// A peer shows an older list than it showed before: it was started from an old copy.
    #[n(2)]
    RolledBackPeer,
    /// One key of the authority signed two suspensions of one number.
    #[n(3)]
    TwoSuspensions,
}

/// Something that should not be, kept until people have looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Alarm {
    #[n(0)]
    pub(crate) kind: AlarmKind,
    #[n(2)]
    pub(crate) at: Timestamp,
    /// Who showed it; nobody when the operator brought it.
    #[n(4)]
    pub(crate) peer: Option<NodeId>,
    /// The version of the list that it is about.
    #[n(6)]
    pub(crate) version: u64,
    /// What this node holds, as signed bytes.
    #[n(8)]
    pub(crate) ours: ByteVec,
    /// What it was shown, as signed bytes.
    #[n(10)]
    pub(crate) theirs: ByteVec,
}

/// The last hello of a peer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct LastHello {
    #[n(0)]
    pub(crate) at: Timestamp,
    #[n(2)]
    pub(crate) list_version: u64,
    #[n(4)]
    pub(crate) list_hash: Digest,
    #[n(6)]
    pub(crate) incarnation: u32,
}
