//! Who plays: nodes with their logs, around the machine as it ships.

use crate::commit::{Certificate, Electorate, Value, Voice};
use crate::ids::{CompartmentId, ItemId, NodeId};
use crate::order::{Body, Durable, Flaw, Input, Message, Order, Output, Planted, World};
use crate::refusal::Code;
use crate::signature::{Digest, Signature};
use crate::time::Timestamp;
use std::collections::BTreeMap;

pub(super) const COMPARTMENT: CompartmentId = CompartmentId::from_bytes([5; 16]);
/// A commit with this first byte is refused by every judge.
pub(super) const FORBIDDEN: u8 = 0xff;

pub(super) fn node(number: u8) -> NodeId {
    NodeId::from_bytes([number; 32])
}

pub(super) fn nodes(numbers: &[u8]) -> Vec<NodeId> {
    numbers.iter().copied().map(node).collect()
}

/// A signature that costs nothing and that only its node can make, as far as the machine knows.
#[derive(Clone, Copy)]
pub(super) struct Cheap(pub(super) NodeId);

impl Voice for Cheap {
    fn sign(&self, domain: &str, bytes: &[u8]) -> Signature {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.0.as_bytes()[..1].iter().chain(domain.as_bytes()).chain(bytes) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut signature = [0; 64];
        signature[..8].copy_from_slice(&hash.to_be_bytes());
        Signature(signature)
    }

    fn verifies(&self, node: NodeId, domain: &str, bytes: &[u8], signature: &Signature) -> bool {
        Cheap(node).sign(domain, bytes) == *signature
    }
}

/// A commit after which these vote. Its bytes: the author, then the voters.
pub(super) fn commit(epoch: u64, parent: &[u8], author: u8, voters: &[u8]) -> Value {
    let commit = [&[author], voters].concat();
    let next = Digest::of("next", &[parent, &commit]).0[..4].to_vec();
    Value {
        compartment: COMPARTMENT,
        epoch,
        parent: parent.to_vec(),
        author: node(author),
        intent: ItemId::from_bytes([author; 16]),
        commit,
        next,
        welcome: None,
        voters: nodes(voters),
    }
}

/// Who votes after this commit.
pub(super) fn voters_after(value: &Value) -> Vec<NodeId> {
    value.voters.clone()
}

pub(super) fn judge(value: &Value) -> Result<(), Code> {
    if value.commit[0] == FORBIDDEN { Err(Code::CommitPolicy) } else { Ok(()) }
}

/// A node: the machine, and what the caller keeps beside it. What is here but `order` is durable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Seat {
    pub(super) me: NodeId,
    /// None while it is not a member.
    pub(super) order: Option<Order<Planted>>,
    pub(super) log: BTreeMap<u64, (Value, Certificate)>,
    /// It is a member without ever voting; of the others, those who do not vote have been removed.
    pub(super) embassy: bool,
    /// It spoke as a voter of an epoch that it had left.
    pub(super) late: bool,
    /// It was told a decision whose certificate proves nothing.
    pub(super) deceived: bool,
}

impl Seat {
    pub(super) fn absent(number: u8) -> Seat {
        Seat {
            me: node(number),
            order: None,
            log: BTreeMap::new(),
            embassy: false,
            late: false,
            deceived: false,
        }
    }

    /// A founding voter, in epoch 0.
    pub(super) fn founding(number: u8, voters: &[u8], flaw: Option<Flaw>) -> Seat {
        let mut seat = Seat::absent(number);
        seat.enter(Durable::new(0, vec![0], 0), nodes(voters), flaw);
        seat
    }

    /// A founding member that does not vote.
    pub(super) fn embassy(number: u8, voters: &[u8]) -> Seat {
        Seat { embassy: true, ..Seat::founding(number, voters, None) }
    }

    pub(super) fn enter(&mut self, durable: Durable, voters: Vec<NodeId>, flaw: Option<Flaw>) {
        let electorate = Electorate::majority(voters);
        self.order = Some(Order::load_under(Planted(flaw), self.me, COMPARTMENT, durable, electorate));
    }

    pub(super) fn epoch(&self) -> u64 {
        self.order.as_ref().map_or(0, |order| order.durable.epoch)
    }

    /// This node's commit on the present epoch.
    pub(super) fn commit(&self, voters: &[u8]) -> Option<Value> {
        let durable = self.order.as_ref()?.durable();
        Some(commit(durable.epoch, &durable.parent, self.me.as_bytes()[0], voters))
    }

    /// A crash: what is not durable is gone. With amnesia, so is what is.
    pub(super) fn restart(&mut self, voice: &dyn Voice, amnesia: bool) -> Vec<Output> {
        let Some(order) = self.order.take() else { return Vec::new() };
        let Planted(flaw) = order.rules;
        let stored = Durable::from_bytes(&order.durable.to_bytes()).expect("what was stored is read back");
        let kept = if amnesia { Durable::new(stored.epoch, stored.parent, 0) } else { stored };
        self.enter(kept, order.electorate.voters, flaw);
        self.step(Input::Tick, Timestamp(0), 0, voice)
    }

    /// One input, and all that the caller does of itself: logs and advances on a decision, answers
    /// out of the log. What is left is for others, or for the test to see.
    pub(super) fn step(
        &mut self,
        input: Input,
        now: Timestamp,
        noise: u64,
        voice: &dyn Voice,
    ) -> Vec<Output> {
        let mut inputs = vec![input];
        let mut left = Vec::new();
        while let Some(input) = inputs.pop() {
            let Some(order) = &mut self.order else { break };
            let world = World { now, noise, voice, judge: &mut judge };
            for output in order.step(input, world) {
                match output {
                    Output::Decided { value, certificate } => {
                        let electorate = &self.order.as_ref().expect("it has just stepped").electorate;
                        self.deceived |= certificate.check(voice, &value, electorate).is_err();
                        inputs.push(Input::Advanced {
                            epoch: value.epoch + 1,
                            transcript: value.next.clone(),
                            electorate: Electorate::majority(voters_after(&value)),
                        });
                        self.log.insert(value.epoch, (*value.clone(), *certificate.clone()));
                        left.push(Output::Decided { value, certificate });
                    }
                    Output::Tell { to, epoch } => left.extend(self.told(to, epoch)),
                    Output::Send { to, message } => {
                        let speaks = matches!(message.body, Body::Promised { .. } | Body::Accepted { .. });
                        self.late |= speaks && self.log.contains_key(&message.epoch);
                        left.push(Output::Send { to, message });
                    }
                    other => left.push(other),
                }
            }
        }
        let removed = |order: &Order<Planted>| !self.embassy && !order.electorate.has(self.me);
        if self.order.as_ref().is_some_and(removed) {
            self.order = None;
        }
        left
    }

    fn told(&self, to: NodeId, epoch: u64) -> Option<Output> {
        let (value, certificate) = self.log.get(&epoch)?.clone();
        let body = Body::Decided { value: Box::new(value), certificate: Box::new(certificate) };
        Some(Output::Send { to, message: Message { compartment: COMPARTMENT, epoch, body } })
    }

    /// A Welcome: the decision that made this node a member.
    pub(super) fn join(&mut self, value: &Value, certificate: &Certificate) {
        if self.order.is_none() && self.log.is_empty() && voters_after(value).contains(&self.me) {
            self.log.insert(value.epoch, (value.clone(), certificate.clone()));
            self.enter(Durable::new(value.epoch + 1, value.next.clone(), 0), voters_after(value), None);
        }
    }
}
