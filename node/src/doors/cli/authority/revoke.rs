//! `valise authority revoke` and `valise authority reinstate`

use super::issue::Authority;
use super::statements;
use crate::clock;
use crate::limits::LIST_DAYS;
use anyhow::{Result, bail, ensure};
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
    let (mut entries, at) = authority.with(&args.name)?;
    ensure!(entries[at].status != Status::Revoked, "{} was revoked before", args.name);
    entries[at].status = Status::Revoked;
    let issued = authority.issue(entries, clock::now(), LIST_DAYS)?;
    println!("{} revoked", args.name);
    println!("{issued}; give it to any node, its peers will pass it on");
    Ok(())
}

/// A suspension, by the list or by statements since, is over.
pub(super) fn reinstate(args: &Args) -> Result<()> {
    let authority = Authority::load(&args.dir)?;
    let (mut entries, at) = authority.with(&args.name)?;
    let before = entries[at].settled;
    statements::settle(&args.dir, authority.keys(), &mut entries)?;
    let entry = &mut entries[at];
    match entry.status {
        Status::Revoked => bail!("{} was revoked for good; make a new node with `valise init`", args.name),
        Status::Active if entry.settled == before => bail!("{} is not suspended", args.name),
        Status::Active | Status::Suspended => entry.status = Status::Active,
    }
    let issued = authority.issue(entries, clock::now(), LIST_DAYS)?;
    println!("{} is in force again", args.name);
    println!("{issued}; give it to any node, its peers will pass it on");
    Ok(())
}
