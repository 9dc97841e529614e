//! The proposer: from a wish to a certificate, one ballot at a time.

use super::{Alarm, Body, Flaw, Order, Output, Reason, Rules, Turn};
use crate::commit::{Ballot, Certificate, Promise, Value, Vote};
use crate::ids::NodeId;
use crate::refusal::Code;
use crate::signature::Digest;
use std::collections::BTreeSet;

/// What the proposer waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Attempt {
    /// Promises.
    Preparing(Preparing),
    /// Accepts.
    Accepting(Box<Accepting>),
    /// A voter, to whom this node has handed its wish.
    Submitted {
        /// Voters whose judges refused it.
        refused: BTreeSet<NodeId>,
    },
}

/// Collects promises, each with the value that it names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Preparing {
    ballot: Ballot,
    promises: Vec<(Promise, Option<Value>)>,
}

/// Collects accepts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Accepting {
    ballot: Ballot,
    value: Value,
    hash: Digest,
    promises: Vec<Promise>,
    accepts: Vec<Vote>,
    refused: BTreeSet<NodeId>,
}

impl<R: Rules> Order<R> {
    /// Starts a ballot, or hands the wish to a voter if this node is none.
    pub(super) fn begin(&mut self, turn: &mut Turn<'_>) {
        if !self.votes() {
            self.submit(turn);
            return;
        }
        let Some(round) = self.highest_round().checked_add(1) else { return };
        // COM-001: stored before the ballot is seen by anybody, so that it is used once.
        self.durable.round_used = round;
        let ballot = Ballot { round, node: self.me, incarnation: self.durable.incarnation };
        self.attempt = Some(Attempt::Preparing(Preparing { ballot, promises: Vec::new() }));
        self.pace.retry(turn.world.now, turn.world.noise, self.wishes.urgent());
        self.send_to_voters(&Body::Prepare { ballot, parent: self.durable.parent.clone() }, turn);
        if let Ok((promise, value)) = self.promise(self.instance(), ballot, turn) {
            self.on_promised(self.me, ballot, promise, value, turn);
        }
    }

    /// COM-011: a promise counts for the present ballot only, and once per voter.
    pub(super) fn on_promised(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        promise: Promise,
        value: Option<Value>,
        turn: &mut Turn<'_>,
    ) {
        let at = self.instance();
        let stale = self.has(Flaw::StalePromise);
        let Some(Attempt::Preparing(preparing)) = &mut self.attempt else { return };
        let present = preparing.ballot == ballot || (stale && ballot.node == self.me);
        let again = preparing.promises.iter().any(|(other, _)| other.voter == from);
        let named = value.as_ref().map(Value::hash) == promise.accepted.map(|(_, hash)| hash)
            && value.as_ref().is_none_or(|v| v.instance() == at && v.parent == self.durable.parent)
            && promise.accepted.is_none_or(|(before, _)| before < ballot);
        if !present || again || !named || promise.voter != from || !self.electorate.has(from) {
            return;
        }
        if !promise.verifies(turn.world.voice, at, ballot) {
            return;
        }
        preparing.promises.push((promise, value));
        self.choose(turn);
    }

    /// Once a quorum has promised: adopts the value accepted in the highest ballot among the promises
    /// (COM-009), or, if there is none, takes the first wish. A value that this node's own judge
    /// refuses is not proposed; any quorum of promises that does not demand it will do instead.
    fn choose(&mut self, turn: &mut Turn<'_>) {
        let Some(Attempt::Preparing(preparing)) = &self.attempt else { return };
        let ballot = preparing.ballot;
        let mut kept = preparing.promises.clone();
        while kept.len() >= self.electorate.needed {
            let promises = || kept.iter().map(|(promise, _)| promise.clone()).collect();
            let demanded = kept.iter().filter(|(promise, _)| promise.accepted.is_some());
            let demanded = demanded.max_by_key(|(promise, _)| promise.accepted.map(|(before, _)| before));
            match demanded.and_then(|(_, value)| value.clone()).filter(|_| !self.has(Flaw::NoAdoption)) {
                Some(value) if self.judged(&value, turn).is_ok() => {
                    return self.ask_to_accept(ballot, value, promises(), turn);
                }
                Some(value) => kept.retain(|(_, other)| other.as_ref() != Some(&value)),
                None => match self.next_wish(turn) {
                    Some(value) => return self.ask_to_accept(ballot, value, promises(), turn),
                    None => {
                        // Nothing was accepted and nobody wants anything: silence (COM-017).
                        self.attempt = None;
                        return self.pace.rest();
                    }
                },
            }
        }
    }

    /// The first wish that this node's own judge lets through.
    fn next_wish(&mut self, turn: &mut Turn<'_>) -> Option<Value> {
        while let Some(wish) = self.wishes.first() {
            let value = wish.value.clone();
            match self.judged(&value, turn) {
                Ok(()) => return Some(value),
                Err(code) => self.refuse_wish(&value, code, turn),
            }
        }
        None
    }

    fn ask_to_accept(&mut self, ballot: Ballot, value: Value, promises: Vec<Promise>, turn: &mut Turn<'_>) {
        let hash = value.hash();
        self.attempt = Some(Attempt::Accepting(Box::new(Accepting {
            ballot,
            value: value.clone(),
            hash,
            promises: promises.clone(),
            accepts: Vec::new(),
            refused: BTreeSet::new(),
        })));
        self.send_to_voters(&Body::Accept { ballot, value: Box::new(value.clone()), promises }, turn);
        // This node may have promised a higher ballot meanwhile; the others decide without it then.
        if let Some(vote) = self.accept(self.instance(), ballot, value, turn) {
            self.on_accepted(self.me, ballot, hash, vote, turn);
        }
    }

    /// COM-011: an accept counts for the present ballot only, and once per voter. A quorum decides.
    pub(super) fn on_accepted(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        value: Digest,
        vote: Vote,
        turn: &mut Turn<'_>,
    ) {
        let at = self.instance();
        let Some(Attempt::Accepting(accepting)) = &mut self.attempt else { return };
        let present = accepting.ballot == ballot && accepting.hash == value;
        let again = accepting.accepts.iter().any(|other| other.voter == from);
        if !present || again || vote.voter != from || !self.electorate.has(from) {
            return;
        }
        if !vote.verifies(turn.world.voice, at, ballot, value) {
            return;
        }
        accepting.accepts.push(vote);
        if accepting.accepts.len() >= self.electorate.needed {
            let Accepting { value, accepts, promises, .. } = (**accepting).clone();
            let certificate = Certificate::assemble(&value, ballot, accepts, promises);
            let voters = self.electorate.voters.iter().copied().collect();
            self.settle(value, certificate, voters, turn);
        }
    }

    /// A voter said no.
    pub(super) fn on_nack(
        &mut self,
        from: NodeId,
        epoch: u64,
        ballot: Option<Ballot>,
        reason: Reason,
        turn: &mut Turn<'_>,
    ) {
        if epoch != self.durable.epoch {
            return;
        }
        match reason {
            Reason::Behind { epoch } if epoch < self.durable.epoch => {
                turn.out.push(Output::Tell { to: from, epoch });
            }
            Reason::ParentMismatch => {
                let alarm = Alarm::Parent { ours: self.durable.parent.clone(), theirs: None };
                turn.out.push(Output::Alarm { from, alarm });
            }
            // The timer tries again, above that round.
            Reason::Outbid { promised } if self.electorate.has(from) && self.reaches(promised.round) => {
                self.pace.round_seen = self.pace.round_seen.max(promised.round);
            }
            Reason::Policy { code } if self.electorate.has(from) => {
                let code = Code::parse(&code).unwrap_or(Code::CommitPolicy);
                self.on_policy_refusal(from, ballot, code, turn);
            }
            _ => {}
        }
    }

    /// A value that too many judges refused cannot be decided: whoever wanted it is told.
    fn on_policy_refusal(&mut self, from: NodeId, ballot: Option<Ballot>, code: Code, turn: &mut Turn<'_>) {
        let (refused, value) = match &mut self.attempt {
            Some(Attempt::Accepting(accepting)) if ballot == Some(accepting.ballot) => {
                (&mut accepting.refused, Some(accepting.value.clone()))
            }
            Some(Attempt::Submitted { refused }) if ballot.is_none() => {
                (refused, self.wishes.of(self.me).map(|wish| wish.value.clone()))
            }
            _ => return,
        };
        refused.insert(from);
        if let Some(value) = value.filter(|_| self.electorate.hopeless(refused.len())) {
            self.attempt = None;
            self.refuse_wish(&value, code, turn);
        }
    }
}
