//! `valise authority revoke`

use super::issue::Authority;
use crate::clock;
use anyhow::{Context, Result, ensure};
use protocol::federation::Status;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The node's short name
    name: String,
    /// The authority's folder
    #[arg(long)]
    dir: PathBuf,
}

pub(super) fn revoke(args: &Args) -> Result<()> {
    let authority = Authority::load(&args.dir)?;
    let mut entries = authority.entries().to_vec();
    let entry = entries.iter_mut().find(|entry| entry.name == args.name);
    let entry = entry.with_context(|| format!("{:?} is not on the list", args.name))?;
    ensure!(entry.status == Status::Active, "{} was revoked before", args.name);
    entry.status = Status::Revoked;
    let issued = authority.issue(entries, clock::now())?;
    println!("{} revoked", args.name);
    println!("{issued}; give it to any node, its peers will pass it on");
    Ok(())
}
