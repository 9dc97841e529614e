//! Who is in reach, and what each is known to hold of ours. In memory only: every contact tells it
//! anew.

use crate::desks::attachments::Place;
use protocol::ids::{CompartmentId, NodeId};
use protocol::limits::{CHANNEL_CLAIM_SECONDS, CHANNEL_CLAIMS_MAX};
use protocol::sync::Ranges;
use protocol::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::Notify;

/// One peer.
#[derive(Default)]
pub(in crate::desks) struct Peer {
    connected: AtomicBool,
    // It has said a hello that holds, since the connection came up.
    greeted: AtomicBool,
    // Holdings were compared since the connection came up: pushing may begin.
    compared: AtomicBool,
    // Something of a community was filed that this peer may lack.
    stale: AtomicBool,
    pub(super) wake: Notify,
    // There may be a file to fetch from it.
    pub(in crate::desks) fetch: Notify,
    // Files that it does not have, or not the right ones, since the connection came up.
    absent: Mutex<BTreeSet<Place>>,
    held: Mutex<BTreeMap<CompartmentId, Ranges>>,
    claims: Mutex<Claims>,
}

/// What a peer has asked for of what costs this node a secret each: when it has earned all of it.
#[derive(Default)]
struct Claims(Timestamp);

impl Claims {
    /// Whether one more may be had now (attack 15: nobody fills a store with key packages).
    fn take(&mut self, now: Timestamp) -> bool {
        let earned = self.0.max(now).plus_seconds(CHANNEL_CLAIM_SECONDS);
        let granted = earned <= now.plus_seconds(CHANNEL_CLAIM_SECONDS * CHANNEL_CLAIMS_MAX);
        if granted {
            self.0 = earned;
        }
        granted
    }
}

impl Peer {
    /// Whether it may claim one more key package or founding.
    pub(super) fn may_claim(&self, now: Timestamp) -> bool {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    pub(in crate::desks) fn is_ready(&self) -> bool {
        self.is_connected() && self.compared.load(Ordering::Acquire)
    }

    pub(super) fn is_greeted(&self) -> bool {
        self.greeted.load(Ordering::Acquire)
    }

    pub(super) fn greet(&self, sound: bool) {
        self.greeted.store(sound, Ordering::Release);
    }

    pub(super) fn connect(&self) {
        self.greet(false);
        self.connected.store(true, Ordering::Release);
    }

    pub(super) fn disconnect(&self) {
        self.connected.store(false, Ordering::Release);
        self.greet(false);
        self.compared.store(false, Ordering::Release);
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.absent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn compared(&self) {
        self.compared.store(true, Ordering::Release);
        self.wake.notify_one();
        self.fetch.notify_one();
    }

    /// It does not have this file.
    pub(in crate::desks) fn note_absent(&self, place: Place) {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner).insert(place);
    }

    /// Whether it was found not to have this file.
    pub(in crate::desks) fn lacks(&self, place: &Place) -> bool {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner).contains(place)
    }

    pub(super) fn mark_stale(&self) {
        self.stale.store(true, Ordering::Release);
    }

    pub(super) fn take_stale(&self) -> bool {
        self.stale.swap(false, Ordering::AcqRel)
    }

    /// What it holds of this node's messages in a compartment.
    pub(super) fn holds(&self, compartment: CompartmentId) -> Ranges {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&compartment).cloned().unwrap_or_default()
    }

    pub(super) fn set_holds(&self, compartment: CompartmentId, ranges: Ranges) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(compartment, ranges);
    }

    pub(super) fn add_holds(&self, compartment: CompartmentId, sequence: u64) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.entry(compartment).or_default().insert(sequence);
    }
}

/// All peers, and the way to them.
#[derive(Default)]
pub(in crate::desks) struct Peers {
    map: Mutex<BTreeMap<NodeId, Arc<Peer>>>,
    // Who holds more of this node's messages than it has sent.
    ahead: Mutex<BTreeMap<CompartmentId, BTreeSet<NodeId>>>,
    pub(super) net: OnceLock<net::Handle>,
    /// What this node says in its hello has changed.
    pub(super) greet_anew: Notify,
    // Held while a list or a suspension is looked at: one after the other.
    pub(super) listing: tokio::sync::Mutex<()>,
}

impl Peers {
    /// The peer's state; made when first asked for.
    pub(super) fn peer(&self, node: NodeId) -> Arc<Peer> {
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(map.entry(node).or_default())
    }

    pub(super) fn all(&self) -> Vec<(NodeId, Arc<Peer>)> {
        let map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        map.iter().map(|(node, peer)| (*node, Arc::clone(peer))).collect()
    }

    /// Whether messages to it may be sealed now.
    pub(in crate::desks) fn is_ready(&self, node: NodeId) -> bool {
        self.peer(node).is_ready()
    }

    /// Whether a connection stands.
    pub(in crate::desks) fn is_connected(&self, node: NodeId) -> bool {
        self.peer(node).is_connected()
    }

    /// Notes that a peer holds more of a compartment than this node has sent; how many do.
    pub(super) fn note_ahead(&self, compartment: CompartmentId, node: NodeId) -> usize {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let nodes = ahead.entry(compartment).or_default();
        nodes.insert(node);
        nodes.len()
    }

    /// There may be something to send.
    pub(in crate::desks) fn wake(&self, node: NodeId) {
        self.peer(node).wake.notify_one();
    }

    /// There may be a file to fetch, from anybody.
    pub(in crate::desks) fn fetch_all(&self) {
        for (_, peer) in self.all() {
            peer.fetch.notify_one();
        }
    }

    /// Everybody may be sent something.
    pub(in crate::desks) fn wake_all(&self) {
        for (_, peer) in self.all() {
            peer.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_at_the_limit_and_one_past_and_one_more_later() {
        let now = Timestamp::from_seconds(1_000_000);
        let mut claims = Claims::default();
        assert!((0..CHANNEL_CLAIMS_MAX).all(|_| claims.take(now)));
        assert!(!claims.take(now));
        let later = now.plus_seconds(CHANNEL_CLAIM_SECONDS);
        assert!(claims.take(later) && !claims.take(later));
    }
}
