//! Its side of the groups that it shares with the target: real MLS, and authenticated data, plaintexts and
//! commits as it likes.

use anyhow::{Context, Result};
use mls::{Change, Groups, Identity, MlsError, Prepared};
use protocol::codec;
use protocol::commit::{Certificate, Value};
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::label::Level;
use protocol::limits::CIPHERTEXT_BYTES_MAX;
use protocol::message::{
    AUTHENTICATED_FORMAT, Authenticated, CertifiedWelcome, Envelope, Payload, Plaintext, commitment,
};
use protocol::signature::{Digest, SecretKey};
use protocol::space::{CompartmentPolicy, Quorum, SpaceKind, channel_id};
use protocol::sync::TRANSCRIPT_BYTES;
use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use store::{Store, Tx, Vault, Writer};

/// The compartment that it founds, where the founding is its part.
const FOUNDED: CompartmentId = CompartmentId::from_bytes([0x66; 16]);

/// A message about to be sealed; a test changes what it likes.
#[derive(Debug, Clone)]
pub struct Sealing {
    /// The group that seals it, whatever the data say.
    pub group: CompartmentId,
    /// The data that MLS authenticates.
    pub authenticated: Authenticated,
    /// The bytes inside, an encoded [`Plaintext`] unless changed.
    pub plaintext: Vec<u8>,
}

/// One group as it stands.
struct Room {
    policy: CompartmentPolicy,
    epoch: u64,
    transcript: Vec<u8>,
    last: u64,
    previous: Digest,
}

/// The groups of the hostile node.
pub struct Member {
    node: NodeId,
    writer: Writer<Groups>,
    rooms: Mutex<BTreeMap<CompartmentId, Room>>,
    _dir: tempfile::TempDir,
}

impl Member {
    /// A member without any group yet; two of one node know nothing of each other.
    pub fn new(node: NodeId, key: SecretKey) -> Result<Self> {
        let dir = tempfile::TempDir::with_prefix("valise-hostile-")?;
        let store = Store::open(&dir.path().join("store.redb"), Vault::new(&[7; 32])?)?;
        let (writer, _thread) = Writer::start(store, Groups::new(Identity::new(node, key)))?;
        Ok(Self { node, writer, rooms: Mutex::default(), _dir: dir })
    }

    /// Runs an act on its groups, in a transaction of its own.
    pub fn act<T: Send + 'static>(
        &self,
        act: impl Fn(&Tx<'_>, &mut Groups) -> Result<T, MlsError> + Send + 'static,
    ) -> Result<T> {
        let (send, receive) = channel();
        // Who does not wait any more has failed already.
        self.writer.submit(act, move |result| drop(send.send(result)));
        receive.recv()?.map_err(|error| anyhow::anyhow!("{error:?}"))
    }

    /// A key package of its own.
    pub fn key_package(&self) -> Result<Vec<u8>> {
        self.act(|tx, groups| groups.key_package(tx))
    }

    /// The NP channel with the target, once it stands.
    pub fn channel(&self) -> Option<CompartmentId> {
        self.room(SpaceKind::Channel, &Level::NP)
    }

    /// The community's compartment at this level, once it has joined.
    pub fn community(&self, level: &Level) -> Result<CompartmentId> {
        self.room(SpaceKind::Community, level).context("not in the community")
    }

    fn room(&self, kind: SpaceKind, level: &Level) -> Option<CompartmentId> {
        let rooms = self.lock();
        let fits = |room: &Room| room.policy.kind == kind && room.policy.level == *level;
        rooms.iter().find(|(_, room)| fits(room)).map(|(id, _)| *id)
    }

    /// Where it stands in a group: epoch, transcript, policy.
    pub fn stands(&self, group: CompartmentId) -> Result<(u64, Vec<u8>, CompartmentPolicy)> {
        let rooms = self.lock();
        let room = rooms.get(&group).context("no such group")?;
        Ok((room.epoch, room.transcript.clone(), room.policy.clone()))
    }

    /// The next message of the channel, as an honest node would seal it.
    pub fn next(&self, precedence: u8, payload: Payload) -> Result<Sealing> {
        self.next_in(self.channel().context("no channel")?, precedence, payload)
    }

    /// The same in any of its groups.
    pub fn next_in(&self, group: CompartmentId, precedence: u8, payload: Payload) -> Result<Sealing> {
        let rooms = self.lock();
        let room = rooms.get(&group).context("no such group")?;
        let authenticated = Authenticated {
            format: AUTHENTICATED_FORMAT,
            compartment: group,
            level: room.policy.level.clone(),
            sender: self.node,
            sequence: room.last + 1,
            previous: room.previous,
            message: ItemId::from_bytes([1; 16]),
            transcript: room.transcript.iter().take(TRANSCRIPT_BYTES).copied().collect(),
            precedence: Some(precedence),
        };
        let plaintext = codec::encode(&Plaintext { salt: [9; 16], payload });
        Ok(Sealing { group, authenticated, plaintext })
    }

    /// Seals it; the envelope says what the authenticated data say. The next one follows it.
    pub fn seal(&self, sealing: &Sealing) -> Result<Envelope> {
        let Authenticated { compartment, sender, sequence, precedence, .. } = sealing.authenticated;
        let group = sealing.group;
        let (authenticated, plaintext) = (codec::encode(&sealing.authenticated), sealing.plaintext.clone());
        let ciphertext =
            self.act(move |tx, groups| groups.seal(tx, group, authenticated.clone(), &plaintext))?;
        let mut rooms = self.lock();
        let room = rooms.get_mut(&group).context("no such group")?;
        (room.last, room.previous) = (sequence, commitment(&sealing.plaintext));
        let precedence = precedence.unwrap_or_default();
        Ok(Envelope { compartment, sender, sequence, epoch: room.epoch, precedence, ciphertext })
    }

    /// A commit of its own on the present epoch, as it would be voted on. Nothing is merged here.
    pub fn prepare(&self, group: CompartmentId, change: Change) -> Result<Value> {
        let (_, _, policy) = self.stands(group)?;
        let voters = change.policy.as_ref().map_or(policy.voters, |policy| policy.voters.clone());
        let prepared = self.act(move |tx, groups| groups.prepare(tx, group, &change))?;
        Ok(self.value(group, prepared, voters))
    }

    /// The external commit by which it would come back into a group whose keys it has lost.
    pub fn come_back(
        &self,
        group: CompartmentId,
        info: Vec<u8>,
        approval: Vec<u8>,
        voters: Vec<NodeId>,
    ) -> Result<Value> {
        let built =
            self.act(move |tx, groups| groups.resync(tx, group, &info, approval.clone(), |_| Ok(())))?;
        Ok(self.value(group, built.0, voters))
    }

    fn value(&self, group: CompartmentId, prepared: Prepared, voters: Vec<NodeId>) -> Value {
        Value {
            compartment: group,
            epoch: prepared.epoch,
            parent: prepared.parent,
            author: self.node,
            intent: ItemId::from_bytes([2; 16]),
            commit: prepared.commit,
            next: prepared.next,
            welcome: prepared.welcome.as_deref().map(Digest::plain),
            voters,
        }
    }

    /// Opens a message of the target.
    pub(super) fn open(&self, envelope: &Envelope) -> Result<Payload> {
        let (group, ciphertext) = (envelope.compartment, envelope.ciphertext.clone());
        let opened = self.act(move |tx, groups| groups.open(tx, group, &ciphertext))?;
        let plaintext: Plaintext = codec::decode(&opened.plaintext, CIPHERTEXT_BYTES_MAX)?;
        Ok(plaintext.payload)
    }

    pub(super) fn found_channel(
        &self,
        peer: NodeId,
        package: Vec<u8>,
        key: &SecretKey,
    ) -> Result<CertifiedWelcome> {
        let policy = |mut voters: Vec<NodeId>| {
            voters.sort_unstable();
            CompartmentPolicy {
                format: 1,
                space: channel_id(self.node, peer),
                kind: SpaceKind::Channel,
                level: Level::NP,
                voters,
                quorum: Quorum::Majority,
                charter: None,
                sibling: None,
                predecessor: None,
            }
        };
        let (founding, both) = (policy(vec![self.node]), policy(vec![self.node, peer]));
        let voters = both.voters.clone();
        let (prepared, state) = self.act(move |tx, groups| {
            groups.found(tx, FOUNDED, &founding)?;
            let change =
                Change { add: vec![package.clone()], policy: Some(both.clone()), ..Change::default() };
            Ok((groups.prepare(tx, FOUNDED, &change)?, groups.merge_own(tx, FOUNDED)?))
        })?;
        let welcome = prepared.welcome.clone().context("a Welcome")?;
        let value = self.value(FOUNDED, prepared, voters);
        let certificate = Certificate::alone(&value, self.node, 0, key);
        self.stand(FOUNDED, state);
        Ok(CertifiedWelcome { welcome, value, certificate, voters: vec![self.node], charter: None })
    }

    pub(super) fn join(&self, welcome: &CertifiedWelcome) -> Result<()> {
        let bytes = welcome.welcome.clone();
        let joined = self.act(move |tx, groups| groups.join(tx, &bytes, |_| Ok(())))?;
        self.stand(joined.compartment, joined.state);
        Ok(())
    }

    fn stand(&self, group: CompartmentId, state: mls::State) {
        let mls::State { epoch, transcript, policy, .. } = state;
        let room = Room { policy, epoch, transcript, last: 0, previous: Digest([0; 32]) };
        self.lock().insert(group, room);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<CompartmentId, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
