//! `valise authority rename`: names are attributes, the node's id stays.

use super::issue::Authority;
use crate::clock;
use crate::limits::LIST_DAYS;
use anyhow::{Result, ensure};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The node's short name
    name: String,
    /// The authority's folder
    #[arg(long)]
    dir: PathBuf,
    /// The new short name, the part of addresses after @
    #[arg(long)]
    to: Option<String>,
    /// The organisation's new full name
    #[arg(long)]
    organisation: Option<String>,
}

pub(super) fn rename(args: &Args) -> Result<()> {
    ensure!(
        args.to.is_some() || args.organisation.is_some(),
        "nothing to change: give --to or --organisation"
    );
    let authority = Authority::load(&args.dir)?;
    let (mut entries, at) = authority.with(&args.name)?;
    let entry = &mut entries[at];
    if let Some(name) = &args.to {
        entry.name.clone_from(name);
    }
    if let Some(organisation) = &args.organisation {
        entry.organisation.clone_from(organisation);
    }
    let (name, node) = (entry.name.clone(), entry.node);
    let issued = authority.issue(entries, clock::now(), LIST_DAYS)?;
    println!("{} is {name} from now on; its id is {node} as before", args.name);
    println!("{issued}; give it to any node, its peers will pass it on");
    Ok(())
}
