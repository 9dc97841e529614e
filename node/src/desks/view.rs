//! What the desks answer: plain values for the JSON API and the portal alike. They hold nothing that
//! the asker is not cleared for; whoever makes one has decided.

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
    /// Who writes it.
    pub author: String,
    /// When it was last saved, RFC 3339.
    pub saved_at: String,
    /// Steps that may follow: `edit`, `submit`, `release`, `discard`.
    pub legal: Vec<String>,
}

/// Where an addressee stands with an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryView {
    /// `cdc@mae`.
    pub address: String,
    /// Its name.
    pub name: String,
    /// `action` or `info`.
    pub role: String,
    /// `sent`, `delivered`, `displayed` or `acknowledged`.
    pub state: String,
    /// RFC 3339, when the addressee's node had it on disk.
    pub delivered_at: Option<String>,
    /// When somebody of the group opened it.
    pub displayed_at: Option<String>,
    /// When somebody of the group acknowledged it.
    pub acknowledged_at: Option<String>,
    /// Who did.
    pub acknowledged_by: Option<String>,
}

/// What an imported item carried in print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportView {
    /// The record's id in its source.
    pub source: String,
    /// As printed.
    pub classification: Option<String>,
    /// As printed.
    pub precedence: Option<String>,
    /// As printed.
    pub date: String,
    /// The subject was taken from the first words of the text.
    pub subject_derived: bool,
    /// Sender and addressee as printed.
    pub parties: Vec<String>,
}

/// A signature on an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignatureView {
    /// `node`: the originating node's seal.
    pub kind: String,
    /// Who signed: the node's organisation.
    pub signer: String,
    /// Whether it verified here.
    pub valid: bool,
}

/// A community in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommunityBrief {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `open`, or `awaiting-manager` until its manager accepts.
    pub state: String,
    /// The highest level that the asker may know of.
    pub ceiling: LabelView,
    /// Whether the asker was admitted, or only may admit others (number two).
    pub admitted: bool,
}

/// A released item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemView {
    /// Id, the same on every node.
    pub id: String,
    /// `telegram`, `note`, `letter`, or `post`.
    pub kind: String,
    /// `released`.
    pub state: String,
    /// Gapless number of the sending group in its year, `000123`; absent on posts and imports.
    pub number: Option<String>,
    /// The sending group; for a post, the author.
    pub from: PartyView,
    /// Action addressees.
    pub action: Vec<PartyView>,
    /// Information addressees.
    pub info: Vec<PartyView>,
    /// How urgent.
    pub precedence: PrecedenceView,
    /// The originator's label.
    pub label: LabelView,
    /// Subject line.
    pub subject: String,
    /// Themes.
    pub tags: Vec<String>,
    /// Plain text.
    pub body: String,
    /// Ids of earlier items.
    pub references: Vec<String>,
    /// Who drafted it.
    pub author: String,
    /// Who released it; absent on imports.
    pub releaser: Option<String>,
    /// RFC 3339.
    pub released_at: String,
    /// `231430Z NOV 26`.
    pub dtg: String,
    /// When it reached this node, RFC 3339.
    pub received_at: String,
    /// Signatures and whether they verify.
    pub signatures: Vec<SignatureView>,
    /// Per addressee; on the sender's node for all, elsewhere for this node's groups.
    pub deliveries: Vec<DeliveryView>,
    /// Communities of the asker in which it stands.
    pub communities: Vec<CommunityBrief>,
    /// On imports.
    pub import: Option<ImportView>,
    /// What the asker may do: `acknowledge`, `reply`, `share`.
    pub acts: Vec<String>,
    /// Not opened by this agent before this request.
    pub unread: bool,
}

/// One line of the teleprinter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeleprinterItem {
    /// Where to resume after.
    pub cursor: String,
    /// Item id.
    pub id: String,
    /// `telegram`, `note`, `letter` or `post`.
    pub kind: String,
    /// Subject line; for a post its first words.
    pub subject: String,
    /// Sender.
    pub from: PartyView,
    /// The precedence that concerns the asker.
    pub precedence: String,
    /// The originator's label.
    pub label: LabelView,
    /// Date-time group.
    pub dtg: String,
    /// RFC 3339.
    pub released_at: String,
    /// RFC 3339.
    pub received_at: String,
    /// Not opened by this agent.
    pub unread: bool,
    /// `action`, `info`, `sent` or `community`.
    pub role: String,
    /// The group of the asker (address) or the community (name) through which it came.
    pub through: String,
    /// Imported, never released by an agent.
    pub imported: bool,
}

/// A page of the teleprinter, newest last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeleprinterPage {
    /// The lines.
    pub items: Vec<TeleprinterItem>,
}

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
}

/// A member node of a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Short name.
    pub node: String,
    /// Full name.
    pub organisation: String,
    /// `ministry`, `embassy`, `guest`.
    pub kind: String,
    /// `member`, `invited` or `refused`.
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
    /// The organisation on which membership depends (its founder's node is the only voter).
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
}
