//! Every limit and delay of the transport, with the reason beside it.
//!
//! A federation link may be a satellite hop: 600 ms to come back, minutes of silence, a metered
//! allowance. Times are chosen for that link; sizes are chosen so that one listed but misbehaving
//! peer costs a bounded amount of memory (at worst all streams of four connections full of the
//! largest frames, some 400 MiB), and a stranger next to none.

use crate::budget::Rates;
use std::time::Duration;

/// Control messages are small maps; anything larger is a mistake or an attack.
pub(crate) const CONTROL_FRAME_BYTES_MAX: usize = 64 * 1024;
/// One push of envelopes.
pub(crate) const MESSAGES_FRAME_BYTES_MAX: usize = 1024 * 1024;
/// One page of the commit log.
pub(crate) const LOG_FRAME_BYTES_MAX: usize = 1024 * 1024;
/// One message about the order of commits (`protocol::limits`).
pub(crate) const ORDER_FRAME_BYTES_MAX: usize = protocol::limits::ORDER_FRAME_BYTES_MAX;
/// One chunk of an attachment with its proof (`protocol::limits`).
pub(crate) const BLOB_FRAME_BYTES_MAX: usize = protocol::limits::BLOB_FRAME_BYTES_MAX;
/// Allocated on the word of a length prefix alone; the rest only as bytes arrive.
pub(crate) const FRAME_FIRST_ALLOCATION_BYTES: usize = 64 * 1024;

/// Control requests under way per peer and direction.
pub(crate) const CONTROL_REQUESTS_MAX: usize = 16;
/// Message requests under way per peer and direction: requests have no order between them, and
/// more than half the ratchet's out-of-order tolerance (64) makes messages unreadable for ever.
pub(crate) const MESSAGES_REQUESTS_MAX: usize = 32;
/// Log requests under way per peer and direction; pages are large, so depth gains nothing.
pub(crate) const LOG_REQUESTS_MAX: usize = 16;
/// Messages about the order of commits under way per peer and direction.
pub(crate) const ORDER_REQUESTS_MAX: usize = 16;
/// Chunks under way per peer and direction: 2 MiB fill a satellite link of 50 Mbit/s for half a round trip, and
/// a LAN.
pub(crate) const BLOB_REQUESTS_MAX: usize = 8;
/// What a peer may take at once before its rates count: some seconds of catching up after an absence.
pub(crate) const BUDGET_BURST: Duration = Duration::from_secs(4);
/// Hellos, lists, key packages: a contact takes some ten.
pub(crate) const CONTROL_RATES: Rates = Rates { requests_per_second: 16, bytes_per_second: 512 * 1024 };
/// Pushes follow each other as fast as both sides sync, some hundred a second; 32 MiB a second are more
/// than a disk that syncs each push takes.
pub(crate) const MESSAGES_RATES: Rates =
    Rates { requests_per_second: 512, bytes_per_second: 32 * 1024 * 1024 };
/// Pages of a peer that catches up.
pub(crate) const LOG_RATES: Rates = Rates { requests_per_second: 64, bytes_per_second: 32 * 1024 * 1024 };
/// Votes: a dozen messages a change of membership, in each of hundreds of compartments.
pub(crate) const ORDER_RATES: Rates = Rates { requests_per_second: 64, bytes_per_second: 4 * 1024 * 1024 };
/// Chunks: as many as a disk and a gigabit line give; each costs a read and a hash.
pub(crate) const BLOB_RATES: Rates =
    Rates { requests_per_second: 1_024, bytes_per_second: 256 * 1024 * 1024 };
/// Streams a handler tolerates, as a multiple of the requests under way: both directions share the
/// count, and an answered stream lives on until its last bytes are acknowledged.
pub(crate) const HANDLER_STREAMS_FACTOR: usize = 4;
/// QUIC streams the remote may hold open: all planes full, a ping, and the tail of closing ones.
/// Above the sum of the planes, so that opening a stream never waits for credit.
pub(crate) const QUIC_STREAMS_MAX: u32 = 120;
/// The same for Yamux, which counts both directions together.
pub(crate) const YAMUX_STREAMS_MAX: usize = 240;

/// One whole frame with its prefix, so that no frame waits a round trip for window.
pub(crate) const QUIC_STREAM_WINDOW_BYTES: u32 = 1024 * 1024 + 64 * 1024;
/// 600 ms at 50 Mbit/s is 3.75 MB: a fast satellite link stays full.
pub(crate) const QUIC_CONNECTION_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// Several round trips with retransmission on a bad satellite link.
pub(crate) const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(30);
/// Silence after which a QUIC peer is gone; longer than a usual antenna handover.
pub(crate) const QUIC_IDLE_MS_MAX: u32 = 120_000;
/// A quarter of the idle time, so that three lost keep-alives do not cut a link; also under the
/// 60 s at which address translators forget a UDP flow.
pub(crate) const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// A pong that has not come by then will not; generous towards a link filled with log pages.
pub(crate) const PING_TIME_MAX: Duration = Duration::from_secs(60);
/// Connections to listed peers never close for want of traffic: dialling again costs more than
/// keep-alives, and a flash message must not wait for a handshake. Ten years: past what the clock
/// can represent, libp2p would search for a shorter time after every request.
pub(crate) const IDLE_CONNECTION_TIME_MAX: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);
/// From the call to the answer, waiting for a free slot included.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(120);

/// Handshakes from strangers under way: each costs a TLS or Noise exchange before the allow-list
/// can speak.
pub(crate) const PENDING_INBOUND_CONNECTIONS_MAX: u32 = 64;
/// Dials under way; a start with a full federation list stays below.
pub(crate) const PENDING_OUTBOUND_CONNECTIONS_MAX: u32 = 256;
/// Twice the largest federation foreseen (250 nodes), at two connections each.
pub(crate) const ESTABLISHED_CONNECTIONS_MAX: u32 = 1_000;
/// Both sides may dial at once; a peer that was killed may come back, and both may dial at once
/// again, before the connections of its former life have died.
pub(crate) const CONNECTIONS_PER_PEER_MAX: u32 = 4;
/// Share of physical memory above which the process takes no new connection.
pub(crate) const MEMORY_USED_SHARE_MAX: f64 = 0.8;

/// Addresses tried per peer; a node has a handful of interfaces.
pub(crate) const ADDRESSES_PER_PEER_MAX: usize = 16;
/// Delay before the first redial; doubled by each failure.
pub(crate) const REDIAL_DELAY_MIN: Duration = Duration::from_millis(250);
/// A peer that comes back is found within this time.
pub(crate) const REDIAL_DELAY_MAX: Duration = Duration::from_secs(30);
/// A connection that lived this long counts as a success and resets the redial delay. A peer that
/// does not list us closes at once after the handshake; without this it would be dialled for ever
/// at the shortest delay.
pub(crate) const STABLE_TIME_MIN: Duration = Duration::from_secs(10);
/// Two connections this far apart in age are taken as a peer that came back: requests on the older
/// would wait for a node that is gone. Two dials of one moment are closer; if a slow link parts them
/// further, one is replaced once, which costs a retry.
pub(crate) const SIMULTANEOUS_DIAL_TIME_MAX: Duration = Duration::from_secs(2);

/// Events waiting for the consumer: the planes of eight busy peers, at worst 512 MiB of frames.
pub(crate) const EVENTS_MAX: usize = 512;
/// Refusals take at most this share of the event queue: strangers cause them at will, and they
/// must not push out requests of listed peers.
pub(crate) const REFUSAL_EVENTS_MAX: usize = EVENTS_MAX / 2;
/// Commands waiting for the swarm task, which never blocks; a burst of callers.
pub(crate) const COMMANDS_MAX: usize = 256;
/// Listeners report their addresses at once; a wildcard on a machine without any interface never.
pub(crate) const LISTEN_TIME_MAX: Duration = Duration::from_secs(5);
/// Farewells to connected peers at shutdown; who does not hear them finds out by idle timeout.
pub(crate) const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(5);
