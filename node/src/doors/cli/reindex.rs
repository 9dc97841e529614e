//! `valise reindex`

use super::progress::Bar;
use super::{refused, runtime};
use crate::run;
use anyhow::Result;
use std::path::Path;

pub(super) fn reindex(dir: &Path) -> Result<()> {
    let documents = runtime()?.block_on(async {
        let (desks, _) = run::open(dir)?;
        let bar = Bar::new("indexing", "entries");
        desks.reindex(|done, total| bar.moved(done, total)).await.map_err(refused)
    })?;
    println!("{documents} documents indexed");
    Ok(())
}
