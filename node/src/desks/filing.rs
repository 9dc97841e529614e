//! Filing: the one way by which an item enters the store, the ledger and the teleprinters.

use super::ledger::{self, Note};
use super::records::{Content, FEED, FeedRole, FeedRow, ITEMS, ItemRecord, LedgerAct, Scope, level_tag};
use protocol::codec;
use protocol::correspondence::{Precedence, canonical_text};
use protocol::decide::Audience;
use protocol::ids::{AgentId, ItemId};
use protocol::label::{Label, LabelError, Level};
use protocol::signature::Digest;
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use store::{Slot, StoreError, Tx};

impl Content {
    pub(super) fn id(&self) -> ItemId {
        match self {
            Content::Correspondence(signed) => signed.item.id,
            Content::Post(post) => post.id,
        }
    }

    pub(super) fn label(&self) -> &Label {
        match self {
            Content::Correspondence(signed) => &signed.item.label,
            Content::Post(post) => &post.label,
        }
    }

    pub(super) fn level(&self) -> Result<Level, LabelError> {
        self.label().level()
    }

    /// How urgent it is, as a number.
    pub(super) fn urgency(&self) -> u8 {
        match self {
            Content::Correspondence(signed) => signed.item.urgency().number(),
            Content::Post(_) => Precedence::Routine.number(),
        }
    }

    /// Hash of what was accepted: of the canonical text for a correspondence.
    pub(super) fn digest(&self) -> Digest {
        match self {
            Content::Correspondence(signed) => Digest::plain(canonical_text(&signed.item).as_bytes()),
            Content::Post(post) => Digest::plain(&codec::encode(&**post)),
        }
    }
}

impl ItemRecord {
    /// Whom it is for, with each community's ceiling.
    pub(super) fn audience(&self, ceiling_of: impl Fn(protocol::ids::SpaceId) -> Option<Level>) -> Audience {
        let communities = self
            .communities
            .iter()
            .filter_map(|shared| ceiling_of(shared.community).map(|ceiling| (shared.community, ceiling)));
        Audience {
            groups: self.groups.iter().copied().collect(),
            communities: communities.collect::<BTreeMap<_, _>>(),
        }
    }
}

/// Files an item (again, when its audience grew) and lets it fall on the teleprinters of `rows`.
/// The ledger position, which is also the cursor of its lines.
pub(super) fn file(
    tx: &Tx<'_>,
    at: Timestamp,
    record: &ItemRecord,
    level: &Level,
    act: LedgerAct,
    agent: Option<AgentId>,
    rows: &[(Scope, FeedRole)],
) -> Result<u64, StoreError> {
    let item = record.content.id();
    let slot = Slot::Level(level.clone());
    tx.put(ITEMS, &item, &slot, record)?;
    let note = Note {
        subject: Some(item),
        level: Some(level.clone()),
        agent,
        content: Some(record.content.digest()),
        detail: None,
    };
    let position = ledger::append(tx, at, act, note)?;
    for (scope, role) in rows {
        let row = FeedRow { item, role: *role };
        tx.put(FEED, &(*scope, level_tag(level), position), &Slot::System, &row)?;
    }
    Ok(position)
}
