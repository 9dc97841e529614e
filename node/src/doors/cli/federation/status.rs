//! `valise federation status`

use crate::doors::local;
use crate::run;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::PathBuf;

/// Digits of the list's hash: enough to compare at a glance; `--json` gives all of them.
const HASH_DIGITS_SHOWN: usize = 16;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn status(args: &Args) -> Result<()> {
    let said = local::ask(&args.dir, "status").context("cannot ask the running node")?;
    let (running, status) = match said {
        Some(text) => (true, text),
        None => {
            (false, serde_json::to_string(&run::open(&args.dir)?.0.federation_of_operator().into_inner())?)
        }
    };
    let mut status: Value = serde_json::from_str(&status).context("the node answered with something else")?;
    status["running"] = Value::Bool(running);
    match args.json {
        true => println!("{status}"),
        false => println!("{}", told(&status)),
    }
    Ok(())
}

/// The status for people, a line for each thing.
fn told(status: &Value) -> String {
    let running = if status["running"] == true { "running" } else { "stopped" };
    let hash: String = text(status, "list_hash").chars().take(HASH_DIGITS_SHOWN).collect();
    let mut lines = vec![
        format!(
            "{} ({running}): {} until {}",
            text(status, "node"),
            text(status, "accreditation"),
            text(status, "valid_until")
        ),
        format!(
            "list {} {hash}: {}, expires {}",
            status["list_version"],
            text(status, "list_state"),
            text(status, "list_expires")
        ),
    ];
    lines.extend(all(status, "peers").iter().flat_map(peer));
    for one in all(status, "evidence") {
        let nodes: Vec<&str> = all(one, "nodes").iter().filter_map(Value::as_str).collect();
        let (kind, at) = (text(one, "kind"), text(one, "at"));
        lines.push(format!("EVIDENCE {kind} {} {} {at}", one["number"], nodes.join(" ")));
    }
    for one in all(status, "refusals") {
        let (code, peer, detail) = (text(one, "code"), text(one, "peer"), text(one, "detail"));
        lines.push(format!("refused {code} {peer} x{}, last {}: {detail}", one["count"], text(one, "last")));
    }
    lines.join("\n")
}

fn peer(peer: &Value) -> Vec<String> {
    let link = if peer["reachable"] == true { "reachable" } else { "not reachable" };
    let behind: u64 = all(peer, "lag").iter().filter_map(|lag| lag["messages"].as_u64()).sum();
    let shown = peer["list_version"].as_u64().map_or_else(String::new, |shown| format!(", list {shown}"));
    let (name, kind, standing) = (text(peer, "name"), text(peer, "kind"), text(peer, "accreditation"));
    let (until, last) = (text(peer, "valid_until"), text(peer, "last_contact"));
    let mut lines = vec![format!(
        "  {name} {kind} {standing} until {until}: {link}, last contact {last}{shown}, {behind} behind"
    )];
    for lag in all(peer, "lag").iter().filter(|lag| lag["messages"] != 0) {
        lines.push(format!("    {} {}: {} behind", text(lag, "space"), text(lag, "level"), lag["messages"]));
    }
    lines
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("-")
}

fn all<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}
