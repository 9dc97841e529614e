//! When to dial again: exponential delays with jitter.
//!
//! Decides how long to wait; not whether to dial. Pure: the caller brings the randomness.

use crate::limits::{REDIAL_DELAY_MAX, REDIAL_DELAY_MIN};
use std::time::Duration;

/// Counts consecutive failures.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The delay before the next attempt: between half of the doubled delay and all of it, so that
    /// nodes cut off together do not come back together.
    pub(crate) fn next(&mut self, noise: u64) -> Duration {
        let doubled = REDIAL_DELAY_MIN.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let half = doubled.min(REDIAL_DELAY_MAX) / 2;
        let spread_ms = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        half + Duration::from_millis(noise % spread_ms)
    }

    /// The peer was reached and stayed.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap_and_start_again() {
        let mut backoff = Backoff::default();
        for expected_ms in [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            let half_ms = expected_ms / 2;
            assert_eq!(backoff.next(half_ms), Duration::from_millis(expected_ms));
        }
        for _ in 0..100 {
            assert_eq!(backoff.next(0), REDIAL_DELAY_MAX / 2);
        }
        backoff.reset();
        assert_eq!(backoff.next(0), REDIAL_DELAY_MIN / 2);
    }

    #[test]
    fn jitter_stays_between_half_and_all() {
        for noise in [0, 1, 124, 125, 126, u64::MAX] {
            let delay = Backoff::default().next(noise);
            assert!(delay >= REDIAL_DELAY_MIN / 2 && delay <= REDIAL_DELAY_MIN, "{delay:?}");
        }
    }
}
