//! A filed item as an agent may see it.

use super::acknowledge::addressed;
use super::audience;
use crate::desks::cleared::{self, Cleared};
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::{COMMUNITIES, Content, DELIVERIES, Delivery, ITEMS, ItemRecord};
use crate::desks::view::{
    CommunityBrief, DeliveryView, ImportView, ItemView, PartyView, PrecedenceView, SignatureView,
};
use crate::desks::{Desks, Session};
use protocol::codec;
use protocol::correspondence::{Correspondence, ImportMark, Party, Precedence, canonical_text};
use protocol::decide::Object;
use protocol::ids::ItemId;
use protocol::message::{ITEM_SIGNATURE, Post, SignedItem};
use protocol::time::Timestamp;
use store::Read;

/// First characters of a post, where a list needs a subject.
const POST_SUBJECT_CHARS: usize = 80;

/// An item's id from text. What is no id does not exist.
pub(in crate::desks) fn parse_item(text: &str) -> Result<ItemId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// The item, if the session may read it.
pub(in crate::desks) fn find_item(
    read: &impl Read,
    session: &Session,
    id: ItemId,
) -> Result<ItemRecord, ActError> {
    let record = read.get(ITEMS, &id)?.ok_or_else(Problem::not_found)?;
    check_readable(read, session, &record)?;
    Ok(record)
}

pub(super) fn check_readable(
    read: &impl Read,
    session: &Session,
    record: &ItemRecord,
) -> Result<(), ActError> {
    let audience = audience(read, record)?;
    let object = Object { label: record.content.label(), audience: &audience };
    cleared::readable(&session.subject, &object, ())?;
    Ok(())
}

impl Desks {
    /// The canonical bytes: what was signed.
    pub fn content(&self, session: &Session, id: &str) -> Result<Cleared<Vec<u8>>, Problem> {
        let record = find_item(&self.snapshot()?, session, parse_item(id)?)?;
        let bytes = match &record.content {
            Content::Correspondence(signed) => canonical_text(&signed.item).into_bytes(),
            Content::Post(post) => codec::encode(&**post),
        };
        Ok(cleared::trimmed(&session.subject, bytes))
    }

    /// A filed item's view. The caller has checked that the session may read it.
    pub(in crate::desks) fn item_view(
        &self,
        read: &impl Read,
        session: &Session,
        record: &ItemRecord,
        unread: bool,
    ) -> Result<ItemView, Problem> {
        let mut view = match &record.content {
            Content::Correspondence(signed) => self.correspondence_view(read, session, signed)?,
            Content::Post(post) => self.post_item_view(record, post),
        };
        view.attachments = self.attachment_views(read, &record.content)?;
        view.received_at = record.received_at.to_string();
        view.unread = unread;
        for shared in &record.communities {
            if session.subject.communities.contains(&shared.community)
                && let Some(community) = read.get(COMMUNITIES, &shared.community)?
            {
                view.communities.push(CommunityBrief {
                    id: shared.community.to_string(),
                    name: community.charter.name,
                    state: "open".to_owned(),
                    ceiling: (&community.charter.ceiling.meet(&session.subject.clearance).label()).into(),
                    admitted: true,
                });
            }
        }
        if !session.subject.communities.is_empty() && matches!(record.content, Content::Correspondence(_)) {
            view.acts.push("share".to_owned());
        }
        Ok(view)
    }

    fn correspondence_view(
        &self,
        read: &impl Read,
        session: &Session,
        signed: &SignedItem,
    ) -> Result<ItemView, Problem> {
        let item = &signed.item;
        let deliveries = self.deliveries(read, signed)?;
        let mine = addressed(self, session, item);
        let pending = item.addressees().filter(|party| mine.contains(&party.group)).any(|party| {
            deliveries.iter().any(|d| d.address == party.address && d.acknowledged_at.is_none())
        });
        let mut acts = Vec::new();
        if pending {
            acts.push("acknowledge".to_owned());
        }
        if !session.subject.groups.is_empty() {
            acts.push("reply".to_owned());
        }
        Ok(ItemView {
            id: item.id.to_string(),
            kind: item.kind.as_str().to_owned(),
            state: "released".to_owned(),
            number: (item.serial > 0).then(|| format!("{:06}", item.serial)),
            from: party(&item.from),
            action: item.action.iter().map(party).collect(),
            info: item.info.iter().map(party).collect(),
            precedence: PrecedenceView {
                action: item.precedence.action.as_str().to_owned(),
                info: item.precedence.info.as_str().to_owned(),
            },
            label: (&item.label).into(),
            subject: item.subject.clone(),
            tags: item.tags.clone(),
            body: item.body.clone(),
            references: item.references.iter().map(ToString::to_string).collect(),
            attachments: Vec::new(),
            author: item.author.name.clone(),
            releaser: item.releaser.as_ref().map(|person| person.name.clone()),
            released_at: item.released_at.to_string(),
            dtg: item.released_at.dtg(),
            received_at: String::new(),
            signatures: vec![self.signature_view(signed, item)],
            deliveries,
            communities: Vec::new(),
            import: item.import.as_ref().map(import),
            acts,
            unread: false,
        })
    }

    fn signature_view(&self, signed: &SignedItem, item: &Correspondence) -> SignatureView {
        let list = self.list();
        let entry = list.entry(signed.origin);
        let text = canonical_text(item);
        let (at, signature) = (item.released_at, &signed.signature);
        let valid = entry.is_some_and(|entry| entry.verifies(at, ITEM_SIGNATURE, text.as_bytes(), signature));
        let signer = entry.map_or_else(|| signed.origin.to_string(), |entry| entry.organisation.clone());
        SignatureView { kind: "node".to_owned(), signer, valid }
    }

    /// All addressees on the sender's node; elsewhere those of this node.
    fn deliveries(&self, read: &impl Read, signed: &SignedItem) -> Result<Vec<DeliveryView>, Problem> {
        let item = &signed.item;
        let roles = item.action.iter().map(|p| (p, "action")).chain(item.info.iter().map(|p| (p, "info")));
        let mut views = Vec::new();
        for (addressee, role) in roles {
            if signed.origin != self.own_node() && addressee.node != self.own_node() {
                continue;
            }
            let delivery: Delivery = read.get(DELIVERIES, &(item.id, addressee.group))?.unwrap_or_default();
            views.push(delivery_view(addressee, role, delivery));
        }
        Ok(views)
    }

    fn post_item_view(&self, record: &ItemRecord, post: &Post) -> ItemView {
        let routine = Precedence::Routine.as_str().to_owned();
        let organisation = self.list().entry(record.origin).map(|entry| entry.name.clone());
        ItemView {
            id: post.id.to_string(),
            kind: "post".to_owned(),
            state: "released".to_owned(),
            number: None,
            from: PartyView { address: organisation.unwrap_or_default(), name: post.author.clone() },
            action: Vec::new(),
            info: Vec::new(),
            precedence: PrecedenceView { action: routine.clone(), info: routine },
            label: (&post.label).into(),
            subject: post_subject(&post.body),
            tags: Vec::new(),
            body: post.body.clone(),
            references: Vec::new(),
            attachments: Vec::new(),
            author: post.author.clone(),
            releaser: None,
            released_at: post.at.to_string(),
            dtg: post.at.dtg(),
            received_at: String::new(),
            signatures: Vec::new(),
            deliveries: Vec::new(),
            communities: Vec::new(),
            import: None,
            acts: Vec::new(),
            unread: false,
        }
    }
}

/// The first words of a post.
pub(in crate::desks) fn post_subject(body: &str) -> String {
    let line: String = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= POST_SUBJECT_CHARS {
        return line;
    }
    line.chars().take(POST_SUBJECT_CHARS - 1).chain(['…']).collect()
}

pub(in crate::desks) fn party(party: &Party) -> PartyView {
    PartyView { address: party.address.clone(), name: party.name.clone() }
}

fn import(mark: &ImportMark) -> ImportView {
    ImportView {
        source: mark.source.clone(),
        classification: mark.classification.clone(),
        precedence: mark.precedence.clone(),
        date: mark.date.clone(),
        subject_derived: mark.subject_derived,
        parties: mark.parties.clone(),
        number: mark.number.clone(),
        handling: mark.handling.clone(),
        repeated_to: mark.repeated_to.clone(),
    }
}

fn delivery_view(addressee: &Party, role: &str, delivery: Delivery) -> DeliveryView {
    let state = if delivery.refused.is_some() {
        "refused"
    } else if delivery.acknowledged.is_some() {
        "acknowledged"
    } else if delivery.displayed.is_some() {
        "displayed"
    } else if delivery.delivered.is_some() {
        "delivered"
    } else {
        "sent"
    };
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    DeliveryView {
        address: addressee.address.clone(),
        name: addressee.name.clone(),
        role: role.to_owned(),
        state: state.to_owned(),
        delivered_at: text(delivery.delivered),
        displayed_at: text(delivery.displayed),
        acknowledged_at: text(delivery.acknowledged),
        acknowledged_by: delivery.by,
    }
}
