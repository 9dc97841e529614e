//! Agents and registrations.

use super::LabelView;
use serde::Serialize;
use utoipa::ToSchema;

/// A group that the agent belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MembershipView {
    /// `cdc@mae`.
    pub address: String,
    /// Name.
    pub name: String,
    /// `agent` or `number-two`.
    pub role: String,
}

/// The agent of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentView {
    /// Id.
    pub id: String,
    /// Sign-in name.
    pub login: String,
    /// Name shown.
    pub name: String,
    /// Entitled by a number two to manage communities.
    pub manager: bool,
}

/// Who am I.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MeView {
    /// The agent.
    pub agent: AgentView,
    /// min(agent, terminal, node).
    pub clearance: LabelView,
    /// Groups.
    pub groups: Vec<MembershipView>,
    /// Node roles: `operator`, `manager` (entitled to manage communities).
    pub roles: Vec<String>,
}

/// A registration that waits for a number two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegistrationView {
    /// Id.
    pub id: String,
    /// Sign-in name asked for.
    pub login: String,
    /// Name.
    pub name: String,
    /// The group asked for.
    pub group: String,
    /// RFC 3339.
    pub asked_at: String,
    /// `waiting`, `accepted`, `refused`.
    pub state: String,
    /// Only in the answer to an acceptance, when the asker chose no password: the one made for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}
