//! Invitations: the founder's node asks, the other node's own policy answers, the Welcome follows
//! the decided commit.

use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::federation::{Effect, check_welcome, decide_alone, enqueue, record, room};
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMMUNITIES, CommunityRecord, CommunityState, DecidedCommit, INVITED, Invited, InvitedState,
    LedgerAct,
};
use mls::{Change, Groups};
use protocol::correspondence::Precedence;
use protocol::federation::Entry;
use protocol::ids::{ItemId, NodeId, SpaceId};
use protocol::label::Level;
use protocol::message::{CertifiedWelcome, KeyPackageFor, Payload};
use protocol::refusal::Code;
use protocol::space::{Charter, SpaceKind, check_members};
use store::{Read, Slot, Tx};

/// Membership goes before routine correspondence.
const PRECEDENCE: u8 = Precedence::Priority.number();

fn refuse(code: Code, detail: &str) -> ActError {
    Problem::new(code, detail).into()
}

/// Asks a node to join. It sees the charter as far as its own ceiling goes.
pub(super) fn send(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    charter: &Charter,
    node: NodeId,
) -> Result<(), ActError> {
    let entry = desks.active(node).ok_or_else(|| refuse(Code::FieldInvalid, "the node is not accredited"))?;
    let asked = Invited { at: desks.now(), state: InvitedState::Asked, refused: None };
    tx.put(INVITED, &(charter.community, node), &Slot::System, &asked)?;
    let payload = Payload::Invitation { charter: charter.at(&entry.ceiling) };
    enqueue(desks, tx, groups, node, &Level::NP, PRECEDENCE, payload)
}

/// An invitation arrived: this node's policy decides.
pub(in crate::desks) fn invited(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    sender: NodeId,
    charter: Charter,
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    if charter.founder != sender || !charter.check().is_empty() {
        return Err(refuse(
            Code::Malformed,
            "an invitation that is not the founder's, or a charter over its limits",
        ));
    }
    let community = charter.community;
    if tx
        .get(COMMUNITIES, &community)?
        .is_some_and(|held: CommunityRecord| held.state == CommunityState::Open)
    {
        return Err(refuse(Code::AlreadyDecided, "this node is in the community"));
    }
    let entry =
        desks.active(sender).ok_or_else(|| refuse(Code::UnknownPeer, "the founder is not accredited"))?;
    let answer = if accepts(desks, &entry) {
        let mut key_packages = Vec::new();
        let own = desks.ceiling().meet(&desks.inner.settings.accept_up_to);
        for level in charter.levels().into_iter().filter(|level| own.dominates(level)) {
            key_packages.push(KeyPackageFor { level, key_package: groups.key_package(tx)? });
        }
        let joining = CommunityRecord { charter, state: CommunityState::Joining, pending: Vec::new() };
        tx.put(COMMUNITIES, &community, &Slot::System, &joining)?;
        Payload::InvitationAnswer { community, key_packages, refused: None }
    } else {
        let refused = Some(Code::InvitationRefused.as_str().to_owned());
        Payload::InvitationAnswer { community, key_packages: Vec::new(), refused }
    };
    enqueue(desks, tx, groups, sender, &Level::NP, PRECEDENCE, answer)?;
    effects.push(Effect::Wake(sender));
    Ok(())
}

/// The node's own policy: from which kinds of organisation it accepts invitations.
fn accepts(desks: &Desks, founder: &Entry) -> bool {
    desks.inner.settings.accept_from.contains(&founder.kind)
}

/// An answer arrived at the founder's node: it adds the node to every compartment that it is
/// cleared for.
pub(in crate::desks) fn answered(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    sender: NodeId,
    community: SpaceId,
    (key_packages, refused): (Vec<KeyPackageFor>, Option<String>),
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    let held: Option<CommunityRecord> = tx.get(COMMUNITIES, &community)?;
    let Some(held) = held.filter(|held| held.charter.founder == desks.own_node()) else {
        return Err(refuse(Code::WelcomeUnsolicited, "an answer to no invitation of this node"));
    };
    let key = (community, sender);
    let asked: Option<Invited> = tx.get(INVITED, &key)?;
    let Some(asked) = asked.filter(|asked| asked.state == InvitedState::Asked) else {
        return Err(refuse(Code::WelcomeUnsolicited, "an answer to no invitation of this node"));
    };
    if refused.is_some() {
        let after = Invited { state: InvitedState::Refused, refused, ..asked };
        tx.put(INVITED, &key, &Slot::System, &after)?;
        effects.push(Effect::Fell);
        return Ok(());
    }
    for offer in key_packages {
        let welcome = add(desks, tx, groups, &held.charter, sender, &offer)?;
        let compartment = welcome.value.compartment;
        let payload = Payload::Welcome { welcome: Box::new(welcome) };
        enqueue(desks, tx, groups, sender, &Level::NP, PRECEDENCE, payload)?;
        effects.push(Effect::Announce(compartment));
    }
    tx.put(INVITED, &key, &Slot::System, &Invited { state: InvitedState::Member, ..asked })?;
    effects.extend([Effect::Wake(sender), Effect::Fell]);
    Ok(())
}

/// Adds a node to the compartment at one level. Ceilings are checked before anything is built.
fn add(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    charter: &Charter,
    node: NodeId,
    offer: &KeyPackageFor,
) -> Result<CertifiedWelcome, ActError> {
    let Some((id, held)) = room(tx, charter.community, &offer.level)? else {
        return Err(refuse(Code::LabelExceedsClearance, "no compartment at this level"));
    };
    let leaf = groups.inspect(&offer.key_package)?;
    if leaf.0 != node {
        return Err(refuse(Code::IdentityMismatch, "a key package of another node"));
    }
    check_members(&held.policy, &[leaf], |node| desks.active(node))
        .map_err(|error| Problem::new(Code::LabelExceedsClearance, error.to_string()))?;
    let change = Change { add: vec![offer.key_package.clone()], ..Change::default() };
    let prepared = groups.prepare(tx, id, &change)?;
    let state = groups.merge_own(tx, id)?;
    let decided = decide_alone(desks, id, &prepared);
    tx.put(COMMITS, &(id, prepared.epoch), &Slot::System, &decided)?;
    let former = held.former.iter().filter(|former| **former != node).copied().collect();
    record(tx, id, &state, former)?;
    let note = Note {
        subject: Some(ItemId::from_bytes(*charter.community.as_bytes())),
        detail: Some(format!("added {node} at {}", offer.level)),
        ..Note::default()
    };
    ledger::append(tx, desks.now(), LedgerAct::Decided, note)?;
    Ok(CertifiedWelcome {
        welcome: prepared.welcome.unwrap_or_default(),
        value: decided.value,
        certificate: decided.certificate,
        voters: held.policy.voters,
        charter: Some(charter.at(&offer.level)),
    })
}

/// A Welcome arrived: the compartment is joined if it is what was accepted.
pub(in crate::desks) fn welcomed(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    sender: NodeId,
    welcome: &CertifiedWelcome,
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
    let unsolicited = || refuse(Code::WelcomeUnsolicited, "a Welcome that nobody here asked for");
    let charter = welcome.charter.as_ref().ok_or_else(unsolicited)?;
    let space = charter.community;
    let held: CommunityRecord = tx.get(COMMUNITIES, &space)?.ok_or_else(unsolicited)?;
    let expected = matches!(held.state, CommunityState::Joining | CommunityState::Open);
    if !expected || held.charter.founder != sender || welcome.voters != [sender] {
        return Err(unsolicited());
    }
    let joined = groups.join(tx, &welcome.welcome, |joined| {
        let policy = &joined.state.policy;
        let same = policy.kind == SpaceKind::Community && policy.space == space;
        if !same || policy.charter != Some(charter.hash_at(&policy.level)) {
            return Err("not the community of the charter".to_owned());
        }
        if *charter != held.charter.at(&policy.level) {
            return Err("another charter than the one accepted".to_owned());
        }
        check_welcome(desks, welcome, joined)
    })?;
    record(tx, joined.compartment, &joined.state, Vec::new())?;
    let decided = DecidedCommit { value: welcome.value.clone(), certificate: welcome.certificate.clone() };
    tx.put(COMMITS, &(joined.compartment, welcome.value.epoch), &Slot::System, &decided)?;
    tx.put(COMMUNITIES, &space, &Slot::System, &CommunityRecord { state: CommunityState::Open, ..held })?;
    let note = Note {
        subject: Some(ItemId::from_bytes(*space.as_bytes())),
        detail: Some(format!("joined at {}", joined.state.policy.level)),
        ..Note::default()
    };
    ledger::append(tx, desks.now(), LedgerAct::Joined, note)?;
    effects.extend([Effect::Fell, Effect::Announce(joined.compartment)]);
    Ok(())
}
