//! Planes: the classes of traffic, each with its protocol name, frame limit and depth.
//!
//! Decides what may be sent where and how much of it; not what the bytes mean.

use crate::budget::Rates;
use crate::limits;
use libp2p::StreamProtocol;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A class of traffic. Planes do not wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plane {
    /// Greetings, lists, votes: `/valise/ctl/1`, frames of at most 64 KiB.
    Control,
    /// Envelopes: `/valise/msg/1`, frames of at most 1 MiB.
    Messages,
    /// Pages of the commit log: `/valise/log/1`, frames of at most 1 MiB.
    Log,
    /// Proposals and votes on commits: `/valise/cas/1`, frames of at most 256 KiB.
    Order,
    /// Chunks of attachments: `/valise/blob/1`, frames of at most 260 KiB.
    Blob,
}

impl Plane {
    /// All of them.
    pub(crate) const ALL: [Plane; 5] = [Self::Control, Self::Messages, Self::Log, Self::Order, Self::Blob];

    /// Largest request or reply, in bytes, length prefix not counted.
    pub const fn frame_bytes_max(self) -> usize {
        match self {
            Self::Control => limits::CONTROL_FRAME_BYTES_MAX,
            Self::Messages => limits::MESSAGES_FRAME_BYTES_MAX,
            Self::Log => limits::LOG_FRAME_BYTES_MAX,
            Self::Order => limits::ORDER_FRAME_BYTES_MAX,
            Self::Blob => limits::BLOB_FRAME_BYTES_MAX,
        }
    }

    /// What one peer may ask for over time.
    pub(crate) const fn rates(self) -> Rates {
        match self {
            Self::Control => limits::CONTROL_RATES,
            Self::Messages => limits::MESSAGES_RATES,
            Self::Log => limits::LOG_RATES,
            Self::Order => limits::ORDER_RATES,
            Self::Blob => limits::BLOB_RATES,
        }
    }

    /// Its place among [`Plane::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// Requests that may be under way with one peer in one direction.
    pub(crate) const fn requests_max(self) -> usize {
        match self {
            Self::Control => limits::CONTROL_REQUESTS_MAX,
            Self::Messages => limits::MESSAGES_REQUESTS_MAX,
            Self::Log => limits::LOG_REQUESTS_MAX,
            Self::Order => limits::ORDER_REQUESTS_MAX,
            Self::Blob => limits::BLOB_REQUESTS_MAX,
        }
    }

    /// The name negotiated on the wire; it carries the version.
    pub(crate) const fn protocol(self) -> StreamProtocol {
        match self {
            Self::Control => StreamProtocol::new("/valise/ctl/1"),
            Self::Messages => StreamProtocol::new("/valise/msg/1"),
            Self::Log => StreamProtocol::new("/valise/log/1"),
            Self::Order => StreamProtocol::new("/valise/cas/1"),
            Self::Blob => StreamProtocol::new("/valise/blob/1"),
        }
    }
}

/// Room for requests under way with one peer in one direction, plane by plane.
#[derive(Debug, Clone)]
pub(crate) struct Slots([Arc<Semaphore>; 5]);

/// Proof that a request counts against its plane; gives the room back when dropped.
pub(crate) type Slot = OwnedSemaphorePermit;

impl Slots {
    pub(crate) fn new() -> Self {
        Self(Plane::ALL.map(|plane| Arc::new(Semaphore::new(plane.requests_max()))))
    }

    /// Waits for room; `None` once the slots are closed.
    pub(crate) async fn acquire(&self, plane: Plane) -> Option<Slot> {
        Arc::clone(self.of(plane)).acquire_owned().await.ok()
    }

    /// Takes room if there is any at once.
    pub(crate) fn try_acquire(&self, plane: Plane) -> Option<Slot> {
        Arc::clone(self.of(plane)).try_acquire_owned().ok()
    }

    /// Whether no request is under way.
    pub(crate) fn idle(&self) -> bool {
        Plane::ALL.into_iter().all(|plane| self.of(plane).available_permits() == plane.requests_max())
    }

    /// Turns away everybody who waits, now and later.
    pub(crate) fn close(&self) {
        self.0.iter().for_each(|room| room.close());
    }

    fn of(&self, plane: Plane) -> &Arc<Semaphore> {
        &self.0[plane.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_count_per_plane_and_close() {
        let slots = Slots::new();
        let held: Vec<_> =
            (0..Plane::Control.requests_max()).filter_map(|_| slots.try_acquire(Plane::Control)).collect();
        assert_eq!(held.len(), Plane::Control.requests_max());
        assert!(slots.try_acquire(Plane::Control).is_none());
        assert!(slots.try_acquire(Plane::Messages).is_some());
        assert!(!slots.idle());
        drop(held);
        assert!(slots.idle());
        slots.close();
        assert!(slots.acquire(Plane::Control).await.is_none());
    }
}
