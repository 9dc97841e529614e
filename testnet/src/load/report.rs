//! What was measured, each figure beside its aim or its limit.

use super::burst::Burst;
use super::memory::Memory;
use super::paced::Paced;
use crate::machine::Machine;
use crate::table;
use serde::Serialize;

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The machine's limits, measured just before.
    pub machine: Machine,
    /// As fast as they go.
    pub burst: Burst,
    /// At 50 a second.
    pub paced: Paced,
    /// Resident memory.
    pub memory: Vec<Memory>,
}

impl Report {
    /// A markdown table.
    pub fn markdown(&self) -> String {
        let mut rows = self.rates();
        rows.extend(self.latencies());
        for node in &self.memory {
            let limit = format!("{:.0} MiB after the load", node.after_mib);
            rows.push(row(
                &format!("memory of idle {}", node.node),
                format!("{:.0} MiB", node.idle_mib),
                "≤ 80 MiB",
                limit,
            ));
        }
        table::markdown(&["what", "measured", "aim", "limit in the same run"], &rows)
    }

    fn rates(&self) -> Vec<Vec<String>> {
        let (burst, machine) = (&self.burst, &self.machine);
        let rate = |value: f64| format!("{value:.0}/s");
        let sync = format!("{:.0} fdatasync/s one by one", machine.fdatasync_per_second);
        let count = format!("{} telegrams, {} CPUs", burst.telegrams, machine.cpus);
        vec![
            row("drafts written, 64 connections", rate(burst.drafts_per_second), "", sync.clone()),
            row("released under a grant", rate(burst.released_per_second), "", sync.clone()),
            row("sealed and durable on both nodes", rate(burst.received_per_second), "≥ 2000/s", sync),
            row("findable at the receiver", rate(burst.searchable_per_second), "", count),
        ]
    }

    fn latencies(&self) -> Vec<Vec<String>> {
        let (paced, machine) = (&self.paced, &self.machine);
        let ms = |value: f64| format!("{value:.1} ms");
        let sync = format!("{:.2} ms one fdatasync (p50)", machine.fdatasync_p50_ms);
        let trip = format!("{:.3} ms loopback round trip", machine.loopback_round_trip_p50_ms);
        let trip99 = format!("{:.3} ms loopback round trip", machine.loopback_round_trip_p99_ms);
        let at = |what: &str| format!("{what} at {}/s", paced.per_second);
        vec![
            row(&at("release answered, p50"), ms(paced.answered_p50_ms), "", sync.clone()),
            row(&at("release answered, p99"), ms(paced.answered_p99_ms), "", sync),
            row(&at("release to the other screen, p50"), ms(paced.shown_p50_ms), "≤ 6 ms", trip),
            row(&at("release to the other screen, p99"), ms(paced.shown_p99_ms), "≤ 25 ms", trip99),
            row(
                "from arrival to findable, longest of ten",
                ms(paced.findable_max_ms),
                "≤ 600 ms",
                String::new(),
            ),
        ]
    }
}

fn row(what: &str, measured: String, aim: &str, limit: String) -> Vec<String> {
    vec![what.to_owned(), measured, aim.to_owned(), limit]
}
