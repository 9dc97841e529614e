//! What many simulations came to, for people.

use super::plan::Plan;
use super::run::{Verdict, run_all};
use super::world::Tally;
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What is shown.
#[derive(Debug)]
pub struct Report {
    /// The text.
    pub text: String,
    /// Nothing broke; or, with a bug planted, something did.
    pub as_expected: bool,
}

/// Failing seeds that are shown one by one.
const SHOWN_MAX: usize = 10;

/// Runs these seeds and says what came of it; each failing seed with the command that replays it.
pub fn report(plan: &Plan, seeds: u64, threads: usize) -> Result<Report> {
    let started = Instant::now();
    let sum = Mutex::new(Tally::default());
    let broken = run_all(plan, seeds, threads, |verdict| {
        sum.lock().unwrap_or_else(PoisonError::into_inner).add(&verdict.tally);
    })?;
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut text = String::new();
    let groups = if plan.is_real() { "real groups" } else { "symbolic groups" };
    let seconds = started.elapsed().as_secs_f64();
    writeln!(
        text,
        "{seeds} seeds from {}, {} nodes, {groups}, faults {}: {seconds:.1} s",
        plan.seed, plan.nodes, plan.faults
    )?;
    let Tally { steps, parcels, bytes, epochs, posts, crashes, old_copies, returns, forks, frozen } = sum;
    let mebibytes = bytes >> 20;
    writeln!(
        text,
        "{steps} transactions, {parcels} parcels ({mebibytes} MiB), {epochs} epochs, {posts} posts, {crashes} \
         crashes, {old_copies} old copies, {returns} returns, {forks} splits by a liar, {frozen} without a majority"
    )?;
    for Verdict { plan, broken, .. } in broken.iter().take(SHOWN_MAX) {
        let Some(broken) = broken else { continue };
        writeln!(text, "\nBROKEN: {}\n  {}\n  replay: {}", broken.sentence, broken.detail, plan.replay())?;
    }
    writeln!(text)?;
    let mut sentences: BTreeMap<&str, u64> = BTreeMap::new();
    for one in broken.iter().filter_map(|verdict| verdict.broken.as_ref()) {
        *sentences.entry(one.sentence).or_default() += 1;
    }
    for (sentence, times) in sentences {
        writeln!(text, "{times} x {sentence}")?;
    }
    let count = broken.len();
    match plan.flaw {
        None => write!(text, "{count} broken invariants")?,
        Some(flaw) => write!(text, "{flaw}: found by {count} of {seeds} seeds")?,
    }
    Ok(Report { text, as_expected: broken.is_empty() == plan.flaw.is_none() })
}
