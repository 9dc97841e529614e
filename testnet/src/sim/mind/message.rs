//! Sealing posts and opening those of others, as `node/src/desks/federation/{outbox,inbox}.rs` do for a
//! community.

use super::Turn;
use crate::sim::keys::Cost;
use crate::sim::room::{Event, Fact, Parcel, Room};
use mls::{Header, MlsError, Opened};
use protocol::codec;
use protocol::ids::{AgentId, ItemId, NodeId};
use protocol::limits::{CIPHERTEXT_BYTES_MAX, PAGE_FRAME_BYTES_MAX};
use protocol::message::{
    AUTHENTICATED_FORMAT, Authenticated, Envelope, Payload, Plaintext, Post, commitment,
};
use protocol::sync::TRANSCRIPT_BYTES;
use protocol::time::Timestamp;
use protocol::wire::{Push, PushAnswer, PushResult};
use std::sync::Arc;

/// Authenticated data is a few identifiers and a hash.
const AUTHENTICATED_BYTES_MAX: usize = 1_024;

impl Turn<'_> {
    /// A post: sealed at once. Without keys it waits (`mind/recovery.rs`).
    pub(super) fn write(&mut self, room: &mut Room, text: String) -> Result<(), MlsError> {
        room.written.push(text);
        self.seal_written(room)
    }

    pub(super) fn seal_written(&mut self, room: &mut Room) -> Result<(), MlsError> {
        let mut fresh = Vec::new();
        for text in std::mem::take(&mut room.written) {
            fresh.push(self.seal(room, text)?);
        }
        if !fresh.is_empty() {
            let bytes = codec::encode(&Push { envelopes: fresh });
            let others: Vec<NodeId> = room.others(self.cast.me).collect();
            others.into_iter().for_each(|node| self.send(node, Parcel::Push(bytes.clone())));
        }
        Ok(())
    }

    fn seal(&mut self, room: &mut Room, body: String) -> Result<Envelope, MlsError> {
        self.spend(Cost::Message, room.members.len());
        let sequence = room.sent + 1;
        let mut unique = [0; 16];
        unique[..8].copy_from_slice(&self.noise.to_be_bytes());
        unique[8..].copy_from_slice(&sequence.to_be_bytes());
        let post = Post {
            id: ItemId::from_bytes(unique),
            author: "A. Diallo".to_owned(),
            author_id: AgentId::from_bytes([0; 16]),
            at: Timestamp(self.now.0),
            label: room.level.label(),
            attachments: Vec::new(),
            body,
        };
        let plaintext =
            codec::encode(&Plaintext { salt: unique, payload: Payload::Post { post: Box::new(post) } });
        let authenticated = Authenticated {
            format: AUTHENTICATED_FORMAT,
            compartment: room.id,
            level: room.level.clone(),
            sender: self.cast.me,
            sequence,
            previous: room.previous,
            message: ItemId::from_bytes(unique),
            transcript: room.transcript.iter().take(TRANSCRIPT_BYTES).copied().collect(),
            precedence: Some(0),
        };
        let ciphertext = self.keys.seal(room.id, codec::encode(&authenticated), &plaintext)?;
        let (compartment, sender, epoch) = (room.id, self.cast.me, room.epoch);
        let envelope = Envelope { compartment, sender, sequence, epoch, precedence: 0, ciphertext };
        (room.sent, room.previous) = (sequence, commitment(&plaintext));
        room.messages.insert((sender, sequence), Arc::new(envelope.clone()));
        self.facts.push(Fact::Sealed { sequence, content: room.previous });
        Ok(envelope)
    }

    pub(super) fn take_push(&mut self, room: &mut Room, from: NodeId, bytes: &[u8]) -> Result<(), MlsError> {
        let Ok(push) = codec::decode::<Push>(bytes, PAGE_FRAME_BYTES_MAX) else { return Ok(()) };
        let mut results = Vec::new();
        for envelope in push.envelopes {
            let (compartment, sender, sequence) = (envelope.compartment, envelope.sender, envelope.sequence);
            let refused = self.take_in(room, from, envelope)?.err().map(str::to_owned);
            results.push(PushResult { compartment, sender, sequence, refused });
        }
        self.send(from, Parcel::Pushed(codec::encode(&PushAnswer { results })));
        Ok(())
    }

    /// What members answered to a push of this node's own.
    pub(super) fn note_acknowledged(&mut self, from: NodeId, bytes: &[u8]) {
        let Ok(answer) = codec::decode::<PushAnswer>(bytes, PAGE_FRAME_BYTES_MAX) else { return };
        for result in answer.results.iter().filter(|one| one.sender == self.cast.me && one.refused.is_none())
        {
            self.facts.push(Fact::Acknowledged { by: from, sequence: result.sequence });
        }
    }

    /// Whether it is held now. A refusal says why it is not.
    pub(super) fn take_in(
        &mut self,
        room: &mut Room,
        from: NodeId,
        envelope: Envelope,
    ) -> Result<Result<(), &'static str>, MlsError> {
        let Envelope { sender, sequence, epoch, .. } = envelope;
        if envelope.compartment != room.id || sender == self.cast.me {
            return Ok(Err("not for here"));
        }
        if sequence == 0 || sequence == u64::MAX || envelope.ciphertext.len() > CIPHERTEXT_BYTES_MAX {
            return Ok(Err("malformed"));
        }
        if room.held.get(&sender).is_some_and(|held| held.ranges.contains(sequence)) {
            return Ok(Ok(()));
        }
        let Ok(said) = self.carried(&envelope) else { return Ok(Err("not as its author sent it")) };
        if epoch > room.epoch {
            self.ask_commits(room, from);
            return Ok(Err("epoch ahead"));
        }
        self.spend(Cost::Message, room.members.len());
        let opened = match self.keys.open(room.id, &envelope.ciphertext) {
            Ok(opened) => opened,
            Err(MlsError::Store(error)) => return Err(MlsError::Store(error)),
            Err(_) => return Ok(Err("cannot be opened")),
        };
        if opened.sender != sender {
            return Ok(Err("another's"));
        }
        // From here on the key is spent, and the number counts as held.
        let content = commitment(&opened.plaintext);
        let held = room.held.entry(sender).or_default();
        let follows = held.links.join(&held.ranges, sequence, said.previous, content);
        held.ranges.insert(sequence);
        room.messages.insert((sender, sequence), Arc::new(envelope));
        if follows && said.starts_soundly() && bound(room, &said, &opened) {
            self.facts.push(Fact::Opened { sender, sequence, content });
        }
        Ok(Ok(()))
    }

    /// WIR-020: compares the envelope with what the message itself says in clear.
    fn carried(&self, envelope: &Envelope) -> Result<Authenticated, ()> {
        let Header { compartment, epoch, authenticated } =
            self.keys.header(&envelope.ciphertext).map_err(drop)?;
        let said: Authenticated = codec::decode(&authenticated, AUTHENTICATED_BYTES_MAX).map_err(drop)?;
        let same = (compartment, epoch) == (envelope.compartment, envelope.epoch) && said.binds(envelope);
        if same { Ok(said) } else { Err(()) }
    }

    /// Messages and commits that were asked for.
    pub(super) fn take_messages(
        &mut self,
        room: &mut Room,
        from: NodeId,
        envelopes: Vec<Envelope>,
    ) -> Result<(), MlsError> {
        let mut progress = false;
        for envelope in envelopes {
            progress |= self.take_in(room, from, envelope)?.is_ok();
        }
        if progress {
            self.contact(room, from);
        }
        self.drive(room, Event::Pursue)
    }
}

/// Whether what the author signed is about this room and its history.
fn bound(room: &Room, said: &Authenticated, opened: &Opened) -> bool {
    let transcript = if opened.epoch == room.epoch {
        Some(&room.transcript)
    } else {
        let before = opened.epoch.checked_sub(1).and_then(|before| room.log.get(&before));
        before.map(|decided| &decided.value.next)
    };
    said.level == room.level
        && room.members.contains(&opened.sender)
        && transcript.is_none_or(|known| known.get(..TRANSCRIPT_BYTES) == Some(&said.transcript))
}
