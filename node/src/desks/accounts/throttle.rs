//! How often somebody may try: a delay per account and per address that grows with each failure, and
//! a few places for password hashes.
//!
//! Failures are kept in memory, bounded, and in the store, so that a restart forgives nobody.

use crate::desks::problem::Problem;
use crate::limits::{
    ACCOUNT_DELAY_SECONDS_MAX, ACCOUNT_FAILURES_FREE, ADDRESS_DELAY_SECONDS_MAX, ADDRESS_FAILURES_FREE,
    FAILURES_MAX, FAILURES_SECONDS, HASHES_MAX, HASHES_WAITING_MAX,
};
use minicbor::{Decode, Encode};
use protocol::refusal::Code;
use protocol::signature::Digest;
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Read, Slot, StoreError, Table, Tx};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Failures by the hash of whose they are: the store holds no addresses.
pub(in crate::desks) const FAILURES: Table<Vec<u8>, Failures> = Table::new(0x15, "failures");

/// Wrong attempts of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(in crate::desks) struct Failures {
    #[n(0)]
    count: u32,
    #[n(2)]
    last: Timestamp,
}

/// Whose attempts are counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// Wrong passwords for this login, whether it exists or not.
    Account(&'a str),
    /// Wrong passwords from this address.
    Address(&'a str),
    /// Requests for an account from this address.
    Asking(&'a str),
}

impl Source<'_> {
    fn key(self) -> Vec<u8> {
        let (kind, text) = match self {
            Source::Account(text) => ("throttle/account", text),
            Source::Address(text) => ("throttle/address", text),
            Source::Asking(text) => ("throttle/asking", text),
        };
        Digest::of(kind, &[text.as_bytes()]).0.to_vec()
    }

    /// Nothing for the first ones, then one second, doubled by each further one.
    fn delay_seconds(self, count: u32) -> i64 {
        let (free, most) = match self {
            Source::Account(_) => (ACCOUNT_FAILURES_FREE, ACCOUNT_DELAY_SECONDS_MAX),
            Source::Address(_) | Source::Asking(_) => (ADDRESS_FAILURES_FREE, ADDRESS_DELAY_SECONDS_MAX),
        };
        match count.checked_sub(free) {
            None => 0,
            Some(over) => 1_i64.checked_shl(over).filter(|delay| (1..most).contains(delay)).unwrap_or(most),
        }
    }
}

/// What to write after an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    put: Vec<(Vec<u8>, Failures)>,
    removed: Vec<Vec<u8>>,
}

impl Change {
    pub(super) fn write(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for (key, failures) in &self.put {
            tx.put(FAILURES, key, &Slot::System, failures)?;
        }
        for key in &self.removed {
            tx.remove(FAILURES, key)?;
        }
        Ok(())
    }
}

/// Failures so far, and the places for hashes.
pub(in crate::desks) struct Throttle {
    failures: Mutex<BTreeMap<Vec<u8>, Failures>>,
    hashing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            failures: Mutex::default(),
            hashing: Arc::new(Semaphore::new(HASHES_MAX)),
            waiting: Arc::new(Semaphore::new(HASHES_WAITING_MAX)),
        }
    }
}

impl Throttle {
    /// As the store remembers it.
    pub(in crate::desks) fn load(read: &impl Read) -> Result<Self, StoreError> {
        let throttle = Self::default();
        *throttle.failures() = read.all(FAILURES)?.into_iter().collect();
        Ok(throttle)
    }

    fn failures(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses while one of the sources must wait.
    pub(super) fn check(&self, sources: &[Source<'_>], now: Timestamp) -> Result<(), Problem> {
        let failures = self.failures();
        let waits = sources.iter().map(|source| match failures.get(&source.key()) {
            Some(held) if now < held.last.plus_seconds(FAILURES_SECONDS) => {
                held.last.plus_seconds(source.delay_seconds(held.count)).0 - now.0
            }
            _ => 0,
        });
        match waits.max() {
            Some(wait) if wait > 0 => {
                let seconds = wait.div_euclid(1_000) + 1;
                let detail = format!("too many attempts; try again in {seconds} s");
                Err(Problem::new(Code::TooManyAttempts, detail))
            }
            _ => Ok(()),
        }
    }

    /// Counts an attempt against the sources.
    pub(super) fn count(&self, sources: &[Source<'_>], now: Timestamp) -> Change {
        let mut failures = self.failures();
        let mut change = Change::default();
        for source in sources {
            let key = source.key();
            let earlier = failures.get(&key).filter(|held| now < held.last.plus_seconds(FAILURES_SECONDS));
            let count = earlier.map_or(0, |held| held.count).saturating_add(1);
            if !failures.contains_key(&key) && failures.len() >= FAILURES_MAX {
                let oldest = failures.iter().min_by_key(|(_, held)| held.last).map(|(key, _)| key.clone());
                change.removed.extend(oldest.inspect(|key| {
                    failures.remove(key);
                }));
            }
            failures.insert(key.clone(), Failures { count, last: now });
            change.put.push((key, Failures { count, last: now }));
        }
        change
    }

    /// Forgets the failures of a source that has proved itself.
    pub(super) fn forgive(&self, source: Source<'_>) -> Change {
        let key = source.key();
        let removed = self.failures().remove(&key).map(|_| key).into_iter().collect();
        Change { put: Vec::new(), removed }
    }

    /// A place for one hash; refused when too many wait.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let busy = || Problem::new(Code::Busy, "too many sign-ins at once; try again");
        let _waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| busy())?;
        Arc::clone(&self.hashing).acquire_owned().await.map_err(|_| busy())
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
