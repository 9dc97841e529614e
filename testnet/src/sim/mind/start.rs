//! After a start: is this store the last one? As `node/src/desks/{life,federation/rollback}.rs` find out.

use super::Turn;
use crate::sim::room::{Event, Fact, Room};
use mls::MlsError;
use protocol::commit::Instance;
use protocol::ids::NodeId;
use protocol::order::{Durable, Input};
use protocol::resync::Confirmation;
use protocol::sync::Holding;

/// Members that must hold more than this node has sent.
const WITNESSES_MIN: usize = 2;
const MINUTE_MS: i64 = 60_000;

impl Turn<'_> {
    /// The process has started. The count of starts beside the store has told whether that is an old copy.
    pub(super) fn start(&mut self, room: &mut Room, old: bool) -> Result<(), MlsError> {
        if old && !self.cast.planting.trust_store {
            self.lose_keys(room)?;
        } else {
            // RSY-003: what stood before is confirmed by others.
            let trusting = self.cast.planting.trust_store;
            self.memory.confirmation = (!trusting).then(Confirmation::default);
            self.drive(room, Event::Input(Box::new(Input::Tick)))?;
            if room.active {
                self.drive(room, Event::Pursue)?;
            }
        }
        let others: Vec<NodeId> = room.others(self.cast.me).collect();
        others.into_iter().for_each(|node| self.contact(room, node));
        Ok(())
    }

    /// RSY-003: it has no vote until enough others have told what they know of it.
    pub(super) fn is_mute(&self, room: &Room) -> bool {
        let policy = &room.policy;
        let may = |told: &Confirmation| told.may_vote(self.cast.me, &policy.voters, policy.votes_needed());
        !self.memory.confirmation.as_ref().is_none_or(may)
    }

    pub(super) fn note_told(&mut self, from: NodeId) {
        if let Some(confirmation) = &mut self.memory.confirmation {
            confirmation.hear(from);
        }
    }

    /// Whether the peer holds messages or votes of this node that this node does not know of; then the
    /// keys are given up if that is proof enough.
    pub(super) fn check_rollback(
        &mut self,
        room: &mut Room,
        from: NodeId,
        holding: &Holding,
    ) -> Result<bool, MlsError> {
        let ours = holding.held.iter().find(|(sender, _)| *sender == self.cast.me);
        let ahead = ours.map_or(0, |(_, ranges)| ranges.last()) > room.sent;
        let forgotten = self.forgot_vote(room, holding);
        if self.cast.planting.trust_store || !ahead && !forgotten {
            return Ok(false);
        }
        self.memory.ahead.insert(from);
        let others = room.members.len().saturating_sub(1);
        if forgotten || self.memory.ahead.len() >= WITNESSES_MIN.min(others) {
            self.lose_keys(room)?;
        }
        Ok(true)
    }

    /// RSY-002: a vote of this node in the present epoch, beyond what it remembers.
    fn forgot_vote(&self, room: &Room, holding: &Holding) -> bool {
        let Some(mark) = holding.mark.as_ref().filter(|_| holding.epoch == room.epoch) else { return false };
        if room.durable.promised >= Some(mark.ballot()) {
            return false;
        }
        let (me, at) = (self.cast.me, Instance { compartment: room.id, epoch: holding.epoch });
        self.cast.federation.speak(me, |voice| mark.binds(voice, me, at))
    }

    /// The keys are worth nothing any more: nothing is voted or sealed until this node is let back in.
    /// RSY-001: a new life, minutes since 1970, so that two restores of one copy differ.
    fn lose_keys(&mut self, room: &mut Room) -> Result<(), MlsError> {
        self.keys.forget(room.id)?;
        let minutes = u32::try_from(self.now.0 / MINUTE_MS).unwrap_or(0);
        room.incarnation = (room.incarnation + 1).max(minutes);
        room.durable = Durable::new(room.epoch, room.transcript.clone(), room.incarnation);
        room.recovering = true;
        room.proposed = None;
        (room.wants, room.welcomes) = (Vec::new(), Vec::new());
        room.marks.clear();
        (self.memory.order, self.memory.confirmation) = (None, None);
        self.memory.ahead.clear();
        // Where no other ministry votes, nobody can let it in, and it has left.
        room.active = room.policy.voters.iter().any(|voter| *voter != self.cast.me);
        self.facts.push(Fact::KeysLost);
        Ok(())
    }
}
