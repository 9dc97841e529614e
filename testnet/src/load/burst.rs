//! As many as one asks for, as fast as they go.

use super::Ends;
use super::drafts::{bar, in_threads, marker, prepare};
use crate::metrics::Metrics;
use crate::wait::wait_until;
use anyhow::Result;
use serde::Serialize;
use std::time::{Duration, Instant};

const ALL_WITHIN: Duration = Duration::from_secs(600);
/// Correspondence filed on the receiver, by its own count.
const RECEIVED: &str = "valise_received_total";

/// The burst.
#[derive(Debug, Clone, Serialize)]
pub struct Burst {
    /// How many.
    pub telegrams: usize,
    /// Drafts written a second.
    pub drafts_per_second: f64,
    /// From the first release to the last one's answer.
    pub released_s: f64,
    /// From the first release until all were on the receiver's disk.
    pub received_s: f64,
    /// From the first release until the receiver's search counted all.
    pub searchable_s: f64,
    /// Telegrams a second, released.
    pub released_per_second: f64,
    /// Telegrams a second, sealed and durable on both nodes.
    pub received_per_second: f64,
    /// Telegrams a second, findable at the receiver.
    pub searchable_per_second: f64,
}

pub(super) fn measure(ends: &Ends, telegrams: usize) -> Result<Burst> {
    let marker = marker("rafale");
    let drafting = Instant::now();
    let signed = prepare(ends, telegrams, &marker)?;
    let drafts_per_second = telegrams as f64 / drafting.elapsed().as_secs_f64();
    let before = received(ends)?;
    let bar = bar("released", telegrams);
    let started = Instant::now();
    in_threads(telegrams, |index| {
        ends.sender.release_granted(&signed[index].id, &signed[index].grant)?;
        bar.inc(1);
        Ok(())
    })?;
    let released_s = started.elapsed().as_secs_f64();
    bar.finish_and_clear();
    wait_until("all telegrams on the receiver", ALL_WITHIN, || {
        Ok(received(ends)? - before >= telegrams as f64)
    })?;
    let received_s = started.elapsed().as_secs_f64();
    let path = format!("/api/v1/search?q={marker}");
    wait_until("all telegrams in the receiver's search", ALL_WITHIN, || {
        let found = ends.receiver.get(&path)?.expect(200)?;
        Ok(found["total"].as_u64() == Some(telegrams as u64))
    })?;
    let searchable_s = started.elapsed().as_secs_f64();
    let rate = |seconds: f64| telegrams as f64 / seconds;
    Ok(Burst {
        telegrams,
        drafts_per_second,
        released_s,
        received_s,
        searchable_s,
        released_per_second: rate(released_s),
        received_per_second: rate(received_s),
        searchable_per_second: rate(searchable_s),
    })
}

fn received(ends: &Ends) -> Result<f64> {
    Metrics::read(&ends.receiver_metrics)?.sum(RECEIVED)
}
