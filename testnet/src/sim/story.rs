//! What people do: communities of several nodes, posts, admissions, removals, and two who want a change at
//! once.

use super::people::number;
use super::room::{Event, Fact, Goal, Room};
use super::world::{SECOND, Stop, What, World};
use anyhow::Context;
use protocol::ids::{CompartmentId, NodeId, SpaceId};
use protocol::label::Level;
use protocol::space::{CompartmentPolicy, Quorum, SpaceKind};

/// Members below which nobody is removed.
const MEMBERS_MIN: usize = 4;
/// Voters below which no ministry is removed.
const VOTERS_MIN: usize = 3;
/// Changes that the story asks of one community. MLS opens messages of 16 past epochs.
const CHANGES_MAX: u32 = 6;

/// A community, and how many changes were asked of it.
#[derive(Debug, Clone)]
pub(super) struct Community {
    pub(super) id: CompartmentId,
    pub(super) level: Level,
    pub(super) changes: u32,
}

impl World {
    /// A key package of this node.
    pub(super) fn key_package(&mut self, of: usize, id: CompartmentId) -> Result<Vec<u8>, Stop> {
        let noise = self.chance.number();
        let at = (protocol::time::Timestamp(0), noise);
        let outcome = self.nodes[of].act(id, Event::KeyPackage, at).map_err(Stop::Failed)?;
        let facts = outcome.map(|outcome| outcome.facts).unwrap_or_default();
        let package = facts.into_iter().find_map(|fact| match fact {
            Fact::KeyPackage(package) => Some(package),
            _ => None,
        });
        package.context("a key package").map_err(Stop::Failed)
    }

    /// Founds a community of these nodes, the first of whom is a ministry, and lets them all join.
    pub(super) fn found(&mut self, count: u64, level: &Level, members: &[usize]) -> Result<Community, Stop> {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(count + 1).to_be_bytes());
        let id = CompartmentId::from_bytes(bytes);
        let node = |number: &usize| super::people::node(*number);
        let mut voters: Vec<NodeId> =
            members.iter().map(node).filter(|node| self.federation.is_ministry(*node)).collect();
        voters.sort_unstable();
        let policy = CompartmentPolicy {
            format: 1,
            space: SpaceId::from_bytes(bytes),
            kind: SpaceKind::Community,
            level: level.clone(),
            voters,
            quorum: Quorum::Majority,
            charter: None,
            sibling: None,
            predecessor: None,
        };
        let mut add = Vec::new();
        for member in &members[1..] {
            add.push((node(member), self.key_package(*member, id)?));
        }
        self.act(members[0], id, Event::Found { policy: Box::new(policy), add })?;
        Ok(Community { id, level: level.clone(), changes: 0 })
    }

    /// The room as the honest member sees it that is furthest.
    pub(super) fn view(&self, id: CompartmentId) -> Option<&Room> {
        let honest = |at: &usize| self.oracle.liar != Some(*at);
        let rooms = (0..self.nodes.len()).filter(honest).filter_map(|at| self.nodes[at].active(id));
        rooms.max_by_key(|room| room.epoch)
    }

    /// Honest members that are up, of ministries only or of all but guests.
    fn authors(&self, id: CompartmentId, ministries: bool) -> Vec<usize> {
        let fits = |at: &usize| {
            let node = &self.nodes[*at];
            let guest = at % 5 == 4;
            let kind = if ministries { self.federation.is_ministry(node.cast.me) } else { !guest };
            kind && node.up && node.active(id).is_some() && self.oracle.liar != Some(*at)
        };
        (0..self.nodes.len()).filter(fits).collect()
    }

    /// One thing that people do.
    pub(super) fn beat(&mut self, communities: &mut [Community]) -> Result<(), Stop> {
        if self.chance.happens(self.faults.partition) && self.net.far.is_empty() {
            self.net.far = (0..self.nodes.len()).map(|_| self.chance.happens(0.4)).collect();
            let until = self.now + self.chance.between(30, 1_200) * SECOND;
            self.plan(until, What::Heal);
        }
        if self.faults.old_copy + self.faults.old_folder > 0.0 && self.chance.happens(0.2) {
            let at = self.chance.below(self.nodes.len() as u64) as usize;
            if self.nodes[at].up {
                self.nodes[at].keep_copy();
            }
        }
        let which = self.chance.below(communities.len() as u64) as usize;
        let Some(community) = communities.get_mut(which) else { return Ok(()) };
        let id = community.id;
        let kind = self.chance.below(100);
        if kind < 55 || community.changes >= CHANGES_MAX {
            return self.post(id);
        }
        community.changes += 1;
        match kind {
            55..65 => self.remove_somebody(id),
            65..80 => self.admit_somebody(id, &community.level.clone()),
            80..85 => self.want_by_anybody(id, Goal::Update),
            85..92 => {
                self.want_by_anybody(id, Goal::Update)?;
                self.remove_somebody(id)
            }
            _ => {
                let more = self.chance.between(1, 3) as u32;
                community.changes += more;
                self.rush(id, more + 1)
            }
        }
    }

    /// So many want something of the same epoch at once.
    fn rush(&mut self, id: CompartmentId, count: u32) -> Result<(), Stop> {
        let mut authors = self.authors(id, true);
        for _ in 0..count {
            let at = self.chance.below(authors.len() as u64) as usize;
            if at < authors.len() {
                let by = authors.swap_remove(at);
                if self.nodes[by].up && self.nodes[by].active(id).is_some() {
                    self.act(by, id, Event::Want(Goal::Update))?;
                }
            }
        }
        Ok(())
    }

    fn post(&mut self, id: CompartmentId) -> Result<(), Stop> {
        let members: Vec<usize> = (0..self.nodes.len())
            .filter(|at| self.nodes[*at].up && self.nodes[*at].active(id).is_some())
            .collect();
        let Some(by) = self.chance.pick(&members).copied() else { return Ok(()) };
        let length = self.chance.between(20, 2_000) as usize;
        self.act(by, id, Event::Post("Sept cas suspects. ".repeat(length / 19 + 1)))
    }

    fn want_by_anybody(&mut self, id: CompartmentId, goal: Goal) -> Result<(), Stop> {
        let authors = self.authors(id, false);
        let Some(by) = self.chance.pick(&authors).copied() else { return Ok(()) };
        self.act(by, id, Event::Want(goal))
    }

    fn remove_somebody(&mut self, id: CompartmentId) -> Result<(), Stop> {
        let Some(view) = self.view(id) else { return Ok(()) };
        let (members, voters) = (view.members.clone(), view.policy.voters.clone());
        let may = |node: &&NodeId| !voters.contains(node) || voters.len() > VOTERS_MIN;
        let candidates: Vec<NodeId> = members.iter().filter(may).copied().collect();
        if members.len() <= MEMBERS_MIN {
            return Ok(());
        }
        let Some(target) = self.chance.pick(&candidates).copied() else { return Ok(()) };
        let authors: Vec<usize> =
            self.authors(id, false).into_iter().filter(|at| *at != number(target)).collect();
        let Some(by) = self.chance.pick(&authors).copied() else { return Ok(()) };
        self.act(by, id, Event::Want(Goal::Remove(target)))
    }

    fn admit_somebody(&mut self, id: CompartmentId, level: &Level) -> Result<(), Stop> {
        let Some(view) = self.view(id) else { return Ok(()) };
        let members = view.members.clone();
        // Sometimes somebody errs, and asks for a node that may not hold the level.
        let errs = self.chance.happens(0.1);
        let asked = if errs { Level::NP } else { level.clone() };
        let federation = self.federation.clone();
        let out: Vec<usize> = federation
            .cleared(&asked)
            .filter(|node| !members.contains(node))
            .map(number)
            .filter(|at| self.nodes[*at].up && self.nodes[*at].active(id).is_none())
            .collect();
        let Some(target) = self.chance.pick(&out).copied() else { return Ok(()) };
        self.admit(id, target)
    }

    pub(super) fn admit(&mut self, id: CompartmentId, target: usize) -> Result<(), Stop> {
        let authors = self.authors(id, true);
        let Some(by) = self.chance.pick(&authors).copied() else { return Ok(()) };
        let package = self.key_package(target, id)?;
        self.act(by, id, Event::Want(Goal::Add(super::people::node(target), package)))
    }

    /// A member is taken out that does not answer as one: it gave up, or its way in was lost.
    pub(super) fn expel(&mut self, id: CompartmentId, target: NodeId) -> Result<(), Stop> {
        let authors: Vec<usize> =
            self.authors(id, true).into_iter().filter(|at| *at != number(target)).collect();
        let Some(by) = self.chance.pick(&authors).copied() else { return Ok(()) };
        self.act(by, id, Event::Want(Goal::Remove(target)))
    }

    /// Every member that is up compares with every other that is.
    pub(super) fn contact_all(&mut self, id: CompartmentId, fraction: f64) -> Result<(), Stop> {
        for at in 0..self.nodes.len() {
            let Some(room) = self.nodes[at].member(id).filter(|_| self.nodes[at].up) else { continue };
            let me = self.nodes[at].cast.me;
            let peers: Vec<NodeId> = room.others(me).chain(room.former.iter().copied()).collect();
            for peer in peers {
                if self.nodes[at].up && self.chance.happens(fraction) {
                    self.act(at, id, Event::Contact(peer))?;
                }
            }
        }
        Ok(())
    }
}
