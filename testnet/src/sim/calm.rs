//! The end: faults stop, everybody is up and compares; then everything that was wanted is decided, and
//! everybody holds everything.

use super::faults::Faults;
use super::oracle::{Broken, broken};
use super::people::{node, number};
use super::room::Room;
use super::story::Community;
use super::world::{SECOND, Stop, World};
use protocol::ids::{CompartmentId, NodeId};

pub(super) const DECIDED: &str = "when faults stop, every change that is wanted is decided";
pub(super) const AGREED: &str = "when faults stop, all members agree on one epoch and its secret";
pub(super) const MEMBERS: &str = "when faults stop, who is a member is in, and who is not is out";
pub(super) const CAUGHT_UP: &str = "when faults stop, every member holds every post since it came";

/// Rounds of ten minutes.
const ROUNDS_MAX: usize = 40;

impl World {
    /// Lets the federation come to rest; breaks an invariant if it does not.
    pub(super) fn calm(&mut self, communities: &[Community]) -> Result<(), Stop> {
        self.faults = Faults::NONE;
        self.net.lossless = true;
        self.net.far.clear();
        self.liar = None;
        for at in 0..self.nodes.len() {
            self.start(at)?;
        }
        let mut last = None;
        for round in 0..ROUNDS_MAX {
            for community in communities {
                if !self.oracle.forked.contains(&community.id) {
                    self.contact_all(community.id, 1.0)?;
                }
            }
            self.run_until(self.now + 600 * SECOND)?;
            last = self.unrest(communities);
            if last.is_none() {
                return self.check_all(communities);
            }
            if round % 3 == 2 {
                for community in communities {
                    self.tend(community)?;
                }
            }
        }
        match last {
            Some(broken) => Err(broken.into()),
            None => Ok(()),
        }
    }

    fn check_all(&mut self, communities: &[Community]) -> Result<(), Stop> {
        self.tally.forks = self.oracle.forked.len() as u64;
        let views = communities.iter().filter_map(|one| self.view(one.id));
        self.tally.frozen = views.filter(|view| !self.has_majority(view)).count() as u64;
        for at in (0..self.nodes.len()).filter(|at| self.oracle.liar != Some(*at)) {
            self.oracle.check_kept(node(at), |id| self.nodes[at].room(id))?;
        }
        Ok(())
    }

    /// People see to who is on the list of members and not in: out, and invited anew.
    fn tend(&mut self, community: &Community) -> Result<(), Stop> {
        let id = community.id;
        let Some(view) = self.view(id) else { return Ok(()) };
        if self.oracle.forked.contains(&id) {
            return Ok(());
        }
        let members = view.members.clone();
        for member in members.iter() {
            if self.nodes[number(*member)].member(id).is_none() {
                self.expel(id, *member)?;
            }
        }
        Ok(())
    }

    /// What is not at rest yet.
    fn unrest(&self, communities: &[Community]) -> Option<Broken> {
        let mut whole = communities.iter().filter(|one| !self.oracle.forked.contains(&one.id));
        whole.find_map(|community| self.unrest_in(community.id)).or_else(|| self.missing())
    }

    fn unrest_in(&self, id: CompartmentId) -> Option<Broken> {
        let view = self.view(id)?;
        // Who lost the majority changes its members no more; messages go on.
        let majority = self.has_majority(view);
        let said = |node: NodeId, what: String| format!("community {id}, node {}: {what}", number(node));
        for (at, node) in self.nodes.iter().enumerate() {
            let me = node.cast.me;
            let Some(room) = node.active(id) else {
                if majority && view.members.contains(&me) && self.oracle.liar != Some(at) {
                    return Some(broken(MEMBERS, said(me, "is a member and not in".to_owned())));
                }
                continue;
            };
            if self.oracle.liar == Some(at) {
                continue;
            }
            if !view.members.contains(&me) {
                return Some(broken(MEMBERS, said(me, format!("is out since epoch {}", room.epoch))));
            }
            if (room.epoch, &room.authenticator) != (view.epoch, &view.authenticator) {
                return Some(broken(AGREED, said(me, format!("{} and not {}", room.epoch, view.epoch))));
            }
            if majority && (room.proposed.is_some() || !room.wants.is_empty()) {
                return Some(broken(DECIDED, said(me, format!("{} wishes", room.wants.len()))));
            }
            if !room.written.is_empty() {
                return Some(broken(CAUGHT_UP, said(me, "has posts that are not sealed".to_owned())));
            }
        }
        None
    }

    fn has_majority(&self, view: &Room) -> bool {
        let votes = |voter: &&NodeId| self.nodes[number(**voter)].active(view.id).is_some();
        view.policy.voters.iter().filter(votes).count() >= view.policy.votes_needed()
    }

    /// A post that somebody lacks who was a member when it was sealed, and ever since.
    fn missing(&self) -> Option<Broken> {
        for (id, sender, sequence) in self.oracle.posts() {
            let lies = |node: NodeId| self.oracle.liar == Some(number(node));
            if self.oracle.forked.contains(&id) || lies(sender) {
                continue;
            }
            let author = &self.nodes[number(sender)];
            let sealed = author.active(id).and_then(|room| room.messages.get(&(sender, sequence)));
            // Its author was removed, or forgot it: whether it had left is not known.
            let Some(sealed) = sealed else { continue };
            for node in self.nodes.iter().filter(|node| !lies(node.cast.me)) {
                let Some(room) = node.active(id) else { continue };
                let lacks = room.joined <= sealed.epoch && !room.messages.contains_key(&(sender, sequence));
                if lacks {
                    let (at, by) = (number(node.cast.me), number(sender));
                    let detail = format!("community {id}: node {at} lacks post {sequence} of node {by}");
                    return Some(broken(CAUGHT_UP, detail));
                }
            }
        }
        None
    }
}
