//! When to try again. Two proposers that retry in step outbid each other for ever; growing and
//! scattered delays let one of them through.

use crate::limits::{
    ORDER_RETRY_MS_MAX, ORDER_RETRY_MS_MIN, ORDER_TAKEOVER_MS_MIN, ORDER_URGENT_RETRY_MS_MAX,
    ORDER_URGENT_RETRY_MS_MIN,
};
use crate::time::Timestamp;

/// The timer of one instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Pace {
    tries: u32,
    due: Option<Timestamp>,
    /// The highest round that this node has heard of, beyond what it promised and used.
    pub(super) round_seen: u64,
}

impl Pace {
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// COM-012: waits for this attempt twice as long as for the one before, within limits, and up to
    /// twice that by chance.
    pub(super) fn retry(&mut self, now: Timestamp, noise: u64, urgent: bool) {
        let (least, most) = if urgent {
            (ORDER_URGENT_RETRY_MS_MIN, ORDER_URGENT_RETRY_MS_MAX)
        } else {
            (ORDER_RETRY_MS_MIN, ORDER_RETRY_MS_MAX)
        };
        let doubled = least.checked_shl(self.tries.min(32)).unwrap_or(most);
        self.tries = self.tries.saturating_add(1);
        self.wait(now, noise, doubled.min(most));
    }

    /// COM-012: an urgent wish does not sit out the long wait of another.
    pub(super) fn hasten(&mut self, now: Timestamp, noise: u64) {
        let due = self.due;
        self.wait(now, noise, ORDER_URGENT_RETRY_MS_MIN);
        self.due = due.min(self.due);
    }

    /// COM-013: who accepted another's proposal finishes it, if that one does not.
    pub(super) fn take_over(&mut self, now: Timestamp, noise: u64) {
        if self.due.is_none() {
            self.wait(now, noise, ORDER_TAKEOVER_MS_MIN);
        }
    }

    /// Nothing to wait for.
    pub(super) fn rest(&mut self) {
        self.due = None;
    }

    /// Takes the timer if it has run out.
    pub(super) fn ring(&mut self, now: Timestamp) -> bool {
        let rings = self.due.is_some_and(|due| due <= now);
        if rings {
            self.due = None;
        }
        rings
    }

    fn wait(&mut self, now: Timestamp, noise: u64, least_ms: u64) {
        let ms = least_ms + noise % least_ms;
        self.due = Some(Timestamp(now.0.saturating_add_unsigned(ms)));
    }

    /// Makes states that differ in time only equal, for the model checker.
    #[cfg(test)]
    pub(super) fn forget_time(&mut self) {
        self.tries = 0;
        self.due = self.due.map(|_| Timestamp(0));
    }
}
