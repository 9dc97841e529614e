//! What no peer tells: files that the operator puts into the node's folder, dates that pass, and this
//! node's own keys once the list names others.

use crate::clock;
use crate::desks::Desks;
use crate::keys::Keys;
use protocol::codec;
use protocol::federation::{SignedList, SignedSuspension, Trusted};
use protocol::limits::{LIST_BYTES_MAX, SUSPENSION_BYTES_MAX, SUSPENSIONS_MAX};
use protocol::refusal::Code;
use protocol::time::Timestamp;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// A revocation that an operator copies into the folder takes effect within this time; two looks at
/// the file's date cost nothing.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Statements of suspension in the operator's file, with their signatures.
const SUSPENSIONS_FILE_BYTES_MAX: usize = SUSPENSIONS_MAX * (SUSPENSION_BYTES_MAX + 256);
/// The file with statements of suspension, beside the list.
pub(crate) const SUSPENSIONS_FILE: &str = "federation.suspensions";

/// A file's date and size, to see that it is another one.
type Seen = Option<(SystemTime, u64)>;

/// What was seen at the last look.
#[derive(Default)]
struct Look {
    list: Seen,
    suspensions: Seen,
    /// Until then nothing changes by itself.
    until: Option<Timestamp>,
    expired: bool,
}

fn seen(path: &Path) -> Seen {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl Desks {
    /// Looks until the node stops.
    pub(super) async fn watch(&self, mut stopped: watch::Receiver<bool>) {
        let mut look = Look { until: self.list().next_change(clock::now()), ..Look::default() };
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                _ = stopped.changed() => return,
            }
            self.look_at_list(&mut look).await;
            self.look_at_suspensions(&mut look).await;
            self.look_at_dates(&mut look).await;
        }
    }

    async fn look_at_list(&self, look: &mut Look) {
        let path = &self.inner.settings.list_file;
        let now = seen(path);
        if now.is_none() || now == look.list {
            return;
        }
        let first = look.list.is_none();
        look.list = now;
        match read(path, LIST_BYTES_MAX) {
            Ok(bytes) => {
                let signed = SignedList(bytes);
                // After a start, a copy older than what peers have brought since is the usual case.
                let known = signed.verify(&self.inner.authority);
                let newest = self.list().list().version;
                if !(first && known.is_ok_and(|known| known.list().version < newest)) {
                    // A refusal is said where it is decided.
                    let _ = self.settle_list(None, signed).await;
                }
            }
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "list.not_read"),
        }
    }

    async fn look_at_suspensions(&self, look: &mut Look) {
        let path = self.inner.settings.dir.join(SUSPENSIONS_FILE);
        let now = seen(&path);
        if now.is_none() || now == look.suspensions {
            return;
        }
        look.suspensions = now;
        let bytes = match read(&path, SUSPENSIONS_FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "suspensions.not_read");
                return;
            }
        };
        match codec::decode::<Vec<SignedSuspension>>(&bytes, SUSPENSIONS_FILE_BYTES_MAX) {
            // A refusal is said where it is decided.
            Ok(statements) => drop(self.settle_suspensions(None, statements).await),
            Err(error) => self.inner.metrics.refuse(error.code(), "operator", &error.to_string()),
        }
    }

    /// Accreditations begin and end, and the list itself grows old.
    async fn look_at_dates(&self, look: &mut Look) {
        let (list, now) = (self.list(), self.now());
        let expired = list.is_expired(now);
        if expired && !look.expired {
            let version = list.list().version;
            let detail = format!("federation list {version} was to be replaced by {}", list.list().expires);
            self.inner.metrics.refuse(Code::ListExpired, "federation list", &detail);
        }
        look.expired = expired;
        let next = list.next_change(now);
        if look.until.is_some_and(|until| until <= now) {
            self.list_changed().await;
        }
        look.until = next;
    }

    /// Once the list names other keys of this node than the ones it runs with, and they are here, the
    /// node has to start again with them.
    pub(super) fn look_for_own_keys(&self, list: &Trusted) {
        let Some(entry) = list.entry(self.own_node()) else { return };
        if entry.identity == self.inner.identity.public() {
            return;
        }
        match Keys::load(&self.inner.settings.dir.join("keys")) {
            Ok(keys) if keys.has(&entry.identity) => {
                tracing::info!("keys.changed: the node starts again under the keys that the list names");
                self.inner.rekeyed.send_replace(true);
            }
            Ok(_) => {
                self.inner.metrics.refuse(
                    Code::IdentityMismatch,
                    "this node",
                    "the list names keys that are not here",
                );
            }
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "keys.not_read"),
        }
    }

    /// Whether the node has to start again under other keys of its own; ends when it has.
    pub(crate) fn rekeyed(&self) -> watch::Receiver<bool> {
        self.inner.rekeyed.subscribe()
    }
}

fn read(path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
