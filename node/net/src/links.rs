//! Connections: what the driver does when they come, go, fail or are refused.
//!
//! Decides who hears of it; whom to dial and what to close is the roster's.

use crate::driver::Driver;
use crate::entry::Way;
use crate::event::{LIMIT_CONNECTIONS, Refusal, UNKNOWN_PEER};
use crate::plane::Plane;
use crate::roster::Action;
use crate::transport::BehaviourEvent;
use libp2p::allow_block_list::NotAllowed;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, DialError, ListenError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, ping};
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

/// Randomness for jitter only. Every `RandomState` has other keys, seeded by the system.
fn noise() -> u64 {
    RandomState::new().hash_one(())
}

impl Driver {
    pub(crate) fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                self.on_opened(peer_id, connection_id);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                tracing::debug!(peer.id = %peer_id, %connection_id, ?cause, "connection closed");
                self.on_closed(peer_id, connection_id);
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => {
                self.on_dial_failed(peer, &error);
            }
            SwarmEvent::IncomingConnectionError { peer_id, send_back_addr, error, .. } => {
                self.on_refused(peer_id, &send_back_addr, &error);
            }
            SwarmEvent::NewListenAddr { address, .. } => tracing::debug!(%address, "listening"),
            SwarmEvent::ExpiredListenAddr { address, .. } => tracing::debug!(%address, "address expired"),
            SwarmEvent::ListenerError { error, .. } => tracing::debug!(%error, "listener error"),
            SwarmEvent::ListenerClosed { reason, .. } => tracing::warn!(?reason, "listener closed"),
            _ => {}
        }
    }

    pub(crate) fn on_due(&mut self) {
        let now = Instant::now();
        self.on_earned(now);
        for action in self.roster.due(now) {
            self.act(action);
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Allowed(never)
            | BehaviourEvent::Connections(never)
            | BehaviourEvent::Memory(never) => match never {},
            BehaviourEvent::Ping(ping::Event { result: Err(ping::Failure::Unsupported) | Ok(_), .. }) => {}
            BehaviourEvent::Ping(ping::Event { peer, connection, result: Err(error) }) => {
                tracing::debug!(peer.id = %peer, %connection, %error, "peer is silent");
                self.swarm.close_connection(connection);
            }
            BehaviourEvent::Control(event) => self.on_exchange(Plane::Control, event),
            BehaviourEvent::Messages(event) => self.on_exchange(Plane::Messages, event),
            BehaviourEvent::Log(event) => self.on_exchange(Plane::Log, event),
            BehaviourEvent::Order(event) => self.on_exchange(Plane::Order, event),
            BehaviourEvent::Blob(event) => self.on_exchange(Plane::Blob, event),
        }
    }

    fn on_opened(&mut self, peer: PeerId, connection: ConnectionId) {
        // A peer removed since the handshake is being closed by the allow-list.
        let Some(opened) = self.roster.opened(peer, connection, Instant::now()) else { return };
        tracing::debug!(peer.id = %peer, peer.node = %opened.node, %connection, "connection open");
        for stale in opened.replaced {
            self.act(Action::Close(stale));
        }
        if opened.first {
            let slots = self.roster.entry(&peer).map(|entry| entry.outbound.clone());
            self.directory.send_modify(|directory| drop(directory.insert(opened.node, slots)));
            self.outbox.connected(opened.node);
        }
    }

    fn on_closed(&mut self, peer: PeerId, connection: ConnectionId) {
        if let Some(node) = self.roster.closed(peer, connection, Instant::now(), noise()) {
            self.directory.send_modify(|directory| drop(directory.insert(node, None)));
            self.outbox.disconnected(node);
        }
    }

    fn on_dial_failed(&mut self, peer: PeerId, error: &DialError) {
        tracing::debug!(peer.id = %peer, ?error, "dial failed");
        if let Some(action) = self.roster.dial_failed(peer, Instant::now(), noise()) {
            self.act(action);
        }
    }

    fn on_refused(&mut self, peer: Option<PeerId>, from: &Multiaddr, error: &ListenError) {
        let ListenError::Denied { cause } = error else {
            tracing::debug!(address = %from, ?error, "handshake failed");
            return;
        };
        // Whatever else denies counts something: connections or memory.
        let stranger = cause.downcast_ref::<NotAllowed>().is_some();
        self.outbox.refused(Refusal {
            code: if stranger { UNKNOWN_PEER } else { LIMIT_CONNECTIONS },
            peer: peer.map_or_else(|| from.to_string(), |peer| peer.to_string()),
            node: peer.and_then(|peer| self.roster.node_of(&peer)),
        });
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Close(connection) => drop(self.swarm.close_connection(connection)),
            Action::Dial { peer, way, addresses } => {
                let opts = DialOpts::peer_id(peer).addresses(addresses);
                let opts = match way {
                    // From the listening socket: one UDP flow for firewalls to know.
                    Way::Quic => opts,
                    // Two nodes that dial each other from their listening ports would share one TCP
                    // connection and fail both handshakes.
                    Way::Tcp => opts.allocate_new_port(),
                };
                if let Err(error) = self.swarm.dial(opts.build()) {
                    self.on_dial_failed(peer, &error);
                }
            }
        }
    }
}
