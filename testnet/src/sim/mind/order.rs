//! Driving the machine, as `node/src/desks/community/order.rs` does.

use super::Turn;
use crate::sim::keys::{Cost, cost};
use crate::sim::room::{Decided, Event, Fact, Goal, Out, Parcel, Room};
use mls::MlsError;
use protocol::commit::{Electorate, Guilt, Value, guilt};
use protocol::ids::NodeId;
use protocol::order::{Body, Input, Message, Order, Output, Planted, World};
use protocol::resync::Mark;
use std::collections::VecDeque;
use std::sync::Arc;

impl Turn<'_> {
    /// One event and what follows from it.
    pub(super) fn drive(&mut self, room: &mut Room, event: Event) -> Result<(), MlsError> {
        let mut order = self.seated(room);
        let mute = self.is_mute(room);
        if mute != order.durable().recovery {
            self.step(room, &mut order, Input::Recovery(mute));
        }
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let input = match event {
                Event::Input(input) => Some(*input),
                Event::Pursue => self.next_proposal(room)?,
                _ => None,
            };
            let Some(input) = input else { continue };
            for output in self.step(room, &mut order, input) {
                match output {
                    Output::Decided { value, certificate } => {
                        self.merge(room, Decided { value: *value, certificate: *certificate })?;
                        if !room.active {
                            self.memory.order = None;
                            return Ok(());
                        }
                        let (epoch, transcript) = (room.epoch, room.transcript.clone());
                        let electorate = room.electorate();
                        let advanced = Input::Advanced { epoch, transcript, electorate };
                        events.push_back(Event::Input(Box::new(advanced)));
                        events.push_back(Event::Pursue);
                    }
                    output => {
                        // Another wish may be waiting behind the one that was refused.
                        let refused = matches!(output, Output::Refused { .. });
                        self.carry_out(room, output)?;
                        events.extend(refused.then_some(Event::Pursue));
                    }
                }
            }
        }
        room.durable = order.durable().clone();
        self.memory.order = Some(order);
        Ok(())
    }

    fn carry_out(&mut self, room: &mut Room, output: Output) -> Result<(), MlsError> {
        match output {
            Output::Send { to, message } => {
                if matches!(message.body, Body::Promised { .. } | Body::Accepted { .. }) {
                    self.facts.push(Fact::Spoke { epoch: message.epoch });
                }
                self.send(to, Parcel::Order(message.to_bytes()));
            }
            Output::Tell { to, epoch } => {
                if let Some(decided) = room.log.get(&epoch) {
                    let Decided { value, certificate } = (**decided).clone();
                    let body = Body::Decided { value: Box::new(value), certificate: Box::new(certificate) };
                    let message = Message { compartment: room.id, epoch, body };
                    self.send(to, Parcel::Order(message.to_bytes()));
                }
            }
            Output::CatchUp { from, .. } => self.ask_commits(room, from),
            Output::Wake(at) => self.outs.push(Out::Wake(at)),
            Output::Alarm { from, alarm } => self.facts.push(Fact::Accused { whom: from, of: alarm }),
            Output::Fork { guilt, .. } => self.freeze(room, guilt),
            Output::Past { value, certificate, .. } => self.compare_past(room, &value, &certificate),
            Output::Refused { mine, .. } => {
                if room.proposed.as_ref().is_some_and(|proposed| proposed.value == *mine) {
                    let goal = room.proposed.take().map(|proposed| proposed.goal.clone());
                    self.keys.drop_pending(room.id)?;
                    room.wants.retain(|want| Some(want) != goal.as_ref());
                }
            }
            // Whatever lost is built anew from its wish, on the epoch that won.
            Output::Lost { .. } | Output::Decided { .. } => {}
        }
        Ok(())
    }

    fn freeze(&mut self, room: &mut Room, guilt: Guilt) {
        room.frozen = Some(guilt.clone());
        self.facts.push(Fact::Forked(guilt));
    }

    /// Somebody shows a decision of an epoch that is over. Another one than ours, if it is one, is a fork.
    fn compare_past(&mut self, room: &mut Room, value: &Value, certificate: &protocol::commit::Certificate) {
        let Some(ours) = room.log.get(&value.epoch).filter(|ours| ours.value != *value) else { return };
        let Some(guilt) = guilt(&ours.certificate, certificate) else { return };
        let before = value.epoch.checked_sub(1).and_then(|before| room.log.get(&before));
        let Some(before) = before else { return };
        let voters = Electorate::majority(before.value.voters.clone());
        let me = self.cast.me;
        let proven = self.cast.federation.speak(me, |voice| certificate.check(voice, value, &voters));
        if proven.is_ok() {
            self.freeze(room, guilt);
        }
    }

    fn seated(&mut self, room: &Room) -> Order<Planted> {
        let present = |order: &Order<Planted>| {
            order.durable().epoch == room.epoch && order.durable().parent == room.transcript
        };
        let planted = Planted(self.cast.planting.machine);
        self.memory.order.take().filter(present).unwrap_or_else(|| {
            Order::load_under(planted, self.cast.me, room.id, room.durable.clone(), room.electorate())
        })
    }

    fn step(&mut self, room: &Room, order: &mut Order<Planted>, input: Input) -> Vec<Output> {
        let (cast, keys, spent, members) = (self.cast, &*self.keys, &self.cost, room.members.len());
        let mut judge = |value: &Value| {
            spent.set(spent.get() + cost(Cost::Review, members));
            super::commit::judge(cast, keys, room.id, value)
        };
        let (now, noise) = (self.now, self.noise);
        cast.federation
            .speak(cast.me, |voice| order.step(input, World { now, noise, voice, judge: &mut judge }))
    }

    /// A message about the order of commits, from a member. What its sender is known to have said is noted
    /// in the same transaction.
    pub(super) fn hear(&mut self, room: &mut Room, from: NodeId, bytes: &[u8]) -> Result<(), MlsError> {
        let Ok(message) = Message::from_bytes(bytes) else { return Ok(()) };
        if room.frozen.is_some() || message.compartment != room.id {
            return Ok(());
        }
        remember(room, from, &message);
        self.drive(room, Event::Input(Box::new(Input::Received { from, message })))
    }

    /// A voter is in reach again: what waits for its vote is proposed once more, in a new ballot.
    pub(super) fn retry(&mut self, room: &mut Room, peer: NodeId) -> Result<(), MlsError> {
        if room.proposed.is_some() && room.policy.voters.contains(&peer) && room.frozen.is_none() {
            self.memory.order = None;
            self.drive(room, Event::Pursue)?;
        }
        Ok(())
    }

    pub(super) fn learn(&mut self, room: &mut Room, decided: Decided) -> Result<(), MlsError> {
        if room.frozen.is_some() {
            return Ok(());
        }
        let Decided { value, certificate } = decided;
        self.drive(room, Event::Input(Box::new(Input::Learned { value, certificate })))
    }

    fn next_proposal(&mut self, room: &mut Room) -> Result<Option<Input>, MlsError> {
        let urgent = |goal: &Goal| matches!(goal, Goal::Remove(_));
        if let Some(before) = room.proposed.as_ref().filter(|before| before.value.epoch == room.epoch) {
            return Ok(Some(Input::Propose { value: before.value.clone(), urgent: urgent(&before.goal) }));
        }
        super::commit::settle(room);
        room.wants.sort_by_key(|goal| !urgent(goal));
        while let Some(goal) = room.wants.first().cloned() {
            match self.build(room, &goal) {
                Ok(proposed) => {
                    let value = proposed.value.clone();
                    room.proposed = Some(Arc::new(proposed));
                    return Ok(Some(Input::Propose { value, urgent: urgent(&goal) }));
                }
                Err(MlsError::Store(error)) => return Err(MlsError::Store(error)),
                Err(_) => drop(room.wants.remove(0)),
            }
        }
        Ok(None)
    }
}

/// RSY-002: keeps the highest vote of another voter in the present epoch, to be shown to it.
fn remember(room: &mut Room, from: NodeId, message: &Message) {
    let Some(mark) = Mark::of(message).filter(|_| message.epoch == room.epoch) else { return };
    let known = room.marks.get(&from);
    let higher = known.is_none_or(|(epoch, held)| *epoch != room.epoch || held.ballot() < mark.ballot());
    if higher && room.policy.voters.contains(&from) {
        room.marks.insert(from, (room.epoch, mark));
    }
}
