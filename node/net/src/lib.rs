//! The transport: authenticated connections between listed nodes, and requests over them.
//!
//! Decides who may connect (the list it is given), how connections are kept, and how much anybody
//! may send. Does not decide who is on the list, what the bytes mean, or what is tried again after a
//! failed request. The only crate that knows libp2p; none of its types leave.
//!
//! * One swarm task owns all connections and never waits for anybody ([`Handle`] and the channel of
//!   [`Event`]s are bounded; requests are refused, arrivals and departures are kept).
//! * QUIC first, because its key exchange is post-quantum; TCP with Noise and Yamux only where QUIC
//!   does not get through.
//! * A listed peer is dialled until it is connected. Two connections with one peer are tolerated,
//!   and soon reduced to one.
//! * Requests have no order between them; [`Plane`]s bound how many are under way, and how many come in a
//!   second. A peer that asks for more waits, and nobody with it.

mod backoff;
mod budget;
mod driver;
mod entry;
mod event;
mod frame;
mod handle;
mod identity;
mod limits;
mod links;
mod plane;
mod roster;
mod start;
mod traffic;
mod transport;

#[cfg(test)]
mod tests;

pub use event::{Event, Refusal, Reply};
pub use handle::{Handle, Peer, RequestError};
pub use identity::{peer_name, public_key};
pub use plane::Plane;
pub use start::{Config, StartError, start};
