//! What a line about an item says, the same in the teleprinter and in search.

use crate::desks::Desks;
use crate::desks::correspondence::{party, post_subject};
use crate::desks::records::{Content, ItemRecord};
use crate::desks::view::PartyView;
use protocol::correspondence::Precedence;
use protocol::time::Timestamp;

/// The head of an item.
pub(in crate::desks) struct Headline {
    /// `telegram`, `note`, `letter` or `post`.
    pub(in crate::desks) kind: &'static str,
    /// The subject; of a post its first words.
    pub(in crate::desks) subject: String,
    /// The sending group; of a post its author, with the node's name for an address.
    pub(in crate::desks) from: PartyView,
    /// When it was released or written.
    pub(in crate::desks) at: Timestamp,
    /// The precedence it is carried with; a post is routine.
    pub(in crate::desks) urgency: Precedence,
    /// Never an agent's release.
    pub(in crate::desks) imported: bool,
}

impl Headline {
    /// The head of a filed item.
    pub(in crate::desks) fn of(desks: &Desks, record: &ItemRecord) -> Self {
        match &record.content {
            Content::Correspondence(signed) => {
                let item = &signed.item;
                Self {
                    kind: item.kind.as_str(),
                    subject: item.subject.clone(),
                    from: party(&item.from),
                    at: item.released_at,
                    urgency: item.urgency(),
                    imported: item.import.is_some(),
                }
            }
            Content::Post(post) => Self {
                kind: "post",
                subject: post_subject(&post.body),
                from: PartyView { address: desks.name_of(record.origin), name: post.author.clone() },
                at: post.at,
                urgency: Precedence::Routine,
                imported: false,
            },
        }
    }
}
