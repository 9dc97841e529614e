//! `valise federation accept`

use crate::config::Config;
use crate::desks::SUSPENSIONS_FILE;
use crate::doors::cli::files;
use crate::run::{read_authority, read_bounded};
use anyhow::{Context, Result, ensure};
use protocol::codec;
use protocol::federation::{SignedList, SignedSuspension};
use protocol::limits::LIST_BYTES_MAX;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// federation.list or federation.suspensions of the authority
    file: PathBuf,
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
}

pub(super) fn accept(args: &Args) -> Result<()> {
    let config = Config::load(&args.dir)?;
    let authority = read_authority(&config.authority)?;
    let what = || format!("cannot use {}", args.file.display());
    let bytes = read_bounded(&args.file, LIST_BYTES_MAX).with_context(what)?;
    if let Ok(statements) = codec::decode::<Vec<SignedSuspension>>(&bytes, LIST_BYTES_MAX) {
        ensure!(!statements.is_empty(), "{} holds no suspension", args.file.display());
        for statement in &statements {
            statement.verify(&authority).with_context(what)?;
        }
        files::replace(&args.dir.join(SUSPENSIONS_FILE), &bytes)?;
        println!("{} suspensions taken over", statements.len());
        return Ok(());
    }
    let list = SignedList(bytes.clone()).verify(&authority).with_context(what)?;
    let held = read_bounded(&config.list, LIST_BYTES_MAX).ok().map(SignedList);
    match held.and_then(|held| held.verify(&authority).ok()) {
        Some(held) if held.hash() != list.hash() => held.accepts(&list).with_context(what)?,
        _ => {}
    }
    files::replace(&config.list, &bytes)?;
    println!("federation list version {} taken over", list.list().version);
    Ok(())
}
