//! Commits that wait to be proposed: this node's own, and those handed to it by others.

use super::{Attempt, Body, Order, Output, Reason, Rules, Turn};
use crate::commit::Value;
use crate::ids::NodeId;
use crate::limits::{COMMIT_BYTES_MAX, ORDER_WISHES_MAX};
use crate::refusal::Code;

/// A commit that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Wish {
    pub(super) from: NodeId,
    pub(super) value: Value,
    pub(super) urgent: bool,
}

/// At most one wish per node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Wishes(Vec<Wish>);

impl Wishes {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn urgent(&self) -> bool {
        self.0.iter().any(|wish| wish.urgent)
    }

    /// COM-012: removals of revoked nodes go first.
    pub(super) fn first(&self) -> Option<&Wish> {
        self.0.iter().find(|wish| wish.urgent).or(self.0.first())
    }

    pub(super) fn of(&self, node: NodeId) -> Option<&Wish> {
        self.0.iter().find(|wish| wish.from == node)
    }

    pub(super) fn take(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.0)
    }

    /// Takes the wish out that wants this value.
    pub(super) fn take_value(&mut self, value: &Value) -> Option<Wish> {
        let at = self.0.iter().position(|wish| wish.value == *value)?;
        Some(self.0.remove(at))
    }

    fn full(&self) -> bool {
        self.0.len() >= ORDER_WISHES_MAX
    }

    fn put(&mut self, wish: Wish) {
        self.0.retain(|other| other.from != wish.from);
        self.0.push(wish);
    }
}

impl<R: Rules> Order<R> {
    pub(super) fn propose(&mut self, value: Value, urgent: bool, turn: &mut Turn<'_>) {
        let present = value.instance() == self.instance() && value.parent == self.durable.parent;
        if !present || self.decided.is_some() {
            let winner = self.decided.as_ref().map(|decided| decided.1.value);
            turn.out.push(Output::Lost { mine: Box::new(value), winner: winner.filter(|_| present) });
            return;
        }
        self.want(Wish { from: self.me, value, urgent }, turn);
    }

    /// A member asks this voter to propose for it (COM-015).
    pub(super) fn on_submit(
        &mut self,
        from: NodeId,
        epoch: u64,
        value: Value,
        urgent: bool,
        turn: &mut Turn<'_>,
    ) {
        if !self.admits(from, epoch, None, &value.parent, turn) || value.instance() != self.instance() {
            return;
        }
        if let Err(code) = self.judged(&value, turn) {
            let reason = Reason::Policy { code: code.to_string() };
            self.send(from, epoch, Body::Nack { ballot: None, reason }, turn);
            return;
        }
        // One that finds no room is handed to another voter by and by.
        if !self.wishes.full() {
            self.want(Wish { from, value, urgent }, turn);
        }
    }

    fn want(&mut self, wish: Wish, turn: &mut Turn<'_>) {
        if wish.urgent && !self.wishes.urgent() {
            self.pace.hasten(turn.world.now, turn.world.noise);
        }
        self.wishes.put(wish);
        if self.attempt.is_none() {
            self.begin(turn);
        }
    }

    /// Hands this node's own wish to a voter, another one at each try (COM-015).
    pub(super) fn submit(&mut self, turn: &mut Turn<'_>) {
        let Some(wish) = self.wishes.of(self.me) else { return };
        let others: Vec<NodeId> =
            self.electorate.voters.iter().copied().filter(|voter| *voter != self.me).collect();
        if others.is_empty() {
            return;
        }
        let to = others[(turn.world.noise % others.len() as u64) as usize];
        let body = Body::Submit { value: Box::new(wish.value.clone()), urgent: wish.urgent };
        let urgent = wish.urgent;
        self.send(to, self.durable.epoch, body, turn);
        let refused = match self.attempt.take() {
            Some(Attempt::Submitted { refused }) => refused,
            _ => Default::default(),
        };
        self.attempt = Some(Attempt::Submitted { refused });
        self.pace.retry(turn.world.now, turn.world.noise, urgent);
    }

    /// The dry run, behind the one limit that it need not know (COM-002, COM-021).
    pub(super) fn judged(&self, value: &Value, turn: &mut Turn<'_>) -> Result<(), Code> {
        if value.commit.len() > COMMIT_BYTES_MAX {
            return Err(Code::FrameTooLarge);
        }
        turn.world.judge.judge(value)
    }

    /// A commit is refused: tells the one who wanted it.
    pub(super) fn refuse_wish(&mut self, value: &Value, code: Code, turn: &mut Turn<'_>) {
        let Some(wish) = self.wishes.take_value(value) else { return };
        if wish.from == self.me {
            turn.out.push(Output::Refused { mine: Box::new(wish.value), code });
        } else {
            let reason = Reason::Policy { code: code.to_string() };
            self.send(wish.from, self.durable.epoch, Body::Nack { ballot: None, reason }, turn);
        }
    }
}
