//! The federation.

use super::LabelView;
use serde::Serialize;
use utoipa::ToSchema;

/// A peer of this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeerView {
    /// The node's id; stays when it is renamed or changes its keys.
    pub id: String,
    /// Short name.
    pub name: String,
    /// Full name.
    pub organisation: String,
    /// `ministry`, `embassy`, `guest` or `witness`.
    pub kind: String,
    /// Ceiling.
    pub ceiling: LabelView,
    /// `active`, `suspended`, `revoked`, `lapsed`, `not-yet`, `sponsor-gone` or `list-expired`.
    pub accreditation: String,
    /// RFC 3339.
    pub valid_until: String,
    /// Whether that is within 30 days.
    pub expiring: bool,
    /// Short name of the ministry that answers for a guest.
    pub sponsor: Option<String>,
    /// How often its keys were changed.
    pub keys_changed: u64,
    /// Whether a connection stands.
    pub reachable: bool,
    /// When it last said hello, RFC 3339.
    pub last_contact: Option<String>,
    /// The list that it showed then.
    pub list_version: Option<u64>,
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

/// Something that proves that somebody lied or was set back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidenceView {
    /// `split-list`, `broken-chain`, `rolled-back-peer`, `two-suspensions` or `fork`.
    pub kind: String,
    /// Whom it concerns: short names; for lists who showed it.
    pub nodes: Vec<String>,
    /// The list's version, or the epoch of a fork.
    pub number: u64,
    /// RFC 3339; empty where the time was not kept.
    pub at: String,
    /// SHA-256 of what is held here and of what was shown, for lists and statements.
    pub hashes: Vec<String>,
}

/// What was refused lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusalView {
    /// The stable code.
    pub code: String,
    /// Short name, peer id or address.
    pub peer: String,
    /// How often since the node started.
    pub count: u64,
    /// The last time, RFC 3339.
    pub last: String,
    /// What was refused then.
    pub detail: String,
}

/// The federation as this node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FederationView {
    /// This node's short name.
    pub node: String,
    /// This node's id.
    pub id: String,
    /// This node's organisation.
    pub organisation: String,
    /// This node's own accreditation, as of [`PeerView`]; `unlisted` without one.
    pub accreditation: String,
    /// Until when, RFC 3339; empty without one.
    pub valid_until: String,
    /// Version of the federation list held.
    pub list_version: u64,
    /// SHA-256 of that list.
    pub list_hash: String,
    /// RFC 3339.
    pub list_issued: String,
    /// RFC 3339.
    pub list_expires: String,
    /// `valid`, `expiring` (within 30 days) or `expired`.
    pub list_state: String,
    /// Everybody else.
    pub peers: Vec<PeerView>,
    /// Nodes that lost their keys and wait for an operator of this node; for operators.
    pub returns: Vec<ReturnView>,
    /// For operators only.
    pub evidence: Option<Vec<EvidenceView>>,
    /// For operators only; latest first.
    pub refusals: Option<Vec<RefusalView>>,
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
