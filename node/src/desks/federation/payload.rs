//! What an opened message asks for, and which desk does it.

use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{CompartmentRecord, DIRECTORY, DirectoryRecord, LedgerAct};
use crate::desks::{Desks, community, correspondence};
use mls::Groups;
use protocol::correspondence::{is_handle, is_one_line};
use protocol::ids::{CompartmentId, NodeId};
use protocol::label::Level;
use protocol::limits::{DIRECTORY_GROUPS_MAX, NAME_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX};
use protocol::message::{DirectoryGroup, Payload};
use protocol::refusal::Code;
use protocol::space::SpaceKind;
use store::{Read, Slot, Tx};

/// What must follow once the transaction is durable (persist, then send).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desks) enum Effect {
    /// Something was filed: teleprinters and index.
    Fell,
    /// A correspondence was received.
    Received,
    /// There is something to send to this peer.
    Wake(NodeId),
    /// The other members may lack something of this compartment.
    Stale(CompartmentId),
    /// Files are wanted of whoever has them.
    Fetch,
    /// Tell the members that there is a new commit.
    Announce(CompartmentId),
    /// This node wants a change of the compartment's membership.
    Pursue(CompartmentId),
}

impl Desks {
    /// Carries effects out.
    pub(in crate::desks) fn carry_out(&self, effects: Vec<Effect>) {
        let mut fell = false;
        for effect in effects {
            match effect {
                Effect::Fell => fell = true,
                Effect::Received => {
                    fell = true;
                    self.inner.metrics.received.inc();
                }
                Effect::Fetch => self.want_attachments(),
                Effect::Wake(node) => self.inner.peers.wake(node),
                Effect::Stale(_) => self.inner.peers.all().iter().for_each(|(_, peer)| peer.mark_stale()),
                Effect::Pursue(compartment) => {
                    let desks = self.clone();
                    tokio::spawn(async move { desks.pursue(compartment).await });
                }
                Effect::Announce(compartment) => {
                    let desks = self.clone();
                    tokio::spawn(async move { desks.announce(compartment).await });
                }
            }
        }
        if fell {
            self.fell();
        }
    }
}

/// Hands the content to its desk. The inner error is a refusal that is final; the message counts as
/// received.
pub(super) fn dispatch(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    record: &CompartmentRecord,
    sender: NodeId,
    payload: Payload,
    effects: &mut Vec<Effect>,
) -> Result<Result<(), Problem>, ActError> {
    let done = match (record.kind, payload) {
        (SpaceKind::Channel, Payload::Correspondence { item, .. }) => {
            correspondence::receive(desks, tx, &record.level, sender, *item, effects)
        }
        (SpaceKind::Channel, Payload::Receipt { item, group, kind, at, by }) => {
            correspondence::receipt(desks, tx, sender, item, group, (kind, at, by), effects)
        }
        (SpaceKind::Channel, Payload::Directory { version, groups }) => {
            directory(desks, tx, &record.level, sender, version, groups)
        }
        (SpaceKind::Channel, Payload::Invitation { charter }) => {
            community::invited(desks, tx, groups, sender, charter, effects)
        }
        (SpaceKind::Channel, Payload::InvitationAnswer { community, key_packages, refused }) => {
            community::answered(desks, tx, groups, sender, community, (key_packages, refused), effects)
        }
        (SpaceKind::Channel, Payload::Welcome { welcome }) => {
            community::welcomed(desks, tx, groups, sender, &welcome, effects)
        }
        (SpaceKind::Community, Payload::Post { post }) => {
            community::receive_post(desks, tx, record, sender, *post, effects)
        }
        (SpaceKind::Community, Payload::Share { item, by, at }) => {
            community::receive_share(desks, tx, record, sender, *item, (by, at), effects)
        }
        _ => {
            Err(Problem::new(Code::CommitPolicy, "this content does not belong in this kind of space").into())
        }
    };
    match done {
        Ok(()) => Ok(Ok(())),
        Err(ActError::Refused(problem)) => Ok(Err(problem)),
        Err(other) => Err(other),
    }
}

/// Another node's groups replace what it published before.
fn directory(
    desks: &Desks,
    tx: &Tx<'_>,
    level: &Level,
    sender: NodeId,
    version: u64,
    groups: Vec<DirectoryGroup>,
) -> Result<(), ActError> {
    let sound = |group: &DirectoryGroup| {
        is_handle(&group.handle)
            && group.name.chars().count() <= NAME_CHARS_MAX
            && is_one_line(&group.name)
            && group.tags.len() <= TAGS_MAX
            && group.tags.iter().all(|tag| tag.chars().count() <= TAG_CHARS_MAX && is_one_line(tag))
    };
    if *level != Level::NP || groups.len() > DIRECTORY_GROUPS_MAX || !groups.iter().all(sound) {
        return Err(Problem::new(Code::Malformed, "a directory over its limits").into());
    }
    let held: Option<DirectoryRecord> = tx.get(DIRECTORY, &sender)?;
    if held.is_some_and(|held| held.version > version) {
        return Ok(());
    }
    tx.put(DIRECTORY, &sender, &Slot::System, &DirectoryRecord { version, groups })?;
    let note = Note { detail: Some(format!("directory of {sender}")), ..Note::default() };
    ledger::append(tx, desks.now(), LedgerAct::CommunityChanged, note)?;
    Ok(())
}
