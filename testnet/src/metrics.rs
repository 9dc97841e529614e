//! A node's `/metrics`: Prometheus text, as far as a test or a measurement needs it.

use crate::client::Client;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// Sums of all series, by name without labels.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// The text as it came.
    pub text: String,
    sums: BTreeMap<String, f64>,
}

impl Metrics {
    /// Reads them from `testnet.json`'s `metrics_url`.
    pub fn read(metrics_url: &str) -> Result<Self> {
        let base = metrics_url.trim_end_matches('/').trim_end_matches("/metrics");
        let reply = Client::anonymous(base).get("/metrics")?;
        anyhow::ensure!(reply.status == 200, "{metrics_url} answered {}", reply.status);
        Ok(Self::parse(reply.text))
    }

    fn parse(text: String) -> Self {
        let mut sums = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((series, value)) = line.rsplit_once(' ') {
                let name = series.split('{').next().unwrap_or(series);
                *sums.entry(name.to_owned()).or_insert(0.0) += value.parse::<f64>().unwrap_or(0.0);
            }
        }
        Self { text, sums }
    }

    /// The sum over a name's series.
    pub fn sum(&self, name: &str) -> Result<f64> {
        self.sums.get(name).copied().with_context(|| format!("no metric {name}"))
    }
}
