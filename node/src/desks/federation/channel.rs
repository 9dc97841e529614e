//! Founding and joining of channels: the two-node compartments for addressed correspondence.
//!
//! The node with the lower id founds; the other asks it to. Both are voters from the first epoch
//! that both are in; the founding commit is decided by the founder, who is alone in epoch 0.

use super::outbox::{enqueue, room};
use super::record;
use crate::clock;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMPARTMENTS, CompartmentRecord, Content, DecidedCommit, ITEMS, LedgerAct, MESSAGES, ROOMS,
    WELCOMES, level_tag,
};
use mls::{Change, Groups, Joined, Prepared};
use protocol::commit::{Certificate, Electorate, Value};
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::label::Level;
use protocol::message::{CertifiedWelcome, Payload};
use protocol::refusal::Code;
use protocol::signature::Digest;
use protocol::space::{CompartmentPolicy, Quorum, SpaceKind, channel_founder, channel_id, check_members};
use protocol::wire::{ControlAnswer, ControlRequest};
use store::{Order, Read, Slot, Tx};

impl Desks {
    /// Makes sure that the channel with `peer` at `level` stands. Both sides' ceilings must cover it.
    pub(super) async fn ensure_channel(&self, peer: NodeId, level: &Level) -> Result<(), Problem> {
        if !self.may_exchange(peer, level) {
            return Err(Problem::new(Code::AboveAddressee, "the channel's level is above a node's ceiling"));
        }
        if room(&self.snapshot()?, channel_id(self.own_node(), peer), level)?.is_some() {
            return Ok(());
        }
        if channel_founder(self.own_node(), peer) == self.own_node() {
            self.found_with(peer, level).await
        } else {
            let key_package = self.act(|tx, groups| Ok(groups.key_package(tx)?)).await?;
            let request = ControlRequest::ChannelOpen { level: level.clone(), key_package };
            match self.control(peer, &request).await? {
                ControlAnswer::ChannelWelcome(welcome) => self.join_channel(peer, *welcome).await,
                answer => Err(unexpected(&answer)),
            }
        }
    }

    async fn found_with(&self, peer: NodeId, level: &Level) -> Result<(), Problem> {
        let request = ControlRequest::ChannelKeyPackage { level: level.clone() };
        let ControlAnswer::KeyPackage(key_package) = self.control(peer, &request).await? else {
            return Err(Problem::new(Code::Malformed, "the peer gave no key package"));
        };
        let welcome = self.found_channel(peer, level.clone(), key_package, false).await?;
        self.deliver_welcome(peer, welcome).await
    }

    /// Hands a Welcome over; it is kept until the peer has confirmed it.
    pub(super) async fn deliver_welcome(
        &self,
        peer: NodeId,
        welcome: CertifiedWelcome,
    ) -> Result<(), Problem> {
        let compartment = welcome.value.compartment;
        let request = ControlRequest::ChannelWelcome { welcome: Box::new(welcome) };
        match self.control(peer, &request).await? {
            ControlAnswer::Done => {
                self.act(move |tx, _| Ok(tx.remove(WELCOMES, &compartment)?)).await.map(|_| ())
            }
            answer => Err(unexpected(&answer)),
        }
    }

    /// Founds the channel with the peer's key package. `asked` when the peer says that it has none:
    /// then one that stands here already is continued by a successor.
    pub(super) async fn found_channel(
        &self,
        peer: NodeId,
        level: Level,
        key_package: Vec<u8>,
        asked: bool,
    ) -> Result<CertifiedWelcome, Problem> {
        let desks = self.clone();
        let fresh = CompartmentId::from_bytes(clock::fresh_id());
        self.act(move |tx, groups| found(&desks, tx, groups, peer, &level, &key_package, asked, fresh)).await
    }

    /// Joins a channel that the peer founded.
    pub(super) async fn join_channel(&self, peer: NodeId, welcome: CertifiedWelcome) -> Result<(), Problem> {
        let desks = self.clone();
        self.act(move |tx, groups| join(&desks, tx, groups, peer, &welcome)).await?;
        self.inner.peers.wake(peer);
        Ok(())
    }
}

fn unexpected(answer: &ControlAnswer) -> Problem {
    match answer {
        ControlAnswer::Refused(code) => {
            Problem::new(Code::parse(code).unwrap_or(Code::Internal), "the peer refused")
        }
        _ => Problem::new(Code::Malformed, "the peer gave another answer than was asked for"),
    }
}

fn policy(
    desks: &Desks,
    peer: NodeId,
    level: &Level,
    both: bool,
    predecessor: Option<CompartmentId>,
) -> CompartmentPolicy {
    let mut voters = if both { vec![desks.own_node(), peer] } else { vec![desks.own_node()] };
    voters.sort_unstable();
    CompartmentPolicy {
        format: 1,
        space: channel_id(desks.own_node(), peer),
        kind: SpaceKind::Channel,
        level: level.clone(),
        voters,
        quorum: Quorum::Majority,
        charter: None,
        sibling: None,
        predecessor,
    }
}

#[expect(clippy::too_many_arguments, reason = "one act: where it is done, with whom, and what was asked")]
fn found(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    level: &Level,
    key_package: &[u8],
    asked: bool,
    fresh: CompartmentId,
) -> Result<CertifiedWelcome, ActError> {
    let space = channel_id(desks.own_node(), peer);
    let standing = room(tx, space, level)?;
    if let Some((id, _)) = &standing {
        if let Some(pending) = tx.get(WELCOMES, id)? {
            return Ok(pending);
        }
        if !asked {
            return Err(Problem::new(Code::AlreadyDecided, "the channel stands").into());
        }
    }
    let predecessor = standing.map(|(id, _)| id);
    let founding = policy(desks, peer, level, false, None);
    let both = policy(desks, peer, level, true, predecessor);
    let members = [(desks.own_node(), groups_key(desks)), groups.inspect(key_package)?];
    if members[1].0 != peer {
        return Err(Problem::new(Code::IdentityMismatch, "a key package of another node").into());
    }
    check_members(&both, &members, |node| desks.active(node))
        .map_err(|error| Problem::new(Code::LabelExceedsClearance, error.to_string()))?;
    groups.found(tx, fresh, &founding)?;
    let change = Change { add: vec![key_package.to_vec()], policy: Some(both), ..Change::default() };
    let prepared = groups.prepare(tx, fresh, &change)?;
    let state = groups.merge_own(tx, fresh)?;
    let decided = decide_alone(desks, fresh, &prepared, &state.policy);
    let welcome = CertifiedWelcome {
        welcome: prepared.welcome.unwrap_or_default(),
        value: decided.value.clone(),
        certificate: decided.certificate.clone(),
        voters: founding.voters,
        charter: None,
    };
    tx.put(COMMITS, &(fresh, prepared.epoch), &Slot::System, &decided)?;
    tx.put(WELCOMES, &fresh, &Slot::System, &welcome)?;
    record(tx, fresh, &state, Vec::new())?;
    replace(desks, tx, groups, peer, level, fresh, predecessor)?;
    Ok(welcome)
}

/// This node's MLS key as listed.
fn groups_key(desks: &Desks) -> protocol::signature::PublicKey {
    desks.list().entry(desks.own_node()).map_or(protocol::signature::PublicKey([0; 32]), |entry| entry.mls)
}

/// The certificate of a commit of which this node is the only voter.
fn decide_alone(
    desks: &Desks,
    id: CompartmentId,
    prepared: &Prepared,
    after: &CompartmentPolicy,
) -> DecidedCommit {
    let value = Value {
        compartment: id,
        epoch: prepared.epoch,
        parent: prepared.parent.clone(),
        author: desks.own_node(),
        intent: ItemId::from_bytes(clock::fresh_id()),
        commit: prepared.commit.clone(),
        next: prepared.next.clone(),
        welcome: prepared.welcome.as_deref().map(Digest::plain),
        voters: after.voters.clone(),
    };
    let certificate =
        Certificate::alone(&value, desks.own_node(), desks.incarnation(), &desks.inner.identity);
    DecidedCommit { value, certificate }
}

/// Checks a Welcome's certificate and what the group says of itself.
pub(in crate::desks) fn check_welcome(
    desks: &Desks,
    welcome: &CertifiedWelcome,
    joined: &Joined,
) -> Result<(), String> {
    let CertifiedWelcome { value, certificate, voters, .. } = welcome;
    if value.compartment != joined.compartment || value.next != joined.state.transcript {
        return Err("the Welcome is of another commit than its certificate".to_owned());
    }
    if value.epoch + 1 != joined.state.epoch || value.welcome != Some(Digest::plain(&welcome.welcome)) {
        return Err("the Welcome is not the one that was decided".to_owned());
    }
    let list = desks.list();
    let electorate = Electorate::majority(voters.clone());
    certificate.check(&desks.voice(&list), value, &electorate).map_err(|error| error.to_string())?;
    let policy = &joined.state.policy;
    if value.voters != policy.voters {
        return Err("the decision names other voters than the group".to_owned());
    }
    check_members(policy, &joined.state.members, |node| desks.active(node)).map_err(|error| error.to_string())
}

fn join(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    welcome: &CertifiedWelcome,
) -> Result<(), ActError> {
    if tx.get(COMPARTMENTS, &welcome.value.compartment)?.is_some_and(|held: CompartmentRecord| held.active) {
        // The confirmation of an earlier delivery was lost.
        return Ok(());
    }
    let space = channel_id(desks.own_node(), peer);
    let joined = groups.join(tx, &welcome.welcome, |joined| {
        let policy = &joined.state.policy;
        let members = joined.state.members.iter().map(|(node, _)| *node);
        if policy.kind != SpaceKind::Channel || policy.space != space || !members.eq([peer, desks.own_node()])
        {
            return Err("not the channel between the two".to_owned());
        }
        if welcome.voters != [peer] {
            return Err("a channel is founded by its founder alone".to_owned());
        }
        check_welcome(desks, welcome, joined)
    })?;
    let level = joined.state.policy.level.clone();
    let predecessor = room(tx, space, &level)?.map(|(id, _)| id);
    record(tx, joined.compartment, &joined.state, Vec::new())?;
    let decided = DecidedCommit { value: welcome.value.clone(), certificate: welcome.certificate.clone() };
    tx.put(COMMITS, &(joined.compartment, welcome.value.epoch), &Slot::System, &decided)?;
    replace(desks, tx, groups, peer, &level, joined.compartment, predecessor)
}

/// Makes `id` the channel's compartment, in place of its predecessor: the peer that lost its state
/// cannot open what that one has sealed.
fn replace(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    level: &Level,
    id: CompartmentId,
    predecessor: Option<CompartmentId>,
) -> Result<(), ActError> {
    let space = channel_id(desks.own_node(), peer);
    tx.put(ROOMS, &(space, level_tag(level)), &Slot::System, &id)?;
    let note = Note { detail: Some(format!("channel {peer} {level}")), ..Note::default() };
    ledger::append(tx, desks.now(), LedgerAct::Joined, note)?;
    match predecessor.filter(|old| *old != id) {
        Some(old) => abandon(desks, tx, groups, peer, level, old),
        None => Ok(()),
    }
}

/// Gives a channel's compartment up: its keys are deleted, and what its peer had not acknowledged is
/// queued again, to be sealed into a successor.
pub(super) fn abandon(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    level: &Level,
    old: CompartmentId,
) -> Result<(), ActError> {
    if let Some(record) = tx.get(COMPARTMENTS, &old)? {
        tx.put(COMPARTMENTS, &old, &Slot::System, &CompartmentRecord { active: false, ..record })?;
    }
    groups.forget(tx, old)?;
    for (key, sealed) in tx.list(MESSAGES, &(old, desks.own_node()), Order::Ascending, usize::MAX)? {
        let payload = match (sealed.payload, sealed.item) {
            (Some(payload), _) => Some(payload),
            (None, Some(item)) => tx.get(ITEMS, &item)?.and_then(|record| match record.content {
                Content::Correspondence(item) => {
                    Some(Payload::Correspondence { item, number: sealed.number.unwrap_or_default() })
                }
                Content::Post(_) => None,
            }),
            (None, None) => None,
        };
        if let Some(payload) = payload {
            enqueue(desks, tx, groups, peer, level, sealed.envelope.precedence, payload)?;
        }
        tx.remove(MESSAGES, &key)?;
    }
    Ok(())
}
