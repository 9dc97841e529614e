//! A node's part in one compartment: `protocol::order`, MLS and the message log, driven as the node's
//! desks drive them. One event, and all that follows from it inside the node, is one transaction; what is
//! to be sent leaves after it.

mod commit;
mod compare;
mod entry;
mod message;
mod order;
mod recovery;
mod start;

use super::keys::{Cost, Keys, cost};
use super::people::Federation;
use super::room::{Event, Fact, Out, Parcel, Room};
use mls::MlsError;
use protocol::ids::{CompartmentId, NodeId};
use protocol::order::{Order, Planted};
use protocol::resync::Confirmation;
use protocol::time::Timestamp;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which bug is planted, beside the machine's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Planting {
    pub(super) machine: Option<protocol::order::Flaw>,
    /// A node sends before its step is on disk.
    pub(super) send_first: bool,
    /// A node does not ask after a start whether its store is the last one.
    pub(super) trust_store: bool,
}

/// Who acts, and what stays the same.
#[derive(Debug, Clone)]
pub(super) struct Cast {
    pub(super) me: NodeId,
    pub(super) federation: Arc<Federation>,
    pub(super) planting: Planting,
}

/// What a node forgets when it dies.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) order: Option<Order<Planted>>,
    /// Who has told since its start what it knows of this node; none where the community came after that.
    pub(super) confirmation: Option<Confirmation>,
    /// Who holds more messages of this node than it has sent.
    pub(super) ahead: BTreeSet<NodeId>,
}

/// What came of an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    pub(super) room: Option<Room>,
    pub(super) memory: Memory,
    pub(super) outs: Vec<Out>,
    pub(super) facts: Vec<Fact>,
    /// Processor time, in microseconds.
    pub(super) cost: u64,
}

/// One transaction.
pub(super) struct Turn<'a> {
    cast: &'a Cast,
    id: CompartmentId,
    keys: &'a mut dyn Keys,
    now: Timestamp,
    noise: u64,
    memory: Memory,
    outs: Vec<Out>,
    facts: Vec<Fact>,
    cost: Cell<u64>,
}

/// Takes one event. An error is a bug of the simulator or of the tools: nothing that a peer sends makes one.
pub(super) fn act(
    cast: &Cast,
    (id, room, memory): (CompartmentId, Option<Room>, Memory),
    keys: &mut dyn Keys,
    event: Event,
    (now, noise): (Timestamp, u64),
) -> Result<Outcome, MlsError> {
    let cost = Cell::new(cost(Cost::Step, 0));
    let mut turn = Turn { cast, id, keys, now, noise, memory, outs: Vec::new(), facts: Vec::new(), cost };
    let room = turn.take(room, event)?;
    let Turn { memory, outs, facts, cost, .. } = turn;
    Ok(Outcome { room, memory, outs, facts, cost: cost.get() })
}

impl Turn<'_> {
    fn spend(&self, of: Cost, members: usize) {
        self.cost.set(self.cost.get() + cost(of, members));
    }

    fn send(&mut self, to: NodeId, parcel: Parcel) {
        self.outs.push(Out::Send(to, parcel));
    }

    fn take(&mut self, room: Option<Room>, event: Event) -> Result<Option<Room>, MlsError> {
        match event {
            Event::Found { policy, add } => return self.found(&policy, &add).map(Some),
            Event::KeyPackage => {
                let package = self.keys.key_package()?;
                self.facts.push(Fact::KeyPackage(package));
                return Ok(room);
            }
            Event::From(_, Parcel::Welcome(bytes)) => return self.welcomed(room, &bytes),
            _ => {}
        }
        let Some(mut room) = room else { return Ok(None) };
        if !room.active {
            // It was removed: what it holds stays, nothing new comes.
            return Ok(Some(room));
        }
        if room.recovering {
            self.take_recovering(&mut room, event)?;
            return Ok(Some(room));
        }
        if room.frozen.is_some() && matches!(event, Event::Input(_) | Event::Pursue | Event::Want(_)) {
            return Ok(Some(room));
        }
        match event {
            Event::Want(goal) => {
                if !room.wants.contains(&goal) {
                    room.wants.push(goal);
                }
                self.drive(&mut room, Event::Pursue)?;
            }
            Event::Post(text) => self.write(&mut room, text)?,
            Event::Start { old } => self.start(&mut room, old)?,
            Event::Contact(peer) => self.contact(&room, peer),
            Event::From(from, parcel) => self.receive(&mut room, from, parcel)?,
            event => self.drive(&mut room, event)?,
        }
        Ok(Some(room))
    }

    fn receive(&mut self, room: &mut Room, from: NodeId, parcel: Parcel) -> Result<(), MlsError> {
        let former = room.former.contains(&from);
        let admitted = room.members.contains(&from) || former && matches!(parcel, Parcel::Request(_));
        if !admitted {
            return Ok(());
        }
        match parcel {
            Parcel::Order(bytes) => self.hear(room, from, &bytes),
            Parcel::Request(bytes) => self.answer(room, from, &bytes),
            Parcel::Answer(bytes) => self.use_answer(room, from, &bytes),
            Parcel::Push(bytes) => self.take_push(room, from, &bytes),
            Parcel::Pushed(bytes) => {
                self.note_acknowledged(from, &bytes);
                Ok(())
            }
            Parcel::Welcome(_) => Ok(()),
        }
    }
}
