//! Accounts, sessions, groups and the directory. Shapes are the file format.

use minicbor::{Decode, Encode};
use protocol::decide::Role;
use protocol::ids::{AgentId, GroupId, ItemId};
use protocol::label::Level;
use protocol::message::DirectoryGroup;
use protocol::time::Timestamp;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Account {
    #[n(0)]
    pub(crate) login: String,
    #[n(2)]
    pub(crate) name: String,
    /// PHC string (argon2id).
    #[n(4)]
    pub(crate) password: String,
    #[n(6)]
    pub(crate) clearance: Level,
    #[n(8)]
    pub(crate) groups: Vec<(GroupId, Role)>,
    #[n(10)]
    pub(crate) operator: bool,
    /// Entitled by a number two to manage communities.
    #[n(12)]
    pub(crate) manager: bool,
}

/// The device class of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Terminal {
    /// Fixed post.
    #[n(0)]
    Desktop,
    /// Tablet.
    #[n(1)]
    Tablet,
    /// Telephone.
    #[n(2)]
    Mobile,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct SessionRecord {
    #[n(0)]
    pub(crate) agent: AgentId,
    #[n(2)]
    pub(crate) terminal: Terminal,
    #[n(4)]
    pub(crate) expires: Timestamp,
}

/// A signing grant.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct GrantRecord {
    #[n(0)]
    pub(crate) agent: AgentId,
    #[n(2)]
    pub(crate) items: Vec<ItemId>,
    #[n(4)]
    pub(crate) expires: Timestamp,
}

/// A request for an account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Registration {
    #[n(0)]
    pub(crate) login: String,
    #[n(2)]
    pub(crate) name: String,
    #[n(4)]
    pub(crate) group: GroupId,
    /// PHC string, when the asker chose a password.
    #[n(6)]
    pub(crate) password: Option<String>,
    #[n(8)]
    pub(crate) asked_at: Timestamp,
    /// `None` while it waits.
    #[n(10)]
    pub(crate) accepted: Option<bool>,
}

/// A functional group of this node.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct GroupRecord {
    #[n(0)]
    pub(crate) entry: DirectoryGroup,
}

/// Groups of another node as it published them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct DirectoryRecord {
    #[n(0)]
    pub(crate) version: u64,
    #[n(2)]
    pub(crate) groups: Vec<DirectoryGroup>,
}
