//! The voter: what it promises, what it accepts, and what it refuses.

use super::{Alarm, Body, Flaw, Order, Output, Reason, Rules, Turn};
use crate::commit::{Ballot, CertificateError, Instance, Promise, Value, Vote, justified};
use crate::ids::NodeId;
use crate::limits::ORDER_ROUNDS_AHEAD_MAX;
use std::cmp::Ordering;

impl<R: Rules> Order<R> {
    /// Whether this voter may act on what `from` asks about this epoch; if not, says why. `ballot` is
    /// none for a submission, which anybody may make.
    pub(super) fn admits(
        &mut self,
        from: NodeId,
        epoch: u64,
        ballot: Option<Ballot>,
        parent: &[u8],
        turn: &mut Turn<'_>,
    ) -> bool {
        let refusal = match epoch.cmp(&self.durable.epoch) {
            // COM-003: nothing is voted in an epoch that was left.
            Ordering::Less if self.has(Flaw::VoteAcrossEpochs) => return true,
            Ordering::Less => {
                turn.out.push(Output::Tell { to: from, epoch });
                return false;
            }
            // COM-004: nor in one that was not reached.
            Ordering::Greater => {
                turn.out.push(Output::CatchUp { from, epoch: self.durable.epoch });
                Some(Reason::Behind { epoch: self.durable.epoch })
            }
            Ordering::Equal => None,
        };
        let refusal = refusal.or_else(|| self.refuses_present(from, ballot, parent, turn));
        if let Some(reason) = refusal {
            self.send(from, epoch, Body::Nack { ballot, reason }, turn);
            return false;
        }
        if let Some(decided) = &self.decided {
            let (value, certificate) = (**decided).clone();
            let body = Body::Decided { value: Box::new(value), certificate: Box::new(certificate) };
            self.send(from, epoch, body, turn);
        }
        self.decided.is_none()
    }

    fn refuses_present(
        &self,
        from: NodeId,
        ballot: Option<Ballot>,
        parent: &[u8],
        turn: &mut Turn<'_>,
    ) -> Option<Reason> {
        if parent != self.durable.parent {
            // COM-005: one epoch with two histories.
            let alarm = Alarm::Parent { ours: self.durable.parent.clone(), theirs: Some(parent.to_vec()) };
            turn.out.push(Output::Alarm { from, alarm });
            return Some(Reason::ParentMismatch);
        }
        // COM-006: only voters vote and raise ballots, each its own.
        let stranger = ballot.is_some_and(|ballot| ballot.node != from || !self.electorate.has(from));
        if stranger || !self.electorate.has(self.me) {
            return Some(Reason::NotVoter);
        }
        // COM-007: a restored node may have forgotten what it promised.
        self.durable.recovery.then_some(Reason::Recovery)
    }

    pub(super) fn on_prepare(
        &mut self,
        from: NodeId,
        epoch: u64,
        ballot: Ballot,
        parent: &[u8],
        turn: &mut Turn<'_>,
    ) {
        if !self.admits(from, epoch, Some(ballot), parent, turn) || !self.reaches(ballot.round) {
            return;
        }
        let at = Instance { epoch, ..self.instance() };
        let body = match self.promise(at, ballot, turn) {
            Ok((promise, value)) => Body::Promised { ballot, promise, value: value.map(Box::new) },
            Err(promised) => Body::Nack { ballot: Some(ballot), reason: Reason::Outbid { promised } },
        };
        self.send(from, epoch, body, turn);
    }

    /// COM-008: promises a higher ballot than any before, and names what was accepted.
    pub(super) fn promise(
        &mut self,
        at: Instance,
        ballot: Ballot,
        turn: &mut Turn<'_>,
    ) -> Result<(Promise, Option<Value>), Ballot> {
        if let Some(promised) = self.durable.promised.filter(|promised| *promised >= ballot) {
            return Err(promised);
        }
        self.durable.promised = Some(ballot);
        let accepted = self.durable.accepted.clone();
        let named = accepted.as_ref().map(|(before, value)| (*before, value.hash()));
        let promise = Promise::sign(turn.world.voice, self.me, at, ballot, named);
        Ok((promise, accepted.map(|(_, value)| value)))
    }

    pub(super) fn on_accept(
        &mut self,
        from: NodeId,
        epoch: u64,
        (ballot, value): (Ballot, Value),
        promises: Vec<Promise>,
        turn: &mut Turn<'_>,
    ) {
        let at = Instance { epoch, ..self.instance() };
        let admitted = self.admits(from, epoch, Some(ballot), &value.parent, turn);
        if !admitted || value.instance() != at || !self.reaches(ballot.round) {
            return;
        }
        let nack = |reason| Body::Nack { ballot: Some(ballot), reason };
        if let Some(promised) = self.outbid(ballot) {
            return self.send(from, epoch, nack(Reason::Outbid { promised }), turn);
        }
        if let Err(error) = self.allows(at, ballot, &value, &promises, turn) {
            turn.out.push(Output::Alarm { from, alarm: Alarm::Proof(error) });
            return;
        }
        // COM-002: dry-run before accepting.
        if let Err(code) = self.judged(&value, turn) {
            return self.send(from, epoch, nack(Reason::Policy { code: code.to_string() }), turn);
        }
        let hash = value.hash();
        match self.accept(at, ballot, value, turn) {
            Some(vote) => {
                self.pace.take_over(turn.world.now, turn.world.noise);
                self.send(from, epoch, Body::Accepted { ballot, value: hash, vote }, turn);
            }
            None => turn.out.push(Output::Alarm { from, alarm: Alarm::TwoValues }),
        }
    }

    /// COM-009: whether a quorum's promises for exactly this ballot let the value be proposed in it.
    fn allows(
        &self,
        at: Instance,
        ballot: Ballot,
        value: &Value,
        promises: &[Promise],
        turn: &Turn<'_>,
    ) -> Result<(), CertificateError> {
        let voice = turn.world.voice;
        let result = justified(
            promises,
            at,
            ballot,
            value.hash(),
            &self.electorate,
            &|node, domain, bytes, signed| voice.verifies(node, domain, bytes, signed),
        );
        match result {
            Err(CertificateError::Unjustified) if self.has(Flaw::NoAdoption) => Ok(()),
            Err(CertificateError::Signature(_)) if self.has(Flaw::StalePromise) => Ok(()),
            result => result,
        }
    }

    fn outbid(&self, ballot: Ballot) -> Option<Ballot> {
        self.durable.promised.filter(|promised| *promised > ballot)
    }

    /// COM-010: accepts in a ballot not lower than the promised one, which it promises thereby; in
    /// one ballot only ever one value. The value has been judged and is justified.
    pub(super) fn accept(
        &mut self,
        at: Instance,
        ballot: Ballot,
        value: Value,
        turn: &mut Turn<'_>,
    ) -> Option<Vote> {
        let second = |(before, accepted): &(Ballot, Value)| *before == ballot && *accepted != value;
        if self.outbid(ballot).is_some() || self.durable.accepted.as_ref().is_some_and(second) {
            return None;
        }
        if !self.has(Flaw::KeepPromise) {
            self.durable.promised = Some(ballot);
        }
        let vote = Vote::sign(turn.world.voice, self.me, at, ballot, value.hash());
        self.durable.accepted = Some((ballot, value));
        Some(vote)
    }

    /// COM-016: whether a round follows those heard of so far closely enough. One that does not draws
    /// this node some way towards it, so that an honest voter that was left behind catches up.
    pub(super) fn reaches(&mut self, round: u64) -> bool {
        let reach = self.highest_round().saturating_add(ORDER_ROUNDS_AHEAD_MAX);
        if round > reach {
            self.pace.round_seen = reach;
        }
        round <= reach
    }

    pub(super) fn highest_round(&self) -> u64 {
        let promised = self.durable.promised.map_or(0, |promised| promised.round);
        promised.max(self.durable.round_used).max(self.pace.round_seen)
    }
}
