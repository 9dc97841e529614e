//! One listed peer: its addresses, its connections, and what to do next to keep one of them.
//!
//! Decides which connection is stale and which way to dial. Pure: time comes in, effects go out.

use crate::backoff::Backoff;
use crate::budget::Budget;
use crate::limits;
use crate::plane::Slots;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use protocol::ids::NodeId;
use std::time::Instant;

/// The two ways to reach a peer, in order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Quic,
    Tcp,
}

/// Where a peer listens, by way.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Routes {
    quic: Vec<Multiaddr>,
    tcp: Vec<Multiaddr>,
}

impl Routes {
    /// Keeps the addresses that can be dialled.
    pub(crate) fn read(node: NodeId, addresses: &[String]) -> Self {
        let mut routes = Self::default();
        for text in addresses.iter().take(limits::ADDRESSES_PER_PEER_MAX) {
            let address = text.parse::<Multiaddr>().ok();
            match address.and_then(|address| Some((way(&address)?, address))) {
                Some((Way::Quic, address)) => routes.quic.push(address),
                Some((Way::Tcp, address)) => routes.tcp.push(address),
                None => tracing::warn!(peer.node = %node, address = text, "address cannot be dialled"),
            }
        }
        routes
    }

    pub(crate) fn by(&self, way: Way) -> &[Multiaddr] {
        match way {
            Way::Quic => &self.quic,
            Way::Tcp => &self.tcp,
        }
    }
}

fn way(address: &Multiaddr) -> Option<Way> {
    address.iter().find_map(|protocol| match protocol {
        Protocol::QuicV1 => Some(Way::Quic),
        Protocol::Tcp(_) => Some(Way::Tcp),
        _ => None,
    })
}

#[derive(Debug)]
struct Link {
    id: ConnectionId,
    since: Instant,
}

/// What became of a connection that closed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Not one of this peer's.
    Unknown,
    /// Another one remains.
    Spare,
    /// That was the last one.
    Last,
}

/// One listed peer.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) node: NodeId,
    pub(crate) routes: Routes,
    pub(crate) backoff: Backoff,
    /// When to look at this entry again.
    pub(crate) due: Option<Instant>,
    /// Requests of the peer under way; outlives connections, so that reconnecting gives no new room.
    pub(crate) inbound: Slots,
    /// What it has asked for lately; outlives connections too.
    pub(crate) budget: Budget,
    /// Requests to the peer under way on the present connections.
    pub(crate) outbound: Slots,
    links: Vec<Link>,
    dialling: Option<Way>,
}

impl Entry {
    pub(crate) fn new(node: NodeId, routes: Routes) -> Self {
        Self {
            node,
            routes,
            backoff: Backoff::default(),
            due: None,
            inbound: Slots::new(),
            budget: Budget::default(),
            outbound: Slots::new(),
            links: Vec::new(),
            dialling: None,
        }
    }

    pub(crate) fn connected(&self) -> bool {
        !self.links.is_empty()
    }

    pub(crate) fn doubled(&self) -> bool {
        self.links.len() > 1
    }

    /// A connection is up. Returns the connections it replaces: a peer that dials us long after an
    /// older connection came up does not know that one any more, and requests sent there would wait
    /// for nothing until the idle timeout.
    pub(crate) fn opened(&mut self, id: ConnectionId, now: Instant) -> Vec<ConnectionId> {
        if self.links.is_empty() {
            self.outbound = Slots::new();
        }
        let stale = |link: &&Link| now.duration_since(link.since) > limits::SIMULTANEOUS_DIAL_TIME_MAX;
        let replaced = self.links.iter().filter(stale).map(|link| link.id).collect();
        self.links.push(Link { id, since: now });
        self.dialling = None;
        replaced
    }

    /// A connection is gone.
    pub(crate) fn closed(&mut self, id: ConnectionId, now: Instant) -> Closed {
        let Some(at) = self.links.iter().position(|link| link.id == id) else { return Closed::Unknown };
        let link = self.links.remove(at);
        if now.duration_since(link.since) >= limits::STABLE_TIME_MIN {
            self.backoff.reset();
        }
        if self.connected() {
            return Closed::Spare;
        }
        self.outbound.close();
        Closed::Last
    }

    /// Begins an attempt: QUIC, or TCP where the peer has nothing else. `None` without addresses.
    pub(crate) fn dial(&mut self) -> Option<Way> {
        let reachable = |way: &Way| !self.routes.by(*way).is_empty();
        self.dialling = [Way::Quic, Way::Tcp].into_iter().find(reachable);
        self.dialling
    }

    /// The dial under way failed. Returns the way to try at once, if one is left in this attempt.
    pub(crate) fn dial_failed(&mut self) -> Option<Way> {
        let fall_back = self.dialling == Some(Way::Quic) && !self.routes.tcp.is_empty();
        self.dialling = (fall_back && !self.connected()).then_some(Way::Tcp);
        self.dialling
    }

    /// The connections to give up when two are open: all but the youngest. `None` while it is too
    /// early: only the side that goes `first` closes what is idle, or both might close a different
    /// one; what is still busy later is cut (requests are repeated), and a side that waits in vain
    /// for the other knows that the other has forgotten the older connection.
    pub(crate) fn surplus(&self, first: bool, now: Instant) -> Option<Vec<ConnectionId>> {
        let (youngest, older) = self.links.split_last()?;
        let looks =
            |count: u32| now.duration_since(youngest.since) >= limits::SIMULTANEOUS_DIAL_TIME_MAX * count;
        let idle = self.inbound.idle() && self.outbound.idle();
        let due = if first { idle || looks(2) } else { looks(3) };
        due.then(|| older.iter().map(|link| link.id).collect())
    }
}
