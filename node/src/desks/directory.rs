//! The directory: groups of this node and of the others, and the communities of the asker.
//!
//! Decides what an asker may know of them: a ceiling is shown up to his own clearance, and a
//! community only to whom it admitted. Does not decide who may write to whom.

mod add;
mod folding;
mod resolve;

pub use add::NewGroup;

use super::Desks;
use super::accounts::Session;
use super::cleared::{Cleared, trimmed};
use super::records::{COMMUNITIES, DIRECTORY, DirectoryRecord, GROUPS};
use super::view::{DirectoryEntry, LabelView};
use crate::limits::{DIRECTORY_ENTRIES_MAX, DIRECTORY_WORDS_MAX};
use folding::folded;
use protocol::federation::Kind;
use protocol::ids::NodeId;
use protocol::label::Level;
use protocol::message::DirectoryGroup;
use protocol::space::Charter;
use store::{Read, StoreError};

/// Where the node's own published groups stand in [`DIRECTORY`]; no node has this id, which is a hash.
const OWN: NodeId = NodeId::from_bytes([0; 32]);

/// A node as its groups are shown under it.
struct Home {
    name: String,
    organisation: String,
    kind: Kind,
    ceiling: Level,
}

impl Desks {
    /// Groups and communities that contain every word of `q`, in their address, name, organisation
    /// or themes, whatever its accents and capitals; sorted by address.
    pub fn directory(&self, session: &Session, q: &str) -> Cleared<Vec<DirectoryEntry>> {
        let entries = self.known_entries(session, q).unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "directory.unreadable");
            Vec::new()
        });
        trimmed(&session.subject, entries)
    }

    fn known_entries(&self, session: &Session, q: &str) -> Result<Vec<DirectoryEntry>, StoreError> {
        let read = self.inner.store.snapshot()?;
        let clearance = &session.subject.clearance;
        let own = self.home(self.own_node());
        let mut entries: Vec<_> = read
            .all(GROUPS)?
            .into_iter()
            .map(|(_, group)| group_entry(&own, group.entry, clearance))
            .collect();
        for (node, published) in read.all(DIRECTORY)? {
            if node != self.own_node() && self.active(node).is_some() {
                let home = self.home(node);
                let groups = published.groups.into_iter();
                entries.extend(groups.map(|group| group_entry(&home, group, clearance)));
            }
        }
        for community in &session.subject.communities {
            if let Some(record) = read.get(COMMUNITIES, community)? {
                let home = self.home(record.charter.founder);
                entries.push(community_entry(&home, record.charter, clearance));
            }
        }
        let words: Vec<_> =
            folded(q).split_whitespace().take(DIRECTORY_WORDS_MAX).map(str::to_owned).collect();
        entries.retain(|entry| words.is_empty() || has_all(entry, &words));
        entries.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        entries.truncate(DIRECTORY_ENTRIES_MAX);
        Ok(entries)
    }

    /// What the list says of a node; of this one, what it says of itself until it is listed.
    fn home(&self, node: NodeId) -> Home {
        let settings = &self.inner.settings;
        let own = node == self.own_node();
        match self.active(node).or_else(|| self.list().entry(node).cloned()) {
            Some(entry) => Home {
                name: if own { settings.name.clone() } else { entry.name },
                organisation: entry.organisation,
                kind: entry.kind,
                ceiling: if own { self.ceiling() } else { entry.ceiling },
            },
            None => Home {
                name: if own { settings.name.clone() } else { node.to_string() },
                organisation: if own { settings.organisation.clone() } else { String::new() },
                kind: settings.kind,
                ceiling: Level::NP,
            },
        }
    }
}

/// What this node publishes of its groups, and the version of it, which rises with each change; 0 and
/// nothing before the first group.
pub(super) fn own_entries(read: &impl Read) -> Result<(u64, Vec<DirectoryGroup>), StoreError> {
    let published = read.get(DIRECTORY, &OWN)?;
    Ok(published.map_or((0, Vec::new()), |DirectoryRecord { version, groups }| (version, groups)))
}

fn group_entry(home: &Home, group: DirectoryGroup, clearance: &Level) -> DirectoryEntry {
    let ceiling = group.ceiling.meet(&home.ceiling).meet(clearance);
    DirectoryEntry {
        kind: "group".to_owned(),
        address: format!("{}@{}", group.handle, home.name),
        name: group.name,
        node: home.name.clone(),
        organisation: home.organisation.clone(),
        node_kind: home.kind.as_str().to_owned(),
        tags: group.tags,
        ceiling: LabelView::from(&ceiling.label()),
    }
}

fn community_entry(home: &Home, charter: Charter, clearance: &Level) -> DirectoryEntry {
    DirectoryEntry {
        kind: "community".to_owned(),
        address: charter.community.to_string(),
        name: charter.name,
        node: home.name.clone(),
        organisation: home.organisation.clone(),
        node_kind: home.kind.as_str().to_owned(),
        tags: charter.tags,
        ceiling: LabelView::from(&charter.ceiling.meet(clearance).label()),
    }
}

/// Groups by address, then communities by name: their addresses mean nothing to a reader.
fn sort_key(entry: &DirectoryEntry) -> (bool, String, &str) {
    match entry.kind == "community" {
        false => (false, entry.address.clone(), ""),
        true => (true, folded(&entry.name), &entry.address),
    }
}

fn has_all(entry: &DirectoryEntry, words: &[String]) -> bool {
    let fields = [&entry.address, &entry.name, &entry.organisation];
    let text: Vec<_> = fields.into_iter().chain(&entry.tags).map(|text| folded(text)).collect();
    words.iter().all(|word| text.iter().any(|text| text.contains(word)))
}
