//! What addressees do: opening an item, acknowledging it. Both are told to the origin's node, once.

use super::item::{find_item, parse_item};
use super::receive::note;
use crate::desks::cleared::{self, Cleared, permit};
use crate::desks::error::ActError;
use crate::desks::federation::enqueue;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{Content, DELIVERIES, Delivery, ItemRecord, LedgerAct, READ};
use crate::desks::view::ItemView;
use crate::desks::{Desks, Session};
use mls::Groups;
use protocol::correspondence::{Correspondence, Precedence};
use protocol::decide::{Act, Object};
use protocol::ids::GroupId;
use protocol::message::{Payload, ReceiptKind};
use store::{Read, Slot, Tx};

/// Receipts are short and awaited: they go before routine correspondence.
const RECEIPT_PRECEDENCE: Precedence = Precedence::Priority;

impl Desks {
    /// An item, opened by the asker: it is read now, and its sender learns that it was displayed.
    pub async fn item(&self, session: &Session, id: &str) -> Result<Cleared<ItemView>, Problem> {
        let id = parse_item(id)?;
        let snapshot = self.snapshot()?;
        let record = find_item(&snapshot, session, id)?;
        let unread = !snapshot.has(READ, &(session.subject.agent, id))?;
        let record = if unread {
            let (desks, actor) = (self.clone(), session.clone());
            self.act(move |tx, groups| {
                let record = find_item(tx, &actor, id)?;
                tx.put(READ, &(actor.subject.agent, id), &Slot::System, &desks.now())?;
                tell(&desks, &actor, tx, groups, &record, ReceiptKind::Displayed)?;
                Ok(record)
            })
            .await?
        } else {
            record
        };
        self.wake_origin(&record);
        let view = self.item_view(&self.snapshot()?, session, &record, unread)?;
        Ok(cleared::trimmed(&session.subject, view))
    }

    /// Acknowledges on behalf of the asker's groups among the addressees.
    pub async fn acknowledge(&self, session: &Session, id: &str) -> Result<Cleared<ItemView>, Problem> {
        let id = parse_item(id)?;
        let (desks, actor) = (self.clone(), session.clone());
        let record = self
            .act(move |tx, groups| {
                let record = find_item(tx, &actor, id)?;
                let audience = super::audience(tx, &record)?;
                let object = Object { label: record.content.label(), audience: &audience };
                permit(&actor.subject, Act::Acknowledge, &object)?;
                tell(&desks, &actor, tx, groups, &record, ReceiptKind::Acknowledged)?;
                Ok(record)
            })
            .await?;
        self.wake_origin(&record);
        self.fell();
        let view = self.item_view(&self.snapshot()?, session, &record, false)?;
        Ok(cleared::trimmed(&session.subject, view))
    }

    fn wake_origin(&self, record: &ItemRecord) {
        if record.origin != self.own_node() {
            self.inner.peers.wake(record.origin);
        }
    }
}

/// The asker's groups among the addressees that are on this node.
pub(super) fn addressed(desks: &Desks, session: &Session, item: &Correspondence) -> Vec<GroupId> {
    let mine = item.addressees().filter(|party| party.node == desks.own_node());
    let mine = mine.map(|party| party.group).filter(|group| session.subject.groups.contains_key(group));
    mine.collect()
}

fn tell(
    desks: &Desks,
    session: &Session,
    tx: &Tx<'_>,
    groups: &mut Groups,
    record: &ItemRecord,
    kind: ReceiptKind,
) -> Result<(), ActError> {
    let Content::Correspondence(signed) = &record.content else { return Ok(()) };
    let item = &signed.item;
    let Ok(level) = item.label.level() else { return Ok(()) };
    for group in addressed(desks, session, item) {
        let before: Delivery = tx.get(DELIVERIES, &(item.id, group))?.unwrap_or_default();
        let done = match kind {
            ReceiptKind::Displayed => before.displayed.is_some(),
            ReceiptKind::Acknowledged => before.acknowledged.is_some(),
        };
        if done {
            continue;
        }
        let (at, by) = (desks.now(), (kind == ReceiptKind::Acknowledged).then(|| session.name.clone()));
        let after = note(before, kind, at, by.clone());
        tx.put(DELIVERIES, &(item.id, group), &Slot::Level(level.clone()), &after)?;
        let act = match kind {
            ReceiptKind::Displayed => LedgerAct::Displayed,
            ReceiptKind::Acknowledged => LedgerAct::Acknowledged,
        };
        let entry = Note {
            subject: Some(item.id),
            level: Some(level.clone()),
            agent: Some(session.subject.agent),
            ..Note::default()
        };
        ledger::append(tx, at, act, entry)?;
        // An import has no sender who waits for a receipt.
        if record.origin != desks.own_node() && item.import.is_none() {
            let payload = Payload::Receipt { item: item.id, group, kind, at, by };
            enqueue(desks, tx, groups, record.origin, &level, RECEIPT_PRECEDENCE.number(), payload)?;
        }
    }
    Ok(())
}
