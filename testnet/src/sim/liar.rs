//! A node that lies, beside doing all that an honest one does: it votes for everything, denies what it
//! accepted, alters commits and certificates, repeats old promises, and hands on altered messages.

use super::chance::Chance;
use super::people::{Federation, node, number};
use super::room::Parcel;
use protocol::codec;
use protocol::commit::{Promise, Value, Vote};
use protocol::ids::CompartmentId;
use protocol::limits::PAGE_FRAME_BYTES_MAX;
use protocol::order::{Body, Message};
use protocol::wire::Push;

/// How often it lies when it could.
const LIES: f64 = 0.4;
/// Old messages that it may repeat.
const REMEMBERED_MAX: usize = 64;

pub(super) struct Liar {
    pub(super) number: usize,
    remembered: Vec<Message>,
}

impl Liar {
    pub(super) fn new(number: usize) -> Liar {
        Liar { number, remembered: Vec::new() }
    }

    /// What it says about what it hears, and to whom.
    pub(super) fn hear(
        &mut self,
        id: CompartmentId,
        from: usize,
        parcel: &Parcel,
        federation: &Federation,
        chance: &mut Chance,
    ) -> Vec<(usize, Parcel)> {
        if !chance.happens(LIES) {
            return Vec::new();
        }
        match parcel {
            Parcel::Order(bytes) => {
                let Ok(message) = Message::from_bytes(bytes) else { return Vec::new() };
                let mut said = self.vote(from, &message, federation, chance);
                if let Some(old) = chance.pick(&self.remembered).cloned() {
                    said.push((chance.below(5) as usize, old));
                }
                self.remembered.truncate(REMEMBERED_MAX);
                self.remembered.insert(0, message);
                said.into_iter().map(|(to, message)| (to, Parcel::Order(message.to_bytes()))).collect()
            }
            Parcel::Push(bytes) => alter_push(id, bytes, chance).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn vote(
        &self,
        from: usize,
        message: &Message,
        federation: &Federation,
        chance: &mut Chance,
    ) -> Vec<(usize, Message)> {
        let me = node(self.number);
        let at = protocol::commit::Instance { compartment: message.compartment, epoch: message.epoch };
        let say = |to: usize, body: Body| (to, Message { body, ..message.clone() });
        match &message.body {
            // It has accepted nothing, whatever it has accepted.
            Body::Prepare { ballot, .. } => {
                let sign = |voice: &dyn protocol::commit::Voice| Promise::sign(voice, me, at, *ballot, None);
                let promise = federation.speak(me, sign);
                vec![say(from, Body::Promised { ballot: *ballot, promise, value: None })]
            }
            // It accepts whatever it is asked to, and something else in the same ballot.
            Body::Accept { ballot, value, promises } => {
                let other = altered(value, chance);
                let vote = |value: &Value| {
                    let (ballot, hash) = (*ballot, value.hash());
                    let vote = federation.speak(me, |voice| Vote::sign(voice, me, at, ballot, hash));
                    Body::Accepted { ballot, value: hash, vote }
                };
                let forged = Body::Accept {
                    ballot: *ballot,
                    value: Box::new(other.clone()),
                    promises: promises.clone(),
                };
                let mut said = vec![say(from, vote(value)), say(from, vote(&other))];
                said.extend(value.voters.iter().map(|voter| say(number(*voter), forged.clone())));
                said
            }
            Body::Decided { value, certificate } => {
                let other = Box::new(altered(value, chance));
                let mut fewer = certificate.clone();
                fewer.accepts.pop();
                let forged = Body::Decided { value: other, certificate: certificate.clone() };
                let short = Body::Decided { value: value.clone(), certificate: fewer };
                let voters = value.voters.iter().map(|voter| number(*voter));
                voters.flat_map(|voter| [say(voter, forged.clone()), say(voter, short.clone())]).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The value with one bit of its commit, or the hash of what follows it, turned.
fn altered(value: &Value, chance: &mut Chance) -> Value {
    let mut other = value.clone();
    let bytes = if chance.happens(0.5) { &mut other.commit } else { &mut other.next };
    let at = chance.below(bytes.len() as u64) as usize;
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << chance.below(8);
    }
    other
}

/// Another's message under another number, or with a bit turned.
fn alter_push(id: CompartmentId, bytes: &[u8], chance: &mut Chance) -> Option<(usize, Parcel)> {
    let mut push = codec::decode::<Push>(bytes, PAGE_FRAME_BYTES_MAX).ok()?;
    for envelope in push.envelopes.iter_mut().filter(|envelope| envelope.compartment == id) {
        match chance.below(3) {
            0 => envelope.sequence += 1 + chance.below(3),
            1 => envelope.epoch = envelope.epoch.saturating_sub(1),
            _ => {
                let at = chance.below(envelope.ciphertext.len() as u64) as usize;
                if let Some(byte) = envelope.ciphertext.get_mut(at) {
                    *byte ^= 1;
                }
            }
        }
    }
    Some((chance.below(5) as usize, Parcel::Push(codec::encode(&push))))
}
