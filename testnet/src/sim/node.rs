//! A node: its rooms, what it forgets when it dies, and the ground it stands on.

use super::ground::{Acted, Copy, Ground, Rooms, Step};
use super::mind::{Cast, Memory, Outcome};
use super::room::{Event, Fact, Room};
use anyhow::{Context, Result};
use protocol::ids::CompartmentId;
use protocol::order::{Durable, Flaw};
use protocol::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) struct Node {
    pub(super) cast: Cast,
    pub(super) rooms: Rooms,
    pub(super) up: bool,
    /// Rises with each start; what an earlier life sent is dropped by whoever has heard of a later one.
    pub(super) life: u32,
    pub(super) heard_lives: BTreeMap<usize, u32>,
    pub(super) skew_ms: i64,
    /// It was started from an old copy once.
    pub(super) stale: bool,
    /// The rooms whose keys it has to give up, because its store counts fewer starts than there were.
    pub(super) old_rooms: BTreeSet<CompartmentId>,
    /// Until when its processor is busy, and its uplink, in microseconds.
    pub(super) busy: u64,
    pub(super) uplink: u64,
    /// The last step of which something left.
    left: u64,
    memories: BTreeMap<CompartmentId, Memory>,
    ground: Ground,
    number: u64,
    /// The step that the power went in.
    cut: Option<(CompartmentId, Outcome)>,
    old: Option<(Copy, Rooms, u64)>,
}

/// How a node came up.
pub(super) enum Started {
    /// With all that was committed, and this step, whose commit the power cut could not undo.
    On(Option<(CompartmentId, Box<Outcome>)>),
    /// Without something that had been committed.
    Lost,
}

impl Node {
    pub(super) fn new(cast: Cast, skew_ms: i64) -> Result<Node> {
        let ground = Ground::new(&cast)?;
        Ok(Node {
            cast,
            rooms: Rooms::new(),
            up: true,
            life: 1,
            heard_lives: BTreeMap::new(),
            skew_ms,
            stale: false,
            old_rooms: BTreeSet::new(),
            busy: 0,
            uplink: 0,
            left: 0,
            memories: BTreeMap::new(),
            ground,
            number: 0,
            cut: None,
            old: None,
        })
    }

    pub(super) fn room(&self, id: CompartmentId) -> Option<&Room> {
        self.rooms.get(&id).map(|room| &**room)
    }

    /// The room, where this node is in with keys.
    pub(super) fn active(&self, id: CompartmentId) -> Option<&Room> {
        self.room(id).filter(|room| room.stands())
    }

    /// The room, where this node is in, or waits to be let back in.
    pub(super) fn member(&self, id: CompartmentId) -> Option<&Room> {
        self.room(id).filter(|room| room.active)
    }

    /// One transaction; `None` if the power went in it.
    pub(super) fn act(
        &mut self,
        id: CompartmentId,
        event: Event,
        at: (Timestamp, u64),
    ) -> Result<Option<Outcome>> {
        let room = self.rooms.get(&id).map(|room| Room::clone(room));
        let memory = self.memories.remove(&id).unwrap_or_default();
        let step = Step { id, room, memory, event, at, number: self.number + 1 };
        match self.ground.act(&self.cast, step)? {
            Acted::Done(outcome) => {
                self.number += 1;
                self.keep(id, &outcome);
                Ok(Some(outcome))
            }
            Acted::Cut(outcome) => {
                self.cut = Some((id, outcome));
                Ok(None)
            }
        }
    }

    fn keep(&mut self, id: CompartmentId, outcome: &Outcome) {
        if let Some(room) = &outcome.room {
            self.rooms.insert(id, Arc::new(room.clone()));
        }
        self.memories.insert(id, outcome.memory.clone());
        if outcome.facts.iter().any(|fact| matches!(fact, Fact::KeysLost)) {
            self.old_rooms.remove(&id);
        }
    }

    /// The power goes in the next commit; false where there is no commit to cut.
    pub(super) fn cut_in(&self, syncs: u32) -> bool {
        self.ground.cut_in(syncs)
    }

    /// Something of the present step leaves.
    pub(super) fn let_go(&mut self) {
        self.left = self.number;
    }

    /// What it is now, to come back to.
    pub(super) fn copy(&self) -> (Copy, Rooms, u64) {
        (self.ground.copy(), self.rooms.clone(), self.number)
    }

    /// Keeps a copy that is going to be old.
    pub(super) fn keep_copy(&mut self) {
        if self.old.is_none() {
            self.old = Some(self.copy());
        }
    }

    /// Whether starting from the kept copy would lose something.
    pub(super) fn has_old_copy(&self) -> bool {
        self.old.as_ref().is_some_and(|(_, _, number)| *number < self.number)
    }

    pub(super) fn die(&mut self) {
        self.up = false;
        self.memories.clear();
        self.ground.stop();
    }

    /// Starts on what its disk holds; of pages that were not synced, on those that `survives` names.
    pub(super) fn start(&mut self, survives: impl Fn(u64) -> bool) -> Result<Started> {
        let copy = self.ground.after_cut(survives);
        let found = self.ground.start(&self.cast, copy)?.unwrap_or(self.number);
        self.begin_life();
        let mut cut = self.cut.take();
        if found == self.number {
            cut = None;
        } else if let Some((id, outcome)) = cut.as_ref().filter(|_| found == self.number + 1) {
            self.number = found;
            self.keep(*id, outcome);
            self.memories.clear();
        } else {
            return Ok(Started::Lost);
        }
        if self.number < self.left {
            return Ok(Started::Lost);
        }
        self.forget_votes();
        Ok(Started::On(cut.map(|(id, outcome)| (id, Box::new(outcome)))))
    }

    fn forget_votes(&mut self) {
        if self.cast.planting.machine == Some(Flaw::Amnesia) {
            for room in self.rooms.values_mut() {
                let mut forgetful = Room::clone(room);
                forgetful.durable = Durable::new(room.epoch, room.transcript.clone(), 0);
                *room = Arc::new(forgetful);
            }
        }
    }

    /// Starts from this copy instead of from its disk.
    pub(super) fn start_from(&mut self, (copy, rooms, number): (Copy, Rooms, u64)) -> Result<()> {
        self.ground.start(&self.cast, copy)?;
        self.begin_life();
        (self.rooms, self.number) = (rooms, number);
        Ok(())
    }

    /// Starts from the kept copy. `noticed`: the count of starts beside the store is not as old as it.
    pub(super) fn start_from_old_copy(&mut self, noticed: bool) -> Result<()> {
        let old = self.old.take().context("a copy was kept")?;
        (self.stale, self.left) = (true, 0);
        self.start_from(old)?;
        if noticed {
            let standing = self.rooms.iter().filter(|(_, room)| room.stands()).map(|(id, _)| *id);
            self.old_rooms = standing.collect();
        }
        Ok(())
    }

    fn begin_life(&mut self) {
        self.memories.clear();
        self.heard_lives.clear();
        self.up = true;
        self.life += 1;
    }
}
