//! Items and teleprinter lines.

use super::{AttachmentView, LabelView, PartyView, PrecedenceView};
use serde::Serialize;
use utoipa::ToSchema;

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
    /// As printed.
    pub number: Option<String>,
    /// As printed.
    pub handling: Vec<String>,
    /// As printed.
    pub repeated_to: Vec<String>,
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
    /// Files.
    pub attachments: Vec<AttachmentView>,
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
