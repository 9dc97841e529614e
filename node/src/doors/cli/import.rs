//! `valise import telegrams`

use super::progress::Bar;
use super::{refused, runtime};
use crate::desks::{ImportReport, ImportRequest};
use crate::run;
use anyhow::{Context, Result};
use protocol::correspondence::Address;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// File telegrams, one JSON record a line, and send them to their addressees
    Telegrams(Args),
}

#[derive(clap::Args)]
pub(super) struct Args {
    /// The records
    file: PathBuf,
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// The sending group, of this node
    #[arg(long)]
    from: String,
    /// The receiving groups, for action
    #[arg(long, required = true, value_delimiter = ',')]
    to: Vec<String>,
    /// What printed markings mean here
    #[arg(long)]
    map: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn telegrams(args: &Args) -> Result<ExitCode> {
    let report = runtime()?.block_on(async {
        let (desks, _) = run::open(&args.dir)?;
        let own = desks.node_name();
        let to = args.to.iter().map(|group| address(group, &own)).collect::<Result<_>>()?;
        let request = ImportRequest {
            file: args.file.clone(),
            from: address(&args.from, &own)?,
            to,
            map: args.map.clone(),
        };
        let bar = Bar::new("importing", "bytes");
        desks.import(request, |done, total| bar.moved(done, total)).await.map_err(refused)
    })?;
    match args.json {
        true => print_json(&report),
        false => print(&report, &args.file),
    }
    Ok(if report.malformed_count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `cdc@mae`; `cdc` alone is a group of this node.
fn address(text: &str, own: &str) -> Result<Address> {
    let whole = if text.contains('@') { text.to_owned() } else { format!("{text}@{own}") };
    whole.parse().with_context(|| format!("{text:?} is not a group"))
}

fn print(report: &ImportReport, file: &Path) {
    for (line, reason) in &report.malformed {
        println!("{}:{line}: {reason}", file.display());
    }
    let listed = report.malformed.len() as u64;
    if report.malformed_count > listed {
        println!("{}: and {} more malformed records", file.display(), report.malformed_count - listed);
    }
    let ImportReport { imported, skipped_duplicates, malformed_count, .. } = report;
    println!("{imported} imported, {skipped_duplicates} imported before, {malformed_count} malformed");
}

fn print_json(report: &ImportReport) {
    let malformed: Vec<_> = report
        .malformed
        .iter()
        .map(|(line, reason)| serde_json::json!({ "line": line, "reason": reason }))
        .collect();
    let object = serde_json::json!({
        "imported": report.imported,
        "skipped_duplicates": report.skipped_duplicates,
        "malformed_count": report.malformed_count,
        "malformed": malformed,
    });
    println!("{object}");
}
