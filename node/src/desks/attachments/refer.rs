//! That an item of a space at a level refers to files: its members may have them, and what is not here
//! is wanted.

use crate::clock;
use crate::desks::error::ActError;
use crate::desks::federation::Effect;
use crate::desks::records::{BLOBS, BlobRecord, BlobState, REFERRED, WANTED, Wanted, level_tag};
use protocol::blob::Attachment;
use protocol::ids::{ItemId, SpaceId};
use protocol::label::Level;
use protocol::time::Timestamp;
use store::{Read, Slot, Tx};

/// Notes the references of one item.
pub(in crate::desks) fn refer(
    tx: &Tx<'_>,
    now: Timestamp,
    space: SpaceId,
    level: &Level,
    urgency: u8,
    attachments: &[Attachment],
) -> Result<Option<Effect>, ActError> {
    let (tag, slot) = (level_tag(level), Slot::Level(level.clone()));
    let mut wanted = None;
    for attachment in attachments {
        let place = (tag, attachment.root);
        tx.put(REFERRED, &(space, tag, attachment.root), &Slot::System, &())?;
        let known: Option<BlobRecord> = tx.get(BLOBS, &place)?;
        if known.as_ref().is_some_and(|known| known.state != BlobState::Arriving) {
            continue;
        }
        if known.is_none() {
            let file = ItemId::from_bytes(clock::fresh_id());
            let record = BlobRecord { file, size: attachment.size, state: BlobState::Arriving };
            tx.put(BLOBS, &place, &slot, &record)?;
        }
        let before: Option<Wanted> = tx.get(WANTED, &place)?;
        let mut want = before.unwrap_or_else(|| Wanted {
            attachment: attachment.clone(),
            level: level.clone(),
            spaces: Vec::new(),
            urgency,
            since: now,
        });
        want.urgency = want.urgency.max(urgency);
        if !want.spaces.contains(&space) {
            want.spaces.push(space);
        }
        tx.put(WANTED, &place, &slot, &want)?;
        wanted = Some(Effect::Fetch);
    }
    Ok(wanted)
}
