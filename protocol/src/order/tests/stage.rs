//! A network with real keys and real bytes, whose faults the test chooses.

use super::cast::{COMPARTMENT, Seat, node, nodes, voters_after};
use crate::commit::{Certificate, Electorate, Keys, Value};
use crate::ids::NodeId;
use crate::order::{Body, Input, Message, Output};
use crate::signature::{PublicKey, SecretKey};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What is under way.
#[derive(Debug, Clone)]
pub(super) enum Parcel {
    /// A message of the machine.
    Message(Vec<u8>),
    /// The log plane: send me what was decided from this epoch on.
    Fetch(u64),
    /// Its answer.
    Log(Vec<(Value, Certificate)>),
}

#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) parcel: Parcel,
}

pub(super) struct Stage {
    pub(super) seats: BTreeMap<NodeId, Seat>,
    pub(super) sent: Vec<Sent>,
    /// What the machines told their callers.
    pub(super) told: Vec<(NodeId, Output)>,
    founders: Vec<NodeId>,
    keys: BTreeMap<NodeId, (SecretKey, PublicKey)>,
    now: Timestamp,
    noise: u64,
}

impl Stage {
    /// These voters, these embassies, and node 9, which is no member yet.
    pub(super) fn new(voters: &[u8], embassies: &[u8]) -> Stage {
        let mut seats: Vec<Seat> = voters.iter().map(|one| Seat::founding(*one, voters, None)).collect();
        seats.extend(embassies.iter().map(|one| Seat::embassy(*one, voters)));
        seats.push(Seat::absent(9));
        let key = |seat: &Seat| {
            let secret = SecretKey::from_seed(seat.me.as_bytes()).expect("a seed of 32 bytes");
            let public = secret.public();
            (seat.me, (secret, public))
        };
        Stage {
            keys: seats.iter().map(key).collect(),
            seats: seats.into_iter().map(|seat| (seat.me, seat)).collect(),
            sent: Vec::new(),
            told: Vec::new(),
            founders: nodes(voters),
            now: Timestamp(0),
            noise: 1,
        }
    }

    pub(super) fn seat(&self, number: u8) -> &Seat {
        &self.seats[&node(number)]
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Seat> {
        self.seats.values().filter(|seat| seat.order.is_some())
    }

    pub(super) fn give(&mut self, number: u8, input: Input) {
        self.act(node(number), |seat, now, noise, voice| seat.step(input, now, noise, voice));
    }

    pub(super) fn propose(&mut self, number: u8, voters: &[u8], urgent: bool) {
        if let Some(value) = self.seat(number).commit(voters) {
            self.give(number, Input::Propose { value, urgent });
        }
    }

    pub(super) fn restart(&mut self, number: u8) {
        self.act(node(number), |seat, _, _, voice| seat.restart(voice, false));
    }

    pub(super) fn deliver(&mut self, at: usize) {
        let Sent { from, to, parcel } = self.sent.remove(at);
        match parcel {
            Parcel::Fetch(epoch) => {
                let log = self.seats[&to].log.range(epoch..).map(|(_, entry)| entry.clone()).collect();
                self.sent.push(Sent { from: to, to: from, parcel: Parcel::Log(log) });
            }
            Parcel::Log(log) => {
                for (value, certificate) in log {
                    self.give(to.as_bytes()[0], Input::Learned { value, certificate });
                }
            }
            Parcel::Message(bytes) => {
                let message = Message::from_bytes(&bytes).expect("what was encoded is decoded");
                self.act(to, |seat, now, noise, voice| {
                    if let Body::Decided { value, certificate } = &message.body {
                        seat.join(value, certificate);
                    }
                    seat.step(Input::Received { from, message }, now, noise, voice)
                });
            }
        }
    }

    pub(super) fn deliver_all(&mut self) {
        while !self.sent.is_empty() {
            self.deliver(0);
        }
    }

    /// Lets the next timer of this node run out.
    pub(super) fn tick(&mut self, number: u8) {
        let due = self.seat(number).order.as_ref().and_then(|order| order.pace.due());
        self.now = self.now.max(due.unwrap_or(self.now));
        self.give(number, Input::Tick);
    }

    /// No more faults: everything arrives, timers run, and nodes compare their epochs on contact.
    /// Panics if there is no rest.
    pub(super) fn calm(&mut self) {
        for _ in 0..200 {
            self.deliver_all();
            let mut fetches = self.fetches();
            let busy = self.members().filter_map(|seat| {
                let order = seat.order.as_ref()?;
                let undecided = !order.wishes.is_empty() || order.durable.accepted.is_some();
                undecided.then(|| (order.pace.due(), seat.me.as_bytes()[0]))
            });
            let next = busy.min();
            if fetches.is_empty() && next.is_none() {
                return;
            }
            self.sent.append(&mut fetches);
            self.deliver_all();
            if let Some((_, number)) = next {
                self.tick(number);
            }
        }
        panic!("no rest");
    }

    /// Who is behind asks everybody who is not: a newcomer's log does not go back far enough.
    fn fetches(&self) -> Vec<Sent> {
        let epochs: Vec<(NodeId, u64)> = self.members().map(|seat| (seat.me, seat.epoch())).collect();
        let pairs = epochs.iter().flat_map(|one| epochs.iter().map(move |other| (one, other)));
        let behind = pairs.filter(|(one, other)| one.1 < other.1);
        behind.map(|(one, other)| Sent { from: one.0, to: other.0, parcel: Parcel::Fetch(one.1) }).collect()
    }

    /// Every log agrees, and every certificate convinces who knows the voters and their keys.
    pub(super) fn check(&self) {
        let mut decided: BTreeMap<u64, &Value> = BTreeMap::new();
        for (epoch, (value, _)) in self.seats.values().flat_map(|seat| &seat.log) {
            assert_eq!(*decided.entry(*epoch).or_insert(value), value, "two commits in epoch {epoch}");
        }
        for (epoch, (value, certificate)) in self.seats.values().flat_map(|seat| &seat.log) {
            let before = epoch.checked_sub(1).and_then(|before| decided.get(&before));
            let voters = before.map_or_else(|| self.founders.clone(), |value| voters_after(value));
            let voice = Keys {
                own: &SecretKey::from_seed(&[1; 32]).unwrap(),
                key_of: |node| self.keys.get(&node).map(|(_, public)| *public),
            };
            assert_eq!(certificate.check(&voice, value, &Electorate::majority(voters)), Ok(()));
        }
        assert!(self.seats.values().all(|seat| !seat.late && !seat.deceived));
    }

    fn send_decided(&mut self, from: NodeId, to: NodeId, epoch: u64, entry: (Value, Certificate)) {
        let body = Body::Decided { value: Box::new(entry.0), certificate: Box::new(entry.1) };
        let message = Message { compartment: COMPARTMENT, epoch, body };
        self.sent.push(Sent { from, to, parcel: Parcel::Message(message.to_bytes()) });
    }

    fn act(
        &mut self,
        me: NodeId,
        act: impl FnOnce(&mut Seat, Timestamp, u64, &dyn crate::commit::Voice) -> Vec<Output>,
    ) {
        // xorshift64: another number for every step, the same in every run.
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        let keys = &self.keys;
        let voice = Keys { own: &keys[&me].0, key_of: |node| keys.get(&node).map(|(_, public)| *public) };
        let Some(seat) = self.seats.get_mut(&me) else { return };
        for output in act(seat, self.now, self.noise, &voice) {
            match &output {
                Output::Send { to, message } if self.seats.contains_key(to) => {
                    let parcel = Parcel::Message(message.to_bytes());
                    self.sent.push(Sent { from: me, to: *to, parcel });
                }
                Output::CatchUp { from, epoch } => {
                    self.sent.push(Sent { from: me, to: *from, parcel: Parcel::Fetch(*epoch) });
                }
                Output::Decided { value, certificate } if value.author == me => {
                    // The author's Welcome.
                    let joins = voters_after(value).contains(&node(9));
                    let entry = ((**value).clone(), (**certificate).clone());
                    if joins && self.seats[&node(9)].order.is_none() {
                        self.send_decided(me, node(9), value.epoch, entry);
                    }
                }
                _ => {}
            }
            self.told.push((me, output));
        }
    }
}
