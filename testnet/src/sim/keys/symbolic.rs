//! Groups without cryptography: who is a member, what was used, and bytes of the size that openmls's
//! would have. What a member may not do with keys, it cannot do with these.

use super::{Check, Keys, table};
use minicbor::{Decode, Encode};
use mls::{Change, GroupInfo, Header, Joined, MlsError, Opened, Prepared, State, Transition};
use protocol::codec;
use protocol::ids::{CompartmentId, NodeId};
use protocol::signature::{Digest, PublicKey};
use protocol::space::CompartmentPolicy;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Epochs whose messages can still be opened, as in the node's profile of MLS.
const PAST_EPOCHS_MAX: u64 = 16;
const BYTES_MAX: usize = 1 << 20;
const DIGEST_BYTES: usize = 16;

/// A group as one member holds it.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Group {
    epoch: u64,
    transcript: Vec<u8>,
    policy: Arc<CompartmentPolicy>,
    members: Arc<BTreeMap<NodeId, PublicKey>>,
    past: BTreeMap<u64, Arc<BTreeMap<NodeId, PublicKey>>>,
    used: BTreeSet<(u64, NodeId, u64)>,
    generation: u64,
    pending: Option<Vec<u8>>,
}

#[derive(Debug, Encode, Decode)]
struct Commit {
    #[n(0)]
    author: NodeId,
    #[n(1)]
    epoch: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    parent: Vec<u8>,
    #[n(3)]
    add: Vec<(NodeId, PublicKey)>,
    #[n(4)]
    remove: Vec<NodeId>,
    #[n(5)]
    policy: Option<CompartmentPolicy>,
    /// By which its author comes back: its authenticated data.
    #[cbor(n(6), with = "minicbor::bytes")]
    external: Option<Vec<u8>>,
}

#[derive(Debug, Encode, Decode)]
struct Welcome {
    #[n(0)]
    compartment: CompartmentId,
    #[n(1)]
    epoch: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    transcript: Vec<u8>,
    #[n(3)]
    policy: CompartmentPolicy,
    #[n(4)]
    members: Vec<(NodeId, PublicKey)>,
    #[n(5)]
    added: Vec<NodeId>,
}

#[derive(Debug, Encode, Decode)]
struct Info {
    #[n(0)]
    compartment: CompartmentId,
    #[n(1)]
    epoch: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    transcript: Vec<u8>,
    #[n(3)]
    policy: CompartmentPolicy,
    #[n(4)]
    members: Vec<(NodeId, PublicKey)>,
}

#[derive(Debug, Encode, Decode)]
struct Sealed {
    #[n(5)]
    compartment: CompartmentId,
    #[n(0)]
    epoch: u64,
    #[n(1)]
    sender: NodeId,
    #[n(2)]
    generation: u64,
    #[cbor(n(3), with = "minicbor::bytes")]
    authenticated: Vec<u8>,
    #[cbor(n(4), with = "minicbor::bytes")]
    plaintext: Vec<u8>,
}

/// The content with its length and digest before it, filled up to the size that openmls's would have.
fn pack<T: Encode<()>>(value: &T, size: usize) -> Vec<u8> {
    let content = codec::encode(value);
    let mut bytes = (content.len() as u32).to_be_bytes().to_vec();
    bytes.extend(&Digest::plain(&content).0[..DIGEST_BYTES]);
    bytes.extend(content);
    bytes.resize(size.max(bytes.len()), 0);
    bytes
}

fn unpack<T: for<'b> Decode<'b, ()> + Encode<()>>(
    bytes: &[u8],
    expected: &'static str,
) -> Result<T, MlsError> {
    let malformed = || MlsError::Malformed { expected };
    let (head, rest) = bytes.split_at_checked(4).ok_or_else(malformed)?;
    let (digest, rest) = rest.split_at_checked(DIGEST_BYTES).ok_or_else(malformed)?;
    let length = u32::from_be_bytes(head.try_into().map_err(|_| malformed())?) as usize;
    let content = rest.get(..length).ok_or_else(malformed)?;
    if Digest::plain(content).0[..DIGEST_BYTES] != *digest {
        return Err(malformed());
    }
    codec::decode(content, BYTES_MAX).map_err(|_| malformed())
}

impl Group {
    /// Nothing sealed or opened yet.
    fn fresh(
        epoch: u64,
        transcript: Vec<u8>,
        policy: CompartmentPolicy,
        members: BTreeMap<NodeId, PublicKey>,
    ) -> Self {
        Group {
            epoch,
            transcript,
            policy: Arc::new(policy),
            members: Arc::new(members),
            past: BTreeMap::new(),
            used: BTreeSet::new(),
            generation: 0,
            pending: None,
        }
    }

    fn state(&self) -> State {
        State {
            epoch: self.epoch,
            transcript: self.transcript.clone(),
            authenticator: Digest::of("authenticator", &[&self.transcript]).0.to_vec(),
            policy: (*self.policy).clone(),
            members: self.members.iter().map(|(node, key)| (*node, *key)).collect(),
        }
    }

    fn next(&self, commit: &[u8]) -> Vec<u8> {
        Digest::of("next", &[&self.transcript, commit]).0.to_vec()
    }

    fn transition(&self, me: NodeId, bytes: &[u8]) -> Result<Transition, MlsError> {
        let commit: Commit = unpack(bytes, "commit")?;
        let peer = |reason: &str| MlsError::Peer { step: "commit", reason: reason.to_owned() };
        if commit.epoch != self.epoch || commit.parent != self.transcript {
            return Err(peer("another epoch"));
        }
        if !self.members.contains_key(&commit.author) {
            return Err(peer("no member"));
        }
        let mut members = (*self.members).clone();
        members.retain(|node, _| !commit.remove.contains(node));
        members.extend(commit.add);
        Ok(Transition {
            before: (*self.policy).clone(),
            after: commit.policy.unwrap_or_else(|| (*self.policy).clone()),
            self_removed: !members.contains_key(&me),
            members: members.into_iter().collect(),
            next: self.next(bytes),
            author: commit.author,
            external: commit.external,
        })
    }

    fn advance(&mut self, transition: &Transition) {
        self.past.insert(self.epoch, Arc::clone(&self.members));
        let oldest = self.epoch.saturating_sub(PAST_EPOCHS_MAX - 1);
        self.past.retain(|epoch, _| *epoch >= oldest);
        self.used.retain(|(epoch, _, _)| *epoch >= oldest);
        self.epoch += 1;
        self.transcript = transition.next.clone();
        if *self.policy != transition.after {
            self.policy = Arc::new(transition.after.clone());
        }
        self.members = Arc::new(transition.members.iter().copied().collect());
        (self.generation, self.pending) = (0, None);
    }
}

/// The groups of one node.
pub(in crate::sim) struct Symbolic<'a> {
    pub(in crate::sim) me: NodeId,
    pub(in crate::sim) key: PublicKey,
    pub(in crate::sim) groups: &'a mut BTreeMap<CompartmentId, Group>,
}

impl Symbolic<'_> {
    fn group(&mut self, id: CompartmentId) -> Result<&mut Group, MlsError> {
        self.groups.get_mut(&id).ok_or(MlsError::NotMember(id))
    }
}

impl Keys for Symbolic<'_> {
    fn key_package(&mut self) -> Result<Vec<u8>, MlsError> {
        Ok(pack(&(self.me, self.key), table::KEY_PACKAGE_BYTES))
    }

    fn found(&mut self, id: CompartmentId, policy: &CompartmentPolicy) -> Result<State, MlsError> {
        let group = Group::fresh(0, Vec::new(), policy.clone(), [(self.me, self.key)].into());
        let state = group.state();
        self.groups.insert(id, group);
        Ok(state)
    }

    fn prepare(&mut self, id: CompartmentId, change: &Change) -> Result<Prepared, MlsError> {
        let me = self.me;
        let group = self.group(id)?;
        let read = |bytes: &Vec<u8>| unpack::<(NodeId, PublicKey)>(bytes, "key package");
        let add = change.add.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if let Some(missing) = change.remove.iter().find(|node| !group.members.contains_key(node)) {
            return Err(MlsError::NoSuchMember(*missing));
        }
        let added = add.iter().map(|(node, _)| *node).collect();
        let (epoch, parent) = (group.epoch, group.transcript.clone());
        let commit = Commit {
            author: me,
            epoch,
            parent,
            add,
            remove: change.remove.clone(),
            policy: change.policy.clone(),
            external: None,
        };
        let path = change.add.is_empty() || change.policy.is_some() || !change.remove.is_empty();
        let left = group.members.len() - change.remove.len();
        let size = table::commit_bytes(left, change.add.len(), change.policy.as_ref(), path);
        let bytes = pack(&commit, size);
        let after = group.transition(me, &bytes)?;
        let welcome = Welcome {
            compartment: id,
            epoch: epoch + 1,
            transcript: after.next.clone(),
            policy: after.after.clone(),
            members: after.members.clone(),
            added,
        };
        let size = table::welcome_bytes(after.members.len(), change.add.len(), &after.after);
        let welcome = (!change.add.is_empty()).then(|| pack(&welcome, size));
        group.pending = Some(bytes.clone());
        Ok(Prepared { epoch, parent: group.transcript.clone(), commit: bytes, next: after.next, welcome })
    }

    fn review(&self, id: CompartmentId, commit: &[u8]) -> Result<Transition, MlsError> {
        self.groups.get(&id).ok_or(MlsError::NotMember(id))?.transition(self.me, commit)
    }

    fn merge_own(&mut self, id: CompartmentId) -> Result<State, MlsError> {
        let me = self.me;
        let group = self.group(id)?;
        let nothing = || MlsError::Library { step: "merge", reason: "nothing is pending".to_owned() };
        let pending = group.pending.take().ok_or_else(nothing)?;
        let transition = group.transition(me, &pending)?;
        group.advance(&transition);
        Ok(group.state())
    }

    fn drop_pending(&mut self, id: CompartmentId) -> Result<(), MlsError> {
        self.group(id)?.pending = None;
        Ok(())
    }

    fn apply(
        &mut self,
        id: CompartmentId,
        commit: &[u8],
        check: Check<'_, Transition>,
    ) -> Result<Option<State>, MlsError> {
        let me = self.me;
        let group = self.group(id)?;
        let transition = group.transition(me, commit)?;
        check(&transition).map_err(MlsError::Refused)?;
        group.advance(&transition);
        if transition.self_removed {
            self.groups.remove(&id);
            return Ok(None);
        }
        Ok(Some(group.state()))
    }

    fn join(&mut self, welcome: &[u8], check: Check<'_, Joined>) -> Result<Joined, MlsError> {
        let Welcome { compartment, epoch, transcript, policy, members, added } = unpack(welcome, "welcome")?;
        if !added.contains(&self.me) {
            return Err(MlsError::Peer { step: "welcome", reason: "for somebody else".to_owned() });
        }
        let group = Group::fresh(epoch, transcript, policy, members.into_iter().collect());
        let joined = Joined { compartment, state: group.state() };
        check(&joined).map_err(MlsError::Refused)?;
        self.groups.insert(compartment, group);
        Ok(joined)
    }

    fn seal(
        &mut self,
        id: CompartmentId,
        authenticated: Vec<u8>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, MlsError> {
        let me = self.me;
        let group = self.group(id)?;
        let size = table::sealed_bytes(authenticated.len(), plaintext.len());
        let (epoch, generation) = (group.epoch, group.generation);
        group.generation += 1;
        let plaintext = plaintext.to_vec();
        let sealed = Sealed { compartment: id, epoch, sender: me, generation, authenticated, plaintext };
        Ok(pack(&sealed, size))
    }

    fn open(&mut self, id: CompartmentId, ciphertext: &[u8]) -> Result<Opened, MlsError> {
        let group = self.group(id)?;
        let sealed: Sealed = unpack(ciphertext, "message")?;
        if sealed.epoch > group.epoch {
            return Err(MlsError::EpochAhead { held: group.epoch });
        }
        let members =
            if sealed.epoch == group.epoch { Some(&group.members) } else { group.past.get(&sealed.epoch) };
        let undecryptable = |reason: &str| MlsError::Undecryptable { reason: reason.to_owned() };
        if !members.is_some_and(|members| members.contains_key(&sealed.sender)) {
            return Err(undecryptable("no keys of that epoch and sender"));
        }
        if !group.used.insert((sealed.epoch, sealed.sender, sealed.generation)) {
            return Err(undecryptable("the key was used"));
        }
        let Sealed { epoch, sender, authenticated, plaintext, .. } = sealed;
        Ok(Opened { sender, epoch, authenticated, plaintext })
    }

    fn header(&self, ciphertext: &[u8]) -> Result<Header, MlsError> {
        let Sealed { compartment, epoch, authenticated, .. } = unpack(ciphertext, "message")?;
        Ok(Header { compartment, epoch, authenticated })
    }

    fn group_info(&mut self, id: CompartmentId) -> Result<Vec<u8>, MlsError> {
        let group = self.group(id)?;
        let (policy, members) = ((*group.policy).clone(), group.state().members);
        let size = table::welcome_bytes(members.len(), 0, &policy);
        let (epoch, transcript) = (group.epoch, group.transcript.clone());
        Ok(pack(&Info { compartment: id, epoch, transcript, policy, members }, size))
    }

    fn resync(
        &mut self,
        id: CompartmentId,
        group_info: &[u8],
        authenticated: Vec<u8>,
        check: Check<'_, GroupInfo>,
    ) -> Result<(Prepared, State), MlsError> {
        let Info { compartment, epoch, transcript, policy, members } = unpack(group_info, "group info")?;
        if compartment != id {
            return Err(MlsError::Malformed { expected: "group info of the compartment" });
        }
        let said = GroupInfo { epoch, transcript: transcript.clone(), policy: policy.clone() };
        check(&said).map_err(MlsError::Refused)?;
        let size = table::commit_bytes(members.len(), 0, None, true);
        let mut group = Group::fresh(epoch, transcript.clone(), policy, members.into_iter().collect());
        let commit = Commit {
            author: self.me,
            epoch,
            parent: transcript.clone(),
            add: Vec::new(),
            remove: Vec::new(),
            policy: None,
            external: Some(authenticated),
        };
        let bytes = pack(&commit, size);
        let transition = group.transition(self.me, &bytes)?;
        group.advance(&transition);
        group.past.clear();
        let state = group.state();
        self.groups.insert(id, group);
        let prepared =
            Prepared { epoch, parent: transcript, commit: bytes, next: transition.next, welcome: None };
        Ok((prepared, state))
    }

    fn state(&mut self, id: CompartmentId) -> Result<State, MlsError> {
        Ok(self.group(id)?.state())
    }

    fn forget(&mut self, id: CompartmentId) -> Result<(), MlsError> {
        self.groups.remove(&id);
        Ok(())
    }
}
