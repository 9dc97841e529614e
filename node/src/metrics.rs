//! Counters for `/metrics`. No content, no names: numbers and codes.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use protocol::refusal::Code;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

/// The node's counters.
#[derive(Clone, Default)]
pub struct Metrics {
    refused: Family<CodeLabel, Counter>,
    /// Items released here.
    pub(crate) released: Counter,
    /// Correspondence received from peers and filed.
    pub(crate) received: Counter,
    /// Messages of ours that peers have acknowledged.
    pub(crate) acknowledged: Counter,
    /// Documents that became searchable.
    pub(crate) indexed: Counter,
}

impl Metrics {
    /// Counts a refusal and logs it: the one place where a refusal is logged.
    pub(crate) fn refuse(&self, code: Code, peer: &str, detail: &str) {
        self.refused.get_or_create(&CodeLabel { code: code.as_str() }).inc();
        tracing::warn!(refusal.code = code.as_str(), peer, detail, "refused");
    }

    /// A registry that holds all of them.
    pub fn registry(&self) -> Arc<Registry> {
        let mut registry = Registry::with_prefix("valise");
        registry.register("refused", "Refusals by code", self.refused.clone());
        registry.register("released", "Items released here", self.released.clone());
        registry.register("received", "Correspondence received and filed", self.received.clone());
        registry.register("acknowledged", "Messages that peers acknowledged", self.acknowledged.clone());
        registry.register("indexed", "Documents made searchable", self.indexed.clone());
        Arc::new(registry)
    }
}
