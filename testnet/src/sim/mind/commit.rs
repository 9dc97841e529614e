//! What a commit may change, building one, and merging what was decided; as
//! `node/src/desks/community/{commit,intent}.rs` do.

use super::{Cast, Turn};
use crate::sim::keys::{Cost, Keys};
use crate::sim::room::{Decided, Fact, Goal, Parcel, Proposed, Room};
use mls::{Change, MlsError, Transition};
use protocol::codec;
use protocol::commit::{Electorate, Value};
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::message::CertifiedWelcome;
use protocol::refusal::Code;
use protocol::resync::Approval;
use protocol::signature::Digest;
use protocol::space::{CompartmentPolicy, check_members};
use std::sync::Arc;

fn voters_among(cast: &Cast, members: &[NodeId], before: &[NodeId]) -> Vec<NodeId> {
    let ministries = members.iter().copied().filter(|node| cast.federation.is_ministry(*node));
    let mut voters: Vec<NodeId> = ministries.collect();
    voters.sort_unstable();
    if voters.is_empty() { before.to_vec() } else { voters }
}

/// The dry run before a vote.
pub(super) fn judge(cast: &Cast, keys: &dyn Keys, id: CompartmentId, value: &Value) -> Result<(), Code> {
    let change = keys.review(id, &value.commit).map_err(|_| Code::Malformed)?;
    check(cast, value, &change).map_err(|_| Code::CommitPolicy)
}

fn check(cast: &Cast, value: &Value, change: &Transition) -> Result<(), String> {
    if change.author != value.author {
        return Err("another author".to_owned());
    }
    if let Some(authenticated) = &change.external {
        let key_of = |node| cast.federation.is_ministry(node).then(|| cast.federation.key(node));
        Approval::check(authenticated, value, &change.before.voters, key_of)
            .map_err(|error| error.to_string())?;
    } else if cast.federation.is_guest(value.author) {
        return Err("a guest changes no membership".to_owned());
    }
    if change.self_removed {
        return Ok(());
    }
    if change.next != value.next {
        return Err("not the value that is voted on".to_owned());
    }
    let members: Vec<NodeId> = change.members.iter().map(|(node, _)| *node).collect();
    let voters = voters_among(cast, &members, &change.before.voters);
    if value.voters != voters || change.after != (CompartmentPolicy { voters, ..change.before.clone() }) {
        return Err("only the voters may change".to_owned());
    }
    check_members(&change.after, &change.members, |node| cast.federation.entry(node).cloned())
        .map_err(|error| error.to_string())
}

/// Forgets the wishes that are fulfilled.
pub(super) fn settle(room: &mut Room) {
    let members = Arc::clone(&room.members);
    room.wants.retain(|goal| match goal {
        Goal::Add(node, _) => !members.contains(node),
        Goal::Remove(node) => members.contains(node),
        Goal::Update | Goal::Return => true,
    });
}

impl Turn<'_> {
    pub(super) fn build(&mut self, room: &Room, goal: &Goal) -> Result<Proposed, MlsError> {
        self.spend(Cost::Prepare, room.members.len());
        let mut change = Change::default();
        let mut members = (*room.members).clone();
        match goal {
            Goal::Add(node, key_package) => {
                change.add.push(key_package.clone());
                members.push(*node);
            }
            Goal::Remove(node) => {
                change.remove.push(*node);
                members.retain(|member| member != node);
            }
            Goal::Update | Goal::Return => {}
        }
        let voters = voters_among(self.cast, &members, &room.policy.voters);
        if voters != room.policy.voters {
            change.policy = Some(CompartmentPolicy { voters: voters.clone(), ..(*room.policy).clone() });
        }
        let prepared = self.keys.prepare(room.id, &change)?;
        let intent = u128::from(self.noise) << 64 | u128::from(room.epoch);
        let value = Value {
            compartment: room.id,
            epoch: prepared.epoch,
            parent: prepared.parent,
            author: self.cast.me,
            intent: ItemId::from_bytes(intent.to_be_bytes()),
            commit: prepared.commit,
            next: prepared.next,
            welcome: prepared.welcome.as_deref().map(Digest::plain),
            voters,
        };
        Ok(Proposed { value, welcome: prepared.welcome, goal: goal.clone() })
    }

    /// Merges what was decided.
    pub(super) fn merge(&mut self, room: &mut Room, decided: Decided) -> Result<(), MlsError> {
        self.spend(Cost::Review, room.members.len());
        let (id, voted) = (room.id, room.electorate());
        let own = room.proposed.take().filter(|proposed| proposed.value == decided.value);
        let state = if own.is_some() {
            Some(self.keys.merge_own(id)?)
        } else {
            self.keys.drop_pending(id)?;
            let cast = self.cast;
            self.keys.apply(id, &decided.value.commit, &|change| check(cast, &decided.value, change))?
        };
        let decided = Arc::new(decided);
        room.log.insert(decided.value.epoch, Arc::clone(&decided));
        self.facts.push(Fact::Logged(Arc::clone(&decided), voted.clone()));
        let Some(state) = state else {
            room.active = false;
            self.facts.push(Fact::Out);
            return Ok(());
        };
        room.enter(state);
        self.note_epoch(room);
        settle(room);
        if let Some(Proposed { welcome, goal, .. }) = own.as_deref() {
            room.wants.retain(|want| want != goal);
            if let (Some(welcome), Goal::Add(node, _)) = (welcome, goal) {
                self.keep_welcome(room, *node, welcome, &decided, &voted);
            }
        }
        if decided.certificate.ballot.node == self.cast.me {
            let told: Vec<NodeId> = room.others(self.cast.me).chain(room.former.iter().copied()).collect();
            told.into_iter().for_each(|node| self.contact(room, node));
        }
        Ok(())
    }

    pub(super) fn note_epoch(&mut self, room: &Room) {
        let (epoch, transcript) = (room.epoch, room.transcript.clone());
        self.facts.push(Fact::Advanced { epoch, transcript, authenticator: room.authenticator.clone() });
    }

    /// The Welcome leaves in the transaction that knows of the decision, and again until it has arrived.
    pub(super) fn keep_welcome(
        &mut self,
        room: &mut Room,
        node: NodeId,
        welcome: &[u8],
        decided: &Decided,
        voted: &Electorate,
    ) {
        let welcome = CertifiedWelcome {
            welcome: welcome.to_vec(),
            value: decided.value.clone(),
            certificate: decided.certificate.clone(),
            voters: voted.voters.clone(),
            charter: None,
        };
        self.send(node, Parcel::Welcome(codec::encode(&welcome)));
        room.welcomes.retain(|(to, _)| *to != node);
        room.welcomes.push((node, Arc::new(welcome)));
    }
}
