//! Rebuilding every index from the ledger, on doubt.

use super::shelves::Phase;
use super::work::{Cursors, Work};
use crate::desks::{Desks, Problem, ledger};
use protocol::refusal::Code;
use tokio::task::spawn_blocking;

impl Desks {
    /// Throws the indexes away and builds them again; how many documents there are. `progress` is
    /// told how many ledger entries were read, and of how many. Refused while the indexer runs.
    pub async fn reindex(&self, progress: impl Fn(u64, u64)) -> Result<u64, Problem> {
        if *self.inner.shelves.phase.borrow() != Phase::Resting {
            return Err(Problem::new(Code::Busy, "the indexer is running: stop the node first"));
        }
        let head = ledger::head(&self.snapshot()?)?.position;
        self.inner.shelves.clear()?;
        let mut work = Work::after(0);
        loop {
            let (next, more) = self.rebuild_page(work).await?;
            work = next;
            progress(work.position().min(head), head);
            if !more {
                return Ok(work.indexed());
            }
        }
    }

    async fn rebuild_page(&self, mut work: Work) -> Result<(Work, bool), Problem> {
        let desks = self.clone();
        let page = spawn_blocking(move || {
            let more = work.step(&desks)?;
            if !more {
                work.commit(&desks, Cursors::All)?;
            }
            Ok((work, more))
        });
        page.await.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "reindex.broke_off");
            Err(Problem::new(Code::Internal, "an internal error; run the command again"))
        })
    }
}
