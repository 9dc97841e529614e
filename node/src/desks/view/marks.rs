//! Labels, parties and precedences.

use protocol::label::Label;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A label: policy, classification, categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelView {
    /// `FR`.
    pub policy: String,
    /// `NP` or `DR`.
    pub classification: String,
    /// `SF` for *spécial France*.
    #[serde(default)]
    pub categories: Vec<String>,
}

impl From<&Label> for LabelView {
    fn from(label: &Label) -> Self {
        Self {
            policy: label.policy.clone(),
            classification: label.classification.clone(),
            categories: label.categories.clone(),
        }
    }
}

impl From<LabelView> for Label {
    fn from(view: LabelView) -> Self {
        Self { policy: view.policy, classification: view.classification, categories: view.categories }
    }
}

/// A functional group as sender or addressee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartyView {
    /// `cdc@mae`.
    pub address: String,
    /// Its name when the item was released.
    pub name: String,
}

/// Precedence for action and for information addressees, in RFC 6477's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrecedenceView {
    /// `deferred`, `routine`, `priority`, `immediate`, `flash` or `override`.
    pub action: String,
    /// The same words.
    pub info: String,
}
