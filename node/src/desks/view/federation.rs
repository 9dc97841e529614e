//! The federation.

use super::LabelView;
use serde::Serialize;
use utoipa::ToSchema;

/// A peer of this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeerView {
    /// Short name.
    pub name: String,
    /// Full name.
    pub organisation: String,
    /// Kind.
    pub kind: String,
    /// Ceiling.
    pub ceiling: LabelView,
    /// `active`, `revoked` or `lapsed`.
    pub accreditation: String,
    /// RFC 3339.
    pub valid_until: String,
    /// Whether a connection stands.
    pub reachable: bool,
    /// Messages of ours that it has not acknowledged, per space the asker may know of.
    pub lag: Vec<LagView>,
}

/// How far a peer is behind in one space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LagView {
    /// `channel` or the community's name.
    pub space: String,
    /// Level.
    pub level: String,
    /// Sealed messages not acknowledged and items waiting to be sealed.
    pub messages: u64,
}

/// The federation as this node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FederationView {
    /// This node's short name.
    pub node: String,
    /// This node's organisation.
    pub organisation: String,
    /// Version of the federation list held.
    pub list_version: u64,
    /// RFC 3339.
    pub list_expires: String,
    /// Everybody else.
    pub peers: Vec<PeerView>,
    /// Nodes that lost their keys and wait for an operator of this node; for operators.
    pub returns: Vec<ReturnView>,
}

/// A node that lost its keys, by a restore, and asks to be let back into its communities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReturnView {
    /// Short name.
    pub node: String,
    /// Full name.
    pub organisation: String,
    /// RFC 3339.
    pub asked_at: String,
}
