//! Audience tokens: what a document carries and a reader must hold one of. Opaque to the index.

use crate::desks::records::ItemRecord;
use crate::desks::teleprinter::Reach;
use protocol::ids::{GroupId, SpaceId};
use protocol::label::Level;

/// The tokens of an item at its level.
pub(super) fn of_item(record: &ItemRecord, level: &Level) -> Vec<String> {
    let groups = record.groups.iter().map(|id| group(*id));
    groups.chain(record.communities.iter().map(|shared| community(shared.community, level))).collect()
}

/// The tokens of a reader with this clearance.
pub(super) fn of_reader(reach: &Reach, clearance: &Level) -> Vec<String> {
    let communities = reach.communities(clearance).into_iter().map(|(id, level)| community(id, &level));
    reach.groups().map(group).chain(communities).collect()
}

fn group(id: GroupId) -> String {
    format!("g:{id}")
}

/// With the level in it, so that a community whose ceiling was lowered, or never reached that far,
/// opens nothing above: one query covers all shelves.
fn community(id: SpaceId, level: &Level) -> String {
    format!("c:{id}@{level}")
}
