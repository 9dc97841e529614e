//! A released correspondence. Immutable: corrections are new items.

use super::Precedence;
use crate::blob::Attachment;
use crate::ids::{AgentId, GroupId, ItemId, NodeId};
use crate::label::Label;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};

/// The three forms of correspondence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum ItemKind {
    /// *Télégramme*.
    #[n(0)]
    Telegram,
    /// *Note*.
    #[n(1)]
    Note,
    /// *Courriel formel*.
    #[n(2)]
    Letter,
}

impl ItemKind {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            ItemKind::Telegram => "telegram",
            ItemKind::Note => "note",
            ItemKind::Letter => "letter",
        }
    }

    /// Reads the word of the API.
    pub fn parse(text: &str) -> Option<ItemKind> {
        [ItemKind::Telegram, ItemKind::Note, ItemKind::Letter].into_iter().find(|k| k.as_str() == text)
    }
}

/// A functional group as sender or addressee, as it was called when the item was released.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Party {
    /// The group.
    #[n(0)]
    pub group: GroupId,
    /// The node that serves it.
    #[n(2)]
    pub node: NodeId,
    /// Its address at release.
    #[n(4)]
    pub address: String,
    /// Its name at release.
    #[n(6)]
    pub name: String,
}

/// A person, as called when acting.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Person {
    /// The agent.
    #[n(0)]
    pub agent: AgentId,
    /// The name shown.
    #[n(2)]
    pub name: String,
}

/// One precedence for action addressees, one for information addressees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Precedences {
    /// For those who must act.
    #[n(0)]
    pub action: Precedence,
    /// For those who are told.
    #[n(2)]
    pub info: Precedence,
}

impl Precedences {
    /// The more urgent of the two that has addressees.
    pub fn highest(&self, has_info: bool) -> Precedence {
        if has_info { self.action.max(self.info) } else { self.action }
    }
}

/// What an imported item carried in print, kept beside the mapped values. An import was never an
/// agent's release.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ImportMark {
    /// The record's id in its source.
    #[n(0)]
    pub source: String,
    /// The classification as printed, if any.
    #[n(2)]
    pub classification: Option<String>,
    /// The precedence as printed, if any.
    #[n(4)]
    pub precedence: Option<String>,
    /// The date as given by the source.
    #[n(6)]
    pub date: String,
    /// The subject was not in the source but taken from the first words.
    #[n(8)]
    pub subject_derived: bool,
    /// The parties as printed: sender, addressee.
    #[n(10)]
    pub parties: Vec<String>,
    /// The serial number as printed, if any.
    #[n(12)]
    pub number: Option<String>,
    /// Handling indications as printed.
    #[n(14)]
    pub handling: Vec<String>,
    /// The places it was repeated to, as printed.
    #[n(16)]
    pub repeated_to: Vec<String>,
}

/// A released item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Correspondence {
    /// The same on every node.
    #[n(0)]
    pub id: ItemId,
    /// Its form.
    #[n(2)]
    pub kind: ItemKind,
    /// Gapless per sending group and year; 0 for an import.
    #[n(4)]
    pub serial: u32,
    /// The sending group.
    #[n(6)]
    pub from: Party,
    /// Those who must act.
    #[n(8)]
    pub action: Vec<Party>,
    /// Those who are told.
    #[n(10)]
    pub info: Vec<Party>,
    /// How urgent.
    #[n(12)]
    pub precedence: Precedences,
    /// The originator's label.
    #[n(14)]
    pub label: Label,
    /// Subject line.
    #[n(16)]
    pub subject: String,
    /// Themes.
    #[n(18)]
    pub tags: Vec<String>,
    /// Plain text, paragraphs parted by blank lines.
    #[n(20)]
    pub body: String,
    /// Earlier items it refers to.
    #[n(22)]
    pub references: Vec<ItemId>,
    /// Who drafted it.
    #[n(24)]
    pub author: Person,
    /// Who released it; `None` for an import.
    #[n(26)]
    pub releaser: Option<Person>,
    /// When it was released, which its date-time group shows.
    #[n(28)]
    pub released_at: Timestamp,
    /// Present on imports only.
    #[n(30)]
    pub import: Option<ImportMark>,
    /// Files that belong to it.
    #[n(32)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Correspondence {
    /// Every addressee, action first.
    pub fn addressees(&self) -> impl Iterator<Item = &Party> {
        self.action.iter().chain(&self.info)
    }

    /// The precedence it is carried with.
    pub fn urgency(&self) -> Precedence {
        self.precedence.highest(!self.info.is_empty())
    }
}
