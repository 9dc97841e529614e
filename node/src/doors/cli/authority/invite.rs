//! `valise authority invite` and `valise authority reissue`

use super::issue::Authority;
use crate::clock;
use crate::limits::LIST_DAYS;
use anyhow::Result;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The node's short name
    name: String,
    /// The authority's folder
    #[arg(long)]
    dir: PathBuf,
}

#[derive(clap::Args)]
pub(in crate::doors::cli) struct ReissueArgs {
    /// The authority's folder
    #[arg(long)]
    dir: PathBuf,
    /// Days until a newer list must have come
    #[arg(long, default_value_t = LIST_DAYS)]
    list_days: i64,
}

pub(super) fn invite(args: &Args) -> Result<()> {
    let authority = Authority::load(&args.dir)?;
    let path = authority.invite(&args.name)?;
    println!("{}: send it to {}", path.display(), args.name);
    println!("tell its operator by another way: {}", authority.fingerprint());
    Ok(())
}

pub(super) fn reissue(args: &ReissueArgs) -> Result<()> {
    let authority = Authority::load(&args.dir)?;
    let issued = authority.issue(authority.entries().to_vec(), clock::now(), args.list_days)?;
    println!("{issued}; give it to any node, its peers will pass it on");
    Ok(())
}
