//! Communities and posts.

use super::AgentView;
use super::LabelView;
use serde::Serialize;
use utoipa::ToSchema;

/// A member node of a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Short name.
    pub node: String,
    /// Full name.
    pub organisation: String,
    /// `ministry`, `embassy`, `guest`.
    pub kind: String,
    /// `member`, `leaving` (its removal awaits votes), `invited` or `refused`.
    pub state: String,
    /// Why it refused, as a code.
    pub refused: Option<String>,
}

/// A community's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommunityView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `open` or `awaiting-manager`.
    pub state: String,
    /// The project it serves.
    pub project: String,
    /// The accountable manager's name.
    pub manager: String,
    /// Themes.
    pub tags: Vec<String>,
    /// The highest level that the asker may know of.
    pub ceiling: LabelView,
    /// Member and invited nodes.
    pub organisations: Vec<OrganisationView>,
    /// Local agents admitted.
    pub agents: Vec<AgentView>,
    /// The organisations on each of which membership depends; empty once three ministries vote, so that no
    /// single one can stop it.
    pub membership_depends_on: String,
    /// What the asker may do: `post`, `invite`, `expel`, `admit`, `accept`, `share`.
    pub acts: Vec<String>,
}

/// A post or a shared correspondence in a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostView {
    /// Where to resume after.
    pub cursor: String,
    /// Item id.
    pub id: String,
    /// `post`, or the kind of the shared correspondence.
    pub kind: String,
    /// Author; for a shared item who shared it.
    pub author: String,
    /// Organisation of the author's node.
    pub organisation: String,
    /// RFC 3339.
    pub at: String,
    /// Date-time group.
    pub dtg: String,
    /// Label.
    pub label: LabelView,
    /// For a shared correspondence.
    pub subject: Option<String>,
    /// Text.
    pub body: String,
    /// Not opened by this agent.
    pub unread: bool,
}
