//! Searches and the directory.

use super::{LabelView, PartyView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct SearchForm {
    /// Words; "quoted phrases"; -excluded; prefix*.
    pub q: String,
    /// `telegram`, `note`, `letter`, `post`.
    pub kind: Option<String>,
    /// A theme.
    pub tag: Option<String>,
    /// `NP` or `DR`.
    pub classification: Option<String>,
    /// Address of a sender or addressee.
    pub group: Option<String>,
    /// Community id.
    pub community: Option<String>,
    /// One of RFC 6477's words.
    pub precedence: Option<String>,
    /// `2026-10-20` or RFC 3339, inclusive.
    pub since: Option<String>,
    /// `2026-10-20` (that day included) or RFC 3339, exclusive.
    pub until: Option<String>,
    /// From the previous page.
    pub cursor: Option<String>,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HitView {
    /// Item id.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Subject line.
    pub subject: String,
    /// Escaped text with `<mark>` only.
    pub snippet: String,
    /// Sender.
    pub from: PartyView,
    /// Precedence.
    pub precedence: String,
    /// Label.
    pub label: LabelView,
    /// Date-time group.
    pub dtg: String,
    /// RFC 3339.
    pub released_at: String,
}

/// A value of a facet and how many hits have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValue {
    /// The value to filter by.
    pub value: String,
    /// What to show (the community's name; otherwise the value).
    pub name: String,
    /// Hits.
    pub count: u64,
}

/// Counts by facet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetsView {
    /// By kind.
    pub kind: Vec<FacetValue>,
    /// By tag.
    pub tag: Vec<FacetValue>,
    /// By classification.
    pub classification: Vec<FacetValue>,
    /// By community.
    pub community: Vec<FacetValue>,
    /// By month.
    pub month: Vec<FacetValue>,
}

/// The answer to a search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchPage {
    /// All hits that the asker may see.
    pub total: u64,
    /// This page of them.
    pub hits: Vec<HitView>,
    /// Counts over all hits.
    pub facets: FacetsView,
    /// For the next page.
    pub cursor: Option<String>,
}

/// A group or community of the federation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DirectoryEntry {
    /// `group` or `community`.
    pub kind: String,
    /// `cdc@mae`; for a community its id.
    pub address: String,
    /// Name.
    pub name: String,
    /// The node's short name.
    pub node: String,
    /// The organisation's full name.
    pub organisation: String,
    /// `ministry`, `embassy`, `guest`.
    pub node_kind: String,
    /// Themes it follows.
    pub tags: Vec<String>,
    /// The highest level it may receive, as far as the asker may know.
    pub ceiling: LabelView,
}
