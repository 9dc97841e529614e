//! Counters for `/metrics`. No content, no names: numbers and codes.

use crate::clock;
use crate::refusals::{Refusal, Refusals};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use protocol::federation::Trusted;
use protocol::refusal::Code;
use protocol::time::Timestamp;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

/// The node's counters.
#[derive(Clone, Default)]
pub struct Metrics {
    refused: Family<CodeLabel, Counter>,
    refusals: Refusals,
    alarms: Counter,
    list_version: Gauge,
    list_expires: Gauge,
    list_expired: Gauge,
    /// Items released here.
    pub(crate) released: Counter,
    /// Correspondence received from peers and filed.
    pub(crate) received: Counter,
    /// Messages of ours that peers have acknowledged.
    pub(crate) acknowledged: Counter,
    /// Bytes of ciphertext that peers have taken.
    pub(crate) pushed: Counter,
    /// Chunks of attachments fetched from peers.
    pub(crate) chunks: Counter,
    /// Documents that became searchable.
    pub(crate) indexed: Counter,
}

impl Metrics {
    /// Counts a refusal and logs it: the one place where a refusal is logged.
    pub(crate) fn refuse(&self, code: Code, peer: &str, detail: &str) {
        self.refused.get_or_create(&CodeLabel { code: code.as_str() }).inc();
        self.refusals.note(clock::now(), code, peer, detail);
        tracing::warn!(refusal.code = code.as_str(), peer, detail, "refused");
    }

    /// What was refused lately, latest first.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.refusals.latest()
    }

    /// Evidence came in.
    pub(crate) fn alarm(&self) {
        self.alarms.inc();
    }

    /// How the federation list stands.
    pub(crate) fn list(&self, list: &Trusted, now: Timestamp) {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.list_version.set(number(list.list().version));
        self.list_expires.set(list.list().expires.seconds());
        self.list_expired.set(i64::from(list.is_expired(now)));
    }

    /// A registry that holds all of them.
    pub fn registry(&self) -> Arc<Registry> {
        let mut registry = Registry::with_prefix("valise");
        registry.register("refused", "Refusals by code", self.refused.clone());
        registry.register("alarms", "Evidence of split views and old copies", self.alarms.clone());
        registry.register(
            "list_version",
            "Version of the federation list in force",
            self.list_version.clone(),
        );
        let expires = "When a newer federation list must have come, in seconds since 1970";
        registry.register("list_expires_seconds", expires, self.list_expires.clone());
        registry.register(
            "list_expired",
            "1 once the federation list has expired",
            self.list_expired.clone(),
        );
        registry.register("released", "Items released here", self.released.clone());
        registry.register("received", "Correspondence received and filed", self.received.clone());
        registry.register("acknowledged", "Messages that peers acknowledged", self.acknowledged.clone());
        registry.register("pushed_bytes", "Ciphertext that peers have taken", self.pushed.clone());
        registry.register("attachment_chunks", "Chunks of attachments fetched and kept", self.chunks.clone());
        registry.register("indexed", "Documents made searchable", self.indexed.clone());
        Arc::new(registry)
    }
}
