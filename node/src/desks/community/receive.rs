//! Posts and shared items that other members' nodes sealed into a community.

use crate::desks::Desks;
use crate::desks::attachments::refer;
use crate::desks::correspondence::check_signed;
use crate::desks::error::ActError;
use crate::desks::federation::Effect;
use crate::desks::filing;
use crate::desks::problem::Problem;
use crate::desks::records::{
    CompartmentRecord, Content, FeedRole, ITEMS, ItemRecord, LedgerAct, SharedIn, community_scope,
};
use protocol::blob::Attachment;
use protocol::ids::NodeId;
use protocol::limits::{NAME_CHARS_MAX, POST_BYTES_MAX};
use protocol::message::{Post, SignedItem};
use protocol::refusal::Code;
use protocol::time::Timestamp;
use store::{Read, Tx};

/// Files a post.
pub(in crate::desks) fn receive_post(
    desks: &Desks,
    tx: &Tx<'_>,
    compartment: &CompartmentRecord,
    sender: NodeId,
    post: Post,
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    if post.body.len() > POST_BYTES_MAX || post.author.chars().count() > NAME_CHARS_MAX {
        return Err(Problem::new(Code::FieldTooLong, "a post over its limits").into());
    }
    Attachment::check_all(&post.attachments).map_err(|flaw| Problem::new(flaw.code(), flaw.to_string()))?;
    let level = post.label.level().map_err(|error| Problem::new(Code::LabelUnknown, error.to_string()))?;
    if level != compartment.level {
        return Err(
            Problem::new(Code::LabelExceedsClearance, "the label is not the compartment's level").into()
        );
    }
    let shared =
        SharedIn { community: compartment.space, by: post.author.clone(), node: sender, at: post.at };
    let content = Content::Post(Box::new(post));
    file(desks, tx, compartment, sender, content, shared, LedgerAct::Posted, effects)
}

/// Files a correspondence that a member shared, label and signature unchanged.
pub(in crate::desks) fn receive_share(
    desks: &Desks,
    tx: &Tx<'_>,
    compartment: &CompartmentRecord,
    sender: NodeId,
    signed: SignedItem,
    (by, at): (String, Timestamp),
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    if by.chars().count() > NAME_CHARS_MAX {
        return Err(Problem::new(Code::FieldTooLong, "a name over its limit").into());
    }
    check_signed(desks, &signed, &compartment.level)?;
    let shared = SharedIn { community: compartment.space, by, node: sender, at };
    let origin = signed.origin;
    let content = Content::Correspondence(Box::new(signed));
    file(desks, tx, compartment, origin, content, shared, LedgerAct::Shared, effects)
}

#[expect(clippy::too_many_arguments, reason = "one filing: what, where, from whom, and what follows")]
fn file(
    desks: &Desks,
    tx: &Tx<'_>,
    compartment: &CompartmentRecord,
    origin: NodeId,
    content: Content,
    shared: SharedIn,
    act: LedgerAct,
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    let now = desks.now();
    let before: Option<ItemRecord> = tx.get(ITEMS, &content.id())?;
    let mut record = match before {
        Some(before) if before.content != content => {
            return Err(Problem::new(Code::IdConflict, "another item has this id").into());
        }
        Some(before) => before,
        None => ItemRecord { content, origin, received_at: now, groups: Vec::new(), communities: Vec::new() },
    };
    if record.communities.iter().any(|held| held.community == shared.community) {
        return Ok(());
    }
    let (space, level) = (compartment.space, &compartment.level);
    let urgency = record.content.urgency();
    effects.extend(refer(tx, now, space, level, urgency, record.content.attachments())?);
    record.communities.push(shared);
    let rows = [(community_scope(compartment.space), FeedRole::Community)];
    filing::file(tx, now, &record, &compartment.level, act, None, &rows)?;
    effects.push(Effect::Fell);
    Ok(())
}
