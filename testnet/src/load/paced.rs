//! Fifty a second: what one release takes until it shows on the other screen, and until it is found.

use super::Ends;
use super::drafts::{Signed, marker, prepare};
use crate::machine::percentile_ms;
use crate::stream::Stream;
use crate::wait::{until, wait_until};
use anyhow::{Context, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const PER_SECOND: u32 = 50;
/// Each has its own share of the schedule, so that one slow answer does not delay the next call.
const CALLERS: usize = 4;
const FALLEN_WITHIN: Duration = Duration::from_secs(30);
const FINDS: usize = 10;

/// The paced phase.
#[derive(Debug, Clone, Serialize)]
pub struct Paced {
    /// How many.
    pub telegrams: usize,
    /// How many a second.
    pub per_second: u32,
    /// From the release call to its answer, median.
    pub answered_p50_ms: f64,
    /// 99th percentile.
    pub answered_p99_ms: f64,
    /// From the release call to the line on the other node's live teleprinter, median.
    pub shown_p50_ms: f64,
    /// 99th percentile.
    pub shown_p99_ms: f64,
    /// From that line until the search of the same node finds the telegram: the longest of ten.
    pub findable_max_ms: f64,
}

pub(super) fn measure(ends: &Ends, telegrams: usize) -> Result<Paced> {
    let signed = prepare(ends, telegrams, &marker("cadence"))?;
    let stream = Stream::open(&ends.receiver, None)?;
    let (called, answered) = release(ends, &signed)?;
    let mut shown = Vec::with_capacity(telegrams);
    let mut waiting = called;
    while !waiting.is_empty() {
        let fallen =
            stream.next_within(FALLEN_WITHIN).with_context(|| format!("{} never fell", waiting.len()))?;
        if let Some(call) = fallen.item["id"].as_str().and_then(|id| waiting.remove(id)) {
            shown.push(fallen.at.saturating_duration_since(call));
        }
    }
    Ok(Paced {
        telegrams,
        per_second: PER_SECOND,
        answered_p50_ms: percentile_ms(&answered, 50.0),
        answered_p99_ms: percentile_ms(&answered, 99.0),
        shown_p50_ms: percentile_ms(&shown, 50.0),
        shown_p99_ms: percentile_ms(&shown, 99.0),
        findable_max_ms: findable(ends, &stream)?,
    })
}

type Calls = BTreeMap<String, Instant>;

fn release(ends: &Ends, signed: &[Signed]) -> Result<(Calls, Vec<Duration>)> {
    let done = Mutex::new((Calls::new(), Vec::new()));
    let started = Instant::now();
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let done = &done;
                scope.spawn(move || -> Result<()> {
                    for (index, one) in signed.iter().enumerate().skip(caller).step_by(CALLERS) {
                        until(started + Duration::from_secs(1) * u32::try_from(index)? / PER_SECOND);
                        let call = Instant::now();
                        ends.sender.release_granted(&one.id, &one.grant)?;
                        let mut done = done.lock().map_err(|_| anyhow::anyhow!("a caller panicked"))?;
                        done.0.insert(one.id.clone(), call);
                        done.1.push(call.elapsed());
                    }
                    Ok(())
                })
            })
            .collect();
        callers
            .into_iter()
            .try_for_each(|caller| caller.join().map_err(|_| anyhow::anyhow!("a caller panicked"))?)
    })?;
    done.into_inner().map_err(|_| anyhow::anyhow!("a caller panicked"))
}

/// One telegram at a time, each with a word of its own.
fn findable(ends: &Ends, stream: &Stream) -> Result<f64> {
    let mut taken = Vec::with_capacity(FINDS);
    for _ in 0..FINDS {
        let word = marker("trouvaille");
        let signed = prepare(ends, 1, &word)?;
        ends.sender.release_granted(&signed[0].id, &signed[0].grant)?;
        let fallen =
            stream.find("one telegram", FALLEN_WITHIN, |item| item["id"] == signed[0].id.as_str())?;
        wait_until("one telegram in the search", FALLEN_WITHIN, || {
            let found = ends.receiver.get(&format!("/api/v1/search?q={word}"))?.expect(200)?;
            Ok(found["total"].as_u64() == Some(1))
        })?;
        taken.push(fallen.at.elapsed());
    }
    Ok(percentile_ms(&taken, 100.0))
}
