//! Requests and replies: what the driver does with them.
//!
//! Decides whether there is room for a request and who gets its answer; never looks inside.

use crate::driver::Driver;
use crate::event::{Answer, Event, FRAME_TOO_LARGE, LIMIT_REQUESTS, Refusal, Reply};
use crate::frame::FrameTooLarge;
use crate::handle::{Answered, Outgoing, RequestError};
use crate::plane::{Plane, Slot};
use libp2p::PeerId;
use libp2p::request_response::{self, Message, OutboundFailure, OutboundRequestId, ResponseChannel};
use std::collections::HashMap;
use std::time::Instant;
use tokio::sync::oneshot;

/// Requests sent and not yet answered. Ids are unique within a plane.
pub(crate) type InFlight = HashMap<(Plane, OutboundRequestId), Waiting>;

/// Somebody who waits for an answer.
pub(crate) struct Waiting {
    answer: oneshot::Sender<Answered>,
    _slot: Slot,
}

impl Driver {
    pub(crate) fn on_outgoing(&mut self, request: Outgoing) {
        let Outgoing { to, plane, bytes, slot, answer } = request;
        if answer.is_closed() {
            return;
        }
        let Some(peer) = self.roster.peer_of(to) else {
            return conclude(answer, Err(RequestError::UnknownPeer));
        };
        let exchange = self.swarm.behaviour_mut().exchange(plane);
        // Without a connection libp2p would dial and keep the request until then.
        if !exchange.is_connected(&peer) {
            return conclude(answer, Err(RequestError::NotConnected));
        }
        let id = exchange.send_request(&peer, Ok(bytes));
        self.in_flight.insert((plane, id), Waiting { answer, _slot: slot });
    }

    pub(crate) fn on_answer(&mut self, answer: Answer) {
        let Answer { from, plane, channel, bytes, .. } = answer;
        let peer = self.roster.peer_of(from);
        if let Some(entry) = peer.and_then(|peer| self.roster.entry_mut(&peer)) {
            entry.budget.spend(plane, bytes.len(), Instant::now());
        }
        if self.swarm.behaviour_mut().exchange(plane).send_response(channel, bytes).is_err() {
            tracing::debug!(?plane, "the asker has gone before the reply");
        }
    }

    pub(crate) fn on_exchange(
        &mut self,
        plane: Plane,
        event: request_response::Event<Result<Vec<u8>, FrameTooLarge>, Vec<u8>>,
    ) {
        match event {
            request_response::Event::Message { peer, message, .. } => match message {
                Message::Request { request, channel, .. } => self.on_request(plane, peer, request, channel),
                Message::Response { request_id, response } => self.finish(plane, request_id, Ok(response)),
            },
            request_response::Event::OutboundFailure { peer, request_id, error, .. } => {
                tracing::debug!(peer.id = %peer, ?plane, %error, "request failed");
                self.finish(plane, request_id, Err(blame(&error)));
            }
            request_response::Event::InboundFailure { peer, error, .. } => {
                tracing::debug!(peer.id = %peer, ?plane, %error, "reply failed");
            }
            request_response::Event::ResponseSent { .. } => {}
        }
    }

    fn on_request(
        &mut self,
        plane: Plane,
        peer: PeerId,
        request: Result<Vec<u8>, FrameTooLarge>,
        channel: ResponseChannel<Vec<u8>>,
    ) {
        // Removed from the list since it asked: its connections are being closed.
        let Some(entry) = self.roster.entry_mut(&peer) else { return };
        let from = entry.node;
        let now = Instant::now();
        let refuse = |code| {
            self.outbox.refused(Refusal { code, peer: peer.to_string(), node: Some(from) });
        };
        let Ok(bytes) = request else { return refuse(FRAME_TOO_LARGE) };
        let Some(slot) = entry.inbound.try_acquire(plane) else { return refuse(LIMIT_REQUESTS) };
        let waits = entry.budget.ask(plane, bytes.len(), now);
        let reply = Reply { from, plane, channel, slot, answers: self.answers_sender.clone() };
        let request = Event::Request { from, plane, bytes, reply };
        if waits.is_zero() {
            self.hand_over(request);
        } else {
            tracing::debug!(peer.node = %from, ?plane, wait_ms = waits.as_millis(), "over its budget");
            self.waiting.entry(now + waits).or_default().push(request);
        }
    }

    /// Requests whose time has come. They hold their slots until then, so that there are never many.
    pub(crate) fn on_earned(&mut self, now: Instant) {
        while let Some(first) = self.waiting.first_entry().filter(|first| *first.key() <= now) {
            for request in first.remove() {
                self.hand_over(request);
            }
        }
    }

    fn hand_over(&mut self, request: Event) {
        let Event::Request { from, .. } = &request else { return };
        let from = *from;
        // Removed from the list while its request waited.
        let Some(peer) = self.roster.peer_of(from) else { return };
        if !self.outbox.request(request) {
            self.outbox.refused(Refusal { code: LIMIT_REQUESTS, peer: peer.to_string(), node: Some(from) });
        }
    }

    fn finish(&mut self, plane: Plane, id: OutboundRequestId, answered: Answered) {
        if let Some(waiting) = self.in_flight.remove(&(plane, id)) {
            conclude(waiting.answer, answered);
        }
    }
}

fn conclude(answer: oneshot::Sender<Answered>, answered: Answered) {
    // The caller may have given up meanwhile.
    let _ = answer.send(answered);
}

fn blame(error: &OutboundFailure) -> RequestError {
    match error {
        OutboundFailure::DialFailure => RequestError::NotConnected,
        OutboundFailure::Timeout => RequestError::Timeout,
        OutboundFailure::ConnectionClosed | OutboundFailure::UnsupportedProtocols => RequestError::Closed,
        OutboundFailure::Io(error) => match FrameTooLarge::inside(error) {
            Some(FrameTooLarge { got, limit }) => RequestError::TooLarge { got, limit },
            None => RequestError::Closed,
        },
    }
}
