//! Coming back after lost keys, as `node/src/desks/community/recovery.rs` and, on the other side,
//! `node/src/desks/federation/returns.rs` do.

use super::Turn;
use super::compare::logged;
use crate::sim::keys::Cost;
use crate::sim::room::{Decided, Event, Fact, Goal, Out, Parcel, Proposed, Room};
use mls::MlsError;
use protocol::codec;
use protocol::commit::{Electorate, Head, Value};
use protocol::ids::{ItemId, NodeId};
use protocol::limits::PAGE_FRAME_BYTES_MAX;
use protocol::order::{Body, Message};
use protocol::refusal::Code;
use protocol::resync::{Approval, sequence_base};
use protocol::signature::Digest;
use protocol::space::CompartmentPolicy;
use protocol::time::Timestamp;
use protocol::wire::{LogAnswer, LogRequest};
use std::sync::Arc;

/// How long an operator takes to approve, and how long the node waits before it asks again.
const OPERATOR_MS: i64 = 60_000;
const AGAIN_MS: i64 = 75_000;

/// Where the decisions stand.
fn head(room: &Room) -> Head {
    Head {
        compartment: room.id,
        epoch: room.epoch,
        transcript: room.transcript.clone(),
        electorate: room.electorate(),
    }
}

impl Turn<'_> {
    /// What a node without keys does: it follows, asks, and answers with what it holds.
    pub(super) fn take_recovering(&mut self, room: &mut Room, event: Event) -> Result<(), MlsError> {
        match event {
            Event::Post(text) => room.written.push(text),
            Event::Contact(peer) => self.ask_commits(room, peer),
            Event::Start { .. } | Event::Input(_) => {
                let others: Vec<NodeId> = room.others(self.cast.me).collect();
                others.into_iter().for_each(|node| self.ask_commits(room, node));
            }
            Event::From(from, parcel) if room.members.contains(&from) => match parcel {
                Parcel::Order(bytes) => self.follow_told(room, &bytes)?,
                Parcel::Request(bytes) => self.answer_recovering(room, from, &bytes),
                Parcel::Answer(bytes) => self.use_answer_recovering(room, from, &bytes)?,
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn answer_recovering(&mut self, room: &Room, from: NodeId, bytes: &[u8]) {
        match codec::decode::<LogRequest>(bytes, PAGE_FRAME_BYTES_MAX) {
            // It is in reach.
            Ok(LogRequest::Have(_)) => self.ask_commits(room, from),
            Ok(request) => {
                let answer = logged(room, &request);
                self.send(from, Parcel::Answer(codec::encode(&answer)));
            }
            Err(_) => {}
        }
    }

    /// Only decisions count.
    fn follow_told(&mut self, room: &mut Room, bytes: &[u8]) -> Result<(), MlsError> {
        let Ok(Message { body: Body::Decided { value, certificate }, .. }) = Message::from_bytes(bytes)
        else {
            return Ok(());
        };
        self.follow(room, Decided { value: *value, certificate: *certificate })
    }

    fn use_answer_recovering(&mut self, room: &mut Room, from: NodeId, bytes: &[u8]) -> Result<(), MlsError> {
        match codec::decode::<LogAnswer>(bytes, PAGE_FRAME_BYTES_MAX) {
            Ok(LogAnswer::Commits(commits)) => {
                let epoch = room.epoch;
                for (value, certificate) in commits {
                    if room.recovering {
                        self.follow(room, Decided { value, certificate })?;
                    }
                }
                if room.recovering && room.epoch > epoch {
                    self.ask_commits(room, from);
                } else if room.recovering && room.policy.voters.contains(&from) {
                    let (compartment, epoch, incarnation) = (room.id, room.epoch, room.incarnation);
                    self.request(from, &LogRequest::Resync { compartment, epoch, incarnation });
                }
            }
            Ok(LogAnswer::ResyncGranted { approval, group_info }) => {
                self.return_with(room, from, &approval, &group_info)?;
            }
            Ok(LogAnswer::ResyncPending) => self.outs.push(Out::Wake(Timestamp(self.now.0 + AGAIN_MS))),
            _ => {}
        }
        Ok(())
    }

    /// Builds the external commit, or takes the one built before on this epoch, and hands it to the voter.
    fn return_with(
        &mut self,
        room: &mut Room,
        from: NodeId,
        approval: &Approval,
        group_info: &[u8],
    ) -> Result<(), MlsError> {
        let before = room.proposed.as_ref().filter(|before| before.value.epoch == room.epoch);
        let value = match before {
            Some(before) => before.value.clone(),
            None => match self.build_return(room, approval, group_info)? {
                Some(value) => value,
                None => return Ok(()),
            },
        };
        let epoch = value.epoch;
        let body = Body::Submit { value: Box::new(value), urgent: true };
        self.send(from, Parcel::Order(Message { compartment: room.id, epoch, body }.to_bytes()));
        Ok(())
    }

    fn build_return(
        &mut self,
        room: &mut Room,
        approval: &Approval,
        group_info: &[u8],
    ) -> Result<Option<Value>, MlsError> {
        self.spend(Cost::Join, room.members.len());
        let expected = head(room);
        // RSY-007: the certified decisions lead exactly here.
        let check = move |said: &mls::GroupInfo| {
            let same = said.epoch == expected.epoch
                && said.transcript == expected.transcript
                && Electorate::from(&said.policy) == expected.electorate;
            if same { Ok(()) } else { Err("not where the decisions lead".to_owned()) }
        };
        let (prepared, after) = match self.keys.resync(room.id, group_info, approval.to_bytes(), &check) {
            Ok(built) => built,
            Err(MlsError::Store(error)) => return Err(MlsError::Store(error)),
            Err(_) => return Ok(None),
        };
        let intent = u128::from(self.noise) << 64 | u128::from(room.epoch);
        let value = Value {
            compartment: room.id,
            epoch: prepared.epoch,
            parent: prepared.parent,
            author: self.cast.me,
            intent: ItemId::from_bytes(intent.to_be_bytes()),
            commit: prepared.commit,
            next: prepared.next,
            welcome: None,
            voters: after.policy.voters,
        };
        room.proposed = Some(Arc::new(Proposed { value: value.clone(), welcome: None, goal: Goal::Return }));
        Ok(Some(value))
    }

    /// Follows a decision without keys; with the one that lets this node back in, it is back.
    fn follow(&mut self, room: &mut Room, decided: Decided) -> Result<(), MlsError> {
        let Decided { value, certificate } = &decided;
        let (me, at) = (self.cast.me, head(room));
        let next = self.cast.federation.speak(me, |voice| at.follow(voice, value, certificate));
        let Ok(next) = next else { return Ok(()) };
        let decided = Arc::new(decided);
        room.log.insert(decided.value.epoch, Arc::clone(&decided));
        self.facts.push(Fact::Logged(Arc::clone(&decided), at.electorate));
        if room.proposed.take().is_some_and(|proposed| proposed.value == decided.value) {
            return self.returned(room);
        }
        // The group that was built for another commit never came to be.
        self.keys.forget(room.id)?;
        (room.epoch, room.transcript) = (next.epoch, next.transcript);
        room.policy =
            Arc::new(CompartmentPolicy { voters: next.electorate.voters, ..(*room.policy).clone() });
        room.durable = protocol::order::Durable::new(room.epoch, room.transcript.clone(), room.incarnation);
        Ok(())
    }

    /// This node is back, with new keys, and numbers its messages anew (RSY-001).
    fn returned(&mut self, room: &mut Room) -> Result<(), MlsError> {
        let state = self.keys.state(room.id)?;
        room.enter(state);
        room.recovering = false;
        room.joined = room.epoch;
        room.durable = protocol::order::Durable::new(room.epoch, room.transcript.clone(), room.incarnation);
        room.base = sequence_base(room.incarnation);
        (room.sent, room.previous) = (room.base, Digest([0; 32]));
        self.memory.order = None;
        self.facts.push(Fact::Returned);
        self.note_epoch(room);
        let others: Vec<NodeId> = room.others(self.cast.me).collect();
        others.into_iter().for_each(|node| self.contact(room, node));
        self.seal_written(room)?;
        self.drive(room, Event::Pursue)
    }

    /// RSY-006: an operator of this ministry has approved the life that asks, after a minute.
    pub(super) fn answer_return(
        &mut self,
        room: &mut Room,
        from: NodeId,
        (epoch, incarnation): (u64, u32),
    ) -> Result<LogAnswer, MlsError> {
        let me = self.cast.me;
        let refused = |code: Code| Ok(LogAnswer::Refused(code.as_str().to_owned()));
        if !room.members.contains(&from) {
            return refused(Code::NotMember);
        }
        if !room.policy.voters.contains(&me) {
            return refused(Code::NotVoter);
        }
        if epoch != room.epoch {
            return refused(if epoch < room.epoch { Code::EpochStale } else { Code::EpochAhead });
        }
        match room.returns.get(&from).copied().filter(|(known, _)| *known >= incarnation) {
            None => {
                room.returns.insert(from, (incarnation, self.now));
                Ok(LogAnswer::ResyncPending)
            }
            Some((known, _)) if known > incarnation => refused(Code::RolledBack),
            Some((_, at)) if self.now.0 < at.0 + OPERATOR_MS => Ok(LogAnswer::ResyncPending),
            Some(_) => {
                let Some(key) = self.cast.federation.secret(me) else { return refused(Code::Internal) };
                let on = (room.id, room.epoch, room.transcript.clone());
                let approval = Approval::sign(on, (from, incarnation), me, &key);
                self.spend(Cost::Prepare, room.members.len());
                let group_info = self.keys.group_info(room.id)?;
                Ok(LogAnswer::ResyncGranted { approval, group_info })
            }
        }
    }
}
