//! What a node stands on: for real groups the node's own store on a simulated disk, where MLS state and the
//! number of the step commit in one transaction; for symbolic groups, memory.

use super::disk::{Disk, Image};
use super::keys::{Group, Real, Symbolic};
use super::mind::{self, Cast, Memory, Outcome};
use super::room::{Event, Room};
use anyhow::{Context, Result, anyhow};
use mls::{Groups, Identity, MlsError};
use protocol::ids::CompartmentId;
use protocol::signature::SecretKey;
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use store::{Failed, Read, Slot, Store, Table, Vault, Writer};

pub(super) type Rooms = BTreeMap<CompartmentId, Arc<Room>>;

/// The number of the last step, beside the MLS state that it left.
const STEP: Table<CompartmentId, u64> = Table::new(0xF0, "step");
const PLACE: CompartmentId = CompartmentId::from_bytes([0; 16]);

/// What one step is given.
pub(super) struct Step {
    pub(super) id: CompartmentId,
    pub(super) room: Option<Room>,
    pub(super) memory: Memory,
    pub(super) event: Event,
    pub(super) at: (Timestamp, u64),
    pub(super) number: u64,
}

pub(super) enum Ground {
    Store(Box<Standing>),
    Memory(BTreeMap<CompartmentId, Group>),
}

/// A copy of a ground, from which a node can be started.
#[derive(Clone)]
pub(super) enum Copy {
    Store(Image),
    Memory(BTreeMap<CompartmentId, Group>),
}

/// What became of a step.
pub(super) enum Acted {
    /// It is committed.
    Done(Outcome),
    /// The power went in the commit: it may be on the disk or not.
    Cut(Outcome),
}

/// A running store.
pub(super) struct Standing {
    disk: Arc<Disk>,
    store: Store,
    writer: Option<Writer<Groups>>,
    thread: Option<JoinHandle<()>>,
}

impl Standing {
    fn start(cast: &Cast, image: Image) -> Result<Standing> {
        let seed = cast.federation.seed(cast.me);
        let disk = Arc::new(Disk::from_image(image));
        let medium: Arc<dyn store::Medium> = disk.clone();
        let vault = Vault::new(&seed).map_err(|error| anyhow!("{error}"))?;
        let store = Store::open_on(medium, vault).context("open a simulated store")?;
        let groups = Groups::new(Identity::new(cast.me, SecretKey::from_seed(&seed)?));
        let (writer, thread) = Writer::start(store.clone(), groups)?;
        Ok(Standing { disk, store, writer: Some(writer), thread: Some(thread) })
    }

    /// The process dies and nothing more reaches the disk.
    fn stop(&mut self) {
        self.disk.cut_in(0);
        self.writer = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer has failed the act it was in already.
            let _ = thread.join();
        }
    }

    fn act(&self, cast: &Cast, step: Step) -> Result<Acted> {
        let writer = self.writer.as_ref().context("the node is down")?;
        let (send, receive) = channel();
        let (cast, seen) = (cast.clone(), Arc::new(Mutex::new(None)));
        let kept = Arc::clone(&seen);
        let act = move |tx: &store::Tx<'_>, groups: &mut Groups| {
            let Step { id, room, memory, event, at, number } = &step;
            let mut keys = Real { tx, groups };
            let whom = (*id, room.clone(), memory.clone());
            let outcome = mind::act(&cast, whom, &mut keys, event.clone(), *at)?;
            tx.put(STEP, &PLACE, &Slot::System, number)?;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            Ok::<_, MlsError>(())
        };
        writer.submit(act, move |result| drop(send.send(result)));
        let result = receive.recv()?;
        let outcome = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        let outcome = outcome.context("the step did not run");
        match result {
            Ok(()) => Ok(Acted::Done(outcome?)),
            Err(Failed::Store) => Ok(Acted::Cut(outcome?)),
            Err(failed) => Err(anyhow!("a step failed: {failed:?}")),
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Ground {
    pub(super) fn new(cast: &Cast) -> Result<Ground> {
        if cast.federation.is_real() {
            Ok(Ground::Store(Box::new(Standing::start(cast, Image::default())?)))
        } else {
            Ok(Ground::Memory(BTreeMap::new()))
        }
    }

    /// One transaction.
    pub(super) fn act(&mut self, cast: &Cast, step: Step) -> Result<Acted> {
        match self {
            Ground::Store(standing) => standing.act(cast, step),
            Ground::Memory(groups) => {
                let key = cast.federation.key(cast.me);
                let mut keys = Symbolic { me: cast.me, key, groups };
                let Step { id, room, memory, event, at, .. } = step;
                let outcome = mind::act(cast, (id, room, memory), &mut keys, event, at);
                Ok(Acted::Done(outcome.map_err(|error| anyhow!("a step failed: {error}"))?))
            }
        }
    }

    /// The power goes in the next commit, at its first sync or at its second. Only a store has commits
    /// that can be cut in the middle.
    pub(super) fn cut_in(&self, syncs: u32) -> bool {
        let Ground::Store(standing) = self else { return false };
        standing.disk.cut_in(syncs);
        true
    }

    pub(super) fn copy(&self) -> Copy {
        match self {
            Ground::Store(standing) => Copy::Store(standing.disk.synced()),
            Ground::Memory(groups) => Copy::Memory(groups.clone()),
        }
    }

    /// What is on the disk after a power cut; of unsynced pages those survive that `survives` names.
    pub(super) fn after_cut(&self, survives: impl Fn(u64) -> bool) -> Copy {
        match self {
            Ground::Store(standing) => Copy::Store(standing.disk.after_cut(survives)),
            Ground::Memory(groups) => Copy::Memory(groups.clone()),
        }
    }

    pub(super) fn stop(&mut self) {
        if let Ground::Store(standing) = self {
            standing.stop();
        }
    }

    /// Starts anew on what is there; the number of the last step on it, if it has one.
    pub(super) fn start(&mut self, cast: &Cast, copy: Copy) -> Result<Option<u64>> {
        self.stop();
        match copy {
            Copy::Memory(groups) => {
                *self = Ground::Memory(groups);
                Ok(None)
            }
            Copy::Store(image) => {
                let standing = Standing::start(cast, image)?;
                let step = standing.store.snapshot()?.get(STEP, &PLACE)?;
                *self = Ground::Store(Box::new(standing));
                Ok(Some(step.unwrap_or(0)))
            }
        }
    }
}
