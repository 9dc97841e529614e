//! A node that was started from an old copy of its store (law 3): a peer holds more of its messages than
//! it knows to have sent. Sealing on would use keys a second time, so the compartment is given up.
//!
//! A channel is continued by a successor at once. Out of a community the node is as if removed, until it
//! is expelled and invited anew. Peers can lie: one alone harms no more than its own channel, and in a
//! community two must say the same, or the only other member.

use super::channel::abandon;
use crate::desks::Desks;
use crate::desks::community;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{COMPARTMENTS, CompartmentRecord, LedgerAct, SENDING, Sending};
use mls::Groups;
use protocol::ids::{CompartmentId, NodeId};
use protocol::refusal::Code;
use protocol::space::SpaceKind;
use protocol::wire::Holding;
use store::{Read, Tx};

/// Members that must hold more than this node has sent.
const WITNESSES_MIN: usize = 2;

impl Desks {
    /// Whether the peer holds messages of this node that this node has not sent, as far as it knows; then
    /// the compartment is given up if enough peers say so.
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
        if theirs <= sent {
            return Ok(false);
        }
        let detail = format!("it holds our message {theirs} of a compartment where we sent {sent}");
        self.refuse(peer, Code::RolledBack, &detail);
        let said = self.inner.peers.note_ahead(id, peer);
        let others = record.members.len().saturating_sub(1);
        if record.kind == SpaceKind::Community && said < WITNESSES_MIN.min(others) {
            return Ok(true);
        }
        let desks = self.clone();
        self.act(move |tx, groups| give_up(&desks, tx, groups, peer, id)).await?;
        self.inner.orders.forget(id).await;
        self.fell();
        Ok(true)
    }
}

fn give_up(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    id: CompartmentId,
) -> Result<(), ActError> {
    let Some(record) = tx.get(COMPARTMENTS, &id)?.filter(|record| record.active) else { return Ok(()) };
    let record: CompartmentRecord = record;
    let detail = format!("{} {id}: started from an older store", Code::RolledBack);
    let note = Note { level: Some(record.level.clone()), detail: Some(detail), ..Note::default() };
    ledger::append(tx, desks.now(), LedgerAct::Refused, note)?;
    match record.kind {
        SpaceKind::Channel => abandon(desks, tx, groups, peer, &record.level, id),
        SpaceKind::Community => {
            groups.forget(tx, id)?;
            community::leave(desks, tx, &record, id)
        }
    }
}
