//! What the node hears from its transport, and how a slow listener is treated.
//!
//! Decides what is lost when nobody listens: refusals first, then requests, never the fact that a
//! peer came or went.

use crate::limits;
use crate::plane::{Plane, Slot};
use libp2p::request_response::ResponseChannel;
use protocol::ids::NodeId;
use std::collections::VecDeque;
use std::fmt;
use tokio::sync::mpsc;

/// Something happened on the wire.
#[derive(Debug)]
pub enum Event {
    /// The first connection with a listed node is up.
    Connected(NodeId),
    /// The last connection with a node is gone, or the node is no longer listed.
    Disconnected(NodeId),
    /// A listed node asks.
    Request {
        /// Who asks, authenticated.
        from: NodeId,
        /// On which plane.
        plane: Plane,
        /// What; at most [`Plane::frame_bytes_max`] bytes.
        bytes: Vec<u8>,
        /// Where the answer goes.
        reply: Reply,
    },
    /// Something was turned away. Best effort: a flood of refusals is not reported in full.
    Refused(Refusal),
}

/// Who was turned away and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `FED_UNKNOWN_PEER`, `FED_FRAME_TOO_LARGE`, `FED_LIMIT_CONNECTIONS` or `FED_LIMIT_REQUESTS`.
    pub code: &'static str,
    /// Peer id, or the address where the peer did not get as far as proving who it is.
    pub peer: String,
    /// The node, where the peer is listed.
    pub node: Option<NodeId>,
}

pub(crate) const UNKNOWN_PEER: &str = "FED_UNKNOWN_PEER";
pub(crate) const FRAME_TOO_LARGE: &str = "FED_FRAME_TOO_LARGE";
pub(crate) const LIMIT_CONNECTIONS: &str = "FED_LIMIT_CONNECTIONS";
pub(crate) const LIMIT_REQUESTS: &str = "FED_LIMIT_REQUESTS";

/// The right to answer one request, once. Dropped unused, it closes the stream and the asker gets
/// an error.
#[must_use = "dropping a reply refuses the request"]
pub struct Reply {
    pub(crate) from: NodeId,
    pub(crate) plane: Plane,
    pub(crate) channel: ResponseChannel<Vec<u8>>,
    pub(crate) slot: Slot,
    pub(crate) answers: mpsc::UnboundedSender<Answer>,
}

impl Reply {
    /// Answers. An answer past the limit of the plane is dropped: the asker would refuse it.
    pub fn send(self, bytes: Vec<u8>) {
        let Self { from, plane, channel, slot, answers } = self;
        let (got, limit) = (bytes.len(), plane.frame_bytes_max());
        if got > limit {
            tracing::error!(?plane, got_bytes = got, limit_bytes = limit, "reply too large, not sent");
            return;
        }
        // A stopped transport has closed the stream already.
        let _ = answers.send(Answer { from, plane, channel, bytes, _slot: slot });
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("plane", &self.plane).finish_non_exhaustive()
    }
}

/// An answer on its way to the swarm. The queue of answers needs no bound of its own: each holds
/// the slot of its request.
pub(crate) struct Answer {
    pub(crate) from: NodeId,
    pub(crate) plane: Plane,
    pub(crate) channel: ResponseChannel<Vec<u8>>,
    pub(crate) bytes: Vec<u8>,
    _slot: Slot,
}

/// A change of a peer that must reach the consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Up(NodeId),
    Down(NodeId),
}

impl From<Change> for Event {
    fn from(change: Change) -> Self {
        match change {
            Change::Up(node) => Self::Connected(node),
            Change::Down(node) => Self::Disconnected(node),
        }
    }
}

/// The sending side of the event queue. Nothing here waits, so the swarm always turns.
pub(crate) struct Outbox {
    events: mpsc::Sender<Event>,
    /// Changes that found the queue full; at most two per node.
    waiting: VecDeque<Change>,
}

impl Outbox {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Event>) {
        let (events, receiver) = mpsc::channel(limits::EVENTS_MAX);
        (Self { events, waiting: VecDeque::new() }, receiver)
    }

    pub(crate) fn connected(&mut self, node: NodeId) {
        self.change(Change::Up(node));
    }

    pub(crate) fn disconnected(&mut self, node: NodeId) {
        // An arrival nobody has heard of needs no departure.
        let unheard = self.waiting.iter().position(|change| *change == Change::Up(node));
        match unheard {
            Some(at) => drop(self.waiting.remove(at)),
            None => self.change(Change::Down(node)),
        }
    }

    /// Queues a request; `false` when there is no room, the request is then dropped.
    pub(crate) fn request(&self, request: Event) -> bool {
        // Behind a waiting change there is no room: a request never overtakes the arrival of its peer.
        self.waiting.is_empty() && self.events.try_send(request).is_ok()
    }

    pub(crate) fn refused(&self, refusal: Refusal) {
        let Refusal { code, peer, .. } = &refusal;
        tracing::debug!(code, peer, "refused");
        if self.waiting.is_empty() && self.events.capacity() > limits::EVENTS_MAX - limits::REFUSAL_EVENTS_MAX
        {
            // Best effort by contract.
            let _ = self.events.try_send(Event::Refused(refusal));
        }
    }

    /// Hands over the oldest waiting change once there is room; pending while nothing waits. Safe to
    /// cancel.
    pub(crate) async fn drain(&mut self) {
        let Some(change) = self.waiting.front().copied() else { return std::future::pending().await };
        match self.events.reserve().await {
            Ok(room) => {
                room.send(change.into());
                self.waiting.pop_front();
            }
            // The consumer has gone; there is nobody left to tell.
            Err(_) => self.waiting.clear(),
        }
    }

    fn change(&mut self, change: Change) {
        if !self.waiting.is_empty() || self.events.try_send(change.into()).is_err() {
            self.waiting.push_back(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(byte: u8) -> NodeId {
        NodeId::from_bytes([byte; 32])
    }

    fn refusal() -> Refusal {
        Refusal { code: UNKNOWN_PEER, peer: "stranger".into(), node: None }
    }

    #[tokio::test]
    async fn changes_survive_a_full_queue_in_order() {
        let (mut outbox, mut events) = Outbox::new();
        for _ in 0..limits::EVENTS_MAX {
            outbox.connected(node(1));
        }
        outbox.disconnected(node(1));
        outbox.connected(node(1));
        outbox.disconnected(node(1));
        outbox.connected(node(2));
        assert_eq!(outbox.waiting, [Change::Down(node(1)), Change::Up(node(2))]);
        assert!(!outbox.request(Event::Connected(node(3))), "must not overtake");
        for _ in 0..limits::EVENTS_MAX {
            assert!(matches!(events.recv().await, Some(Event::Connected(_))));
        }
        outbox.drain().await;
        outbox.drain().await;
        assert!(matches!(events.recv().await, Some(Event::Disconnected(id)) if id == node(1)));
        assert!(matches!(events.recv().await, Some(Event::Connected(id)) if id == node(2)));
        assert!(outbox.waiting.is_empty());
    }

    #[tokio::test]
    async fn refusals_leave_room_for_requests() {
        let (outbox, events) = Outbox::new();
        for _ in 0..2 * limits::EVENTS_MAX {
            outbox.refused(refusal());
        }
        assert_eq!(events.len(), limits::REFUSAL_EVENTS_MAX);
        assert!(outbox.request(Event::Refused(refusal())));
    }
}
