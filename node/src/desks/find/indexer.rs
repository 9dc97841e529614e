//! When the index is fed: as soon as something is filed, at most once a batching period, and a last
//! time before the node stops.

use super::shelves::Phase;
use super::work::{Cursors, IndexError, Work};
use crate::desks::Desks;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until};

/// A commit syncs several files. Under load this many milliseconds of items share one.
const BATCH_PERIOD: Duration = Duration::from_millis(250);
/// Pause after a failure: a full disk does not empty in milliseconds.
const RETRY_PERIOD: Duration = Duration::from_secs(2);
/// Quiet time after which the writers give their memory back.
const IDLE_PERIOD: Duration = Duration::from_secs(10);

/// Says that the indexer has ended, whichever way it did.
struct Running(watch::Sender<Phase>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_replace(Phase::Resting);
    }
}

impl Desks {
    /// Starts feeding the indexes from the ledger, each from where it stopped.
    pub fn start_indexer(&self) -> JoinHandle<()> {
        let desks = self.clone();
        let phase = &self.inner.shelves.phase;
        phase.send_replace(Phase::Running);
        let running = Running(phase.clone());
        tokio::spawn(async move {
            let _running = running;
            desks.index().await;
        })
    }

    /// Commits everything that was filed and ends the indexer. Returns when it has ended.
    pub async fn stop_indexer(&self) {
        let phase = &self.inner.shelves.phase;
        phase.send_if_modified(|phase| {
            let runs = *phase == Phase::Running;
            if runs {
                *phase = Phase::Stopping;
            }
            runs
        });
        // The sender is ours, so the wait cannot fail.
        let _ = phase.subscribe().wait_for(|phase| *phase == Phase::Resting).await;
    }

    async fn index(&self) {
        let mut phase = self.inner.shelves.phase.subscribe();
        let mut work = Work::after(self.inner.shelves.cursor());
        loop {
            let began = Instant::now();
            let stopping = *phase.borrow_and_update() == Phase::Stopping;
            let cursors = if stopping { Cursors::All } else { Cursors::Lagging };
            let (next, failed) = self.pass(work, cursors).await;
            work = next;
            if stopping {
                return;
            }
            let period = if failed { RETRY_PERIOD } else { BATCH_PERIOD };
            tokio::select! {
                _ = phase.changed() => continue,
                () = sleep_until(began + period) => {}
            }
            if !failed {
                self.wait_for_work(&mut phase).await;
            }
        }
    }

    /// Catches up with the ledger on a blocking thread. After a failure, the work to do again.
    async fn pass(&self, mut work: Work, cursors: Cursors) -> (Work, bool) {
        let desks = self.clone();
        let pass = spawn_blocking(move || {
            let outcome = work.catch_up(&desks, cursors);
            (work, outcome)
        });
        match pass.await {
            Ok((work, Ok(()))) => return (work, false),
            Ok((_, Err(error))) => log(&error),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "index.pass_broke_off"),
        }
        (Work::after(self.inner.shelves.cursor()), true)
    }

    /// Waits until something is filed or the indexer is to stop; when nothing happens for a while,
    /// gives memory back first.
    async fn wait_for_work(&self, phase: &mut watch::Receiver<Phase>) {
        let filed = &self.inner.filed;
        tokio::select! {
            () = filed.notified() => return,
            _ = phase.changed() => return,
            () = sleep(IDLE_PERIOD) => {}
        }
        let shelves = self.inner.shelves.all_by_level();
        let released = spawn_blocking(move || shelves.values().for_each(|shelf| shelf.release_memory()));
        if let Err(error) = released.await {
            tracing::error!(error = &error as &dyn std::error::Error, "index.release_broke_off");
        }
        tokio::select! {
            () = filed.notified() => {}
            _ = phase.changed() => {}
        }
    }
}

fn log(error: &IndexError) {
    tracing::error!(error = error as &dyn std::error::Error, "index.failed");
}
