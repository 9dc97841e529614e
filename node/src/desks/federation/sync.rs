//! Comparing and fetching: what each holds of every compartment that both are in, messages that one
//! lacks and the other has, and decided commits.

use super::pump::{acknowledged, shared};
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMMITS, COMPARTMENTS, CompartmentRecord, DecidedCommit, HELD, Held, MARKS, MESSAGES, SENDING, Sealed,
    Sending,
};
use net::Plane;
use protocol::codec;
use protocol::ids::{CompartmentId, NodeId};
use protocol::limits::{
    HOLDING_SENDERS_MAX, PAGE_FRAME_BYTES_MAX, PUSH_MESSAGES_MAX, RANGES_MAX, SHARED_COMPARTMENTS_MAX,
};
use protocol::refusal::Code;
use protocol::space::SpaceKind;
use protocol::sync::{Holding, Page, Ranges, TRANSCRIPT_BYTES, check_holdings};
use protocol::wire::{LogAnswer, LogRequest, PushResult};
use std::collections::BTreeSet;
use store::{Order, Read};

/// Commits read for one answer; how many of them go is a matter of bytes.
const COMMITS_PAGE_MAX: usize = 64;
/// Pages fetched in a row from one peer; more waits for the next comparison.
const PAGES_MAX: usize = 200;

impl Desks {
    /// Compares holdings with a peer and fetches what is missing.
    pub(super) async fn compare(&self, node: NodeId) {
        match self.compare_pages(node).await {
            Ok(()) => self.peer(node).compared(),
            Err(problem) => {
                tracing::debug!(peer = self.name_of(node), code = problem.code.as_str(), "compare.failed");
            }
        }
    }

    /// Tells what this node holds and hears what the peer holds of the same, a page at a time. An answer that
    /// stops short is continued from there; one that tells nothing shares nothing of what was asked.
    async fn compare_pages(&self, node: NodeId) -> Result<(), Problem> {
        let mut ours = self.holdings(node)?;
        loop {
            let asked = first_page(&ours);
            let ends =
                |holdings: &[Holding]| Some((holdings.first()?.compartment, holdings.last()?.compartment));
            let Some((first, last)) = ends(&asked) else { return Ok(()) };
            let LogAnswer::Have(theirs) = self.ask_log(node, &LogRequest::Have(asked)).await? else {
                return Err(Problem::new(Code::Malformed, "no holdings"));
            };
            let answered = theirs.last().map(|holding| holding.compartment);
            self.reconcile(node, theirs).await?;
            let done = answered.filter(|done| (first..last).contains(done)).unwrap_or(last);
            ours.retain(|holding| holding.compartment > done);
        }
    }

    /// Tells the members of a compartment that it has a new commit: they compare and fetch.
    pub(super) async fn announce(&self, compartment: CompartmentId) {
        let record =
            self.snapshot().ok().and_then(|snapshot| snapshot.get(COMPARTMENTS, &compartment).ok()?);
        let Some(CompartmentRecord { members, former, .. }) = record else { return };
        for node in members.into_iter().chain(former) {
            if node != self.own_node() && self.inner.peers.is_connected(node) {
                self.compare(node).await;
            }
        }
    }

    /// What this node holds of what it shares with a peer, ascending.
    fn holdings(&self, node: NodeId) -> Result<Vec<Holding>, Problem> {
        let snapshot = self.snapshot()?;
        let mut holdings = Vec::new();
        for (id, record) in compared_with(self, &snapshot, node)?.into_iter().take(SHARED_COMPARTMENTS_MAX) {
            let mut held = Vec::new();
            for (key, of_sender) in snapshot.list(HELD, &id, Order::Ascending, usize::MAX)? {
                let (_, sender): (CompartmentId, NodeId) = key;
                let of_sender: Held = of_sender;
                held.push((sender, of_sender.ranges.first(RANGES_MAX)));
            }
            if record.kind == SpaceKind::Community {
                let sent = snapshot.get(SENDING, &id)?.map(|sending: Sending| sending.ranges());
                held.push((self.own_node(), sent.unwrap_or_default()));
            }
            held.sort_unstable_by_key(|(sender, _)| *sender);
            held.truncate(HOLDING_SENDERS_MAX);
            let transcript = record.transcript.iter().take(TRANSCRIPT_BYTES).copied().collect();
            let mark = snapshot.get(MARKS, &(id, node))?;
            let mark = mark.filter(|(epoch, _)| *epoch == record.epoch).map(|(_, mark)| mark);
            holdings.push(Holding { compartment: id, epoch: record.epoch, transcript, held, mark });
        }
        holdings.sort_unstable_by_key(|holding| holding.compartment);
        holdings.dedup_by_key(|holding| holding.compartment);
        Ok(holdings)
    }

    /// Uses what a peer says that it holds. Compartments that it does not share with this node are
    /// passed over in silence.
    async fn reconcile(&self, node: NodeId, theirs: Vec<Holding>) -> Result<(), Problem> {
        if let Err((code, detail)) = check_holdings(&theirs) {
            self.refuse(node, code, detail);
            return Err(Problem::new(code, detail));
        }
        let snapshot = self.snapshot()?;
        let common = compared_with(self, &snapshot, node)?;
        drop(snapshot);
        for (id, record) in common {
            let at = theirs.binary_search_by_key(&id, |holding| holding.compartment);
            let Some(holding) = at.ok().and_then(|at| theirs.get(at)) else { continue };
            if self.check_rollback(node, id, &record, holding).await? {
                continue;
            }
            if holding.epoch <= record.epoch {
                self.inner.orders.hear(id, node);
            }
            if holding.epoch > record.epoch {
                // What the other one knows of this node in that epoch, the next comparison tells.
                self.pull_commits(node, id).await;
                self.peer(node).mark_stale();
            } else if holding.epoch == record.epoch && !record.transcript.starts_with(&holding.transcript) {
                self.refuse(node, Code::Fork, "transcripts of one epoch differ");
                // Its decision for this epoch is the evidence.
                self.pull_evidence(node, id, record.epoch).await;
            }
            self.note_acknowledged(node, id, &record, holding).await?;
            if record.kind == SpaceKind::Community {
                self.fetch_missing(node, (id, &record), holding).await?;
            }
        }
        Ok(())
    }

    /// What it holds of ours need not be pushed; in a channel that is also the acknowledgement that
    /// may have been lost.
    async fn note_acknowledged(
        &self,
        node: NodeId,
        id: CompartmentId,
        record: &CompartmentRecord,
        holding: &Holding,
    ) -> Result<(), Problem> {
        let ours = holding.held.iter().find(|(sender, _)| *sender == self.own_node());
        let held = ours.map(|(_, ranges)| ranges.clone()).unwrap_or_default();
        if record.kind == SpaceKind::Channel {
            let rows =
                self.snapshot()?.list(MESSAGES, &(id, self.own_node()), Order::Ascending, usize::MAX)?;
            let sequences = rows.into_iter().map(|((_, _, sequence), _): (_, Sealed)| sequence);
            let lost = sequences.filter(|sequence| held.contains(*sequence)).map(|sequence| PushResult {
                compartment: id,
                sender: self.own_node(),
                sequence,
                refused: None,
            });
            let lost: Vec<_> = lost.collect();
            if !lost.is_empty() {
                let desks = self.clone();
                self.act(move |tx, _| acknowledged(&desks, tx, node, &lost)).await?;
            }
        }
        self.peer(node).set_holds(id, held);
        Ok(())
    }

    /// Fetches messages of any author that the peer holds and this node lacks.
    async fn fetch_missing(
        &self,
        node: NodeId,
        (id, record): (CompartmentId, &CompartmentRecord),
        holding: &Holding,
    ) -> Result<(), Problem> {
        for (sender, theirs) in &holding.held {
            if *sender == self.own_node() {
                continue;
            }
            for _ in 0..PAGES_MAX {
                let held: Held = self.snapshot()?.get(HELD, &(id, *sender))?.unwrap_or_default();
                let ranges = theirs.minus(&held.ranges).first(RANGES_MAX);
                if ranges.as_slice().is_empty() {
                    break;
                }
                let from_epoch = record.since;
                let request = LogRequest::Want { compartment: id, sender: *sender, ranges, from_epoch };
                let LogAnswer::Messages(envelopes) = self.ask_log(node, &request).await? else { break };
                let asked = |e: &protocol::message::Envelope| e.compartment == id && e.sender == *sender;
                let envelopes: Vec<_> = envelopes.into_iter().filter(asked).take(PUSH_MESSAGES_MAX).collect();
                let results = self.take_in(node, envelopes).await.unwrap_or_default();
                if !results.iter().any(|result| result.refused.is_none()) {
                    // No progress: what is left cannot be opened now.
                    break;
                }
            }
        }
        Ok(())
    }

    /// Fetches and applies decided commits until this node is where the peer is.
    pub(in crate::desks) async fn pull_commits(&self, node: NodeId, id: CompartmentId) {
        for _ in 0..PAGES_MAX {
            let held = self.snapshot().ok().and_then(|snapshot| snapshot.get(COMPARTMENTS, &id).ok()?);
            let Some(record) = held.filter(|record: &CompartmentRecord| record.active) else { return };
            let recovering = record.recovering.is_some();
            let request = LogRequest::Commits { compartment: id, from_epoch: record.epoch };
            let Ok(LogAnswer::Commits(commits)) = self.ask_log(node, &request).await else { return };
            if commits.is_empty() {
                return;
            }
            for (value, certificate) in commits {
                let decided = DecidedCommit { value, certificate };
                let applied = if recovering {
                    self.follow(id, decided).await
                } else {
                    self.apply_commit(id, decided).await
                };
                if let Err(problem) = applied {
                    self.refuse(node, problem.code, &problem.detail);
                    return;
                }
            }
        }
    }

    /// Fetches the decision by which a peer came to the epoch that this node is in too, by another one. Against
    /// this node's own it shows who lied, and freezes the compartment.
    async fn pull_evidence(&self, node: NodeId, id: CompartmentId, epoch: u64) {
        let Some(from_epoch) = epoch.checked_sub(1) else { return };
        let request = LogRequest::Commits { compartment: id, from_epoch };
        let Ok(LogAnswer::Commits(commits)) = self.ask_log(node, &request).await else { return };
        if let Some((value, certificate)) = commits.into_iter().find(|(value, _)| value.epoch == from_epoch) {
            // A decision of an epoch that is over is refused as such; what it proves is kept.
            let _ = self.apply_commit(id, DecidedCommit { value, certificate }).await;
        }
    }

    pub(in crate::desks) async fn ask_log(
        &self,
        node: NodeId,
        request: &LogRequest,
    ) -> Result<LogAnswer, Problem> {
        let bytes = self.ask(node, Plane::Log, codec::encode(request)).await?;
        codec::decode(&bytes, PAGE_FRAME_BYTES_MAX).map_err(|error| {
            self.refuse(node, error.code(), &error.to_string());
            Problem::new(error.code(), error.to_string())
        })
    }

    /// Answers on the log plane; `None` when the bytes are no request or nothing can be read.
    pub(super) async fn answer_log(&self, from: NodeId, bytes: &[u8]) -> Option<Vec<u8>> {
        let request = match codec::decode::<LogRequest>(bytes, PAGE_FRAME_BYTES_MAX) {
            Ok(request) => request,
            Err(error) => {
                self.refuse(from, error.code(), &error.to_string());
                return None;
            }
        };
        let answer = match request {
            LogRequest::Have(_) | LogRequest::Want { .. } if self.is_witness(from) => {
                refused(self, from, Code::OutsideScope)
            }
            LogRequest::List => {
                self.stored_list().map_or_else(|problem| refused(self, from, problem.code), LogAnswer::List)
            }
            LogRequest::Suspensions => self
                .suspensions_in_force()
                .map_or_else(|problem| refused(self, from, problem.code), LogAnswer::Suspensions),
            LogRequest::Have(theirs) => {
                let asked: BTreeSet<_> = theirs.iter().map(|holding| holding.compartment).collect();
                let mut mine = self.holdings(from).ok()?;
                mine.retain(|holding| asked.contains(&holding.compartment));
                let mine = first_page(&mine);
                let desks = self.clone();
                // The asker gets its answer now; what this node lacks is fetched after.
                tokio::spawn(async move {
                    if desks.reconcile(from, theirs).await.is_ok() {
                        desks.inner.peers.wake(from);
                        // It may have joined or caught up: then it can vote now.
                        desks.retry_orders(from).await;
                    }
                });
                LogAnswer::Have(mine)
            }
            LogRequest::Want { compartment, sender, ranges, from_epoch } => self
                .wanted(from, (compartment, sender), &ranges, from_epoch)
                .unwrap_or_else(|code| refused(self, from, code)),
            LogRequest::Resync { compartment, epoch, incarnation } => self
                .answer_return(from, compartment, epoch, incarnation)
                .await
                .unwrap_or_else(|problem| refused(self, from, problem.code)),
            LogRequest::Commits { compartment, from_epoch } => {
                self.commits(from, compartment, from_epoch).unwrap_or_else(|code| refused(self, from, code))
            }
        };
        Some(codec::encode(&answer))
    }

    /// Ciphertexts of a community, to its members only, lowest sequence first.
    fn wanted(
        &self,
        from: NodeId,
        (compartment, sender): (CompartmentId, NodeId),
        ranges: &Ranges,
        from_epoch: u64,
    ) -> Result<LogAnswer, Code> {
        let unavailable = |_| Code::StoreUnavailable;
        let snapshot = self.snapshot().map_err(|problem| problem.code)?;
        let record = snapshot.get(COMPARTMENTS, &compartment).map_err(unavailable)?;
        let member = record.is_some_and(|r: CompartmentRecord| r.active && r.members.contains(&from));
        if !member {
            return Err(Code::NotMember);
        }
        if !ranges.is_sound() {
            return Err(Code::Malformed);
        }
        let (mut found, mut page) = (Vec::new(), Page::new(PAGE_FRAME_BYTES_MAX));
        for (low, high) in ranges.as_slice() {
            // What is there bounds the walk: a peer may name numbers that nobody has. A sender's epochs
            // do not fall, so that the last of a range tells whether any is late enough.
            let key = |sequence: u64| (compartment, sender, sequence);
            let (mut from_sequence, end) = (*low, high.saturating_add(1));
            let last = snapshot.range(MESSAGES, &key(*low), &key(end), Order::Descending, 1);
            if !last.map_err(unavailable)?.iter().any(|(_, last)| last.envelope.epoch >= from_epoch) {
                continue;
            }
            loop {
                let rows = snapshot.range(
                    MESSAGES,
                    &key(from_sequence),
                    &key(end),
                    Order::Ascending,
                    PUSH_MESSAGES_MAX,
                );
                let rows = rows.map_err(unavailable)?;
                let Some(((_, _, reached), _)) = rows.last() else { break };
                from_sequence = reached.saturating_add(1);
                for (_, Sealed { envelope, .. }) in rows {
                    if envelope.epoch < from_epoch {
                        continue;
                    }
                    if found.len() == PUSH_MESSAGES_MAX || !page.take(codec::encode(&envelope).len()) {
                        return Ok(LogAnswer::Messages(found));
                    }
                    found.push(envelope);
                }
            }
        }
        Ok(LogAnswer::Messages(found))
    }

    /// Decided commits, to members and to those whom a commit removed.
    fn commits(&self, from: NodeId, compartment: CompartmentId, from_epoch: u64) -> Result<LogAnswer, Code> {
        let unavailable = |_| Code::StoreUnavailable;
        let snapshot = self.snapshot().map_err(|problem| problem.code)?;
        let record: Option<CompartmentRecord> =
            snapshot.get(COMPARTMENTS, &compartment).map_err(unavailable)?;
        if !record.is_some_and(|r| r.active && (r.members.contains(&from) || r.former.contains(&from))) {
            return Err(Code::NotMember);
        }
        let (low, high) = ((compartment, from_epoch), (compartment, u64::MAX));
        let rows =
            snapshot.range(COMMITS, &low, &high, Order::Ascending, COMMITS_PAGE_MAX).map_err(unavailable)?;
        let pairs =
            rows.into_iter().map(|(_, commit): (_, DecidedCommit)| (commit.value, commit.certificate));
        let mut page = Page::new(PAGE_FRAME_BYTES_MAX);
        let fitting = pairs.take_while(|pair| page.take(codec::encode(pair).len()));
        Ok(LogAnswer::Commits(fitting.collect()))
    }
}

/// The first of them that fit one frame together.
fn first_page(holdings: &[Holding]) -> Vec<Holding> {
    let mut page = Page::new(PAGE_FRAME_BYTES_MAX);
    holdings.iter().take_while(|holding| page.take(codec::encode(*holding).len())).cloned().collect()
}

fn refused(desks: &Desks, from: NodeId, code: Code) -> LogAnswer {
    desks.refuse(from, code, "log request");
    LogAnswer::Refused(code.as_str().to_owned())
}

/// Compartments to compare with a node: those that both are in, and those that it was removed from
/// and may not know.
fn compared_with(
    desks: &Desks,
    read: &impl Read,
    node: NodeId,
) -> Result<Vec<(CompartmentId, CompartmentRecord)>, ActError> {
    let mut found = shared(desks, read, node)?;
    for (id, record) in read.all(COMPARTMENTS)? {
        if record.active && record.former.contains(&node) {
            found.push((id, record));
        }
    }
    Ok(found)
}
