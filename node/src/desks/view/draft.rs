//! Drafts.

use super::{AttachmentView, LabelView, PrecedenceView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A draft as written and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftView {
    /// `telegram`, `note` or `letter`.
    pub kind: String,
    /// Address of the sending group.
    pub from: String,
    /// Action addressees.
    #[serde(default)]
    pub action: Vec<String>,
    /// Information addressees.
    #[serde(default)]
    pub info: Vec<String>,
    /// How urgent.
    pub precedence: PrecedenceView,
    /// The label.
    pub label: LabelView,
    /// Subject line.
    #[serde(default)]
    pub subject: String,
    /// Themes.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Plain text.
    #[serde(default)]
    pub body: String,
    /// Ids of earlier items.
    #[serde(default)]
    pub references: Vec<String>,
}

/// A draft with its place in the circuit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DraftState {
    /// The id, which the released item keeps.
    pub id: String,
    /// `draft`, `awaiting-visa`, `awaiting-release`.
    pub state: String,
    /// The content.
    #[serde(flatten)]
    pub content: DraftView,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
    /// Who writes it.
    pub author: String,
    /// When it was last saved, RFC 3339.
    pub saved_at: String,
    /// Steps that may follow: `edit`, `submit`, `release`, `discard`.
    pub legal: Vec<String>,
}
