//! The one place where this workspace waits by the clock. What happens inside another process gives
//! no wake-up here (a page that will be on a teleprinter, a counter in `/metrics`), so a condition is
//! asked again after a short rest, always against a deadline. Nothing waits for time alone, except
//! [`until`], which paces the load generator.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// How long between two questions: short beside what a test measures, long beside what a question costs.
const REST: Duration = Duration::from_millis(10);

/// Asks until there is an answer; after `deadline`, fails and says what was awaited.
pub fn wait_for<T>(what: &str, deadline: Duration, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if started.elapsed() >= deadline {
            bail!("waited {:.1} s for {what}", deadline.as_secs_f64());
        }
        rest(REST);
    }
}

/// Asks until the condition holds.
pub fn wait_until(what: &str, deadline: Duration, mut ask: impl FnMut() -> Result<bool>) -> Result<()> {
    wait_for(what, deadline, || Ok(ask()?.then_some(())))
}

/// Returns at `instant`, or at once when it has passed.
pub fn until(instant: Instant) {
    rest(instant.saturating_duration_since(Instant::now()));
}

fn rest(length: Duration) {
    std::thread::sleep(length);
}
