//! Drafts and grants, prepared before anything is timed.

use super::{ADDRESSEE, Ends};
use crate::client::label;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the node allows under one proof.
const GRANT_ITEMS: usize = 200;
/// Enough to keep the node's writer busy, few enough to leave it the processors.
pub(super) const THREADS: usize = 64;
/// About two kilobytes, what a short real telegram weighs.
const PARAGRAPH: &str = "Le poste rend compte de la réunion tenue ce jour avec la coordination nationale. Les partenaires \
ont confirmé leurs engagements ; le calendrier de déploiement est maintenu et le prochain point est fixé à demain. ";

/// A draft with the grant that covers it.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) id: String,
    pub(super) grant: String,
}

/// A word that stands in no other run's telegrams.
pub(super) fn marker(phase: &str) -> String {
    let now = jiff::Timestamp::now().as_millisecond();
    format!("{phase}{now}")
}

/// Writes `count` drafts with `marker` in the text and asks for their grants.
pub(super) fn prepare(ends: &Ends, count: usize, marker: &str) -> Result<Vec<Signed>> {
    let bar = bar("drafts", count);
    let ids = in_threads(count, |index| {
        bar.inc(1);
        ends.sender.draft(&draft(ends, index, marker))
    })?;
    bar.finish_and_clear();
    let mut signed = Vec::with_capacity(count);
    for some in ids.chunks(GRANT_ITEMS) {
        let grant = ends.sender.grant(&ends.password, some)?;
        signed.extend(some.iter().map(|id| Signed { id: id.clone(), grant: grant.clone() }));
    }
    Ok(signed)
}

/// Calls `act` for 0 to `count` from several threads; results in order.
pub(super) fn in_threads<T: Send>(count: usize, act: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return Ok(done);
            }
            done.push((index, act(index)?));
        }
    };
    let parts: Vec<Result<Vec<(usize, T)>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a sending thread panicked"))?)
            .collect()
    });
    let mut all = Vec::with_capacity(count);
    for part in parts {
        all.extend(part?);
    }
    all.sort_unstable_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, one)| one).collect())
}

pub(super) fn bar(what: &'static str, count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} {eta}") {
        bar.set_style(style);
    }
    bar
}

fn draft(ends: &Ends, index: usize, marker: &str) -> serde_json::Value {
    json!({
        "kind": "telegram",
        "from": ends.from,
        "action": [ADDRESSEE],
        "info": [],
        "precedence": { "action": "routine", "info": "routine" },
        "label": label("DR"),
        "subject": format!("Point de situation n° {index}"),
        "tags": ["ebola"],
        "body": format!("{marker}\n\n{}", PARAGRAPH.repeat(8)),
        "references": [],
    })
}
