//! `valise authority accredit`

use super::issue::{Authority, DAY};
use crate::clock;
use crate::doors::cli::request::Request;
use crate::keys::node_id;
use crate::limits::{
    ACCREDITATION_DAYS, ACCREDITATION_DAYS_MAX, GUEST_DAYS, GUEST_DAYS_MAX, LIST_DAYS, REQUEST_BYTES_MAX,
};
use crate::run::read_bounded;
use anyhow::{Context, Result, bail, ensure};
use protocol::federation::{Entry, Kind, Scope, Status};
use protocol::ids::{NodeId, SpaceId};
use protocol::label::Level;
use protocol::time::Timestamp;
use std::path::PathBuf;

/// A node whose clock is behind must not refuse what was just issued.
const CLOCK_SECONDS: i64 = 3_600;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The request.cbor that `valise init` made
    request: PathBuf,
    /// The authority's folder
    #[arg(long)]
    dir: PathBuf,
    /// The highest level that the node may hold: NP, DR or DR+SF
    #[arg(long)]
    ceiling: Level,
    /// The ministry that answers for a guest
    #[arg(long)]
    sponsor: Option<String>,
    /// For how many days; 365, for guests 30 and at most 90
    #[arg(long)]
    days: Option<u32>,
    /// A community that a guest may join, by its id; several, or none for any
    #[arg(long)]
    community: Vec<SpaceId>,
    /// Days until a newer list must have come
    #[arg(long, default_value_t = LIST_DAYS)]
    list_days: i64,
}

pub(super) fn accredit(args: &Args) -> Result<()> {
    let what = || format!("cannot use the request {}", args.request.display());
    let bytes = read_bounded(&args.request, REQUEST_BYTES_MAX).with_context(what)?;
    let request = Request::read(&bytes).with_context(what)?;
    ensure!(request.replaces.is_none(), "this asks for a change of keys; use `valise authority rotate`");
    ensure!(
        args.community.is_empty() || request.kind == Kind::Guest,
        "--community is for guests; leave it out"
    );
    let authority = Authority::load(&args.dir)?;
    let now = clock::now();
    let days = days(args.days, request.kind)?;
    let sponsor = sponsor(args.sponsor.as_deref(), request.kind, authority.entries(), now)?;
    let node = node_id(&request.identity);
    let mut entries = authority.entries().to_vec();
    let renewed = check_place(&entries, node, &request)?;
    let before = entries.iter().position(|entry| entry.node == node).map(|at| entries.remove(at));
    let until = now.plus_seconds(i64::from(days) * DAY);
    let (name, kind, ceiling) = (request.name.clone(), request.kind, args.ceiling.clone());
    entries.push(Entry {
        node,
        name: request.name,
        organisation: request.organisation,
        kind,
        ceiling: args.ceiling.clone(),
        identity: request.identity,
        mls: request.mls,
        addresses: request.addresses,
        not_before: now.plus_seconds(-CLOCK_SECONDS),
        not_after: until,
        sponsor,
        status: before.as_ref().map_or(Status::Active, |before| before.status),
        ca: request.ca,
        former: before.as_ref().map(|before| before.former.clone()).unwrap_or_default(),
        keys_from: before.as_ref().and_then(|before| before.keys_from),
        scope: scope(&args.community),
        incarnation_min: before.as_ref().map_or(0, |before| before.incarnation_min),
        settled: before.as_ref().and_then(|before| before.settled),
    });
    let issued = authority.issue(entries, now, args.list_days)?;
    // The list it carries has to be the new one.
    let authority = Authority::load(&args.dir)?;
    let invitation = authority.invite(&name)?;
    let done = if renewed { "renewed" } else { "accredited" };
    println!("{name} ({}, {node}) {done} up to {ceiling} until {until}", kind.as_str());
    println!(
        "{}: send it to {name}; tell its operator by another way: {}",
        invitation.display(),
        authority.fingerprint()
    );
    println!("{issued}; give it to a node that {name} is to meet, its peers will pass it on");
    Ok(())
}

fn scope(communities: &[SpaceId]) -> Option<Scope> {
    let mut communities = communities.to_vec();
    communities.sort_unstable();
    communities.dedup();
    (!communities.is_empty()).then_some(Scope { communities })
}

fn days(asked: Option<u32>, kind: Kind) -> Result<u32> {
    let (usual, most) = match kind {
        Kind::Guest => (GUEST_DAYS, GUEST_DAYS_MAX),
        Kind::Ministry | Kind::Embassy | Kind::Witness => (ACCREDITATION_DAYS, ACCREDITATION_DAYS_MAX),
    };
    let days = asked.unwrap_or(usual);
    ensure!((1..=most).contains(&days), "--days: a {} is accredited for 1 to {most} days", kind.as_str());
    Ok(days)
}

/// A guest has a ministry that answers for it; nobody else has.
fn sponsor(name: Option<&str>, kind: Kind, entries: &[Entry], now: Timestamp) -> Result<Option<NodeId>> {
    let name = match (name, kind) {
        (Some(name), Kind::Guest) => name,
        (None, Kind::Guest) => bail!("a guest needs --sponsor, the short name of a ministry"),
        (Some(_), _) => bail!("--sponsor is for guests; leave it out"),
        (None, _) => return Ok(None),
    };
    let found = entries.iter().find(|entry| entry.name == name && entry.is_active(now));
    match found {
        Some(entry) if entry.kind == Kind::Ministry => Ok(Some(entry.node)),
        Some(entry) => bail!("--sponsor: {name} is a {}; name a ministry", entry.kind.as_str()),
        None => bail!("--sponsor: {name:?} is not on the list; accredit it first"),
    }
}

/// Whether the node stands on the list already; refuses a revoked one, one whose keys have changed
/// since it asked, and a name of another.
fn check_place(entries: &[Entry], node: NodeId, request: &Request) -> Result<bool> {
    let name = &request.name;
    if let Some(other) = entries.iter().find(|entry| entry.name == *name && entry.node != node) {
        bail!("the name {name} is that of node {}; the new one must choose another", other.node);
    }
    match entries.iter().find(|entry| entry.node == node) {
        Some(held) if held.status == Status::Revoked => {
            bail!("{name} was revoked for good; make a new node with `valise init`")
        }
        Some(held) if held.identity != request.identity => {
            bail!("{name} has changed its keys since it made this request; take its last rotation.cbor")
        }
        held => Ok(held.is_some()),
    }
}
