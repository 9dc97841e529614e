//! Spaces, compartments and charters.
//!
//! A space is where nodes share: a channel between two, or a community of many. A compartment is one
//! space at one level and is one MLS group. What a compartment is stands in its group context, so
//! that MLS itself authenticates it.

use crate::codec::{self, CodecError};
use crate::federation::{Entry, Kind};
use crate::ids::{CompartmentId, NodeId, SpaceId};
use crate::label::Level;
use crate::limits::{COMMUNITY_NODES_MAX, NAME_CHARS_MAX, PROJECT_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX};
use crate::refusal::Code;
use crate::signature::Digest;
use minicbor::{Decode, Encode};

/// MLS group context extension type of [`CompartmentPolicy`] (private-use range, RFC 9420 §17.3).
pub const POLICY_EXTENSION: u16 = 0xF0A0;
/// A policy with the voters of the largest community.
pub const POLICY_BYTES_MAX: usize = 16 * 1024;

/// What kind of space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum SpaceKind {
    /// Two nodes, for addressed correspondence.
    #[n(0)]
    Channel,
    /// Many nodes around a project.
    #[n(1)]
    Community,
}

/// How many votes decide a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Quorum {
    /// More than half of the voters.
    #[n(0)]
    Majority,
}

/// What a compartment is; the content of extension [`POLICY_EXTENSION`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CompartmentPolicy {
    /// Format version; 1.
    #[n(0)]
    pub format: u32,
    /// The space.
    #[n(2)]
    pub space: SpaceId,
    /// Channel or community.
    #[n(4)]
    pub kind: SpaceKind,
    /// The compartment's level.
    #[n(6)]
    pub level: Level,
    /// Who votes on commits, sorted.
    #[n(8)]
    pub voters: Vec<NodeId>,
    /// How many of them decide.
    #[n(10)]
    pub quorum: Quorum,
    /// Salted hash of the charter; the charter itself travels sealed.
    #[n(12)]
    pub charter: Option<Digest>,
    /// The NP compartment beside this one. Only ever set above NP: the NP context says nothing of
    /// a DR compartment.
    #[n(14)]
    pub sibling: Option<CompartmentId>,
    /// The compartment that this one continues after lost state.
    #[n(16)]
    pub predecessor: Option<CompartmentId>,
}

impl CompartmentPolicy {
    /// Votes that decide.
    pub fn votes_needed(&self) -> usize {
        match self.quorum {
            Quorum::Majority => self.voters.len() / 2 + 1,
        }
    }

    /// The extension's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads and checks the extension's bytes (WIR-014).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PolicyError> {
        let policy: Self = codec::decode(bytes, POLICY_BYTES_MAX)?;
        if policy.format != 1 {
            return Err(PolicyError::Rule("unknown format"));
        }
        if policy.voters.is_empty() || !policy.voters.is_sorted_by(|a, b| a < b) {
            return Err(PolicyError::Rule("voters must be sorted, each once, at least one"));
        }
        if policy.sibling.is_some() && policy.level == Level::NP {
            return Err(PolicyError::Rule("an NP compartment names no sibling"));
        }
        Ok(policy)
    }

    /// Whether a listed node may be a member: its ceiling covers the level.
    pub fn admits(&self, entry: &Entry) -> bool {
        entry.ceiling.dominates(&self.level) && entry.kind != Kind::Witness
    }
}

/// The bytes of a policy extension were not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not a policy at all.
    #[error("compartment policy: {0}")]
    Codec(#[from] CodecError),
    /// A rule is broken.
    #[error("compartment policy: {0}")]
    Rule(&'static str),
}

/// The id of the channel between two nodes: both compute the same (WIR-016).
pub fn channel_id(a: NodeId, b: NodeId) -> SpaceId {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let digest = Digest::of("channel", &[low.as_bytes(), high.as_bytes()]);
    let mut bytes = [0; SpaceId::LEN];
    bytes.copy_from_slice(&digest.0[..SpaceId::LEN]);
    SpaceId::from_bytes(bytes)
}

/// The one of the two that founds their channel's compartments; without this rule both would.
pub fn channel_founder(a: NodeId, b: NodeId) -> NodeId {
    a.min(b)
}

/// What a community is for and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Charter {
    /// The community.
    #[n(0)]
    pub community: SpaceId,
    /// Its name.
    #[n(2)]
    pub name: String,
    /// The transverse project it serves.
    #[n(4)]
    pub project: String,
    /// The accountable manager's name.
    #[n(6)]
    pub manager: String,
    /// The manager's agent id.
    #[n(8)]
    pub manager_id: crate::ids::AgentId,
    /// The node that founded it. Nothing depends on it afterwards.
    #[n(10)]
    pub founder: NodeId,
    /// Themes.
    #[n(12)]
    pub tags: Vec<String>,
    /// The highest level, as far as the reader of this copy may know.
    #[n(14)]
    pub ceiling: Level,
    /// Random; keeps the hash in the group context from being guessed.
    #[n(16)]
    #[cbor(with = "minicbor::bytes")]
    pub salt: [u8; 16],
}

impl Charter {
    /// The copy for members at `level`: a node that holds NP only cannot learn from the charter that
    /// there is more.
    pub fn at(&self, level: &Level) -> Charter {
        Charter { ceiling: self.ceiling.meet(level), ..self.clone() }
    }

    /// What the group context of the compartment at `level` holds (WIR-017).
    pub fn hash_at(&self, level: &Level) -> Digest {
        Digest::of("charter", &[&codec::encode(&self.at(level))])
    }

    /// The community's compartments, lowest level first: NP always, others up to the ceiling.
    pub fn levels(&self) -> Vec<Level> {
        let plain = [Level::NP, Level::DR].into_iter().filter(|level| self.ceiling.dominates(level));
        let mut levels: Vec<Level> = plain.collect();
        if !self.ceiling.categories().is_empty() {
            levels.push(self.ceiling.clone());
        }
        levels.dedup();
        levels
    }

    /// What is wrong with it, field by field.
    pub fn check(&self) -> Vec<(&'static str, Code)> {
        let long = |text: &str, max: usize| text.chars().count() > max;
        let mut wrong = Vec::new();
        if self.name.trim().is_empty() {
            wrong.push(("name", Code::FieldMissing));
        }
        if self.project.trim().is_empty() {
            wrong.push(("project", Code::ProjectMissing));
        }
        let too_long = [
            ("name", long(&self.name, NAME_CHARS_MAX)),
            ("manager", long(&self.manager, NAME_CHARS_MAX)),
            ("project", long(&self.project, PROJECT_CHARS_MAX)),
            ("tags", self.tags.len() > TAGS_MAX || self.tags.iter().any(|tag| long(tag, TAG_CHARS_MAX))),
        ];
        wrong
            .extend(too_long.into_iter().filter(|(_, is)| *is).map(|(field, _)| (field, Code::FieldTooLong)));
        wrong
    }
}

/// WIR-015: checks the leaves that a compartment would have after a commit: one per node, each listed, in
/// force, under a key of its own, cleared, and a guest within its scope (WIR-039). Every member does this for itself before merging; `lookup` answers with the
/// entry in force.
pub fn check_members(
    policy: &CompartmentPolicy,
    leaves: &[(NodeId, crate::signature::PublicKey)],
    lookup: impl Fn(NodeId) -> Option<Entry>,
) -> Result<(), MemberError> {
    if leaves.len() > COMMUNITY_NODES_MAX {
        return Err(MemberError::TooMany { got: leaves.len(), limit: COMMUNITY_NODES_MAX });
    }
    let mut seen = std::collections::BTreeSet::new();
    for (node, key) in leaves {
        if !seen.insert(*node) {
            return Err(MemberError::Twice { node: *node });
        }
        let entry = lookup(*node).ok_or(MemberError::NotListed { node: *node })?;
        if !entry.had_mls(key) {
            return Err(MemberError::Key { node: *node });
        }
        if policy.kind == SpaceKind::Community && !entry.may_join(policy.space) {
            return Err(MemberError::Scope { node: *node });
        }
        if !policy.admits(&entry) {
            return Err(MemberError::Ceiling {
                node: *node,
                level: policy.level.clone(),
                held: entry.ceiling,
            });
        }
    }
    Ok(())
}

/// A leaf that may not be in the compartment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// More leaves than a compartment holds.
    #[error("{got} members, at most {limit}")]
    TooMany {
        /// Leaves.
        got: usize,
        /// The limit.
        limit: usize,
    },
    /// Two leaves of one node.
    #[error("two leaves of node {node}")]
    Twice {
        /// The node.
        node: NodeId,
    },
    /// Not on the list, or not in force.
    #[error("node {node} is not accredited")]
    NotListed {
        /// The node.
        node: NodeId,
    },
    /// The leaf's signature key is not the listed one.
    #[error("the leaf of node {node} has another key than the list")]
    Key {
        /// The node.
        node: NodeId,
    },
    /// The node may not hold the compartment's level.
    #[error("node {node} holds {held}, the compartment is at {level}")]
    Ceiling {
        /// The node.
        node: NodeId,
        /// The compartment's level.
        level: Level,
        /// The node's ceiling.
        held: Level,
    },
    /// A guest in a community that its accreditation does not name.
    #[error("the scope of node {node} does not name this community")]
    Scope {
        /// The node.
        node: NodeId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AgentId;

    fn charter(ceiling: Level) -> Charter {
        Charter {
            community: SpaceId::from_bytes([1; 16]),
            name: "Ebola".into(),
            project: "Riposte".into(),
            manager: "A".into(),
            manager_id: AgentId::from_bytes([2; 16]),
            founder: NodeId::from_bytes([3; 32]),
            tags: vec![],
            ceiling,
            salt: [7; 16],
        }
    }

    #[test]
    fn the_np_copy_of_a_dr_charter_is_that_of_an_np_charter() {
        assert_eq!(charter(Level::DR).at(&Level::NP), charter(Level::NP));
        assert_eq!(charter(Level::DR).hash_at(&Level::NP), charter(Level::NP).hash_at(&Level::NP));
        assert_eq!(charter(Level::DR).levels(), [Level::NP, Level::DR]);
        assert_eq!(charter(Level::NP).levels(), [Level::NP]);
    }

    #[test]
    fn an_np_context_cannot_name_a_sibling() {
        let policy = CompartmentPolicy {
            format: 1,
            space: SpaceId::from_bytes([1; 16]),
            kind: SpaceKind::Community,
            level: Level::NP,
            voters: vec![NodeId::from_bytes([3; 32])],
            quorum: Quorum::Majority,
            charter: None,
            sibling: Some(CompartmentId::from_bytes([4; 16])),
            predecessor: None,
        };
        assert!(CompartmentPolicy::from_bytes(&policy.to_bytes()).is_err());
        let alone = CompartmentPolicy { sibling: None, ..policy };
        assert_eq!(CompartmentPolicy::from_bytes(&alone.to_bytes()), Ok(alone));
    }

    #[test]
    fn a_project_is_asked_for_by_its_own_code() {
        let empty = Charter { project: "  ".into(), ..charter(Level::NP) };
        assert_eq!(empty.check(), [("project", Code::ProjectMissing)]);
    }
}
