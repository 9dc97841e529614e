//! The learner: decisions, whoever brought them about, and what follows from them.

use super::{Alarm, Body, Order, Output, Pace, Rules, Turn};
use crate::commit::{Certificate, Electorate, Value, guilt};
use crate::ids::NodeId;
use std::cmp::Ordering;
use std::collections::BTreeSet;

impl<R: Rules> Order<R> {
    /// A decision that somebody shows (`from` is this node itself when it came through the log).
    pub(super) fn learn(
        &mut self,
        from: NodeId,
        value: Value,
        certificate: Certificate,
        turn: &mut Turn<'_>,
    ) {
        if value.compartment != self.compartment {
            return;
        }
        match value.epoch.cmp(&self.durable.epoch) {
            Ordering::Less => {
                let (value, certificate) = (Box::new(value), Box::new(certificate));
                turn.out.push(Output::Past { from, value, certificate });
            }
            Ordering::Greater if from == self.me => {}
            Ordering::Greater => {
                turn.out.push(Output::CatchUp { from, epoch: self.durable.epoch });
            }
            Ordering::Equal => self.learn_present(from, value, certificate, turn),
        }
    }

    fn learn_present(&mut self, from: NodeId, value: Value, certificate: Certificate, turn: &mut Turn<'_>) {
        if self.decided.as_ref().is_some_and(|ours| ours.0 == value) {
            return;
        }
        // COM-014: nothing is believed without its proof.
        if let Err(error) = certificate.check(turn.world.voice, &value, &self.electorate) {
            turn.out.push(Output::Alarm { from, alarm: Alarm::Proof(error) });
            return;
        }
        if value.parent != self.durable.parent {
            let theirs = Some(value.parent);
            let alarm = Alarm::Parent { ours: self.durable.parent.clone(), theirs };
            turn.out.push(Output::Alarm { from, alarm });
            return;
        }
        let Some(ours) = &self.decided else {
            return self.settle(value, certificate, BTreeSet::new(), turn);
        };
        if let Some(guilt) = guilt(&ours.1, &certificate) {
            let theirs = Box::new((value, certificate));
            turn.out.push(Output::Fork { ours: ours.clone(), theirs, guilt });
        }
    }

    /// The epoch's commit is known: tells `tell` and whoever handed a commit to this node; this node's
    /// own, if it is another, has lost (COM-020).
    pub(super) fn settle(
        &mut self,
        value: Value,
        certificate: Certificate,
        mut tell: BTreeSet<NodeId>,
        turn: &mut Turn<'_>,
    ) {
        self.attempt = None;
        self.pace.rest();
        let (boxed, proof) = (Box::new(value.clone()), Box::new(certificate.clone()));
        turn.out.push(Output::Decided { value: boxed.clone(), certificate: proof.clone() });
        for wish in self.wishes.take() {
            if wish.from != self.me {
                tell.insert(wish.from);
            } else if wish.value != value {
                let winner = Some(certificate.value);
                turn.out.push(Output::Lost { mine: Box::new(wish.value), winner });
            }
        }
        tell.remove(&self.me);
        let body = Body::Decided { value: boxed, certificate: proof };
        for node in tell {
            self.send(node, self.durable.epoch, body.clone(), turn);
        }
        self.decided = Some(Box::new((value, certificate)));
    }

    /// The next epoch: a new instance, in which nothing is promised or accepted yet.
    pub(super) fn advance(
        &mut self,
        epoch: u64,
        transcript: Vec<u8>,
        electorate: Electorate,
        turn: &mut Turn<'_>,
    ) {
        if epoch <= self.durable.epoch {
            return;
        }
        for wish in self.wishes.take().into_iter().filter(|wish| wish.from == self.me) {
            turn.out.push(Output::Lost { mine: Box::new(wish.value), winner: None });
        }
        self.durable.epoch = epoch;
        self.durable.parent = transcript;
        self.durable.promised = None;
        self.durable.accepted = None;
        self.durable.round_used = 0;
        self.electorate = electorate;
        self.decided = None;
        self.attempt = None;
        self.pace = Pace::default();
    }

    pub(super) fn recover(&mut self, on: bool) {
        self.durable.recovery = on;
        if on {
            self.attempt = None;
        }
    }

    /// Tries again what was not decided in time, or finishes what this node has accepted (COM-013).
    pub(super) fn tick(&mut self, turn: &mut Turn<'_>) {
        let unfinished = self.votes() && self.durable.accepted.is_some();
        if self.decided.is_some() || (self.wishes.is_empty() && !unfinished) {
            return;
        }
        if self.pace.ring(turn.world.now) {
            self.begin(turn);
        } else {
            // After a start there is something accepted and no timer yet.
            self.pace.take_over(turn.world.now, turn.world.noise);
        }
    }
}
