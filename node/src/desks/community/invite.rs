//! Invitations: a member ministry's node asks, the other node's own policy answers, the Welcome follows
//! the decided commit.

use super::intent;
use super::recovery::number_anew;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::federation::{Effect, check_welcome, enqueue, record, room};
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMMUNITIES, COMPARTMENTS, CommunityRecord, CommunityState, CompartmentRecord, DecidedCommit,
    Goal, INVITED, Invited, InvitedState, LedgerAct,
};
use mls::Groups;
use protocol::correspondence::Precedence;
use protocol::federation::{Entry, Kind};
use protocol::ids::{CompartmentId, ItemId, NodeId, SpaceId};
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
    if !charter.check().is_empty() {
        return Err(refuse(Code::Malformed, "a charter over its limits"));
    }
    let community = charter.community;
    if tx
        .get(COMMUNITIES, &community)?
        .is_some_and(|held: CommunityRecord| held.state == CommunityState::Open)
    {
        return Err(refuse(Code::AlreadyDecided, "this node is in the community"));
    }
    let entry =
        desks.active(sender).ok_or_else(|| refuse(Code::UnknownPeer, "the inviter is not accredited"))?;
    if entry.kind != Kind::Ministry {
        return Err(refuse(Code::CommitPolicy, "only a member ministry invites"));
    }
    let answer = if accepts(desks, &entry) {
        let mut key_packages = Vec::new();
        let own = desks.ceiling().meet(&desks.inner.settings.accept_up_to);
        for level in charter.levels().into_iter().filter(|level| own.dominates(level)) {
            key_packages.push(KeyPackageFor { level, key_package: groups.key_package(tx)? });
        }
        let joining = CommunityRecord {
            charter,
            state: CommunityState::Joining,
            pending: Vec::new(),
            invited_by: Some(sender),
        };
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
fn accepts(desks: &Desks, inviter: &Entry) -> bool {
    desks.inner.settings.accept_from.contains(&inviter.kind)
}

/// An answer arrived at the inviter's node: it wants the node in every compartment that it is cleared
/// for.
pub(in crate::desks) fn answered(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    sender: NodeId,
    community: SpaceId,
    (key_packages, refused): (Vec<KeyPackageFor>, Option<String>),
    effects: &mut Vec<Effect>,
) -> Result<(), ActError> {
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
        let id = check_offer(desks, tx, groups, community, sender, &offer)?;
        intent::want(desks, tx, id, Goal::Add(sender, offer.key_package.into()))?;
        effects.push(Effect::Pursue(id));
    }
    tx.put(INVITED, &key, &Slot::System, &Invited { state: InvitedState::Adding, ..asked })?;
    effects.extend([Effect::Wake(sender), Effect::Fell]);
    Ok(())
}

/// The compartment that an offered key package is for. Ceilings are checked before anything is built.
fn check_offer(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &Groups,
    community: SpaceId,
    node: NodeId,
    offer: &KeyPackageFor,
) -> Result<CompartmentId, ActError> {
    let Some((id, held)) = room(tx, community, &offer.level)? else {
        return Err(refuse(Code::LabelExceedsClearance, "no compartment at this level"));
    };
    let leaf = groups.inspect(&offer.key_package)?;
    if leaf.0 != node {
        return Err(refuse(Code::IdentityMismatch, "a key package of another node"));
    }
    check_members(&held.policy, &[leaf], |node| desks.active(node))
        .map_err(|error| Problem::new(Code::LabelExceedsClearance, error.to_string()))?;
    Ok(id)
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
    let inviter = held.invited_by.unwrap_or(held.charter.founder);
    if !expected || inviter != sender || welcome.value.author != sender {
        return Err(unsolicited());
    }
    let ministry = |node: &NodeId| desks.list().entry(*node).is_some_and(|e| e.kind == Kind::Ministry);
    if !welcome.voters.iter().all(ministry) {
        return Err(refuse(Code::NotCertified, "decided by nodes that have no vote"));
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
    let before: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &joined.compartment)?;
    if before.is_some_and(|before| before.recovering.is_some()) {
        // Removed and invited again before it was let back in: what it had sent, others may hold.
        number_anew(desks, tx, joined.compartment)?;
    }
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
