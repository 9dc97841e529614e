//! The correspondence desk: drafts, release, dispatch to the addressees' nodes, receipts.

mod acknowledge;
mod dispatch;
mod draft;
mod grant;
mod item;
mod receive;
mod release;

pub(in crate::desks) use dispatch::dispatch;
pub(in crate::desks) use draft::find as find_draft;
pub use grant::Proof;
pub(in crate::desks) use item::{find_item, parse_item, party, post_subject};
pub(in crate::desks) use receive::{check_signed, receipt, receive};

use super::Desks;
use super::error::ActError;
use super::records::COMMUNITIES;
use protocol::correspondence::Address;
use protocol::decide::Audience;
use protocol::ids::{GroupId, SpaceId};
use protocol::label::Level;
use store::{Read, StoreError};

/// The ceiling of a community as this node knows it.
pub(in crate::desks) fn ceiling_of(
    read: &impl Read,
    community: SpaceId,
) -> Result<Option<Level>, StoreError> {
    let record: Option<super::records::CommunityRecord> = read.get(COMMUNITIES, &community)?;
    Ok(record.map(|record| record.charter.ceiling))
}

/// Whom a filed item is for.
pub(in crate::desks) fn audience(
    read: &impl Read,
    record: &super::records::ItemRecord,
) -> Result<Audience, ActError> {
    let mut ceilings = std::collections::BTreeMap::new();
    for shared in &record.communities {
        if let Some(ceiling) = ceiling_of(read, shared.community)? {
            ceilings.insert(shared.community, ceiling);
        }
    }
    Ok(record.audience(|community| ceilings.get(&community).cloned()))
}

/// The group of this node that has this address.
fn own_group(desks: &Desks, read: &impl Read, address: &str) -> Result<Option<GroupId>, ActError> {
    let Ok(address) = address.parse::<Address>() else { return Ok(None) };
    let resolved = desks.resolve(read, &address)?;
    Ok(resolved
        .filter(|resolved| resolved.party.node == desks.own_node())
        .map(|resolved| resolved.party.group))
}

impl Desks {
    /// Wakes the pumps of every node that the item goes to.
    fn wake_addressees(&self, item: &protocol::correspondence::Correspondence) {
        for party in item.addressees().filter(|party| party.node != self.own_node()) {
            self.inner.peers.wake(party.node);
        }
    }
}
