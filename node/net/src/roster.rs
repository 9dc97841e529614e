//! The list of peers and the timetable that keeps one connection with each.
//!
//! Decides whom to dial when, and which of two connections to give up. Pure: time and randomness
//! come in, effects go out; the driver carries them out.

use crate::entry::{Closed, Entry, Routes, Way};
use crate::handle::{Directory, Peer};
use crate::identity;
use crate::limits;
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId};
use protocol::ids::NodeId;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::time::Instant;

/// What the driver has to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Dial { peer: PeerId, way: Way, addresses: Vec<Multiaddr> },
    Close(ConnectionId),
}

/// What a new list changed.
#[derive(Debug, Default)]
pub(crate) struct Replaced {
    pub(crate) added: Vec<PeerId>,
    /// With whether the peer was connected.
    pub(crate) removed: Vec<(PeerId, NodeId, bool)>,
}

/// A connection of a listed peer that came up.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) node: NodeId,
    pub(crate) first: bool,
    pub(crate) replaced: Vec<ConnectionId>,
}

pub(crate) struct Roster {
    own: PeerId,
    entries: HashMap<PeerId, Entry>,
    nodes: HashMap<NodeId, PeerId>,
    /// May name times an entry has given up; [`Entry::due`] is the truth.
    timetable: BinaryHeap<Reverse<(Instant, PeerId)>>,
}

impl Roster {
    pub(crate) fn new(own: PeerId) -> Self {
        Self { own, entries: HashMap::new(), nodes: HashMap::new(), timetable: BinaryHeap::new() }
    }

    pub(crate) fn peer_of(&self, node: NodeId) -> Option<PeerId> {
        self.nodes.get(&node).copied()
    }

    pub(crate) fn node_of(&self, peer: &PeerId) -> Option<NodeId> {
        self.entries.get(peer).map(|entry| entry.node)
    }

    pub(crate) fn entry(&self, peer: &PeerId) -> Option<&Entry> {
        self.entries.get(peer)
    }

    pub(crate) fn entry_mut(&mut self, peer: &PeerId) -> Option<&mut Entry> {
        self.entries.get_mut(peer)
    }

    pub(crate) fn directory(&self) -> Directory {
        let open = |entry: &Entry| entry.connected().then(|| entry.outbound.clone());
        self.entries.values().map(|entry| (entry.node, open(entry))).collect()
    }

    /// Takes over a new list. A node with another key than before is a new peer.
    pub(crate) fn replace(&mut self, peers: &[Peer], now: Instant) -> Replaced {
        let listed = self.read(peers);
        let mut replaced = Replaced::default();
        let gone = |(peer, entry): (&PeerId, &Entry)| {
            let kept = listed.iter().any(|(id, node, _)| id == peer && *node == entry.node);
            (!kept).then(|| (*peer, entry.node, entry.connected()))
        };
        replaced.removed = self.entries.iter().filter_map(gone).collect();
        for (peer, node, _) in &replaced.removed {
            if let Some(entry) = self.entries.remove(peer) {
                entry.outbound.close();
            }
            self.nodes.remove(node);
        }
        for (peer, node, routes) in listed {
            if self.entries.contains_key(&peer) {
                self.reroute(peer, routes, now);
            } else {
                self.nodes.insert(node, peer);
                self.entries.insert(peer, Entry::new(node, routes));
                // Both sides read the same list at about the same time: one of them goes first.
                let head_start = if self.own < peer { now } else { now + limits::REDIAL_DELAY_MIN };
                self.schedule(peer, head_start);
                replaced.added.push(peer);
            }
        }
        replaced
    }

    /// A connection is up; `None` when the peer has been removed meanwhile.
    pub(crate) fn opened(&mut self, peer: PeerId, id: ConnectionId, now: Instant) -> Option<Opened> {
        let entry = self.entries.get_mut(&peer)?;
        let first = !entry.connected();
        let replaced = entry.opened(id, now);
        let opened = Opened { node: entry.node, first, replaced };
        if first {
            entry.due = None;
        } else {
            self.schedule(peer, now + limits::SIMULTANEOUS_DIAL_TIME_MAX);
        }
        Some(opened)
    }

    /// A connection is gone; the node, when it was the last one.
    pub(crate) fn closed(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        now: Instant,
        noise: u64,
    ) -> Option<NodeId> {
        let entry = self.entries.get_mut(&peer)?;
        if entry.closed(id, now) != Closed::Last {
            return None;
        }
        let (node, delay) = (entry.node, entry.backoff.next(noise));
        self.schedule(peer, now + delay);
        Some(node)
    }

    /// A dial failed: the other way at once, or all of it again later.
    pub(crate) fn dial_failed(&mut self, peer: PeerId, now: Instant, noise: u64) -> Option<Action> {
        let entry = self.entries.get_mut(&peer)?;
        if let Some(way) = entry.dial_failed() {
            return Some(Action::Dial { peer, way, addresses: entry.routes.by(way).to_vec() });
        }
        if !entry.connected() {
            let delay = entry.backoff.next(noise);
            self.schedule(peer, now + delay);
        }
        None
    }

    /// When to call [`Roster::due`] next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.timetable.peek().map(|Reverse((at, _))| *at)
    }

    /// What is to be done by now.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        while let Some(Reverse((at, peer))) =
            self.timetable.peek().copied().filter(|Reverse((at, _))| *at <= now)
        {
            self.timetable.pop();
            let Some(entry) = self.entries.get_mut(&peer).filter(|entry| entry.due == Some(at)) else {
                continue;
            };
            entry.due = None;
            if !entry.connected() {
                if let Some(way) = entry.dial() {
                    actions.push(Action::Dial { peer, way, addresses: entry.routes.by(way).to_vec() });
                }
            } else if entry.doubled() {
                match entry.surplus(self.own < peer, now) {
                    Some(surplus) => actions.extend(surplus.into_iter().map(Action::Close)),
                    None => self.schedule(peer, now + limits::SIMULTANEOUS_DIAL_TIME_MAX),
                }
            }
        }
        actions
    }

    /// Turns away everybody who waits to ask.
    pub(crate) fn close(&self) {
        self.entries.values().for_each(|entry| entry.outbound.close());
    }

    fn reroute(&mut self, peer: PeerId, routes: Routes, now: Instant) {
        let Some(entry) = self.entries.get_mut(&peer).filter(|entry| entry.routes != routes) else { return };
        entry.routes = routes;
        entry.backoff.reset();
        if !entry.connected() {
            self.schedule(peer, now);
        }
    }

    fn schedule(&mut self, peer: PeerId, at: Instant) {
        if let Some(entry) = self.entries.get_mut(&peer) {
            entry.due = Some(at);
            self.timetable.push(Reverse((at, peer)));
        }
    }

    fn read(&self, peers: &[Peer]) -> Vec<(PeerId, NodeId, Routes)> {
        let (mut keys, mut nodes) = (HashSet::new(), HashSet::new());
        let mut listed = Vec::with_capacity(peers.len());
        for Peer { node, key, addresses } in peers {
            let Some(peer) = identity::peer_id(key) else {
                tracing::warn!(peer.node = %node, "identity key is no Ed25519 key");
                continue;
            };
            if peer == self.own {
                continue;
            }
            if keys.contains(&peer) || nodes.contains(node) {
                tracing::warn!(peer.node = %node, "node or key listed twice");
                continue;
            }
            keys.insert(peer);
            nodes.insert(*node);
            listed.push((peer, *node, Routes::read(*node, addresses)));
        }
        listed
    }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
