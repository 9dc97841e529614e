//! The one policy decision: may this subject do this act with this object?
//!
//! Pure and total. Whoever shows, counts, searches or exports asks here first; nothing else compares
//! a clearance with a label.

use crate::ids::{AgentId, GroupId, SpaceId};
use crate::label::{Label, Level};
use crate::refusal::Code;
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// What an agent may do in a functional group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Reads, drafts, acknowledges and, in this version, releases.
    #[n(0)]
    Agent,
    /// Also validates registrations, entitles managers and admits agents to communities.
    #[n(1)]
    NumberTwo,
}

/// Who asks: the person and the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The agent.
    pub agent: AgentId,
    /// min(agent, terminal, node): see [`clearance`].
    pub clearance: Level,
    /// The agent's functional groups and role in each.
    pub groups: BTreeMap<GroupId, Role>,
    /// The communities that admitted the agent.
    pub communities: BTreeSet<SpaceId>,
    /// Runs the node: sees its state, no content.
    pub operator: bool,
}

/// The clearance of a session (law 1): the highest level that agent, terminal and node all hold.
pub fn clearance(agent: &Level, terminal: &Level, node: &Level) -> Level {
    agent.meet(terminal).meet(node)
}

/// Whom an object is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// Functional groups of this node that sent or received it.
    pub groups: BTreeSet<GroupId>,
    /// Communities it stands in, each with that community's ceiling.
    pub communities: BTreeMap<SpaceId, Level>,
}

/// What the act is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<'a> {
    /// Its label as the originator wrote it.
    pub label: &'a Label,
    /// Whom it is for.
    pub audience: &'a Audience,
}

/// What the subject wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// See it, count it, find it.
    Read,
    /// Write or change a draft in the name of this group.
    Draft(GroupId),
    /// Release in the name of this group.
    Release(GroupId),
    /// Acknowledge on behalf of a receiving group.
    Acknowledge,
    /// Put it into this community, whose ceiling is given with the object's audience.
    Share(SpaceId),
    /// Write a post in this community.
    Post(SpaceId),
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allowed,
    /// No, and by which rule.
    Refused(Rule),
}

/// The rule that refused. Each is a rule of the federation specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// `LBL-001`: unknown policy, classification or category.
    LabelUnknown,
    /// `LBL-002`: the label stands above the subject's clearance.
    AboveClearance,
    /// `LBL-003`: the label stands above the community's ceiling.
    AboveCommunity,
    /// `AUD-001`: the subject belongs to nobody the object is for.
    NotInAudience,
    /// `ROL-001`: the act needs membership or a role that the subject does not have.
    RoleMissing,
}

impl Rule {
    /// The rule's id in the specification.
    pub const fn id(self) -> &'static str {
        match self {
            Rule::LabelUnknown => "LBL-001",
            Rule::AboveClearance => "LBL-002",
            Rule::AboveCommunity => "LBL-003",
            Rule::NotInAudience => "AUD-001",
            Rule::RoleMissing => "ROL-001",
        }
    }

    /// The code to answer with. A reader who may not see a thing must not learn that it exists, so
    /// refusals to read are `NOT_FOUND` at the doors; this is the code for the audit trail and for
    /// acts on things the subject already sees.
    pub const fn code(self) -> Code {
        match self {
            Rule::LabelUnknown => Code::LabelUnknown,
            Rule::AboveClearance => Code::AboveClearance,
            Rule::AboveCommunity => Code::AboveCommunity,
            Rule::NotInAudience => Code::NotFound,
            Rule::RoleMissing => Code::RoleMissing,
        }
    }
}

/// Decides. Label first, so that an uncleared subject learns nothing from the order of checks.
pub fn decide(subject: &Subject, act: Act, object: &Object<'_>) -> Decision {
    match check(subject, act, object) {
        Ok(()) => Decision::Allowed,
        Err(rule) => Decision::Refused(rule),
    }
}

fn check(subject: &Subject, act: Act, object: &Object<'_>) -> Result<(), Rule> {
    let level = object.label.level().map_err(|_| Rule::LabelUnknown)?;
    require(subject.clearance.dominates(&level), Rule::AboveClearance)?;
    match act {
        Act::Read => require(reaches(subject, &level, object.audience), Rule::NotInAudience),
        Act::Draft(group) | Act::Release(group) => {
            require(subject.groups.contains_key(&group), Rule::RoleMissing)
        }
        Act::Acknowledge => {
            let member = object.audience.groups.iter().any(|group| subject.groups.contains_key(group));
            require(member, Rule::NotInAudience)
        }
        Act::Share(community) | Act::Post(community) => {
            require(subject.communities.contains(&community), Rule::NotInAudience)?;
            let ceiling = object.audience.communities.get(&community).ok_or(Rule::NotInAudience)?;
            require(ceiling.dominates(&level), Rule::AboveCommunity)
        }
    }
}

/// Through a group, or through a community whose own ceiling covers the level.
fn reaches(subject: &Subject, level: &Level, audience: &Audience) -> bool {
    audience.groups.iter().any(|group| subject.groups.contains_key(group))
        || audience
            .communities
            .iter()
            .any(|(community, ceiling)| ceiling.dominates(level) && subject.communities.contains(community))
}

fn require(condition: bool, rule: Rule) -> Result<(), Rule> {
    if condition { Ok(()) } else { Err(rule) }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
