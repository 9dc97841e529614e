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
//! - *The Welcome is not part of this machine.* It leaves its author only after [`Output::Decided`]
//!   named the author's value, and with the certificate (COM-018).
//! - *Tick after loading*, so that a decision under way at a crash is taken up again.
//! - It hears members only: the caller drops what comes from anybody else.
//!
//! What it does not do: it keeps no log (it asks for old decisions to be told, [`Output::Tell`]), it
//! does not know MLS (the [`Judge`] does), and it cannot tell an honest disagreement of judges from a
//! dishonest one: a commit that a majority refuses is never decided. The rules (COM-…) are in
//! `federation-spec/commits.md`. The tests run this very code under a model checker.

use crate::commit::{Certificate, CertificateError, Electorate, Guilt, Instance, Value, Voice};
use crate::ids::{CompartmentId, NodeId};
use crate::refusal::Code;
use crate::signature::Digest;
use crate::time::Timestamp;

mod durable;
mod flaw;
mod learner;
mod message;
mod pace;
mod proposer;
mod voter;
mod wishes;

pub use durable::Durable;
pub use message::{Body, Message, Reason};

use flaw::Flaw;
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

/// What happens to an [`Order`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// This node wants this commit, which it built on the present epoch.
    Propose {
        /// The commit.
        value: Value,
        /// It removes a revoked node: it goes before others and waits less.
        urgent: bool,
    },
    /// A message from a member, whom the transport has authenticated.
    Received {
        /// Who sent it.
        from: NodeId,
        /// The message.
        message: Message,
    },
    /// A decision came through the log.
    Learned {
        /// The commit.
        value: Value,
        /// Its proof.
        certificate: Certificate,
    },
    /// The node has merged a commit, or joined: it is in this epoch now.
    Advanced {
        /// The epoch.
        epoch: u64,
        /// Its confirmed transcript hash.
        transcript: Vec<u8>,
        /// Its voters.
        electorate: Electorate,
    },
    /// The node was restored and must not vote, or may vote again.
    Recovery(
        /// Whether it is in recovery.
        bool,
    ),
    /// Time has passed.
    Tick,
}

/// What the caller is to do, after it has stored [`Order::durable`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this to that node. It may be lost, repeated or late.
    Send {
        /// The node.
        to: NodeId,
        /// The message.
        message: Message,
    },
    /// The present epoch's commit is decided: log it, merge it, advance.
    Decided {
        /// The commit.
        value: Box<Value>,
        /// Its proof.
        certificate: Box<Certificate>,
    },
    /// This node's own commit will not be: build another from its intent, never from these bytes.
    Lost {
        /// The commit that lost.
        mine: Box<Value>,
        /// What was decided instead; `None` if it was built on another epoch than the present one.
        winner: Option<Digest>,
    },
    /// This node's own commit was refused by its own judge, or by too many voters.
    Refused {
        /// The commit.
        mine: Box<Value>,
        /// Why.
        code: Code,
    },
    /// That node is further: fetch its log from this epoch on.
    CatchUp {
        /// The node that is ahead.
        from: NodeId,
        /// The first epoch whose commit is missing.
        epoch: u64,
    },
    /// That node is behind: send it [`Body::Decided`] of this epoch out of the log, if it is there.
    Tell {
        /// The node that is behind.
        to: NodeId,
        /// The epoch.
        epoch: u64,
    },
    /// Somebody shows a decision of a past epoch. If the log holds another for it, that is a fork:
    /// see [`crate::commit::guilt`].
    Past {
        /// Who shows it.
        from: NodeId,
        /// The commit.
        value: Box<Value>,
        /// Its proof, not checked: the voters of that epoch are in the log.
        certificate: Box<Certificate>,
    },
    /// Two certified commits for the present epoch. Freeze the compartment, keep both, tell people.
    Fork {
        /// The one held, and its proof.
        ours: Box<(Value, Certificate)>,
        /// The other.
        theirs: Box<(Value, Certificate)>,
        /// Who is to blame.
        guilt: Guilt,
    },
    /// Something that no honest node with our history does.
    Alarm {
        /// Who did it.
        from: NodeId,
        /// What.
        alarm: Alarm,
    },
    /// Give a [`Input::Tick`] at that time; replaces what was asked before.
    Wake(
        /// When.
        Timestamp,
    ),
}

/// What is wrong with another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// It is in the same epoch with another history: the group has forked.
    Parent {
        /// Our transcript hash.
        ours: Vec<u8>,
        /// Its own, if it told it.
        theirs: Option<Vec<u8>>,
    },
    /// It shows a certificate or promises that prove nothing.
    Proof(CertificateError),
    /// It proposes two values in one ballot.
    TwoValues,
}

/// One node's part in ordering the commits of one compartment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Order {
    me: NodeId,
    compartment: CompartmentId,
    electorate: Electorate,
    durable: Durable,
    decided: Option<Box<(Value, Certificate)>>,
    wishes: Wishes,
    attempt: Option<Attempt>,
    pace: Pace,
    #[cfg(test)]
    flaw: Option<Flaw>,
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
        Order {
            me,
            compartment,
            electorate,
            durable,
            decided: None,
            wishes: Wishes::default(),
            attempt: None,
            pace: Pace::default(),
            #[cfg(test)]
            flaw: None,
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
