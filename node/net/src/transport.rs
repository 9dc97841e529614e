//! The stack: QUIC, TCP with Noise and Yamux behind it, and the order in which a connection is judged.
//!
//! Decides how connections are built and what each must pass; not whom to dial or what to answer.

use crate::frame::Framing;
use crate::limits;
use crate::plane::Plane;
use libp2p::allow_block_list::{self, AllowedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{Swarm, SwarmBuilder, memory_connection_limits, noise, ping, quic, tcp, yamux};

/// What a connection passes, in this order: a peer that is not listed is refused before anything
/// counts it.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) allowed: allow_block_list::Behaviour<AllowedPeers>,
    connections: connection_limits::Behaviour,
    memory: memory_connection_limits::Behaviour,
    ping: ping::Behaviour,
    control: request_response::Behaviour<Framing>,
    messages: request_response::Behaviour<Framing>,
    log: request_response::Behaviour<Framing>,
    order: request_response::Behaviour<Framing>,
    blob: request_response::Behaviour<Framing>,
}

impl Behaviour {
    fn new(framing: impl Fn(Plane) -> Framing) -> Self {
        let connections = ConnectionLimits::default()
            .with_max_pending_incoming(Some(limits::PENDING_INBOUND_CONNECTIONS_MAX))
            .with_max_pending_outgoing(Some(limits::PENDING_OUTBOUND_CONNECTIONS_MAX))
            .with_max_established(Some(limits::ESTABLISHED_CONNECTIONS_MAX))
            .with_max_established_per_peer(Some(limits::CONNECTIONS_PER_PEER_MAX));
        let ping = ping::Config::new()
            .with_interval(limits::KEEP_ALIVE_INTERVAL)
            .with_timeout(limits::PING_TIME_MAX);
        Self {
            allowed: allow_block_list::Behaviour::default(),
            connections: connection_limits::Behaviour::new(connections),
            memory: memory_connection_limits::Behaviour::with_max_percentage(limits::MEMORY_USED_SHARE_MAX),
            ping: ping::Behaviour::new(ping),
            control: exchange(Plane::Control, &framing),
            messages: exchange(Plane::Messages, &framing),
            log: exchange(Plane::Log, &framing),
            order: exchange(Plane::Order, &framing),
            blob: exchange(Plane::Blob, &framing),
        }
    }

    /// The exchange of requests and replies on one plane.
    pub(crate) fn exchange(&mut self, plane: Plane) -> &mut request_response::Behaviour<Framing> {
        match plane {
            Plane::Control => &mut self.control,
            Plane::Messages => &mut self.messages,
            Plane::Log => &mut self.log,
            Plane::Order => &mut self.order,
            Plane::Blob => &mut self.blob,
        }
    }
}

fn exchange(plane: Plane, framing: impl Fn(Plane) -> Framing) -> request_response::Behaviour<Framing> {
    let config = request_response::Config::default()
        .with_request_timeout(limits::REQUEST_TIME_MAX)
        .with_max_concurrent_streams(plane.requests_max() * limits::HANDLER_STREAMS_FACTOR);
    request_response::Behaviour::with_codec(
        framing(plane),
        [(plane.protocol(), ProtocolSupport::Full)],
        config,
    )
}

/// Builds the swarm of a node; nothing listens or dials yet.
pub(crate) fn swarm(keypair: Keypair) -> Result<Swarm<Behaviour>, noise::Error> {
    swarm_with(keypair, Framing::new)
}

pub(crate) fn swarm_with(
    keypair: Keypair,
    framing: impl Fn(Plane) -> Framing,
) -> Result<Swarm<Behaviour>, noise::Error> {
    let builder = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux_config)?
        .with_quic_config(quic_config);
    let Ok(builder) = builder.with_behaviour(|_| Behaviour::new(framing));
    let swarm = builder
        .with_swarm_config(|config| {
            config
                .with_idle_connection_timeout(limits::IDLE_CONNECTION_TIME_MAX)
                // Same bytes on the wire, but the name of the plane travels with the request: one
                // round trip less, which over a satellite is most of the cost of a request.
                .with_substream_upgrade_protocol_override(libp2p::core::upgrade::Version::V1Lazy)
        })
        .with_connection_timeout(limits::HANDSHAKE_TIME_MAX)
        .build();
    Ok(swarm)
}

fn quic_config(mut config: quic::Config) -> quic::Config {
    config.handshake_timeout = limits::HANDSHAKE_TIME_MAX;
    config.max_idle_timeout = limits::QUIC_IDLE_MS_MAX;
    config.keep_alive_interval = limits::KEEP_ALIVE_INTERVAL;
    config.max_concurrent_stream_limit = limits::QUIC_STREAMS_MAX;
    config.max_stream_data = limits::QUIC_STREAM_WINDOW_BYTES;
    config.max_connection_data = limits::QUIC_CONNECTION_WINDOW_BYTES;
    config
}

fn yamux_config() -> yamux::Config {
    let mut config = yamux::Config::default();
    config.set_max_num_streams(limits::YAMUX_STREAMS_MAX);
    config
}
