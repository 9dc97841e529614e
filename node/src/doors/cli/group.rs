//! `valise group add`

use super::{refused, runtime};
use crate::desks::NewGroup;
use crate::run;
use anyhow::Result;
use protocol::label::Level;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Add a functional group to a stopped node
    Add(Args),
}

#[derive(clap::Args)]
pub(super) struct Args {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// The part of its address before @
    #[arg(long)]
    handle: String,
    /// Its name
    #[arg(long)]
    name: String,
    /// Themes that it follows
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// The highest level that it may receive: NP, DR or DR+SF
    #[arg(long, default_value = "DR")]
    ceiling: Level,
}

pub(super) fn add(args: Args) -> Result<()> {
    let Args { dir, handle, name, tags, ceiling } = args;
    runtime()?.block_on(async {
        let (desks, _) = run::open(&dir)?;
        let address = format!("{handle}@{}", desks.node_name());
        let group = desks.add_group(NewGroup { handle, name, tags, ceiling }).await.map_err(refused)?;
        println!("group {address} added ({group})");
        Ok(())
    })
}
