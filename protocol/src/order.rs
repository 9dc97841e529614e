//! Which commit leaves an epoch: a single-decree consensus per (compartment, epoch), without leader.
//!
//! The epoch's voters run one instance of Paxos among themselves (L. Lamport, "Paxos Made Simple",
//! 2001, §2). There is no heartbeat and no leader: nothing is sent while nobody wants a change. Who
//! wants one asks the voters for promises ([`Body::Prepare`]), takes over what one of them may have
//! accepted already or is free to propose its own commit ([`Body::Accept`]), and holds a
//! [`Certificate`] once a quorum has accepted. The next epoch's voters stand in the commit itself, so
//! that a change of voters is just another decided value and no two instances ever overlap.
//!
//! An [`Order`] is both roles of one node in one compartment, as a machine without I/O: an [`Input`]
//! goes in with the time, some noise, a [`Voice`] and a [`Judge`]; [`Output`]s come out.
//!
//! - *Persist, then send.* The caller stores [`Order::durable`] in the transaction in which it stores
//!   everything else that came of the step, and carries the outputs out only after it (COM-001).
//! - *Advance in one transaction.* On [`Output::Decided`] the caller appends value and certificate to
//!   its log, merges the commit and answers with [`Input::Advanced`], in one transaction.
//! - *The judge is the caller's* (COM-002): it knows MLS, the list, and who may remove whom (COM-024).
//! - *The Welcome is not part of this machine.* It leaves its author only after [`Output::Decided`]
//!   named the author's value, and with the certificate (COM-018).
//! - *Tick after loading*, so that a decision under way at a crash is taken up again.
//! - It hears members only: the caller drops what comes from anybody else.
//!
//! What it does not do: it keeps no log (it asks for old decisions to be told, [`Output::Tell`]), it
//! does not know MLS (the [`Judge`] does), and it cannot tell an honest disagreement of judges from a
//! dishonest one: a commit that a majority refuses is never decided. The rules (COM-…) are in
//! `federation-spec/commits.md`. The tests run this very code under a model checker.

use crate::commit::{Certificate, Electorate, Instance, Value, Voice};
use crate::ids::{CompartmentId, NodeId};
use crate::refusal::Code;
use crate::time::Timestamp;

mod durable;
mod event;
mod flaw;
mod learner;
mod message;
mod pace;
mod proposer;
mod voter;
mod wishes;

pub use durable::Durable;
pub use event::{Alarm, Input, Output};
pub use flaw::{Flaw, Planted, Rules, Sound};
pub use message::{Body, Message, Reason};

use pace::Pace;
use proposer::Attempt;
use wishes::Wishes;

/// The dry run of a commit: whether this node could merge it and its policy allows it.
pub trait Judge {
    /// Called before the value is accepted or proposed here. The answer may depend only on the
    /// epoch's group state and on the federation list, or voters disagree for ever.
    fn judge(&mut self, value: &Value) -> Result<(), Code>;
}

impl<F: FnMut(&Value) -> Result<(), Code>> Judge for F {
    fn judge(&mut self, value: &Value) -> Result<(), Code> {
        self(value)
    }
}

/// What a step may know of the world.
pub struct World<'a> {
    /// The time. Only delays depend on it.
    pub now: Timestamp,
    /// Random, fresh for each step; spreads retries.
    pub noise: u64,
    /// Signs and verifies.
    pub voice: &'a dyn Voice,
    /// Dry-runs commits.
    pub judge: &'a mut dyn Judge,
}

/// One node's part in ordering the commits of one compartment. `R` is [`Sound`] but where a test or the
/// simulator plants a bug.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Order<R = Sound> {
    me: NodeId,
    compartment: CompartmentId,
    electorate: Electorate,
    durable: Durable,
    decided: Option<Box<(Value, Certificate)>>,
    wishes: Wishes,
    attempt: Option<Attempt>,
    pace: Pace,
    rules: R,
}

/// One step under way.
struct Turn<'a> {
    world: World<'a>,
    out: Vec<Output>,
}

impl Order {
    /// The machine as it stands after a start: `durable` from the store, the electorate from the
    /// present epoch's group context.
    pub fn load(me: NodeId, compartment: CompartmentId, durable: Durable, electorate: Electorate) -> Self {
        Order::load_under(Sound, me, compartment, durable, electorate)
    }
}

impl<R: Rules> Order<R> {
    /// As [`Order::load`], under these rules.
    pub fn load_under(
        rules: R,
        me: NodeId,
        compartment: CompartmentId,
        durable: Durable,
        electorate: Electorate,
    ) -> Self {
        Order {
            me,
            compartment,
            electorate,
            durable,
            decided: None,
            wishes: Wishes::default(),
            attempt: None,
            pace: Pace::default(),
            rules,
        }
    }

    /// What must be in the store before any output of the last step is carried out.
    pub fn durable(&self) -> &Durable {
        &self.durable
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input, world: World<'_>) -> Vec<Output> {
        let before = self.pace.due();
        let mut turn = Turn { world, out: Vec::new() };
        match input {
            Input::Propose { value, urgent } => self.propose(value, urgent, &mut turn),
            Input::Received { from, message } => self.receive(from, message, &mut turn),
            Input::Learned { value, certificate } => self.learn(self.me, value, certificate, &mut turn),
            Input::Advanced { epoch, transcript, electorate } => {
                self.advance(epoch, transcript, electorate, &mut turn);
            }
            Input::Recovery(on) => self.recover(on),
            Input::Tick => self.tick(&mut turn),
        }
        if let Some(due) = self.pace.due().filter(|_| self.pace.due() != before) {
            turn.out.push(Output::Wake(due));
        }
        turn.out
    }

    fn receive(&mut self, from: NodeId, message: Message, turn: &mut Turn<'_>) {
        if message.compartment != self.compartment || from == self.me {
            return;
        }
        let epoch = message.epoch;
        match message.body {
            Body::Prepare { ballot, parent } => self.on_prepare(from, epoch, ballot, &parent, turn),
            Body::Accept { ballot, value, promises } => {
                self.on_accept(from, epoch, (ballot, *value), promises, turn);
            }
            Body::Submit { value, urgent } => self.on_submit(from, epoch, *value, urgent, turn),
            Body::Decided { value, certificate } => self.learn(from, *value, *certificate, turn),
            Body::Nack { ballot, reason } => self.on_nack(from, epoch, ballot, reason, turn),
            // An answer from another epoch is about another ballot (COM-011).
            _ if epoch != self.durable.epoch => {}
            Body::Promised { ballot, promise, value } => {
                self.on_promised(from, ballot, promise, value.map(|value| *value), turn);
            }
            Body::Accepted { ballot, value, vote } => self.on_accepted(from, ballot, value, vote, turn),
        }
    }

    fn instance(&self) -> Instance {
        Instance { compartment: self.compartment, epoch: self.durable.epoch }
    }

    /// Whether this node takes part in the vote (COM-006).
    fn votes(&self) -> bool {
        self.electorate.has(self.me) && !self.durable.recovery
    }

    fn send(&self, to: NodeId, epoch: u64, body: Body, turn: &mut Turn<'_>) {
        let message = Message { compartment: self.compartment, epoch, body };
        turn.out.push(Output::Send { to, message });
    }

    fn send_to_voters(&self, body: &Body, turn: &mut Turn<'_>) {
        for voter in self.electorate.voters.iter().filter(|voter| **voter != self.me) {
            self.send(*voter, self.durable.epoch, body.clone(), turn);
        }
    }
}

#[cfg(test)]
mod tests;
