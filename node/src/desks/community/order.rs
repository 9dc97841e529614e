//! Driving the order of commits: one machine per compartment (`protocol::order`), stepped one input
//! after the other, each step in one transaction with what it decides. What it says leaves after the
//! commit.

use super::commit::{judge, merge};
use super::intent::{drop_intent, next_proposal};
use crate::clock;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::federation::Effect;
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMPARTMENTS, CompartmentRecord, DecidedCommit, EVIDENCE, Evidence, MARKS, ORDERS, PROPOSED,
    Proposed,
};
use mls::Groups;
use protocol::commit::{Electorate, Value};
use protocol::ids::{CompartmentId, NodeId};
use protocol::limits::ORDER_FRAME_BYTES_MAX;
use protocol::order::{Body, Durable, Input, Message, Order, Output, World};
use protocol::refusal::Code;
use protocol::resync::Mark;
use protocol::space::SpaceKind;
use protocol::time::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;
use store::{Read, Slot, Tx};

/// What happens to a machine.
#[derive(Clone)]
enum Event {
    Input(Box<Input>),
    /// This node looks whether it wants a change.
    Pursue,
}

impl Event {
    fn input(input: Input) -> Self {
        Event::Input(Box::new(input))
    }
}

/// What came of a step, to be carried out after the commit.
struct Outcome {
    order: Option<Order>,
    outputs: Vec<Output>,
    effects: Vec<Effect>,
}

impl Desks {
    /// Proposes what this node wants of a compartment, if it wants something.
    pub(in crate::desks) async fn pursue(&self, id: CompartmentId) {
        if let Err(problem) = self.step_order(id, Event::Pursue).await {
            tracing::warn!(compartment = %id, code = problem.code.as_str(), "order.not_pursued");
        }
    }

    /// Applies the next decided commit of a compartment, as it came through the log.
    pub(in crate::desks) async fn apply_commit(
        &self,
        id: CompartmentId,
        decided: DecidedCommit,
    ) -> Result<(), Problem> {
        let DecidedCommit { value, certificate } = decided;
        let epoch = value.epoch;
        self.step_order(id, Event::input(Input::Learned { value, certificate })).await?;
        let after = self.snapshot()?.get(COMPARTMENTS, &id)?;
        if after.is_some_and(|record: CompartmentRecord| record.active && record.epoch <= epoch) {
            return Err(Problem::new(Code::NotCertified, "the commit does not follow, or proves nothing"));
        }
        Ok(())
    }

    /// Takes a message about the order of commits; answers with nothing, once it is dealt with.
    pub(in crate::desks) async fn answer_order(&self, from: NodeId, bytes: &[u8]) -> Option<Vec<u8>> {
        let message = match Message::from_bytes(bytes) {
            Ok(message) => message,
            Err(error) => {
                self.refuse(from, error.code(), &error.to_string());
                return None;
            }
        };
        let id = message.compartment;
        let member: Option<CompartmentRecord> = self.snapshot().ok()?.get(COMPARTMENTS, &id).ok()?;
        if !member.as_ref().is_some_and(|held| held.active && held.members.contains(&from)) {
            self.refuse(from, Code::NotMember, "a message about a compartment that is not shared");
            return Some(Vec::new());
        }
        if member.is_some_and(|held| held.recovering.is_some()) {
            self.follow_told(from, message).await;
            return Some(Vec::new());
        }
        if let Err(problem) = self.step_order(id, Event::input(Input::Received { from, message })).await {
            self.refuse(from, problem.code, &problem.detail);
        }
        Some(Vec::new())
    }

    /// After a start: takes up what was under way.
    pub(in crate::desks) async fn resume_orders(&self) {
        for id in self.communities_compartments(|_| true) {
            let tick = self.step_order(id, Event::input(Input::Tick)).await;
            if tick.is_ok() {
                self.pursue(id).await;
            }
        }
    }

    /// A voter is in reach again: what waits for its vote is proposed once more, in a new ballot.
    pub(in crate::desks) async fn retry_orders(&self, peer: NodeId) {
        let Ok(snapshot) = self.snapshot() else { return };
        let waits = |id: &CompartmentId| matches!(snapshot.has(PROPOSED, id), Ok(true));
        let shared = self.communities_compartments(|record| record.policy.voters.contains(&peer));
        for id in shared.into_iter().filter(waits) {
            // What was promised and accepted is in the store; only the attempt is forgotten.
            self.inner.orders.forget(id).await;
            self.pursue(id).await;
        }
    }

    fn communities_compartments(&self, fits: impl Fn(&CompartmentRecord) -> bool) -> Vec<CompartmentId> {
        let all = self.snapshot().ok().and_then(|snapshot| snapshot.all(COMPARTMENTS).ok());
        let ours = |record: &CompartmentRecord| record.active && record.kind == SpaceKind::Community;
        let rows = all.unwrap_or_default().into_iter();
        rows.filter(|(_, record)| ours(record) && fits(record)).map(|(id, _)| id).collect()
    }

    async fn step_order(&self, id: CompartmentId, event: Event) -> Result<(), Problem> {
        let seat = self.inner.orders.seat(id);
        let mut seat = seat.lock().await;
        let (desks, before) = (self.clone(), seat.clone());
        let noise = u64::from_be_bytes(clock::random());
        let act = self.act(move |tx, groups| drive(&desks, tx, groups, id, &before, &event, noise));
        let outcome = act.await?;
        *seat = outcome.order;
        drop(seat);
        self.carry_out(outcome.effects);
        for output in outcome.outputs {
            self.carry_out_order(id, output);
        }
        Ok(())
    }

    fn carry_out_order(&self, id: CompartmentId, output: Output) {
        let desks = self.clone();
        match output {
            Output::Send { to, message } => {
                tokio::spawn(async move { desks.tell_order(to, &message).await });
            }
            Output::Tell { to, epoch } => {
                tokio::spawn(async move { desks.tell_decided(id, to, epoch).await });
            }
            Output::CatchUp { from, .. } => {
                tokio::spawn(async move { desks.pull_commits(from, id).await });
            }
            Output::Wake(at) => {
                tokio::spawn(async move { desks.tick_at(id, at).await });
            }
            Output::Alarm { from, alarm } => {
                self.refuse(from, Code::NotCertified, &format!("order of commits: {alarm:?}"));
            }
            Output::Fork { guilt, .. } => {
                let guilty: Vec<_> = guilt.voters.iter().map(|node| self.name_of(*node)).collect();
                self.inner.metrics.refuse(Code::Fork, &guilty.join(" "), "two commits of one epoch");
            }
            // Done in the transaction.
            Output::Decided { .. } | Output::Lost { .. } | Output::Refused { .. } | Output::Past { .. } => {}
        }
    }

    async fn tell_decided(&self, id: CompartmentId, to: NodeId, epoch: u64) {
        let held = self.snapshot().ok().and_then(|snapshot| snapshot.get(COMMITS, &(id, epoch)).ok()?);
        let Some(DecidedCommit { value, certificate }) = held else { return };
        let body = Body::Decided { value: Box::new(value), certificate: Box::new(certificate) };
        let message = Message { compartment: id, epoch, body };
        if message.to_bytes().len() <= ORDER_FRAME_BYTES_MAX {
            self.tell_order(to, &message).await;
        }
    }

    /// A timer that outlived its reason does nothing: the machine knows what is due.
    async fn tick_at(&self, id: CompartmentId, at: Timestamp) {
        let left = at.0.saturating_sub(self.now().0);
        tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
        if let Err(problem) = self.step_order(id, Event::input(Input::Tick)).await {
            tracing::debug!(compartment = %id, code = problem.code.as_str(), "order.tick_failed");
        }
    }
}

/// One event, and all that follows from it inside this node, in one transaction.
fn drive(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    before: &Option<Order>,
    event: &Event,
    noise: u64,
) -> Result<Outcome, ActError> {
    let mut record = driven(tx, id)?;
    let mut order = seated(desks, tx, id, before, &record)?;
    // RSY-003: after a start it has no vote until enough others have told what they know of it.
    let mute = !desks.inner.orders.may_vote(desks.own_node(), id, &record.policy);
    if mute != order.durable().recovery {
        step(desks, tx, groups, &mut order, Input::Recovery(mute), noise);
    }
    if let Event::Input(input) = event
        && let Input::Received { from, message } = &**input
    {
        remember(tx, (id, *from), &record, message)?;
    }
    let (mut outputs, mut effects) = (Vec::new(), Vec::new());
    let mut events = VecDeque::from([event.clone()]);
    while let Some(event) = events.pop_front() {
        let input = match event {
            Event::Input(input) => Some(*input),
            Event::Pursue => next_proposal(desks, tx, groups, id, &record)?,
        };
        let Some(input) = input else { continue };
        for output in step(desks, tx, groups, &mut order, input, noise) {
            match output {
                Output::Decided { value, certificate } => {
                    let decided = DecidedCommit { value: *value, certificate: *certificate };
                    let Some(after) = merge(desks, tx, groups, &record, &decided, &mut effects)? else {
                        return Ok(Outcome { order: None, outputs, effects });
                    };
                    events.push_back(Event::input(advanced(&after)));
                    events.push_back(Event::Pursue);
                    record = after;
                }
                Output::Refused { mine, code } => {
                    refused(desks, tx, groups, &mine, code)?;
                    // Another intent may be waiting behind it.
                    events.push_back(Event::Pursue);
                }
                Output::Past { from, value, certificate } => {
                    past(desks, tx, from, DecidedCommit { value: *value, certificate: *certificate })?;
                }
                Output::Fork { ours, theirs, guilt } => {
                    keep_evidence(
                        tx,
                        id,
                        (*ours).clone().into(),
                        (*theirs).clone().into(),
                        guilt.voters.iter().copied(),
                    )?;
                    outputs.push(Output::Fork { ours, theirs, guilt });
                }
                // Whatever lost is built anew from its intent, on the epoch that won.
                Output::Lost { .. } => {}
                other => outputs.push(other),
            }
        }
    }
    tx.put(ORDERS, &id, &Slot::System, order.durable())?;
    Ok(Outcome { order: Some(order), outputs, effects })
}

/// A compartment whose order is driven here: this node holds its keys, and nothing froze it.
fn driven(tx: &Tx<'_>, id: CompartmentId) -> Result<CompartmentRecord, ActError> {
    let refuse = |code, detail: &str| Err(Problem::new(code, detail).into());
    let held: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &id)?;
    let Some(record) = held.filter(|held| held.active && held.kind == SpaceKind::Community) else {
        return refuse(Code::NotMember, "not in this compartment");
    };
    if !tx.list(EVIDENCE, &id, store::Order::Ascending, 1)?.is_empty() {
        return refuse(Code::Fork, "two decisions of one epoch: frozen until people have decided");
    }
    if record.recovering.is_some() {
        return refuse(Code::Recovering, "this node has lost the keys of this compartment");
    }
    Ok(record)
}

/// RSY-002: keeps the highest vote of another voter in the present epoch, to be shown to it.
fn remember(
    tx: &Tx<'_>,
    key: (CompartmentId, NodeId),
    record: &CompartmentRecord,
    message: &Message,
) -> Result<(), ActError> {
    let Some(mark) = Mark::of(message).filter(|_| message.epoch == record.epoch) else { return Ok(()) };
    let before: Option<(u64, Mark)> = tx.get(MARKS, &key)?;
    let higher = before.is_none_or(|(epoch, held)| epoch != record.epoch || held.ballot() < mark.ballot());
    if higher && record.policy.voters.contains(&key.1) {
        tx.put(MARKS, &key, &Slot::System, &(record.epoch, mark))?;
    }
    Ok(())
}

/// The machine in memory; at the first use the one in the store; for an epoch that it has not seen
/// (founded, joined) a new one.
fn seated(
    desks: &Desks,
    tx: &Tx<'_>,
    id: CompartmentId,
    before: &Option<Order>,
    record: &CompartmentRecord,
) -> Result<Order, ActError> {
    let present = |durable: &Durable| durable.epoch == record.epoch && durable.parent == record.transcript;
    if let Some(order) = before.as_ref().filter(|order| present(order.durable())) {
        return Ok(order.clone());
    }
    let kept = tx.get(ORDERS, &id)?.filter(present);
    let durable =
        kept.unwrap_or_else(|| Durable::new(record.epoch, record.transcript.clone(), desks.incarnation()));
    Ok(Order::load(desks.own_node(), id, durable, Electorate::from(&record.policy)))
}

fn step(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &Groups,
    order: &mut Order,
    input: Input,
    noise: u64,
) -> Vec<Output> {
    let list = desks.list();
    let voice = desks.voice(&list);
    let mut dry_run = |value: &Value| judge(desks, tx, groups, value.compartment, value);
    order.step(input, World { now: desks.now(), noise, voice: &voice, judge: &mut dry_run })
}

fn advanced(record: &CompartmentRecord) -> Input {
    Input::Advanced {
        epoch: record.epoch,
        transcript: record.transcript.clone(),
        electorate: Electorate::from(&record.policy),
    }
}

/// This node's own commit will not be accepted: the wish is given up, and says so.
fn refused(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    mine: &Value,
    code: Code,
) -> Result<(), ActError> {
    let proposed: Option<Proposed> = tx.get(PROPOSED, &mine.compartment)?;
    if proposed.is_some_and(|proposed| proposed.value == *mine) {
        tx.remove(PROPOSED, &mine.compartment)?;
        groups.drop_pending(tx, mine.compartment)?;
        drop_intent(desks, tx, (mine.compartment, mine.intent), code.as_str())?;
    }
    Ok(())
}

/// Somebody shows a decision of an epoch that is over. Another one than ours, decided by that epoch's voters, is a
/// fork; without their proof it is nothing, or any member could freeze what it likes.
fn past(desks: &Desks, tx: &Tx<'_>, from: NodeId, theirs: DecidedCommit) -> Result<(), ActError> {
    let key = (theirs.value.compartment, theirs.value.epoch);
    let ours: Option<DecidedCommit> = tx.get(COMMITS, &key)?;
    let Some(ours) = ours.filter(|ours| ours.value != theirs.value) else { return Ok(()) };
    let (list, electorate) = (desks.list(), electorate_of(tx, &ours)?);
    if let Err(error) = theirs.certificate.check(&desks.voice(&list), &theirs.value, &electorate) {
        desks.refuse(from, Code::NotCertified, &error.to_string());
        return Ok(());
    }
    let guilt = protocol::commit::guilt(&ours.certificate, &theirs.certificate);
    let Some(guilt) = guilt else { return Ok(()) };
    desks.refuse(from, Code::Fork, "another decision of an epoch that is over");
    keep_evidence(tx, key.0, ours, theirs, guilt.voters.iter().copied())
}

/// Who voted on a decision of the past: whom the one before it named. Where that is not held, because this node
/// founded or joined with this one, whoever signed it: the founder alone, or too few of the voters, so that another
/// decision proves nothing.
fn electorate_of(tx: &Tx<'_>, decided: &DecidedCommit) -> Result<Electorate, ActError> {
    let DecidedCommit { value, certificate } = decided;
    let before: Option<DecidedCommit> = match value.epoch.checked_sub(1) {
        Some(before) => tx.get(COMMITS, &(value.compartment, before))?,
        None => None,
    };
    let signers = || certificate.accepts.iter().map(|vote| vote.voter).collect();
    Ok(Electorate::majority(before.map_or_else(signers, |before| before.value.voters)))
}

fn keep_evidence(
    tx: &Tx<'_>,
    id: CompartmentId,
    ours: DecidedCommit,
    theirs: DecidedCommit,
    guilty: impl Iterator<Item = NodeId>,
) -> Result<(), ActError> {
    let evidence = Evidence { guilty: guilty.collect(), ours, theirs };
    Ok(tx.put(EVIDENCE, &(id, evidence.ours.value.epoch), &Slot::System, &evidence)?)
}
