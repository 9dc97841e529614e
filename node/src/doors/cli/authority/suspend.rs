//! `valise authority suspend`

use super::issue::{KEYS_FILE, LIST_FILE, read_secrets};
use super::statements;
use crate::clock;
use crate::desks::SUSPENSIONS_FILE;
use crate::keys::read_key;
use crate::run::{read_authority, read_bounded};
use anyhow::{Context, Result, ensure};
use protocol::federation::{SignedList, SignedSuspension, Suspension};
use protocol::limits::{LIST_BYTES_MAX, SUSPENSION_REASON_CHARS_MAX};
use protocol::signature::SecretKey;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The node's short name
    name: String,
    /// The authority's folder
    #[arg(long)]
    dir: PathBuf,
    /// Why, in a few words; every node will read it
    #[arg(long, default_value = "")]
    reason: String,
    /// The key-N.secret to sign with; without it, the first one in the folder
    #[arg(long)]
    key: Option<PathBuf>,
}

pub(super) fn suspend(args: &Args) -> Result<()> {
    let keys = read_authority(&args.dir.join(KEYS_FILE))?;
    let sound = args.reason.chars().count() <= SUSPENSION_REASON_CHARS_MAX;
    ensure!(sound, "--reason: at most {SUSPENSION_REASON_CHARS_MAX} characters");
    let secret = secret(args)?;
    ensure!(keys.keys.contains(&secret.public()), "this key is none of the authority's");
    let path = args.dir.join(LIST_FILE);
    let bytes =
        read_bounded(&path, LIST_BYTES_MAX).with_context(|| format!("cannot read {}", path.display()))?;
    let list = SignedList(bytes).verify(&keys).context("the list in this folder is not the authority's")?;
    let entry = list.named(&args.name).with_context(|| format!("{:?} is not on the list", args.name))?;
    let mut all = statements::read(&args.dir)?;
    let mut before = None;
    for signed in all.iter().filter(|signed| signed.key == secret.public()) {
        before = Some(signed.verify(&keys)?);
    }
    // Later than what the entry settles already, whatever the clock says.
    let settled = entry.settled.map_or(0, |settled| settled.0 + 1);
    let statement = Suspension {
        format: 1,
        node: entry.node,
        list_version: list.list().version,
        list_hash: list.hash(),
        number: before.as_ref().map_or(1, |before| before.statement().number + 1),
        previous: before.map(|before| before.hash()),
        at: protocol::time::Timestamp(clock::now().0.max(settled)),
        reason: args.reason.clone(),
    };
    all.push(SignedSuspension::sign(&statement, &secret)?);
    statements::write(&args.dir, &all)?;
    let path = args.dir.join(SUSPENSIONS_FILE);
    println!("{} suspended by statement {} of this key", args.name, statement.number);
    println!("{}: give it to any node (valise federation accept), its peers will pass it on", path.display());
    println!("a list ends it: valise authority reinstate, or revoke");
    Ok(())
}

fn secret(args: &Args) -> Result<SecretKey> {
    if let Some(path) = &args.key {
        return Ok(read_key(path)?);
    }
    let first = read_secrets(&args.dir)?.into_iter().next();
    first.with_context(|| format!("no key-*.secret in {}; give --key", args.dir.display()))
}
