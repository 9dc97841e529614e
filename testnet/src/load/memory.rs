//! What a node holds in memory, as the kernel counts it.

use crate::federation::Federation;
use anyhow::{Context, Result};
use serde::Serialize;

/// A node's resident memory.
#[derive(Debug, Clone, Serialize)]
pub struct Memory {
    /// Short name.
    pub node: String,
    /// MiB after start, before the burst.
    pub idle_mib: f64,
    /// MiB after everything.
    pub after_mib: f64,
}

/// Name and MiB of each node.
pub(super) fn resident(federation: &Federation) -> Result<Vec<(String, f64)>> {
    federation.manifest.nodes.iter().map(|node| Ok((node.name.clone(), resident_mib(node.pid)?))).collect()
}

/// Both moments, node by node.
pub(super) fn beside(idle: Vec<(String, f64)>, after: &[(String, f64)]) -> Vec<Memory> {
    idle.into_iter()
        .zip(after)
        .map(|((node, idle_mib), (_, after_mib))| Memory { node, idle_mib, after_mib: *after_mib })
        .collect()
}

pub(crate) fn resident_mib(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).context("no VmRSS")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}
