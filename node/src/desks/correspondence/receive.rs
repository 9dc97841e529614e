//! Receiving: a correspondence from its origin's node, and receipts from addressees' nodes.

use crate::desks::Desks;
use crate::desks::attachments::refer;
use crate::desks::error::ActError;
use crate::desks::federation::Effect;
use crate::desks::filing;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{Content, DELIVERIES, Delivery, GROUPS, ITEMS, ItemRecord, LedgerAct};
use protocol::correspondence::{canonical_text, check_item};
use protocol::federation::Entry;
use protocol::ids::{GroupId, ItemId, NodeId};
use protocol::label::Level;
use protocol::message::{ITEM_SIGNATURE, ReceiptKind, SignedItem};
use protocol::refusal::Code;
use protocol::space::channel_id;
use protocol::time::Timestamp;
use store::{Read, Slot, Tx};

fn refuse(code: Code, detail: &str) -> ActError {
    Problem::new(code, detail).into()
}

/// Checks what a node claims of an item before it is filed here: its limits and form (WIR-031), the origin's
/// signature, and that its label is that of the compartment it came through.
pub(in crate::desks) fn check_signed(
    desks: &Desks,
    signed: &SignedItem,
    level: &Level,
) -> Result<(), ActError> {
    let item = &signed.item;
    let said = check_item(item).map_err(|error| refuse(error.code, &error.to_string()))?;
    if said != *level {
        return Err(refuse(Code::LabelExceedsClearance, "the label is not the compartment's level"));
    }
    if item.from.node != signed.origin {
        return Err(refuse(Code::IdentityMismatch, "the sending group is of another node"));
    }
    let list = desks.list();
    let text = canonical_text(item);
    let (at, signature) = (item.released_at, &signed.signature);
    let signs = |entry: &Entry| entry.verifies(at, ITEM_SIGNATURE, text.as_bytes(), signature);
    if !list.entry(signed.origin).is_some_and(signs) {
        return Err(refuse(Code::ItemSignature, "the origin's signature does not verify"));
    }
    Ok(())
}

/// Files a correspondence that its origin's node sent for groups of this node.
pub(in crate::desks) fn receive(
    desks: &Desks,
    tx: &Tx<'_>,
    level: &Level,
    sender: NodeId,
    signed: SignedItem,
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    if signed.origin != sender {
        return Err(refuse(Code::IdentityMismatch, "the item is of another node"));
    }
    check_signed(desks, &signed, level)?;
    let (mut groups, rows) = super::release::own_side(desks, &signed);
    groups.retain(|group| matches!(tx.has(GROUPS, group), Ok(true)));
    if groups.is_empty() {
        return Err(refuse(Code::AddresseeUnknown, "no addressee on this node"));
    }
    let now = desks.now();
    let item = signed.item.id;
    let content = Content::Correspondence(Box::new(signed));
    let before: Option<ItemRecord> = tx.get(ITEMS, &item)?;
    if before.as_ref().is_some_and(|before| before.content != content) {
        return Err(refuse(Code::IdConflict, "another item has this id"));
    }
    if before.as_ref().is_some_and(|before| groups.iter().all(|group| before.groups.contains(group))) {
        // Sent again through a successor channel.
        return Ok(());
    }
    for group in &groups {
        let delivery = Delivery { delivered: Some(now), ..Delivery::default() };
        tx.put(DELIVERIES, &(item, *group), &Slot::Level(level.clone()), &delivery)?;
    }
    let communities = before.map(|before| before.communities).unwrap_or_default();
    let channel = channel_id(desks.own_node(), sender);
    effects.extend(refer(tx, now, channel, level, content.urgency(), content.attachments())?);
    let record = ItemRecord { content, origin: sender, received_at: now, groups, communities };
    filing::file(tx, now, &record, level, LedgerAct::Received, None, &rows)?;
    effects.push(Effect::Received);
    Ok(())
}

/// Notes what an addressee on the sending node did with an item of this node.
pub(in crate::desks) fn receipt(
    desks: &Desks,
    tx: &Tx<'_>,
    sender: NodeId,
    item: ItemId,
    group: GroupId,
    (kind, at, by): (ReceiptKind, Timestamp, Option<String>),
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    let record: Option<ItemRecord> = tx.get(ITEMS, &item)?;
    let Some(Content::Correspondence(signed)) = record.map(|record| record.content) else {
        return Err(refuse(Code::NotFound, "a receipt for an item that is not here"));
    };
    let theirs = signed.item.addressees().any(|party| party.group == group && party.node == sender);
    if signed.origin != desks.own_node() || !theirs {
        return Err(refuse(Code::IdentityMismatch, "a receipt for another node's addressee"));
    }
    let level = signed.item.label.level().map_err(|_| refuse(Code::LabelUnknown, "label"))?;
    let before: Delivery = tx.get(DELIVERIES, &(item, group))?.unwrap_or_default();
    let after = note(before, kind, at, by);
    tx.put(DELIVERIES, &(item, group), &Slot::Level(level.clone()), &after)?;
    let act = match kind {
        ReceiptKind::Displayed => LedgerAct::Displayed,
        ReceiptKind::Acknowledged => LedgerAct::Acknowledged,
    };
    let note =
        Note { subject: Some(item), level: Some(level), detail: Some(sender.to_string()), ..Note::default() };
    ledger::append(tx, desks.now(), act, note)?;
    effects.push(Effect::Fell);
    Ok(())
}

/// The first of each kind counts; having acknowledged is having seen.
pub(super) fn note(before: Delivery, kind: ReceiptKind, at: Timestamp, by: Option<String>) -> Delivery {
    let displayed = before.displayed.or(Some(at));
    match kind {
        ReceiptKind::Displayed => Delivery { displayed, ..before },
        ReceiptKind::Acknowledged if before.acknowledged.is_none() => {
            Delivery { displayed, acknowledged: Some(at), by, ..before }
        }
        ReceiptKind::Acknowledged => before,
    }
}
