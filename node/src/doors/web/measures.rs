//! What the web server counts of itself.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::time::{Duration, Instant};

/// Bounds in seconds: a cached page, a durable write, a slow disk, a queue.
const DURATION_BOUNDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Which requests are counted together. Routes are templates, so there are only so many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone)]
struct ByDuration;

impl MetricConstructor<Histogram> for ByDuration {
    fn new_metric(&self) -> Histogram {
        Histogram::new(DURATION_BOUNDS)
    }
}

/// Counts of requests; a clone counts into the same numbers.
#[derive(Debug, Clone)]
pub(super) struct Measures {
    durations: Family<Kind, Histogram, ByDuration>,
    started: Instant,
}

impl Default for Measures {
    fn default() -> Self {
        Self { durations: Family::new_with_constructor(ByDuration), started: Instant::now() }
    }
}

impl Measures {
    /// Counts an answer.
    pub(super) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let kind = Kind { method: method.to_owned(), route: route.to_owned(), status };
        self.durations.get_or_create(&kind).observe(took.as_secs_f64());
    }

    /// The counts and the state of the process at this moment.
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("valise");
        let help = "Time until an answer began";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, self.durations.clone());
        let uptime = ConstGauge::new(self.started.elapsed().as_secs_f64());
        registry.register_with_unit("uptime", "Time since the server was made", Unit::Seconds, uptime);
        if let Some(bytes) = resident_bytes() {
            let gauge: Gauge = Gauge::default();
            gauge.set(bytes);
            registry.register_with_unit("resident_memory", "Memory that is in use", Unit::Bytes, gauge);
        }
        registry
    }
}

/// `VmRSS` of this process; `None` where the system does not say.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    kibibytes.checked_mul(1024)
}
