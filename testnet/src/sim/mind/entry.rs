//! The ways into a community: founding it, and a Welcome.

use super::Turn;
use crate::sim::keys::Cost;
use crate::sim::room::{Decided, Event, Fact, Room};
use mls::{Change, Joined, MlsError};
use protocol::codec;
use protocol::commit::{Ballot, Certificate, Electorate, Promise, Value, Vote};
use protocol::ids::{ItemId, NodeId};
use protocol::limits::PAGE_FRAME_BYTES_MAX;
use protocol::message::CertifiedWelcome;
use protocol::resync::sequence_base;
use protocol::signature::Digest;
use protocol::space::{CompartmentPolicy, check_members};
use std::sync::Arc;

impl Turn<'_> {
    /// A community with its first members, before the story begins.
    pub(super) fn found(
        &mut self,
        policy: &CompartmentPolicy,
        add: &[(NodeId, Vec<u8>)],
    ) -> Result<Room, MlsError> {
        let me = self.cast.me;
        self.keys.found(self.id, &CompartmentPolicy { voters: vec![me], ..policy.clone() })?;
        let change = Change {
            add: add.iter().map(|(_, package)| package.clone()).collect(),
            policy: Some(policy.clone()),
            ..Change::default()
        };
        let prepared = self.keys.prepare(self.id, &change)?;
        let state = self.keys.merge_own(self.id)?;
        let value = Value {
            compartment: self.id,
            epoch: prepared.epoch,
            parent: prepared.parent,
            author: me,
            intent: ItemId::from_bytes([0; 16]),
            commit: prepared.commit,
            next: prepared.next,
            welcome: prepared.welcome.as_deref().map(Digest::plain),
            voters: policy.voters.clone(),
        };
        let decided = Arc::new(Decided { certificate: self.alone(&value), value });
        let mut room = Room::new(self.id, state, 0);
        room.log.insert(decided.value.epoch, Arc::clone(&decided));
        let voted = Electorate::majority(vec![me]);
        self.facts.push(Fact::Logged(Arc::clone(&decided), voted.clone()));
        self.note_epoch(&room);
        for (node, _) in add {
            let welcome = prepared.welcome.as_deref().unwrap_or_default();
            self.keep_welcome(&mut room, *node, welcome, &decided, &voted);
        }
        Ok(room)
    }

    /// As `Certificate::alone`, with this node's voice.
    fn alone(&self, value: &Value) -> Certificate {
        let me = self.cast.me;
        let ballot = Ballot { round: 1, node: me, incarnation: 0 };
        self.cast.federation.speak(me, |voice| {
            let promise = Promise::sign(voice, me, value.instance(), ballot, None);
            let vote = Vote::sign(voice, me, value.instance(), ballot, value.hash());
            Certificate::assemble(value, ballot, vec![vote], vec![promise])
        })
    }

    /// A way in. What is not in order is dropped; who is in already needs none.
    pub(super) fn welcomed(&mut self, room: Option<Room>, bytes: &[u8]) -> Result<Option<Room>, MlsError> {
        if room.as_ref().is_some_and(Room::stands) {
            return Ok(room);
        }
        let Ok(way) = codec::decode::<CertifiedWelcome>(bytes, PAGE_FRAME_BYTES_MAX) else { return Ok(room) };
        let voted = Electorate::majority(way.voters.clone());
        let (cast, value) = (self.cast, &way.value);
        let proven = cast.federation.speak(cast.me, |voice| way.certificate.check(voice, value, &voted));
        let known = room.as_ref().is_some_and(|room| room.epoch > value.epoch);
        if proven.is_err() || known || value.welcome != Some(Digest::plain(&way.welcome)) {
            return Ok(room);
        }
        let check = |joined: &Joined| -> Result<(), String> {
            let policy = &joined.state.policy;
            let same = joined.compartment == value.compartment && value.next == joined.state.transcript;
            if !same || value.voters != policy.voters {
                return Err("the decision is about another group".to_owned());
            }
            check_members(policy, &joined.state.members, |node| cast.federation.entry(node).cloned())
                .map_err(|error| error.to_string())
        };
        let joined = match self.keys.join(&way.welcome, &check) {
            Ok(joined) => joined,
            Err(MlsError::Store(error)) => return Err(MlsError::Store(error)),
            Err(_) => return Ok(room),
        };
        self.spend(Cost::Join, joined.state.members.len());
        let life = room.as_ref().map_or(0, |room| room.incarnation);
        let mut fresh = Room::new(self.id, joined.state, life);
        let decided = Decided { value: value.clone(), certificate: way.certificate.clone() };
        fresh.log.insert(value.epoch, Arc::new(decided));
        if let Some(before) = room {
            (fresh.base, fresh.sent, fresh.previous) = (before.base, before.sent, before.previous);
            if before.recovering {
                // RSY-001: removed and invited again before it was let back in.
                fresh.base = sequence_base(before.incarnation);
                (fresh.sent, fresh.previous) = (fresh.base, Digest([0; 32]));
            }
            (fresh.messages, fresh.held, fresh.written) = (before.messages, before.held, before.written);
        }
        self.facts.push(Fact::Joined);
        self.note_epoch(&fresh);
        self.memory.order = None;
        let others: Vec<NodeId> = fresh.others(self.cast.me).collect();
        others.into_iter().for_each(|node| self.contact(&fresh, node));
        self.seal_written(&mut fresh)?;
        self.drive(&mut fresh, Event::Pursue)?;
        Ok(Some(fresh))
    }
}
