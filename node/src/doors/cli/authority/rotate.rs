//! `valise authority rotate`: a node's new keys on the list, the old ones kept on record.

use super::issue::{Authority, DAY};
use crate::clock;
use crate::doors::cli::request::Request;
use crate::limits::{LIST_DAYS, OVERLAP_DAYS, OVERLAP_DAYS_MAX, REQUEST_BYTES_MAX};
use crate::run::read_bounded;
use anyhow::{Context, Result, bail, ensure};
use protocol::federation::{Entry, FormerKeys, Status};
use protocol::time::Timestamp;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The rotation.cbor that `valise rotate` made
    request: PathBuf,
    /// The authority's folder
    #[arg(long)]
    dir: PathBuf,
    /// Days for which items that the old key signs still verify; 0 when it may be in other hands
    #[arg(long, default_value_t = OVERLAP_DAYS)]
    overlap_days: u32,
}

pub(super) fn rotate(args: &Args) -> Result<()> {
    ensure!(args.overlap_days <= OVERLAP_DAYS_MAX, "--overlap-days: at most {OVERLAP_DAYS_MAX}");
    let what = || format!("cannot use the request {}", args.request.display());
    let bytes = read_bounded(&args.request, REQUEST_BYTES_MAX).with_context(what)?;
    let request = Request::read(&bytes).with_context(what)?;
    let Some(before) = request.replaces else {
        bail!("this asks for an accreditation, not for a change of keys; use `valise authority accredit`");
    };
    let authority = Authority::load(&args.dir)?;
    let mut entries = authority.entries().to_vec();
    let entry = entries.iter_mut().find(|entry| entry.identity == before);
    let entry =
        entry.context("no listed node has the key that this replaces; it may have been replaced before")?;
    ensure!(entry.status != Status::Revoked, "{} was revoked for good", entry.name);
    let now = clock::now();
    let until = now.plus_seconds(i64::from(args.overlap_days) * DAY);
    change(entry, &request, now, until);
    let (name, node) = (entry.name.clone(), entry.node);
    let issued = authority.issue(entries, now, LIST_DAYS)?;
    // The list it carries has to be the new one.
    let invitation = Authority::load(&args.dir)?.invite(&name)?;
    println!("{name} has new keys; its id is {node} as before, and its old keys stay on record");
    println!("{issued}; give it to any node, its peers will pass it on");
    println!(
        "{}: send it to {name} first, or its peers will not know it by its old key",
        invitation.display()
    );
    Ok(())
}

fn change(entry: &mut Entry, request: &Request, now: Timestamp, until: Timestamp) {
    // A second change within the overlap of the first ends it.
    if let Some(last) = entry.former.last_mut() {
        last.until = last.until.min(now);
    }
    entry.former.push(FormerKeys {
        identity: entry.identity,
        mls: entry.mls,
        ca: entry.ca,
        from: entry.keys_from.unwrap_or(entry.not_before),
        until,
    });
    (entry.identity, entry.mls, entry.ca) = (request.identity, request.mls, request.ca);
    entry.keys_from = Some(now);
}
