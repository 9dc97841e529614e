//! One pump per peer: seals what waits, pushes what is sealed, and keeps what comes of it. One push
//! is under way at a time, so messages arrive in the order in which they were sealed.

use super::outbox::{seal_waiting, waiting_levels};
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMPARTMENTS, CompartmentRecord, Content, DELIVERIES, Delivery, ITEMS, LedgerAct, MESSAGES, ROOMS,
    SENDING, Sealed, Sending,
};
use net::Plane;
use protocol::codec;
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::limits::{PAGE_FRAME_BYTES_MAX, PUSH_BYTES_MAX, PUSH_MESSAGES_MAX, SEALED_AHEAD_MAX};
use protocol::message::Envelope;
use protocol::refusal::Code;
use protocol::space::{SpaceKind, channel_id};
use protocol::wire::{Push, PushAnswer, PushResult};
use std::time::Duration;
use store::{Order, Read, Slot, Tx};
use tokio::sync::watch;

/// Pause before trying again what a peer put off, when nothing else wakes the pump.
const RETRY_AFTER: Duration = Duration::from_millis(500);

enum Step {
    /// Something moved; look again.
    Moved,
    /// Nothing to do until somebody wakes the pump.
    Idle,
    /// The peer or the link put it off.
    PutOff,
}

impl Desks {
    /// Runs until the node stops.
    pub(super) async fn pump(&self, node: NodeId, mut stopped: watch::Receiver<bool>) {
        let peer = self.peer(node);
        let mut retry = None;
        let mut settled = Vec::new();
        loop {
            let woken = async {
                match retry {
                    // A timer, not a wait for something that happens elsewhere.
                    Some(pause) => drop(tokio::time::timeout(pause, peer.wake.notified()).await),
                    None => peer.wake.notified().await,
                }
            };
            tokio::select! {
                () = woken => {}
                _ = stopped.changed() => return,
            }
            retry = None;
            while peer.is_ready() && !*stopped.borrow() {
                match self.pump_step(node, &mut settled).await {
                    Ok(Step::Moved) => {}
                    Ok(Step::Idle) => break,
                    Ok(Step::PutOff) | Err(_) => {
                        retry = Some(RETRY_AFTER);
                        break;
                    }
                }
            }
            if self.keep_settled(node, &mut settled).await.is_err() {
                retry = Some(RETRY_AFTER);
            }
        }
    }

    /// One push. While it is under way, what the last one settled is kept and what waits is sealed:
    /// each of the three is a commit, and one after the other they would bound the throughput.
    async fn pump_step(&self, node: NodeId, settled: &mut Vec<PushResult>) -> Result<Step, Problem> {
        let envelopes = self.gather(node)?;
        if envelopes.is_empty() {
            self.keep_settled(node, settled).await?;
            return Ok(if self.seal_ahead(node).await? > 0 { Step::Moved } else { Step::Idle });
        }
        let bytes: usize = envelopes.iter().map(|envelope| envelope.ciphertext.len()).sum();
        let asked: Vec<_> = envelopes.iter().map(|e| (e.compartment, e.sequence)).collect();
        let push = self.ask(node, Plane::Messages, codec::encode(&Push { envelopes }));
        let (pushed, kept, sealed) =
            tokio::join!(push, self.keep_settled(node, settled), self.seal_ahead(node));
        kept?;
        let answered = pushed?;
        self.inner.metrics.pushed.inc_by(bytes as u64);
        let answer: PushAnswer = codec::decode(&answered, PAGE_FRAME_BYTES_MAX).map_err(|error| {
            self.refuse(node, error.code(), &error.to_string());
            Problem::new(error.code(), error.to_string())
        })?;
        let step = self.settle(node, &asked, answer, settled);
        sealed?;
        Ok(step)
    }

    /// Seals what waits, as far as may be sealed ahead. How many it sealed.
    async fn seal_ahead(&self, node: NodeId) -> Result<usize, Problem> {
        let levels = waiting_levels(self, &self.snapshot()?, node)?;
        let mut sealed = 0;
        for level in levels {
            self.ensure_channel(node, &level).await?;
            let desks = self.clone();
            sealed += self.act(move |tx, groups| seal_waiting(&desks, tx, groups, node, &level)).await?;
        }
        Ok(sealed)
    }

    /// The next messages that the peer lacks, most urgent first, at most one push.
    fn gather(&self, node: NodeId) -> Result<Vec<Envelope>, Problem> {
        let snapshot = self.snapshot()?;
        let peer = self.peer(node);
        let mut found: Vec<Envelope> = Vec::new();
        for (id, record) in shared(self, &snapshot, node)? {
            match record.kind {
                SpaceKind::Channel => {
                    let rows = snapshot.list(
                        MESSAGES,
                        &(id, self.own_node()),
                        Order::Ascending,
                        SEALED_AHEAD_MAX as usize,
                    )?;
                    let holds = peer.holds(id);
                    let envelopes = rows.into_iter().map(|(_, sealed): (_, Sealed)| sealed.envelope);
                    found.extend(envelopes.filter(|envelope| !holds.contains(envelope.sequence)));
                }
                SpaceKind::Community => {
                    let sent = snapshot.get(SENDING, &id)?.map(|sending: Sending| sending.ranges());
                    let lacking = sent.unwrap_or_default().minus(&peer.holds(id));
                    for sequence in lacking.iter().take(PUSH_MESSAGES_MAX) {
                        let sealed = snapshot.get(MESSAGES, &(id, self.own_node(), sequence))?;
                        found.extend(sealed.map(|sealed: Sealed| sealed.envelope));
                    }
                }
            }
        }
        // Stable: within one urgency the order of sealing stays.
        found.sort_by_key(|envelope| std::cmp::Reverse(envelope.precedence));
        let mut bytes = 0;
        let fits = |envelope: &Envelope| {
            bytes += envelope.ciphertext.len() + 128;
            bytes <= PUSH_BYTES_MAX
        };
        Ok(found.into_iter().take(PUSH_MESSAGES_MAX).take_while(fits).collect())
    }

    /// Reads what became of a push; only what was asked counts. What is final goes to `settled`.
    fn settle(
        &self,
        node: NodeId,
        asked: &[(CompartmentId, u64)],
        answer: PushAnswer,
        settled: &mut Vec<PushResult>,
    ) -> Step {
        let ours = |result: &PushResult| {
            result.sender == self.own_node() && asked.contains(&(result.compartment, result.sequence))
        };
        let (final_ones, put_off): (Vec<_>, Vec<_>) = answer
            .results
            .into_iter()
            .filter(ours)
            .partition(|result| !result.refused.as_deref().is_some_and(is_temporary));
        for result in final_ones.iter().filter(|result| result.refused.is_some()) {
            let code = result.refused.as_deref().and_then(Code::parse).unwrap_or(Code::Malformed);
            self.refuse(node, code, "the peer refused a message of ours");
        }
        for result in &final_ones {
            self.peer(node).add_holds(result.compartment, result.sequence);
        }
        let moved = put_off.is_empty() && !final_ones.is_empty();
        settled.extend(final_ones);
        if moved { Step::Moved } else { Step::PutOff }
    }

    /// Keeps what is settled. What is lost of it by a crash, the peer's holdings tell again.
    async fn keep_settled(&self, node: NodeId, settled: &mut Vec<PushResult>) -> Result<(), Problem> {
        if settled.is_empty() {
            return Ok(());
        }
        let (desks, count, results) = (self.clone(), settled.len(), settled.clone());
        self.act(move |tx, _| acknowledged(&desks, tx, node, &results)).await?;
        settled.clear();
        self.inner.metrics.acknowledged.inc_by(count as u64);
        // The sender's page shows the delivery.
        let _ = self.inner.live.send(());
        Ok(())
    }
}

/// Refusals that time or a sync will cure.
fn is_temporary(code: &str) -> bool {
    [Code::EpochAhead, Code::Busy, Code::StoreUnavailable, Code::NotMember, Code::ListExpired]
        .iter()
        .any(|temporary| temporary.as_str() == code)
}

/// The compartments that this node and the peer are both in, and both cleared for as the list stands
/// now.
pub(super) fn shared(
    desks: &Desks,
    read: &impl Read,
    node: NodeId,
) -> Result<Vec<(CompartmentId, CompartmentRecord)>, ActError> {
    let channel = channel_id(desks.own_node(), node);
    let mut found = Vec::new();
    for (_, id) in read.all(ROOMS)? {
        let Some(record) = read.get(COMPARTMENTS, &id)? else { continue };
        let mine =
            record.stands() && desks.may_exchange(node, &record.level) && record.members.contains(&node);
        if mine && (record.kind == SpaceKind::Community || record.space == channel) {
            found.push((id, record));
        }
    }
    Ok(found)
}

/// The peer has these messages of ours on disk, or refused them for good.
pub(super) fn acknowledged(
    desks: &Desks,
    tx: &Tx<'_>,
    node: NodeId,
    results: &[PushResult],
) -> Result<(), ActError> {
    for result in results {
        let id = result.compartment;
        let Some(record) = tx.get(COMPARTMENTS, &id)? else { continue };
        if record.kind != SpaceKind::Channel {
            continue;
        }
        let key = (id, desks.own_node(), result.sequence);
        let Some(sealed) = tx.get(MESSAGES, &key)? else { continue };
        tx.remove(MESSAGES, &key)?;
        if let Some(sending) = tx.get(SENDING, &id)? {
            let unacknowledged = sending.unacknowledged.saturating_sub(1);
            tx.put(SENDING, &id, &Slot::System, &Sending { unacknowledged, ..sending })?;
        }
        if let Some(item) = sealed.item {
            delivered(desks, tx, node, item, &record, result.refused.as_deref())?;
        }
    }
    Ok(())
}

/// Notes delivery, or refusal, for every addressee on that node.
fn delivered(
    desks: &Desks,
    tx: &Tx<'_>,
    node: NodeId,
    item: ItemId,
    record: &CompartmentRecord,
    refused: Option<&str>,
) -> Result<(), ActError> {
    let Some(filed) = tx.get(ITEMS, &item)? else { return Ok(()) };
    let Content::Correspondence(signed) = &filed.content else { return Ok(()) };
    let now = desks.now();
    for party in signed.item.addressees().filter(|party| party.node == node) {
        let key = (item, party.group);
        let before: Delivery = tx.get(DELIVERIES, &key)?.unwrap_or_default();
        let after = match refused {
            None => Delivery { delivered: before.delivered.or(Some(now)), ..before },
            Some(code) => Delivery { refused: Some(code.to_owned()), ..before },
        };
        tx.put(DELIVERIES, &key, &Slot::Level(record.level.clone()), &after)?;
    }
    let act = if refused.is_some() { LedgerAct::Refused } else { LedgerAct::Delivered };
    let detail = refused.map_or_else(|| node.to_string(), |code| format!("{node} {code}"));
    let note = Note {
        subject: Some(item),
        level: Some(record.level.clone()),
        detail: Some(detail),
        ..Note::default()
    };
    ledger::append(tx, now, act, note)?;
    Ok(())
}
