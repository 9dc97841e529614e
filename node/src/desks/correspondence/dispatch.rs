//! Dispatch: a delivery row per addressee, and one message per receiving node.

use crate::desks::Desks;
use crate::desks::attachments::refer;
use crate::desks::error::ActError;
use crate::desks::federation::enqueue;
use crate::desks::records::{DELIVERIES, Delivery, NUMBERS, level_tag};
use mls::Groups;
use protocol::label::Level;
use protocol::message::{Payload, SignedItem};
use protocol::space::channel_id;
use std::collections::BTreeSet;
use store::{Read, Slot, Tx};

/// Sends a filed item to its addressees. Groups of this node have it at once.
pub(in crate::desks) fn dispatch(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    signed: &SignedItem,
    level: &Level,
) -> Result<(), ActError> {
    let item = &signed.item;
    let slot = Slot::Level(level.clone());
    let mut nodes = BTreeSet::new();
    for party in item.addressees() {
        let here = party.node == desks.own_node();
        let delivery = Delivery { delivered: here.then(|| desks.now()), ..Delivery::default() };
        tx.put(DELIVERIES, &(item.id, party.group), &slot, &delivery)?;
        if !here {
            nodes.insert(party.node);
        }
    }
    for node in nodes {
        let counter = (item.from.group, node, level_tag(level));
        let number = tx.get(NUMBERS, &counter)?.unwrap_or(0) + 1;
        tx.put(NUMBERS, &counter, &Slot::System, &number)?;
        let payload = Payload::Correspondence { item: Box::new(signed.clone()), number };
        let urgency = item.urgency().number();
        refer(tx, desks.now(), channel_id(desks.own_node(), node), level, urgency, &item.attachments)?;
        enqueue(desks, tx, groups, node, level, urgency, payload)?;
    }
    Ok(())
}
