//! Merging a decided commit of another node: only what is certified, follows the epoch held here,
//! and leaves members who are listed and cleared.

use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::federation::record;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMMUNITIES, COMPARTMENTS, CommunityRecord, CommunityState, CompartmentRecord, DecidedCommit,
    LedgerAct,
};
use mls::{Groups, Transition};
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::label::Level;
use protocol::refusal::Code;
use protocol::space::check_members;
use store::{Read, Slot, Tx};

impl Desks {
    /// Applies the next decided commit of a compartment.
    pub(in crate::desks) async fn apply_commit(
        &self,
        id: CompartmentId,
        decided: DecidedCommit,
    ) -> Result<(), Problem> {
        let desks = self.clone();
        self.act(move |tx, groups| apply(&desks, tx, groups, id, &decided)).await?;
        self.fell();
        Ok(())
    }
}

fn apply(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    decided: &DecidedCommit,
) -> Result<(), ActError> {
    let held: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &id)?;
    let held = held.filter(|held| held.active);
    let held = held.ok_or_else(|| Problem::new(Code::NotMember, "not in this compartment"))?;
    let DecidedCommit { value, certificate } = decided;
    if value.compartment != id || value.epoch != held.epoch {
        return Err(Problem::new(Code::EpochStale, "a commit of another epoch").into());
    }
    if value.parent != held.transcript {
        return Err(Problem::new(Code::IdConflict, "a certified commit that does not follow: a fork").into());
    }
    let key_of = |node: NodeId| desks.list().entry(node).map(|entry| entry.identity);
    certificate
        .check(value, &held.policy.voters, held.policy.votes_needed(), key_of)
        .map_err(|error| Problem::new(Code::NotCertified, error.to_string()))?;
    let mut after_members = Vec::new();
    let state = groups.apply(tx, id, &value.commit, |change| {
        after_members = change.members.iter().map(|(node, _)| *node).collect();
        check(desks, value, change)
    })?;
    tx.put(COMMITS, &(id, value.epoch), &Slot::System, decided)?;
    let note = Note {
        subject: Some(ItemId::from_bytes(*held.space.as_bytes())),
        detail: Some(format!("epoch {} at {}", value.epoch + 1, held.level)),
        ..Note::default()
    };
    ledger::append(tx, desks.now(), LedgerAct::Decided, note)?;
    match state {
        Some(state) => {
            let gone = held.members.iter().filter(|node| !after_members.contains(node));
            let former = held.former.iter().chain(gone).filter(|node| !after_members.contains(node));
            record(tx, id, &state, former.copied().collect())?;
        }
        None => leave(desks, tx, &held, id)?,
    }
    Ok(())
}

/// What the commit may change: members who are listed and cleared; never the space or its level.
fn check(desks: &Desks, value: &protocol::commit::Value, change: &Transition) -> Result<(), String> {
    if change.next != value.next || change.author != value.author {
        return Err("the commit is not the value that was decided".to_owned());
    }
    let (before, after) = (&change.before, &change.after);
    if (before.space, before.kind, &before.level) != (after.space, after.kind, &after.level) {
        return Err("a commit may not change what the compartment is".to_owned());
    }
    if change.self_removed {
        // Who is left is no longer this node's to judge.
        return Ok(());
    }
    check_members(after, &change.members, |node| desks.active(node)).map_err(|error| error.to_string())
}

/// This node was removed: what it holds stays filed, nothing new comes.
fn leave(desks: &Desks, tx: &Tx<'_>, held: &CompartmentRecord, id: CompartmentId) -> Result<(), ActError> {
    tx.put(COMPARTMENTS, &id, &Slot::System, &CompartmentRecord { active: false, ..held.clone() })?;
    if held.level == Level::NP
        && let Some(community) = tx.get(COMMUNITIES, &held.space)?
    {
        let left = CommunityRecord { state: CommunityState::Left, ..community };
        tx.put(COMMUNITIES, &held.space, &Slot::System, &left)?;
    }
    let subject = Some(ItemId::from_bytes(*held.space.as_bytes()));
    ledger::append(tx, desks.now(), LedgerAct::Left, Note { subject, ..Note::default() })?;
    Ok(())
}
