//! Coming back into a community's compartments after their keys were lost (`federation-spec/resync.md`):
//! follow the certified decisions, ask another ministry, propose an external commit, and on the other
//! side an operator's approval.

use super::commit::leave;
use crate::clock;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::federation::{Effect, record};
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMPARTMENTS, CompartmentRecord, DecidedCommit, Goal, LedgerAct, MARKS, ORDERS, PROPOSED,
    Proposed, SENDING, Sending,
};
use mls::Groups;
use protocol::commit::{Electorate, Head, Value};
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::order::{Body, Message};
use protocol::refusal::Code;
use protocol::resync::{Approval, sequence_base};
use protocol::signature::Digest;
use protocol::space::CompartmentPolicy;
use protocol::wire::{LogAnswer, LogRequest};
use store::{Order, Read, Slot, Tx};

/// The keys of a compartment are lost: nothing is voted or sealed in it until this node is let back in.
/// Where no other ministry votes, nobody can let it in, and it has left.
pub(in crate::desks) fn lose_keys(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    held: &CompartmentRecord,
) -> Result<(), ActError> {
    groups.forget(tx, id)?;
    tx.remove(ORDERS, &id)?;
    tx.remove(PROPOSED, &id)?;
    for ((compartment, node), _) in tx.list(MARKS, &id, Order::Ascending, usize::MAX)? {
        tx.remove(MARKS, &(compartment, node))?;
    }
    if held.policy.voters.iter().all(|voter| *voter == desks.own_node()) {
        return leave(desks, tx, held, id);
    }
    let recovering = CompartmentRecord { recovering: Some(desks.now()), ..held.clone() };
    Ok(tx.put(COMPARTMENTS, &id, &Slot::System, &recovering)?)
}

impl Desks {
    /// Goes on with every compartment that waits to be let back in and that this peer is in.
    pub(in crate::desks) async fn come_back(&self, peer: NodeId) {
        let all = self.snapshot().ok().and_then(|snapshot| snapshot.all(COMPARTMENTS).ok());
        for (id, record) in all.unwrap_or_default() {
            let record: CompartmentRecord = record;
            let waits = record.active && record.recovering.is_some() && record.members.contains(&peer);
            if waits && let Err(problem) = self.come_back_into(peer, id).await {
                tracing::debug!(compartment = %id, code = problem.code.as_str(), "return.not_yet");
            }
        }
    }

    async fn come_back_into(&self, peer: NodeId, id: CompartmentId) -> Result<(), Problem> {
        self.pull_commits(peer, id).await;
        let held: Option<CompartmentRecord> = self.snapshot()?.get(COMPARTMENTS, &id)?;
        let Some(held) = held.filter(|held| held.recovering.is_some()) else { return Ok(()) };
        if !held.policy.voters.contains(&peer) {
            return Ok(());
        }
        let incarnation = self.incarnation();
        let request = LogRequest::Resync { compartment: id, epoch: held.epoch, incarnation };
        match self.ask_log(peer, &request).await? {
            LogAnswer::ResyncGranted { approval, group_info } => {
                let desks = self.clone();
                let act = self.act(move |tx, groups| propose(&desks, tx, groups, id, &approval, &group_info));
                let built = act.await.inspect_err(|problem| self.refuse(peer, problem.code, &problem.detail));
                if let Some(value) = built? {
                    let (epoch, body) = (value.epoch, Body::Submit { value: Box::new(value), urgent: true });
                    self.tell_order(peer, &Message { compartment: id, epoch, body }).await;
                }
                Ok(())
            }
            LogAnswer::ResyncPending => Ok(()),
            LogAnswer::Refused(code) => {
                Err(Problem::new(Code::parse(&code).unwrap_or(Code::Internal), "not let back in"))
            }
            _ => Err(Problem::new(Code::Malformed, "another answer than was asked for")),
        }
    }

    /// Follows a decision without keys; with the one that lets this node back in, it is back.
    pub(in crate::desks) async fn follow(
        &self,
        id: CompartmentId,
        decided: DecidedCommit,
    ) -> Result<(), Problem> {
        let desks = self.clone();
        let effects = self.act(move |tx, groups| follow(&desks, tx, groups, id, &decided)).await?;
        self.inner.orders.forget(id).await;
        self.carry_out(effects);
        Ok(())
    }

    /// Takes a message about the order of commits while this node has no keys: only decisions count.
    pub(super) async fn follow_told(&self, from: NodeId, message: Message) {
        let id = message.compartment;
        let Body::Decided { value, certificate } = message.body else { return };
        let decided = DecidedCommit { value: *value, certificate: *certificate };
        if let Err(problem) = self.follow(id, decided).await {
            self.refuse(from, problem.code, &problem.detail);
        }
    }
}

/// Where the decisions of a compartment stand.
fn head(id: CompartmentId, held: &CompartmentRecord) -> Head {
    Head {
        compartment: id,
        epoch: held.epoch,
        transcript: held.transcript.clone(),
        electorate: Electorate::from(&held.policy),
    }
}

/// Builds the external commit, or takes the one built before on this epoch; `None` when this node is
/// back already.
fn propose(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    approval: &Approval,
    group_info: &[u8],
) -> Result<Option<Value>, ActError> {
    let held: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &id)?;
    let Some(held) = held.filter(|held| held.recovering.is_some()) else { return Ok(None) };
    let before: Option<Proposed> = tx.get(PROPOSED, &id)?;
    if let Some(before) = before.filter(|before| before.value.epoch == held.epoch) {
        return Ok(Some(before.value));
    }
    let expected = head(id, &held);
    let (prepared, after) = groups.resync(tx, id, group_info, approval.to_bytes(), |said| {
        // RSY-007: the certified decisions lead exactly here, or an old state is being served.
        let same = said.epoch == expected.epoch
            && said.transcript == expected.transcript
            && Electorate::from(&said.policy) == expected.electorate;
        if same { Ok(()) } else { Err("the group is not the one that the decisions lead to".to_owned()) }
    })?;
    let value = Value {
        compartment: id,
        epoch: prepared.epoch,
        parent: prepared.parent,
        author: desks.own_node(),
        intent: ItemId::from_bytes(clock::fresh_id()),
        commit: prepared.commit,
        next: prepared.next,
        welcome: None,
        voters: after.policy.voters,
    };
    let proposed = Proposed { value: value.clone(), welcome: None, goal: Goal::Return };
    tx.put(PROPOSED, &id, &Slot::System, &proposed)?;
    Ok(Some(value))
}

fn follow(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    decided: &DecidedCommit,
) -> Result<Vec<Effect>, ActError> {
    let DecidedCommit { value, certificate } = decided;
    let held: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &id)?;
    let Some(held) = held.filter(|held| held.active && held.recovering.is_some()) else {
        return Err(Problem::new(Code::NotMember, "this node follows nothing there").into());
    };
    if value.epoch < held.epoch {
        // It comes more than once: told, and through the log.
        return Ok(Vec::new());
    }
    let list = desks.list();
    let next = head(id, &held)
        .follow(&desks.voice(&list), value, certificate)
        .map_err(|error| Problem::new(Code::NotCertified, error.to_string()))?;
    tx.put(COMMITS, &(id, value.epoch), &Slot::System, decided)?;
    let proposed: Option<Proposed> = tx.get(PROPOSED, &id)?;
    tx.remove(PROPOSED, &id)?;
    if proposed.is_some_and(|proposed| proposed.value == *value) {
        return returned(desks, tx, groups, id, &held);
    }
    // Another commit was decided: the group that was built for this one never came to be.
    groups.forget(tx, id)?;
    let policy = CompartmentPolicy { voters: next.electorate.voters, ..held.policy.clone() };
    let Head { epoch, transcript, .. } = next;
    let after = CompartmentRecord { epoch, transcript, policy, ..held };
    tx.put(COMPARTMENTS, &id, &Slot::System, &after)?;
    Ok(Vec::new())
}

/// This node is back, with new keys, and numbers its messages anew.
fn returned(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    held: &CompartmentRecord,
) -> Result<Vec<Effect>, ActError> {
    let state = groups.state(tx, id)?;
    let members: Vec<NodeId> = state.members.iter().map(|(node, _)| *node).collect();
    let left = held.members.iter().chain(&held.former).filter(|node| !members.contains(node));
    record(tx, id, &state, left.copied().collect())?;
    number_anew(desks, tx, id)?;
    let note = Note {
        subject: Some(ItemId::from_bytes(*held.space.as_bytes())),
        level: Some(held.level.clone()),
        detail: Some(format!("epoch {} at {}", state.epoch, held.level)),
        ..Note::default()
    };
    ledger::append(tx, desks.now(), LedgerAct::Returned, note)?;
    Ok(vec![Effect::Fell, Effect::Announce(id), Effect::Pursue(id)])
}

/// RSY-001: the messages of this life begin after those of any other, by whichever way the node came in.
pub(super) fn number_anew(desks: &Desks, tx: &Tx<'_>, id: CompartmentId) -> Result<(), ActError> {
    let base = sequence_base(desks.incarnation());
    let sending = Sending { last: base, previous: Digest([0; 32]), unacknowledged: 0, base };
    Ok(tx.put(SENDING, &id, &Slot::System, &sending)?)
}
