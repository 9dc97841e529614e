//! A node that was started from an old copy of its store (law 3): a peer holds more of its messages, or a
//! later vote of it, than it knows of. Going on would use keys a second time, or deny a vote.
//!
//! A channel is continued by a successor at once. Out of a community the node is until it is let back in.
//! Peers can lie about messages: one alone harms no more than its own channel, and in a community two
//! must say the same, or the only other member. A vote is shown with this node's own signature.

use super::channel::abandon;
use crate::desks::Desks;
use crate::desks::community;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMPARTMENTS, CompartmentRecord, LIFE, LedgerAct, Life, ORDERS, SENDING, Sending,
};
use mls::Groups;
use protocol::commit::Instance;
use protocol::ids::{CompartmentId, NodeId};
use protocol::order::Durable;
use protocol::refusal::Code;
use protocol::space::SpaceKind;
use protocol::sync::Holding;
use store::{Read, Slot, Tx};

/// Members that must hold more than this node has sent.
const WITNESSES_MIN: usize = 2;

impl Desks {
    /// Whether the peer holds messages or votes of this node that this node does not know of; then the
    /// compartment is given up if that is proof enough.
    pub(super) async fn check_rollback(
        &self,
        peer: NodeId,
        id: CompartmentId,
        record: &CompartmentRecord,
        holding: &Holding,
    ) -> Result<bool, Problem> {
        let ours = holding.held.iter().find(|(sender, _)| *sender == self.own_node());
        let theirs = ours.map_or(0, |(_, ranges)| ranges.last());
        let sent = self.snapshot()?.get(SENDING, &id)?.map_or(0, |sending: Sending| sending.last);
        let forgotten = self.forgot_vote(id, holding)?;
        if theirs <= sent && !forgotten {
            return Ok(false);
        }
        let detail = match forgotten {
            true => "it holds a vote of ours that this node does not remember".to_owned(),
            false => format!("it holds our message {theirs} of a compartment where we sent {sent}"),
        };
        self.refuse(peer, Code::RolledBack, &detail);
        let said = self.inner.peers.note_ahead(id, peer);
        let others = record.members.len().saturating_sub(1);
        if record.kind == SpaceKind::Community && !forgotten && said < WITNESSES_MIN.min(others) {
            return Ok(true);
        }
        let desks = self.clone();
        let life = self.act(move |tx, groups| give_up(&desks, tx, groups, peer, id)).await?;
        self.set_incarnation(life);
        self.inner.orders.forget(id).await;
        self.fell();
        Ok(true)
    }

    /// RSY-002: a vote of this node in the present epoch, beyond what it remembers. Epoch and vote are
    /// read together: the node may have moved on since the peer spoke.
    fn forgot_vote(&self, id: CompartmentId, holding: &Holding) -> Result<bool, Problem> {
        let Some(mark) = &holding.mark else { return Ok(false) };
        let snapshot = self.snapshot()?;
        let record: Option<CompartmentRecord> = snapshot.get(COMPARTMENTS, &id)?;
        if record.is_none_or(|record| record.epoch != holding.epoch) {
            return Ok(false);
        }
        let durable: Option<Durable> = snapshot.get(ORDERS, &id)?;
        let durable = durable.filter(|durable| durable.epoch == holding.epoch);
        if durable.and_then(|durable| durable.promised) >= Some(mark.ballot()) {
            return Ok(false);
        }
        let list = self.list();
        Ok(mark.binds(
            &self.voice(&list),
            self.own_node(),
            Instance { compartment: id, epoch: holding.epoch },
        ))
    }
}

/// Gives a compartment up; the node's life from then on.
fn give_up(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    id: CompartmentId,
) -> Result<Life, ActError> {
    let life: Life = tx.get(LIFE, &())?.unwrap_or_default();
    let Some(record) = tx.get(COMPARTMENTS, &id)?.filter(CompartmentRecord::stands) else { return Ok(life) };
    let life = desks.next_life(&life);
    tx.put(LIFE, &(), &Slot::System, &life)?;
    lose_keys(desks, tx, groups, Some(peer), id, &record)?;
    Ok(life)
}

/// The keys of a compartment are worth nothing any more.
pub(in crate::desks) fn lose_keys(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: Option<NodeId>,
    id: CompartmentId,
    record: &CompartmentRecord,
) -> Result<(), ActError> {
    let detail = format!("{} {id}: started from an older store", Code::RolledBack);
    let note = Note { level: Some(record.level.clone()), detail: Some(detail), ..Note::default() };
    ledger::append(tx, desks.now(), LedgerAct::KeysLost, note)?;
    let other = peer.or_else(|| record.members.iter().copied().find(|member| *member != desks.own_node()));
    match (record.kind, other) {
        (SpaceKind::Channel, Some(peer)) => abandon(desks, tx, groups, peer, &record.level, id),
        _ => community::lose_keys(desks, tx, groups, id, record),
    }
}
