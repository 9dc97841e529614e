//! Comparing with a peer and fetching what is missing, as `node/src/desks/federation/sync.rs` does.

use super::Turn;
use crate::sim::room::{Decided, Parcel, Room};
use mls::MlsError;
use protocol::codec;
use protocol::ids::NodeId;
use protocol::limits::{HOLDING_SENDERS_MAX, PAGE_FRAME_BYTES_MAX, PUSH_MESSAGES_MAX, RANGES_MAX};
use protocol::refusal::Code;
use protocol::sync::{Holding, Page, Ranges, TRANSCRIPT_BYTES, check_holdings};
use protocol::wire::{LogAnswer, LogRequest};

/// Commits read for one answer; how many of them go is a matter of bytes.
const COMMITS_PAGE_MAX: usize = 64;

impl Turn<'_> {
    /// Compares with a member, and sends its Welcome again to one that has not come yet.
    pub(super) fn contact(&mut self, room: &Room, peer: NodeId) {
        if let Some((_, welcome)) = room.welcomes.iter().find(|(to, _)| *to == peer) {
            self.send(peer, Parcel::Welcome(codec::encode(&**welcome)));
        }
        self.request(peer, &LogRequest::Have(vec![self.holding(room, peer)]));
    }

    pub(super) fn ask_commits(&mut self, room: &Room, peer: NodeId) {
        self.request(peer, &LogRequest::Commits { compartment: room.id, from_epoch: room.epoch });
    }

    pub(super) fn request(&mut self, peer: NodeId, request: &LogRequest) {
        self.send(peer, Parcel::Request(codec::encode(request)));
    }

    /// What this node holds, and what vote of the peer's.
    fn holding(&self, room: &Room, peer: NodeId) -> Holding {
        let mut held: Vec<(NodeId, Ranges)> =
            room.held.iter().map(|(sender, held)| (*sender, held.ranges.first(RANGES_MAX))).collect();
        held.push((self.cast.me, Ranges::between(room.base + 1, room.sent)));
        held.sort_unstable_by_key(|(sender, _)| *sender);
        held.truncate(HOLDING_SENDERS_MAX);
        let transcript = room.transcript.iter().take(TRANSCRIPT_BYTES).copied().collect();
        let mark = room.marks.get(&peer).filter(|(epoch, _)| *epoch == room.epoch);
        let mark = mark.map(|(_, mark)| mark.clone());
        Holding { compartment: room.id, epoch: room.epoch, transcript, held, mark }
    }

    pub(super) fn answer(&mut self, room: &mut Room, from: NodeId, bytes: &[u8]) -> Result<(), MlsError> {
        let Ok(request) = codec::decode::<LogRequest>(bytes, PAGE_FRAME_BYTES_MAX) else { return Ok(()) };
        let answer = match request {
            LogRequest::Have(theirs) => {
                let mine = self.holding(room, from);
                self.send(from, Parcel::Answer(codec::encode(&LogAnswer::Have(vec![mine]))));
                self.reconcile(room, from, &theirs)?;
                return if room.stands() { self.retry(room, from) } else { Ok(()) };
            }
            LogRequest::Resync { epoch, incarnation, .. } => {
                self.answer_return(room, from, (epoch, incarnation))?
            }
            request if room.members.contains(&from) || matches!(request, LogRequest::Commits { .. }) => {
                logged(room, &request)
            }
            _ => return Ok(()),
        };
        self.send(from, Parcel::Answer(codec::encode(&answer)));
        Ok(())
    }

    pub(super) fn use_answer(&mut self, room: &mut Room, from: NodeId, bytes: &[u8]) -> Result<(), MlsError> {
        match codec::decode::<LogAnswer>(bytes, PAGE_FRAME_BYTES_MAX) {
            Ok(LogAnswer::Have(theirs)) => self.reconcile(room, from, &theirs),
            Ok(LogAnswer::Messages(envelopes)) => self.take_messages(room, from, envelopes),
            Ok(LogAnswer::Commits(commits)) => {
                let epoch = room.epoch;
                for (value, certificate) in commits {
                    if room.stands() {
                        self.learn(room, Decided { value, certificate })?;
                    }
                }
                if room.stands() && room.epoch > epoch {
                    self.contact(room, from);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Uses what a peer says that it holds.
    fn reconcile(&mut self, room: &mut Room, from: NodeId, theirs: &[Holding]) -> Result<(), MlsError> {
        let Some(holding) = theirs.iter().find(|holding| holding.compartment == room.id) else {
            return Ok(());
        };
        if check_holdings(theirs).is_err() || self.check_rollback(room, from, holding)? {
            return Ok(());
        }
        room.welcomes.retain(|(to, _)| *to != from);
        if holding.epoch <= room.epoch {
            self.note_told(from);
        }
        if holding.epoch > room.epoch {
            self.ask_commits(room, from);
        } else if holding.epoch == room.epoch && !room.transcript.starts_with(&holding.transcript) {
            // Its decision for the epoch before is the evidence.
            let from_epoch = room.epoch.saturating_sub(1);
            self.request(from, &LogRequest::Commits { compartment: room.id, from_epoch });
        }
        for (sender, theirs) in holding.held.iter().filter(|(sender, _)| *sender != self.cast.me) {
            let held = room.held.entry(*sender).or_default();
            let ranges = theirs.minus(&held.ranges).first(RANGES_MAX);
            if !ranges.as_slice().is_empty() {
                let (compartment, sender, from_epoch) = (room.id, *sender, room.joined);
                self.request(from, &LogRequest::Want { compartment, sender, ranges, from_epoch });
            }
        }
        Ok(())
    }
}

/// What is asked for of messages and commits.
pub(super) fn logged(room: &Room, request: &LogRequest) -> LogAnswer {
    let mut page = Page::new(PAGE_FRAME_BYTES_MAX);
    match request {
        LogRequest::Want { sender, ranges, from_epoch, .. } if ranges.is_sound() => {
            let of_sender = room.messages.range((*sender, 0)..=(*sender, u64::MAX));
            let wanted = of_sender
                .filter(|((_, sequence), one)| ranges.contains(*sequence) && one.epoch >= *from_epoch)
                .map(|(_, envelope)| (**envelope).clone());
            let fitting = wanted.take_while(|one| page.take(codec::encode(one).len()));
            LogAnswer::Messages(fitting.take(PUSH_MESSAGES_MAX).collect())
        }
        LogRequest::Commits { from_epoch, .. } => {
            let found = room.log.range(*from_epoch..).take(COMMITS_PAGE_MAX);
            let pairs = found.map(|(_, one)| (one.value.clone(), one.certificate.clone()));
            LogAnswer::Commits(pairs.take_while(|pair| page.take(codec::encode(pair).len())).collect())
        }
        _ => LogAnswer::Refused(Code::Malformed.as_str().to_owned()),
    }
}
