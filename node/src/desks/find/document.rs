//! A filed item as the index takes it.

use super::tokens;
use crate::desks::records::{Content, ItemRecord};
use protocol::correspondence::{Correspondence, Precedence};
use protocol::label::Level;
use protocol::message::{Post, SignedItem};
use search::Document;

/// The document of an item that is filed at `level`.
pub(super) fn document(record: &ItemRecord, level: &Level) -> Document {
    let written = match &record.content {
        Content::Correspondence(signed) => correspondence(signed),
        Content::Post(post) => of_post(post),
    };
    Document {
        audience: tokens::of_item(record, level),
        communities: record.communities.iter().map(|shared| shared.community.to_string()).collect(),
        ..written
    }
}

fn correspondence(signed: &SignedItem) -> Document {
    let item = &signed.item;
    let parties = || std::iter::once(&item.from).chain(item.addressees());
    Document {
        id: item.id,
        kind: item.kind.as_str().to_owned(),
        precedence: item.urgency().as_str().to_owned(),
        classification: item.label.classification.clone(),
        tags: item.tags.clone(),
        communities: Vec::new(),
        groups: parties().map(|party| party.address.clone()).collect(),
        audience: Vec::new(),
        date_s: item.released_at.seconds(),
        month: item.released_at.month(),
        subject: item.subject.clone(),
        body: item.body.clone(),
        names: names(item),
    }
}

/// Sender and addressees by name; of an import also as printed.
fn names(item: &Correspondence) -> String {
    let parties = std::iter::once(&item.from).chain(item.addressees()).map(|party| party.name.as_str());
    let printed = item.import.iter().flat_map(|mark| mark.parties.iter().map(String::as_str));
    parties.chain(printed).collect::<Vec<_>>().join("\n")
}

fn of_post(post: &Post) -> Document {
    Document {
        id: post.id,
        kind: "post".to_owned(),
        precedence: Precedence::Routine.as_str().to_owned(),
        classification: post.label.classification.clone(),
        tags: Vec::new(),
        communities: Vec::new(),
        groups: Vec::new(),
        audience: Vec::new(),
        date_s: post.at.seconds(),
        month: post.at.month(),
        subject: String::new(),
        body: post.body.clone(),
        names: post.author.clone(),
    }
}
