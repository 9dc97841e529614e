//! `valise backup`

use super::files;
use super::refused;
use crate::config::{self, Config};
use crate::desks::BackupReport;
use crate::doors::local;
use crate::run;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// The folder to be made
    #[arg(long)]
    to: PathBuf,
}

pub(super) fn backup(args: &Args) -> Result<()> {
    let config = Config::load(&args.dir)?;
    let to = std::path::absolute(&args.to).with_context(|| format!("no path: {}", args.to.display()))?;
    let asked = local::ask(&args.dir, &format!("backup {}", to.display()));
    let report = match asked.context("cannot ask the running node")? {
        Some(said) => report(&said)?,
        None => run::open(&args.dir)?.0.back_up(&to).map_err(refused)?,
    };
    for source in [&args.dir.join(config::FILE), &config.authority, &config.list] {
        copy(source, &to)?;
    }
    println!(
        "{} records and {} files, {} MiB, are in {}",
        report.records,
        report.files,
        report.bytes / (1024 * 1024),
        to.display()
    );
    println!("without keys: {} is backed up apart, under two persons", args.dir.join("keys").display());
    println!(
        "to restore: put keys/ into the copy and start it; another ministry lets it back into communities"
    );
    Ok(())
}

fn report(said: &str) -> Result<BackupReport> {
    let said: serde_json::Value =
        serde_json::from_str(said).context("the node answered with something else")?;
    if let Some(why) = said["refused"].as_str() {
        bail!("{why}");
    }
    serde_json::from_value(said).context("the node answered with something else")
}

fn copy(source: &Path, to: &Path) -> Result<()> {
    let name = source.file_name().with_context(|| format!("{} has no name", source.display()))?;
    let bytes = std::fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    files::create(&to.join(name), &bytes)
}
