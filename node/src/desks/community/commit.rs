//! What a commit may change, and merging the one that was decided: only what is certified, follows the
//! epoch held here, and leaves members who are listed and cleared.

use super::intent;
use crate::desks::Desks;
use crate::desks::error::{ActError, mls_code};
use crate::desks::federation::{Effect, enqueue, record};
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMMUNITIES, COMPARTMENTS, CommunityRecord, CommunityState, CompartmentRecord, DecidedCommit,
    Goal, INVITED, Invited, InvitedState, LedgerAct, ORDERS, PROPOSED, Proposed,
};
use mls::{Groups, Transition};
use protocol::commit::{Certificate, Value};
use protocol::correspondence::Precedence;
use protocol::federation::{Entry, Kind};
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::label::Level;
use protocol::message::{CertifiedWelcome, Payload};
use protocol::refusal::Code;
use protocol::resync::Approval;
use protocol::space::{CompartmentPolicy, check_members};
use store::{Read, Slot, Tx};

/// Those of `nodes` whose place in a compartment is forfeit: revoked, not listed any more, past the end
/// of their accreditation, or accredited now to less than the compartment. Neither a suspension nor the
/// age of the list as a whole says so.
pub(super) fn gone<'a>(
    desks: &Desks,
    policy: &'a CompartmentPolicy,
    nodes: &'a [NodeId],
) -> impl Iterator<Item = NodeId> + use<'a> {
    let (list, now) = (desks.list(), desks.now());
    nodes.iter().copied().filter(move |node| {
        let fits = |entry: Entry| policy.admits(&entry) && entry.may_join(policy.space);
        !list.seated(*node, now).is_some_and(fits)
    })
}

/// Nothing is sealed above NP while a node that is no longer accredited could open it, whether or not a
/// majority is there to remove it.
pub(super) fn check_sealable(desks: &Desks, compartment: &CompartmentRecord) -> Result<(), Problem> {
    match gone(desks, &compartment.policy, &compartment.members).next() {
        Some(node) if compartment.level != Level::NP => {
            let message = format!("{} is no longer accredited and not removed yet", desks.name_of(node));
            Err(Problem::new(Code::RevokedMember, message))
        }
        _ => Ok(()),
    }
}

/// Who is to vote: the ministries among the members. Where there is none, whoever voted before.
pub(super) fn voters_among(desks: &Desks, members: &[NodeId], before: &CompartmentPolicy) -> Vec<NodeId> {
    let list = desks.list();
    let ministry = |node: &NodeId| list.entry(*node).is_some_and(|entry| entry.kind == Kind::Ministry);
    let absent: Vec<NodeId> = gone(desks, before, members).collect();
    let mut voters: Vec<NodeId> =
        members.iter().copied().filter(|node| ministry(node) && !absent.contains(node)).collect();
    voters.sort_unstable();
    voters.dedup();
    if voters.is_empty() { before.voters.clone() } else { voters }
}

/// The dry run before a vote.
pub(super) fn judge(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &Groups,
    id: CompartmentId,
    value: &Value,
) -> Result<(), Code> {
    let refused = |reason: String, code: Code| {
        tracing::warn!(compartment = %id, reason, refusal.code = code.as_str(), "commit.refused");
        code
    };
    let change =
        groups.review(tx, id, &value.commit).map_err(|error| refused(error.to_string(), mls_code(&error)))?;
    let held: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &id).ok().flatten();
    let held = held.ok_or(Code::NotMember)?;
    check(desks, value, &change, &held.members).map_err(|reason| refused(reason, refusal_of(&change)))?;
    check_removals(desks, tx, value, &change, &held).map_err(|reason| refused(reason, Code::NotManager))
}

/// COM-024: a voter votes for the removal of a node only where its place is forfeit, or its manager's node
/// asks. A majority that has decided otherwise is followed all the same.
fn check_removals(
    desks: &Desks,
    tx: &Tx<'_>,
    value: &Value,
    change: &Transition,
    held: &CompartmentRecord,
) -> Result<(), String> {
    let stays = |node: &NodeId| change.members.iter().any(|(member, _)| member == node);
    let removed: Vec<NodeId> = held.members.iter().copied().filter(|node| !stays(node)).collect();
    if gone(desks, &held.policy, &removed).eq(removed.iter().copied()) {
        return Ok(());
    }
    let community: Option<CommunityRecord> = tx.get(COMMUNITIES, &held.space).ok().flatten();
    if community.is_some_and(|community| community.charter.founder == value.author) {
        return Ok(());
    }
    Err("only the manager's node removes an accredited member".to_owned())
}

/// RSY-005: what an external commit lacks is an approval, before anything else.
fn refusal_of(change: &Transition) -> Code {
    if change.external.is_some() { Code::NotApproved } else { Code::CommitPolicy }
}

/// What a commit may change: members who are listed and cleared, and with them the voters; never the
/// space, its level or its charter.
fn check(desks: &Desks, value: &Value, change: &Transition, held: &[NodeId]) -> Result<(), String> {
    if change.author != value.author {
        return Err("the commit is another author's than the value".to_owned());
    }
    if let Some(authenticated) = &change.external {
        let key_of = |node| {
            let entry = desks.active(node).filter(|entry| entry.kind == Kind::Ministry);
            entry.map(|entry| entry.identity)
        };
        Approval::check(authenticated, value, &change.before.voters, key_of)
            .map_err(|error| error.to_string())?;
    } else if desks.list().entry(value.author).is_none_or(|entry| entry.kind == Kind::Guest) {
        return Err("a guest changes no membership".to_owned());
    }
    if change.self_removed {
        // Who is left is no longer this node's to judge, nor can it compute their next epoch.
        return Ok(());
    }
    if change.next != value.next {
        return Err("the commit is not the value that is voted on".to_owned());
    }
    let members: Vec<NodeId> = change.members.iter().map(|(node, _)| *node).collect();
    let voters = voters_among(desks, &members, &change.before);
    if value.voters != voters || change.after != (CompartmentPolicy { voters, ..change.before.clone() }) {
        return Err("only the voters may change, and must be the ministries among the members".to_owned());
    }
    let (list, now) = (desks.list(), desks.now());
    // A suspended member keeps its place; nobody is admitted who is not in force.
    let lookup = |node| if held.contains(&node) { list.seated(node, now) } else { list.active(node, now) };
    check_members(&change.after, &change.members, lookup).map_err(|error| error.to_string())
}

/// Merges what was decided; the compartment as it is then, `None` when this node is out of it.
pub(super) fn merge(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    held: &CompartmentRecord,
    decided: &DecidedCommit,
    effects: &mut Vec<Effect>,
) -> Result<Option<CompartmentRecord>, ActError> {
    let DecidedCommit { value, .. } = decided;
    let id = value.compartment;
    let proposed: Option<Proposed> = tx.get(PROPOSED, &id)?;
    tx.remove(PROPOSED, &id)?;
    let own = proposed.filter(|proposed| proposed.value == *value);
    let state = if own.is_some() {
        Some(groups.merge_own(tx, id)?)
    } else {
        groups.drop_pending(tx, id)?;
        groups.apply(tx, id, &value.commit, |change| check(desks, value, change, &held.members))?
    };
    tx.put(COMMITS, &(id, value.epoch), &Slot::System, decided)?;
    let note = Note {
        subject: Some(ItemId::from_bytes(*held.space.as_bytes())),
        detail: Some(format!("epoch {} at {}", value.epoch + 1, held.level)),
        ..Note::default()
    };
    ledger::append(tx, desks.now(), LedgerAct::Decided, note)?;
    effects.push(Effect::Fell);
    let Some(state) = state else {
        leave(desks, tx, held, id)?;
        return Ok(None);
    };
    let members: Vec<NodeId> = state.members.iter().map(|(node, _)| *node).collect();
    let left = held.members.iter().filter(|node| !members.contains(node));
    let former = held.former.iter().chain(left).filter(|node| !members.contains(node));
    let after = record(tx, id, &state, former.copied().collect())?;
    intent::settle(tx, id, &after)?;
    if let Some(Proposed { welcome: Some(welcome), goal: Goal::Add(node, _), .. }) = own {
        send_welcome(desks, tx, groups, held, (node, welcome.to_vec()), decided)?;
        effects.push(Effect::Wake(node));
    }
    // Voters are told by the proposer; the other members ask whoever proposed.
    if decided.certificate.ballot.node == desks.own_node() {
        effects.push(Effect::Announce(id));
    }
    Ok(Some(after))
}

/// The Welcome leaves in the transaction that knows of the decision, never before (COM-018).
fn send_welcome(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    held: &CompartmentRecord,
    (node, welcome): (NodeId, Vec<u8>),
    decided: &DecidedCommit,
) -> Result<(), ActError> {
    let community: Option<CommunityRecord> = tx.get(COMMUNITIES, &held.space)?;
    let welcome = CertifiedWelcome {
        welcome,
        value: decided.value.clone(),
        certificate: Certificate::clone(&decided.certificate),
        voters: held.policy.voters.clone(),
        charter: community.map(|community| community.charter.at(&held.level)),
    };
    let payload = Payload::Welcome { welcome: Box::new(welcome) };
    enqueue(desks, tx, groups, node, &Level::NP, Precedence::Priority.number(), payload)?;
    let key = (held.space, node);
    if let Some(invited) = tx.get(INVITED, &key)? {
        let member = Invited { state: InvitedState::Member, ..invited };
        tx.put(INVITED, &key, &Slot::System, &member)?;
    }
    Ok(())
}

/// This node was removed: what it holds stays filed, nothing new comes.
pub(super) fn leave(
    desks: &Desks,
    tx: &Tx<'_>,
    held: &CompartmentRecord,
    id: CompartmentId,
) -> Result<(), ActError> {
    tx.put(COMPARTMENTS, &id, &Slot::System, &CompartmentRecord { active: false, ..held.clone() })?;
    tx.remove(ORDERS, &id)?;
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
