//! From what this node wants to a commit: intents are kept until they are so, and every commit is
//! built anew from them on the present epoch.

use super::commit::{gone, voters_among};
use crate::clock;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::records::{
    COMPARTMENTS, CompartmentRecord, Goal, INTENTS, Intent, LedgerAct, PROPOSED, Proposed,
};
use mls::{Change, Groups, MlsError, Prepared};
use protocol::commit::Value;
use protocol::ids::{CompartmentId, ItemId};
use protocol::order::Input;
use protocol::signature::Digest;
use protocol::space::{CompartmentPolicy, SpaceKind};
use store::{Order, Read, Slot, Tx};

/// Notes a wish; the same wish once.
pub(super) fn want(desks: &Desks, tx: &Tx<'_>, id: CompartmentId, goal: Goal) -> Result<(), ActError> {
    let known: Vec<((CompartmentId, ItemId), Intent)> =
        tx.list(INTENTS, &id, Order::Ascending, usize::MAX)?;
    if known.iter().any(|(_, intent)| intent.goal == goal) {
        return Ok(());
    }
    let key = (id, ItemId::from_bytes(clock::fresh_id()));
    Ok(tx.put(INTENTS, &key, &Slot::System, &Intent { at: desks.now(), goal })?)
}

/// Forgets the wishes that are fulfilled.
pub(super) fn settle(tx: &Tx<'_>, id: CompartmentId, record: &CompartmentRecord) -> Result<(), ActError> {
    for (key, intent) in tx.list(INTENTS, &id, Order::Ascending, usize::MAX)? {
        let intent: Intent = intent;
        if fulfilled(&intent.goal, record) {
            tx.remove(INTENTS, &key)?;
        }
    }
    Ok(())
}

fn fulfilled(goal: &Goal, record: &CompartmentRecord) -> bool {
    match goal {
        Goal::Add(node, _) => record.members.contains(node),
        Goal::Remove(node) => !record.members.contains(node),
        Goal::Voters | Goal::Return => false,
    }
}

/// The commit that this node proposes next, if it wants one: the one proposed before on this epoch, or
/// a new one, removals first.
pub(super) fn next_proposal(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    record: &CompartmentRecord,
) -> Result<Option<Input>, ActError> {
    let before: Option<Proposed> = tx.get(PROPOSED, &id)?;
    if let Some(Proposed { value, goal, .. }) = before.filter(|before| before.value.epoch == record.epoch) {
        let urgent = is_urgent(desks, record, &goal);
        return Ok(Some(Input::Propose { value, urgent }));
    }
    settle(tx, id, record)?;
    let mut wanted: Vec<((CompartmentId, ItemId), Intent)> =
        tx.list(INTENTS, &id, Order::Ascending, usize::MAX)?;
    wanted.sort_by_key(|(_, intent)| !matches!(intent.goal, Goal::Remove(_)));
    for (key, intent) in wanted {
        match build(desks, tx, groups, id, record, (key.1, intent.goal)) {
            Ok(input) => return Ok(Some(input)),
            Err(ActError::Mls(MlsError::Store(error))) => return Err(error.into()),
            Err(ActError::Store(error)) => return Err(error.into()),
            Err(error) => drop_intent(desks, tx, key, &error.to_string())?,
        }
    }
    let due = voters_among(desks, &record.members, &record.policy);
    if record.policy.voters.contains(&desks.own_node()) && due != record.policy.voters {
        let intent = ItemId::from_bytes(clock::fresh_id());
        return build(desks, tx, groups, id, record, (intent, Goal::Voters)).map(Some);
    }
    Ok(None)
}

/// A wish that cannot be: it is said in the ledger and not tried for ever.
pub(super) fn drop_intent(
    desks: &Desks,
    tx: &Tx<'_>,
    key: (CompartmentId, ItemId),
    why: &str,
) -> Result<(), ActError> {
    tx.remove(INTENTS, &key)?;
    tracing::warn!(compartment = %key.0, error = why, "intent.dropped");
    let note = Note { detail: Some(format!("a change of membership: {why}")), ..Note::default() };
    ledger::append(tx, desks.now(), LedgerAct::Refused, note)?;
    Ok(())
}

/// A removal of a node that is no longer accredited goes before everything.
fn is_urgent(desks: &Desks, record: &CompartmentRecord, goal: &Goal) -> bool {
    matches!(goal, Goal::Remove(node) if gone(desks, &record.policy, &[*node]).next().is_some())
}

fn build(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    record: &CompartmentRecord,
    (intent, goal): (ItemId, Goal),
) -> Result<Input, ActError> {
    // Whoever is no longer accredited leaves with any commit: none may leave such a leaf behind.
    let mut change =
        Change { remove: gone(desks, &record.policy, &record.members).collect(), ..Change::default() };
    match &goal {
        Goal::Add(_, key_package) => change.add.push(key_package.to_vec()),
        Goal::Remove(node) if !change.remove.contains(node) => change.remove.push(*node),
        Goal::Remove(_) | Goal::Voters | Goal::Return => {}
    }
    let mut members = record.members.clone();
    members.retain(|member| !change.remove.contains(member));
    if let Goal::Add(node, _) = &goal {
        members.push(*node);
    }
    let voters = voters_among(desks, &members, &record.policy);
    if voters != record.policy.voters {
        change.policy = Some(CompartmentPolicy { voters: voters.clone(), ..record.policy.clone() });
    }
    let prepared = groups.prepare(tx, id, &change)?;
    let Prepared { epoch, parent, commit, next, welcome } = prepared;
    let value = Value {
        compartment: id,
        epoch,
        parent,
        author: desks.own_node(),
        intent,
        commit,
        next,
        welcome: welcome.as_deref().map(Digest::plain),
        voters,
    };
    let urgent = is_urgent(desks, record, &goal);
    let proposed = Proposed { value: value.clone(), welcome: welcome.map(Into::into), goal };
    tx.put(PROPOSED, &id, &Slot::System, &proposed)?;
    Ok(Input::Propose { value, urgent })
}

impl Desks {
    /// Wants every node out of every community that is no longer accredited, without a person asking:
    /// each ministry that learns of it proposes it.
    pub(in crate::desks) async fn remove_unlisted(&self) {
        let desks = self.clone();
        let wanted = self.act(move |tx, _| {
            let mut changed = Vec::new();
            for (id, record) in tx.all(COMPARTMENTS)? {
                let votes = record.policy.voters.contains(&desks.own_node());
                if !record.active || !votes || record.kind != SpaceKind::Community {
                    continue;
                }
                for node in gone(&desks, &record.policy, &record.members) {
                    want(&desks, tx, id, Goal::Remove(node))?;
                    changed.push(id);
                }
            }
            Ok(changed)
        });
        for id in wanted.await.unwrap_or_default() {
            let desks = self.clone();
            tokio::spawn(async move { desks.pursue(id).await });
        }
    }
}
