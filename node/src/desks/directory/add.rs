//! Adding a functional group from the command line, by whoever runs the node.

use super::{OWN, own_entries};
use crate::clock;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{DIRECTORY, DirectoryRecord, GROUPS, GroupRecord, HANDLES, LedgerAct};
use protocol::correspondence::{FieldError, is_handle};
use protocol::ids::{GroupId, ItemId};
use protocol::label::Level;
use protocol::limits::{DIRECTORY_GROUPS_MAX, NAME_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX};
use protocol::message::DirectoryGroup;
use protocol::refusal::Code;
use protocol::time::Timestamp;
use store::{Read, Slot, Tx};

/// A group to be.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// The part before `@`.
    pub handle: String,
    /// Name.
    pub name: String,
    /// Themes that it follows.
    pub tags: Vec<String>,
    /// The highest level that it may receive.
    pub ceiling: Level,
}

impl Desks {
    /// Adds a group and publishes it with the next contact of each peer.
    ///
    /// # Errors
    /// By field what cannot be accepted, `NAME_TAKEN`, or the store's.
    pub async fn add_group(&self, new: NewGroup) -> Result<GroupId, Problem> {
        let name = new.name.trim().to_owned();
        let tags: Vec<_> = new.tags.iter().map(|tag| tag.trim().to_owned()).collect();
        if let Some(problem) = Problem::from_fields(rules(&new.handle, &name, &tags)) {
            return Err(problem);
        }
        let group = GroupId::from_bytes(clock::fresh_id());
        let entry = DirectoryGroup { group, handle: new.handle, name, tags, ceiling: new.ceiling };
        let (_me, now) = (self.own_node(), self.now());
        self.act(move |tx, _| add(tx, now, &entry)).await?;
        Ok(group)
    }
}

fn add(tx: &Tx<'_>, now: Timestamp, entry: &DirectoryGroup) -> Result<(), ActError> {
    if tx.has(HANDLES, &entry.handle)? {
        let message = format!("the handle {:?} is taken; choose another", entry.handle);
        return Err(Problem::field("handle", Code::Taken, message).into());
    }
    let (version, mut groups) = own_entries(tx)?;
    if groups.len() >= DIRECTORY_GROUPS_MAX {
        let message = format!("a node has at most {DIRECTORY_GROUPS_MAX} groups");
        return Err(Problem::field("handle", Code::FieldInvalid, message).into());
    }
    groups.push(entry.clone());
    // The clock, so that a node whose store was lost publishes a higher version than it did before.
    let version = u64::try_from(now.0).unwrap_or_default().max(version + 1);
    let record = GroupRecord { entry: entry.clone() };
    tx.put(HANDLES, &entry.handle, &Slot::System, &entry.group)?;
    tx.put(GROUPS, &entry.group, &Slot::System, &record)?;
    tx.put(DIRECTORY, &OWN, &Slot::System, &DirectoryRecord { version, groups })?;
    let subject = Some(ItemId::from_bytes(*entry.group.as_bytes()));
    let note = Note { subject, detail: Some("group added".to_owned()), ..Note::default() };
    ledger::append(tx, now, LedgerAct::AccountChanged, note)?;
    Ok(())
}

fn rules(handle: &str, name: &str, tags: &[String]) -> Vec<FieldError> {
    let sound_name =
        (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let sound_tag = |tag: &String| {
        (1..=TAG_CHARS_MAX).contains(&tag.chars().count()) && !tag.chars().any(char::is_control)
    };
    let checks = [
        ("handle", is_handle(handle), "1 to 40 lower-case letters, digits, - and .".to_owned()),
        ("name", sound_name, format!("a name of 1 to {NAME_CHARS_MAX} characters")),
        ("tags", tags.len() <= TAGS_MAX, format!("at most {TAGS_MAX} tags")),
        ("tags", tags.iter().all(sound_tag), format!("each tag has 1 to {TAG_CHARS_MAX} characters")),
    ];
    let broken = checks.into_iter().filter(|(_, sound, _)| !sound);
    broken.map(|(field, _, message)| FieldError { field, code: Code::FieldInvalid, message }).collect()
}
