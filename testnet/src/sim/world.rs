//! Virtual time: what happens, one event after the other, in an order that only the seed decides.

use super::chance::Chance;
use super::faults::Faults;
use super::liar::Liar;
use super::mind::{Cast, Outcome, Planting};
use super::net::Net;
use super::node::{Node, Started};
use super::oracle::{Broken, DURABLE, GIVES_UP, Oracle, broken};
use super::people::{Federation, node, number};
use super::room::{Event, Fact, Out, Parcel};
use anyhow::Result;
use protocol::ids::CompartmentId;
use protocol::order::Input;
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

pub(super) const SECOND: u64 = 1_000_000;
/// 20 October 2026, in milliseconds.
const MORNING_MS: i64 = 1_792_454_400_000;

/// Something that is going to happen.
#[derive(Debug)]
pub(super) enum What {
    Deliver { to: usize, from: usize, life: u32, id: CompartmentId, parcel: Parcel },
    Tick { node: usize, life: u32, id: CompartmentId },
    Start { node: usize },
    Heal,
}

/// What it came to.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Transactions.
    pub steps: u64,
    /// Parcels sent.
    pub parcels: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Commits decided.
    pub epochs: u64,
    /// Posts sealed.
    pub posts: u64,
    /// Crashes.
    pub crashes: u64,
    /// Nodes started from an old copy.
    pub old_copies: u64,
    /// Communities into which a node was let back after it lost its keys.
    pub returns: u64,
    /// Communities split by the liar, with evidence.
    pub forks: u64,
    /// Communities that lost the majority of their voters, all of them to old copies.
    pub frozen: u64,
}

impl Tally {
    /// Both together.
    pub fn add(&mut self, more: &Tally) {
        self.steps += more.steps;
        self.parcels += more.parcels;
        self.bytes += more.bytes;
        self.epochs += more.epochs;
        self.posts += more.posts;
        self.crashes += more.crashes;
        self.old_copies += more.old_copies;
        self.returns += more.returns;
        self.forks += more.forks;
        self.frozen += more.frozen;
    }
}

/// Why a run stops early.
pub(super) enum Stop {
    Broken(Broken),
    Failed(anyhow::Error),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Stop::Broken(broken)
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Stop::Failed(error)
    }
}

/// What came of a step, and the room before it.
type Stepped = (Outcome, Option<Arc<super::room::Room>>);

pub(super) struct World {
    pub(super) federation: Arc<Federation>,
    pub(super) nodes: Vec<Node>,
    pub(super) faults: Faults,
    pub(super) chance: Chance,
    pub(super) net: Net,
    pub(super) oracle: Oracle,
    pub(super) liar: Option<Liar>,
    /// In microseconds since the start.
    pub(super) now: u64,
    pub(super) tally: Tally,
    pub(super) planting: Planting,
    pub(super) old_copies_left: u64,
    agenda: BTreeMap<(u64, u64), What>,
    order: u64,
    trace: DefaultHasher,
}

impl World {
    pub(super) fn new(
        seed: u64,
        nodes: usize,
        real: bool,
        planting: Planting,
        faults: Faults,
    ) -> Result<World> {
        let mut chance = Chance::new(seed);
        let federation = Arc::new(Federation::new(nodes, real));
        let liar = chance.happens(faults.malicious).then(|| chance.below(nodes as u64) as usize);
        let mut all = Vec::new();
        for number in 0..nodes {
            let skewed = chance.happens(faults.clock_skew);
            let skew = if skewed { chance.below(2_400_000) as i64 - 1_200_000 } else { 0 };
            let cast = Cast { me: node(number), federation: Arc::clone(&federation), planting };
            all.push(Node::new(cast, skew)?);
        }
        Ok(World {
            oracle: Oracle::new(Arc::clone(&federation), liar),
            liar: liar.map(Liar::new),
            federation,
            nodes: all,
            faults,
            chance,
            net: Net::default(),
            now: 0,
            tally: Tally::default(),
            planting,
            old_copies_left: if liar.is_some() { 0 } else { 1 },
            agenda: BTreeMap::new(),
            order: 0,
            trace: DefaultHasher::new(),
        })
    }

    /// Stands for all that happened.
    pub(super) fn trace(&self) -> u64 {
        self.trace.finish()
    }

    pub(super) fn plan(&mut self, at: u64, what: What) {
        self.order += 1;
        self.agenda.insert((at.max(self.now), self.order), what);
    }

    /// Lets everything happen up to then.
    pub(super) fn run_until(&mut self, end: u64) -> Result<(), Stop> {
        while let Some(entry) = self.agenda.first_entry() {
            let (at, _) = *entry.key();
            if at > end {
                break;
            }
            let what = entry.remove();
            self.now = at;
            self.happen(what)?;
        }
        self.now = self.now.max(end);
        Ok(())
    }

    fn happen(&mut self, what: What) -> Result<(), Stop> {
        match what {
            What::Deliver { to, from, life, id, parcel } => {
                let receiver = &mut self.nodes[to];
                let heard = receiver.heard_lives.entry(from).or_insert(life);
                if !receiver.up || life < *heard {
                    return Ok(());
                }
                *heard = life;
                let lies = self.liar.as_mut().filter(|liar| liar.number == to);
                let lies = lies.map(|liar| liar.hear(id, from, &parcel, &self.federation, &mut self.chance));
                self.act(to, id, Event::From(node(from), parcel))?;
                for (whom, parcel) in lies.unwrap_or_default() {
                    self.send(to, whom, id, parcel);
                }
                Ok(())
            }
            What::Tick { node, life, id } => {
                if !self.nodes[node].up || self.nodes[node].life != life {
                    return Ok(());
                }
                self.act(node, id, Event::Input(Box::new(Input::Tick)))
            }
            What::Start { node } => self.start(node),
            What::Heal => {
                self.net.far.clear();
                Ok(())
            }
        }
    }

    fn clock(&self, node: usize) -> Timestamp {
        Timestamp(MORNING_MS + (self.now / 1_000) as i64 + self.nodes[node].skew_ms)
    }

    /// One event at one node, and perhaps its death at it.
    pub(super) fn act(&mut self, at: usize, id: CompartmentId, event: Event) -> Result<(), Stop> {
        let dies = self.chance.happens(self.faults.crash);
        let noise = self.chance.number();
        if dies && self.chance.happens(self.faults.unsynced) {
            let syncs = self.chance.between(1, 2) as u32;
            if self.nodes[at].cut_in(syncs) {
                return self.act_cut(at, id, event, noise);
            }
        }
        if dies && self.chance.happens(0.3) && !self.planting.send_first {
            return self.kill(at);
        }
        let undo = (dies && self.planting.send_first).then(|| self.nodes[at].copy());
        let Some((outcome, before)) = self.step(at, id, event, noise)? else { return self.kill(at) };
        if undo.is_none() {
            self.judge(at, id, before.as_deref(), &outcome)?;
        }
        let count = outcome.outs.len() as u64;
        let leave = if dies && undo.is_none() { self.chance.below(count + 1) } else { count };
        self.carry_out(at, id, outcome, leave as usize);
        if let Some(undo) = undo.filter(|_| count > 0) {
            self.kill(at)?;
            self.nodes[at].start_from(undo).map_err(Stop::Failed)?;
            return Err(
                broken(DURABLE, format!("node {at} sent {count} parcels of a step that is gone")).into()
            );
        }
        if dies { self.kill(at) } else { Ok(()) }
    }

    fn step(
        &mut self,
        at: usize,
        id: CompartmentId,
        event: Event,
        noise: u64,
    ) -> Result<Option<Stepped>, Stop> {
        self.tally.steps += 1;
        let (clock, before) = (self.clock(at), self.nodes[at].rooms.get(&id).cloned());
        let outcome = self.nodes[at].act(id, event, (clock, noise)).map_err(Stop::Failed)?;
        if let Some(outcome) = &outcome {
            let state = outcome.room.as_ref().map(|room| (room.epoch, room.sent, room.active));
            let sizes: Vec<usize> = outcome.outs.iter().map(size).collect();
            (self.now, at, id, state, sizes, outcome.facts.len()).hash(&mut self.trace);
        }
        Ok(outcome.map(|outcome| (outcome, before)))
    }

    /// The power goes in the commit of this event.
    fn act_cut(&mut self, at: usize, id: CompartmentId, event: Event, noise: u64) -> Result<(), Stop> {
        if let Some((outcome, before)) = self.step(at, id, event, noise)? {
            // It had nothing to commit, or was done before the power went.
            self.judge(at, id, before.as_deref(), &outcome)?;
        }
        self.kill(at)
    }

    fn judge(
        &mut self,
        at: usize,
        id: CompartmentId,
        before: Option<&super::room::Room>,
        outcome: &Outcome,
    ) -> Result<(), Stop> {
        for fact in &outcome.facts {
            match fact {
                Fact::Sealed { .. } => self.tally.posts += 1,
                Fact::KeysLost if !self.nodes[at].stale && self.oracle.liar != Some(at) => {
                    return Err(broken(GIVES_UP, format!("node {at}, community {id}")).into());
                }
                Fact::Returned => self.tally.returns += 1,
                Fact::Advanced { epoch, .. } => self.tally.epochs = self.tally.epochs.max(*epoch),
                _ => {}
            }
        }
        self.oracle.take(node(at), id, (before, outcome.room.as_ref()), &outcome.facts)?;
        Ok(())
    }

    fn carry_out(&mut self, at: usize, id: CompartmentId, outcome: Outcome, leave: usize) {
        let start = self.now.max(self.nodes[at].busy);
        self.nodes[at].busy = start + outcome.cost;
        if leave > 0 {
            self.nodes[at].let_go();
        }
        for out in outcome.outs.into_iter().take(leave) {
            match out {
                Out::Send(to, parcel) => self.send(at, number(to), id, parcel),
                Out::Wake(when) => {
                    let wait = u64::try_from(when.0 - self.clock(at).0).unwrap_or(0);
                    let life = self.nodes[at].life;
                    self.plan(self.now + wait * 1_000, What::Tick { node: at, life, id });
                }
            }
        }
    }

    fn send(&mut self, from: usize, to: usize, id: CompartmentId, parcel: Parcel) {
        if to >= self.nodes.len() || to == from {
            return;
        }
        let bytes = parcel.size();
        self.tally.parcels += 1;
        self.tally.bytes += bytes as u64;
        let leaves = self.now.max(self.nodes[from].busy).max(self.nodes[from].uplink);
        let gone = leaves + self.net.sending(from, bytes);
        self.nodes[from].uplink = gone;
        let life = self.nodes[from].life;
        for delay in self.net.delays((from, to), bytes, &self.faults, &mut self.chance) {
            self.plan(gone + delay, What::Deliver { to, from, life, id, parcel: parcel.clone() });
        }
    }

    fn kill(&mut self, at: usize) -> Result<(), Stop> {
        self.tally.crashes += 1;
        self.nodes[at].die();
        let away = self.chance.between(1, 600) * SECOND;
        self.plan(self.now + away, What::Start { node: at });
        Ok(())
    }

    /// Whether a node that starts does so from an old copy, and whether it can tell at once.
    fn turns_old(&mut self, at: usize) -> Option<bool> {
        if self.old_copies_left == 0 || !self.nodes[at].has_old_copy() {
            return None;
        }
        let store = self.chance.happens(self.faults.old_copy);
        let folder = self.chance.happens(self.faults.old_folder);
        (store || folder).then_some(store)
    }

    /// Starts a node that is down, on its disk or on an old copy of it.
    pub(super) fn start(&mut self, at: usize) -> Result<(), Stop> {
        if self.nodes[at].up {
            return Ok(());
        }
        let honest = self.oracle.liar != Some(at);
        if let Some(noticed) = self.turns_old(at) {
            self.old_copies_left -= 1;
            self.tally.old_copies += 1;
            self.nodes[at].start_from_old_copy(noticed).map_err(Stop::Failed)?;
            self.oracle.forget(node(at), &self.nodes[at].rooms);
        } else {
            let seed = self.chance.number();
            let survives = |page: u64| Chance::new(seed ^ page).happens(0.5);
            match self.nodes[at].start(survives).map_err(Stop::Failed)? {
                Started::On(Some((id, outcome))) => {
                    // What it did is on the disk; nothing of it left.
                    self.judge(at, id, None, &outcome)?;
                }
                Started::On(None) => {}
                Started::Lost => return Err(broken(DURABLE, format!("node {at}")).into()),
            }
            if honest {
                self.oracle.check_kept(node(at), |id| self.nodes[at].room(id))?;
            }
        }
        let rooms: Vec<CompartmentId> = self.nodes[at].rooms.keys().copied().collect();
        let life = self.nodes[at].life;
        for id in rooms {
            if self.nodes[at].up && self.nodes[at].life == life {
                let old = self.nodes[at].old_rooms.contains(&id);
                self.act(at, id, Event::Start { old })?;
            }
        }
        Ok(())
    }
}

fn size(out: &Out) -> usize {
    match out {
        Out::Send(_, parcel) => parcel.size(),
        Out::Wake(_) => 0,
    }
}
