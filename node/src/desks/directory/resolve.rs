//! From an address to the group that it means, here or elsewhere.

use crate::desks::Desks;
use crate::desks::records::{DIRECTORY, GROUPS, HANDLES};
use protocol::correspondence::{Address, Party};
use protocol::ids::NodeId;
use protocol::label::Level;
use protocol::message::DirectoryGroup;
use store::{Read, StoreError};

/// A group that an address means now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desks) struct Resolved {
    /// The group as an item names it.
    pub(in crate::desks) party: Party,
    /// The highest level that it may receive: its own ceiling and its node's.
    pub(in crate::desks) ceiling: Level,
}

impl Desks {
    /// The group behind an address; `None` when there is none, or when its node's accreditation is
    /// not in force.
    pub(in crate::desks) fn resolve(
        &self,
        read: &impl Read,
        address: &Address,
    ) -> Result<Option<Resolved>, StoreError> {
        if address.node == self.node_name() {
            let Some(group) = read.get(HANDLES, &address.handle)? else { return Ok(None) };
            let record = read.get(GROUPS, &group)?;
            return Ok(record.map(|record| resolved(self.own_node(), address, record.entry, &self.ceiling())));
        }
        let listed = self.list().named(&address.node).map(|entry| entry.node);
        let Some(entry) = listed.filter(|node| *node != self.own_node()).and_then(|node| self.active(node))
        else {
            return Ok(None);
        };
        let Some(published) = read.get(DIRECTORY, &entry.node)? else { return Ok(None) };
        let group = published.groups.into_iter().find(|group| group.handle == address.handle);
        Ok(group.map(|group| resolved(entry.node, address, group, &entry.ceiling)))
    }
}

fn resolved(node: NodeId, address: &Address, group: DirectoryGroup, ceiling: &Level) -> Resolved {
    let party = Party { group: group.group, node, address: address.to_string(), name: group.name };
    Resolved { party, ceiling: group.ceiling.meet(ceiling) }
}
