//! What one peer may ask for, over time: requests and bytes, plane by plane.
//!
//! Decides how long a request waits so that its peer keeps to its rates; never whether it is answered. A
//! peer that asks for more waits in its own slots (`plane`), and when those are full it is refused: it slows
//! itself and nobody else. Pure: time comes in.

use crate::limits;
use crate::plane::Plane;
use std::time::{Duration, Instant};

/// A rate with a burst, as one instant (the generic cell rate algorithm, ITU-T I.371): when what was taken
/// so far would have been earned at the rate alone.
#[derive(Debug, Clone, Copy, Default)]
struct Meter {
    earned: Option<Instant>,
}

impl Meter {
    /// Takes `cost`, in the time that the rate needs to earn it; how long to wait for it.
    fn take(&mut self, now: Instant, cost: Duration, burst: Duration) -> Duration {
        let earned = self.earned.map_or(now, |earned| earned.max(now)) + cost;
        self.earned = Some(earned);
        earned.duration_since(now).saturating_sub(burst)
    }
}

/// Rates of one plane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    /// Requests a second.
    pub(crate) requests_per_second: u32,
    /// Bytes a second, of requests and of the answers to them.
    pub(crate) bytes_per_second: u32,
}

/// One peer's meters, plane by plane. They outlive its connections.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    requests: [Meter; 5],
    bytes: [Meter; 5],
}

impl Budget {
    /// Takes one request of so many bytes; how long it has to wait.
    pub(crate) fn ask(&mut self, plane: Plane, bytes: usize, now: Instant) -> Duration {
        let one = Duration::from_secs(1) / plane.rates().requests_per_second;
        let waits = self.requests[plane.index()].take(now, one, limits::BUDGET_BURST);
        waits.max(self.spend(plane, bytes, now))
    }

    /// Takes the bytes of an answer. They are sent; the next request waits for them.
    pub(crate) fn spend(&mut self, plane: Plane, bytes: usize, now: Instant) -> Duration {
        let rate = u64::from(plane.rates().bytes_per_second);
        let nanos = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(1_000_000_000) / rate;
        self.bytes[plane.index()].take(now, Duration::from_nanos(nanos), limits::BUDGET_BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_one_more_waits() {
        let now = Instant::now();
        for plane in Plane::ALL {
            let mut budget = Budget::default();
            let burst = u64::from(plane.rates().requests_per_second) * limits::BUDGET_BURST.as_secs();
            assert!((0..burst).all(|_| budget.ask(plane, 0, now).is_zero()), "{plane:?}");
            assert!(!budget.ask(plane, 0, now).is_zero(), "{plane:?}");
            let other = Plane::ALL.into_iter().find(|other| *other != plane).expect("more than one plane");
            assert!(budget.ask(other, 0, now).is_zero(), "planes do not wait for each other");
        }
    }

    #[test]
    fn bytes_count_as_requests_do_and_come_back_with_time() {
        let now = Instant::now();
        let plane = Plane::Messages;
        let mut budget = Budget::default();
        let all = plane.rates().bytes_per_second as usize * limits::BUDGET_BURST.as_secs() as usize;
        assert!(budget.ask(plane, all, now).is_zero());
        let waits = budget.ask(plane, plane.frame_bytes_max(), now);
        assert!(!waits.is_zero() && waits < Duration::from_secs(1), "{waits:?}");
        assert!(budget.ask(plane, 0, now + waits).is_zero(), "what was waited for is there");
        assert!(Budget::default().spend(plane, all + 1_000, now) > Duration::ZERO);
    }

    #[test]
    fn a_frame_at_its_limit_never_waits_alone() {
        for plane in Plane::ALL {
            let waits = Budget::default().ask(plane, plane.frame_bytes_max(), Instant::now());
            assert!(waits.is_zero(), "{plane:?}");
        }
    }
}
