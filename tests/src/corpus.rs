//! Telegrams to import: the developers' corpus beside the repository where there is one, otherwise
//! the samples shipped with the tests.

use anyhow::{Context, Result};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use testnet::binary::root;

/// A file to import, and how many records it has.
#[derive(Debug)]
pub struct Telegrams {
    /// One JSON object a line.
    pub file: PathBuf,
    /// Lines.
    pub records: usize,
}

/// The first `count` real telegrams, copied into `dir`; the samples, said aloud, without a corpus.
pub fn telegrams(count: usize, dir: &Path) -> Result<Telegrams> {
    let corpus = root()?.join("../shared/corpus/telegrams/telegrams.jsonl");
    if !corpus.is_file() {
        eprintln!("no corpus at ../shared/corpus: the import is tested with the samples only");
        return copied(&sample("telegrams.jsonl")?, usize::MAX, dir);
    }
    copied(&corpus, count, dir)
}

/// A file of `tests/samples`.
pub fn sample(name: &str) -> Result<PathBuf> {
    Ok(root()?.join("tests/samples").join(name))
}

fn copied(from: &Path, count: usize, dir: &Path) -> Result<Telegrams> {
    let text = std::fs::read_to_string(from).with_context(|| format!("read {}", from.display()))?;
    let file = dir.join("telegrams.jsonl");
    let (mut kept, mut records) = (String::new(), 0);
    for line in text.lines().take(count) {
        writeln!(kept, "{line}")?;
        records += 1;
    }
    std::fs::write(&file, kept)?;
    Ok(Telegrams { file, records })
}
