//! What a subject reaches: its groups, and the communities that admitted it with their ceilings as
//! this node knows them. Decides nothing about one item; it says which feeds and which tokens count.

use crate::desks::Desks;
use crate::desks::records::{COMMUNITIES, GROUPS, Scope, community_scope, group_scope};
use protocol::decide::Subject;
use protocol::ids::{GroupId, SpaceId};
use protocol::label::Level;
use std::collections::BTreeMap;
use store::{Read, StoreError};

/// The scopes of a subject.
pub(in crate::desks) struct Reach {
    /// Address by group.
    groups: BTreeMap<GroupId, String>,
    communities: BTreeMap<SpaceId, Known>,
}

struct Known {
    name: String,
    ceiling: Level,
}

impl Reach {
    /// Looks up what the subject's groups and communities are called here.
    pub(in crate::desks) fn of(
        desks: &Desks,
        read: &impl Read,
        subject: &Subject,
    ) -> Result<Self, StoreError> {
        let mut groups = BTreeMap::new();
        for id in subject.groups.keys() {
            if let Some(group) = read.get(GROUPS, id)? {
                groups.insert(*id, format!("{}@{}", group.entry.handle, desks.node_name()));
            }
        }
        let mut communities = BTreeMap::new();
        for id in &subject.communities {
            if let Some(community) = read.get(COMMUNITIES, id)? {
                let known = Known { name: community.charter.name, ceiling: community.charter.ceiling };
                communities.insert(*id, known);
            }
        }
        Ok(Self { groups, communities })
    }

    /// A community's ceiling; `None` for one that has not admitted the subject.
    pub(in crate::desks) fn ceiling(&self, community: SpaceId) -> Option<Level> {
        self.communities.get(&community).map(|known| known.ceiling.clone())
    }

    /// A community's name; `None` for one that has not admitted the subject.
    pub(in crate::desks) fn community_name(&self, community: SpaceId) -> Option<&str> {
        self.communities.get(&community).map(|known| known.name.as_str())
    }

    /// The groups.
    pub(in crate::desks) fn groups(&self) -> impl Iterator<Item = GroupId> {
        self.groups.keys().copied()
    }

    /// The communities at each level of `clearance` that their own ceiling covers.
    pub(in crate::desks) fn communities(&self, clearance: &Level) -> Vec<(SpaceId, Level)> {
        let levels = clearance.below();
        let at = |(id, known): (&SpaceId, &Known)| {
            let covered = levels.iter().filter(|level| known.ceiling.dominates(level));
            covered.map(|level| (*id, level.clone())).collect::<Vec<_>>()
        };
        self.communities.iter().flat_map(at).collect()
    }

    /// Every feed of the subject: scope and level.
    pub(super) fn feeds(&self, clearance: &Level) -> Vec<(Scope, Level)> {
        let levels = clearance.below();
        let groups = self
            .groups()
            .flat_map(|group| levels.iter().map(move |level| (group_scope(group), level.clone())));
        let communities = self.communities(clearance).into_iter();
        groups.chain(communities.map(|(space, level)| (community_scope(space), level))).collect()
    }

    /// What a scope is called: a group's address or a community's name.
    pub(super) fn through(&self, scope: Scope) -> Option<&str> {
        let group = self.groups.iter().find(|(id, _)| group_scope(**id) == scope);
        let community = || self.communities.iter().find(|(id, _)| community_scope(**id) == scope);
        group
            .map(|(_, address)| address.as_str())
            .or_else(|| community().map(|(_, known)| known.name.as_str()))
    }
}
