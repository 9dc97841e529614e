//! A list that was checked, and what it says of a node at an instant.

use super::entry::{Entry, Kind, Status};
use super::error::ListError;
use super::list::FederationList;
use super::suspension::Suspended;
use crate::ids::NodeId;
use crate::label::Level;
use crate::refusal::Code;
use crate::signature::Digest;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// A list whose signatures and content were checked, with the suspensions that came since. Only
/// [`crate::federation::SignedList::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    pub(super) list: FederationList,
    pub(super) hash: Digest,
    /// Nodes that a single key of the authority suspended, and when.
    pub(super) suspended: BTreeMap<NodeId, Timestamp>,
}

impl Trusted {
    /// The list.
    pub fn list(&self) -> &FederationList {
        &self.list
    }

    /// SHA-256 of the list's own bytes, without envelope and signatures.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// WIR-011: whether `newer` may replace `self`: strictly newer and, when it is the next version,
    /// chained. Versions in between may be missing: the threshold of signatures speaks for itself.
    pub fn accepts(&self, newer: &Trusted) -> Result<(), ListError> {
        let (held, got) = (self.list.version, newer.list.version);
        if got == held && newer.hash != self.hash {
            return Err(ListError::Split { version: held });
        }
        if got <= held {
            return Err(ListError::Rollback { held, got });
        }
        if got == held + 1 && newer.list.previous != Some(self.hash) {
            return Err(ListError::Chain { version: got });
        }
        Ok(())
    }

    /// WIR-036: takes a suspension into account. `false` when it changes nothing: the node is not
    /// listed, its entry settles statements of that date, or it is suspended already.
    pub fn suspend(&mut self, suspended: &Suspended) -> bool {
        let statement = suspended.statement();
        let open = |entry: &Entry| entry.settled.is_none_or(|settled| settled < statement.at);
        if !self.entry(statement.node).is_some_and(open) || self.suspended.contains_key(&statement.node) {
            return false;
        }
        self.suspended.insert(statement.node, statement.at);
        true
    }

    /// Whether the suspension names another list of the version held here.
    pub fn contradicts(&self, suspended: &Suspended) -> bool {
        let statement = suspended.statement();
        statement.list_version == self.list.version && statement.list_hash != self.hash
    }

    /// Since when a single key of the authority has suspended a node.
    pub fn suspended_since(&self, node: NodeId) -> Option<Timestamp> {
        self.suspended.get(&node).copied()
    }

    /// How many nodes a single key has suspended.
    pub fn suspended_count(&self) -> usize {
        self.suspended.len()
    }

    /// Digest over the nodes suspended by a single key; `None` without any.
    pub fn suspensions(&self) -> Option<Digest> {
        let nodes: Vec<&[u8]> = self.suspended.keys().map(|node| &node.as_bytes()[..]).collect();
        (!nodes.is_empty()).then(|| Digest::of("suspensions", &nodes))
    }

    /// Whether a newer list must have come by `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.list.expires
    }

    /// The entry of a node, whatever its status.
    pub fn entry(&self, node: NodeId) -> Option<&Entry> {
        let at = self.list.entries.binary_search_by_key(&node, |entry| entry.node).ok()?;
        self.list.entries.get(at)
    }

    /// The entry with this short name.
    pub fn named(&self, name: &str) -> Option<&Entry> {
        self.list.entries.iter().find(|entry| entry.name == name)
    }

    /// The entry of a node whose accreditation is in force.
    pub fn active(&self, node: NodeId, now: Timestamp) -> Option<Entry> {
        self.standing(node, now).ok()
    }

    /// WIR-013: the entry of a node whose accreditation is in force, or why it is not. With a list
    /// that has expired, guests fail closed, embassies keep to NP and ministries go on.
    pub fn standing(&self, node: NodeId, now: Timestamp) -> Result<Entry, Code> {
        let entry = self.present(node, now)?;
        if !self.is_expired(now) {
            return Ok(entry.clone());
        }
        match entry.kind {
            Kind::Ministry | Kind::Witness => Ok(entry.clone()),
            Kind::Embassy => Ok(Entry { ceiling: entry.ceiling.meet(&Level::NP), ..entry.clone() }),
            Kind::Guest => Err(Code::ListExpired),
        }
    }

    /// The entry of a node that may keep the place it has in a compartment: accredited, be it
    /// suspended, and whatever the list's own age. Nobody is admitted on this ground.
    pub fn seated(&self, node: NodeId, now: Timestamp) -> Option<Entry> {
        (!self.withdrawn(node, now)).then(|| self.entry(node).cloned())?
    }

    /// Whether a node's place in its compartments is forfeit: not listed, revoked, past the end of its
    /// accreditation, or the guest of a sponsor of whom that is true. Neither a suspension nor the
    /// list's own age says so.
    pub fn withdrawn(&self, node: NodeId, now: Timestamp) -> bool {
        let gone = |entry: &Entry| entry.status == Status::Revoked || now >= entry.not_after;
        let Some(entry) = self.entry(node) else { return true };
        let sponsor = entry.sponsor.map(|sponsor| self.entry(sponsor).is_none_or(gone));
        gone(entry) || sponsor == Some(true)
    }

    /// The first end of an accreditation, or of the list, after `now`: until then nothing changes by
    /// itself.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let dates = self.list.entries.iter().flat_map(|entry| [entry.not_before, entry.not_after]);
        dates.chain([self.list.expires]).filter(|at| *at > now).min()
    }

    fn present(&self, node: NodeId, now: Timestamp) -> Result<&Entry, Code> {
        let entry = self.entry(node).ok_or(Code::UnknownPeer)?;
        match entry.status {
            Status::Revoked => return Err(Code::NodeRevoked),
            Status::Suspended => return Err(Code::NodeSuspended),
            Status::Active if self.suspended.contains_key(&node) => return Err(Code::NodeSuspended),
            Status::Active => {}
        }
        if now < entry.not_before || now >= entry.not_after {
            return Err(Code::AccreditationLapsed);
        }
        match entry.sponsor {
            Some(sponsor) => self.present(sponsor, now).map(|_| entry).map_err(|_| Code::AccreditationLapsed),
            None => Ok(entry),
        }
    }
}
