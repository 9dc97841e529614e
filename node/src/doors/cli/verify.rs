//! `valise verify`

use super::progress::Bar;
use super::refused;
use crate::desks::VerifyReport;
use crate::run;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn verify(args: &Args) -> Result<ExitCode> {
    let (desks, _) = run::open(&args.dir)?;
    let bar = Bar::new("verifying", "entries");
    let report = desks.verify(|done, total| bar.moved(done, total)).map_err(refused)?;
    drop(bar);
    match args.json {
        true => println!("{}", serde_json::to_string(&report)?),
        false => print(&report),
    }
    Ok(if report.sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(report: &VerifyReport) {
    println!("ledger: {} entries, last hash {}", report.ledger_entries, report.ledger_hash);
    println!("items: {}", report.items);
    println!("records: {}", report.records);
    for (table, records) in &report.tables {
        println!("  {table}: {records}");
    }
    println!("attachments: {}", report.attachments);
    println!("compartments: {}", report.compartments.len());
    for line in &report.compartments {
        let state = if line.active { "" } else { ", left" };
        let members = line.members.join(", ");
        println!("  {} {} {} epoch {}: {members}{state}", line.id, line.kind, line.level, line.epoch);
    }
    for broken in &report.breaks {
        println!("BROKEN {}: {}: {}", broken.entry, broken.field, broken.reason);
    }
    match report.breaks_total {
        0 => println!("everything is as it was accepted"),
        total => println!("{total} things are broken; keep this folder and restore from a sound copy"),
    }
}
