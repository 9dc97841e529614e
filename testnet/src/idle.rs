//! `testnet idle`: what a link carries while nothing happens in many communities.

use crate::cast;
use crate::client::{Client, IdText, label};
use crate::linked::{Linked, in_folder};
use crate::scenario::knows;
use crate::table;
use crate::wait::{until, wait_until};
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(600);
/// The communities' last commits and receipts are through, once so long nothing but keep-alives passed.
const SETTLE: Duration = Duration::from_secs(45);

/// What to measure, and where.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Communities of the two nodes.
    pub communities: usize,
    /// For how long the link is watched.
    pub seconds: u64,
    /// The federation's folder; none for a fresh one.
    pub dir: Option<PathBuf>,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Communities of the two nodes.
    pub communities: usize,
    /// For how long the link was watched.
    pub seconds: u64,
    /// Bytes of UDP payload in that time, both ways.
    pub bytes: u64,
    /// The same for an hour, in kB.
    pub kb_per_hour: f64,
}

impl Report {
    /// A markdown table.
    pub fn markdown(&self) -> String {
        let row = |what: &str, measured: String, aim: &str| vec![what.to_owned(), measured, aim.to_owned()];
        let rows = [
            row("communities", self.communities.to_string(), ""),
            row("bytes on the link", format!("{} in {} s", self.bytes, self.seconds), ""),
            row("in an hour", format!("{:.0} kB", self.kb_per_hour), "≤ 300 kB"),
        ];
        table::markdown(&["what", "measured", "aim"], &rows)
    }
}

/// Measures and reports.
pub fn run(plan: &Plan) -> Result<Report> {
    in_folder(plan.dir.as_deref(), "idle", |dir| {
        let mut linked = Linked::start(dir, &[cast::mae(), cast::sante()])?;
        let node = linked.federation.node("mae")?;
        let drafter = linked.sign_in("mae")?;
        wait_until("the other end in the directory", WITHIN, || knows(&drafter, "dgs@sante"))?;
        let manager = Client::sign_in(&node.url, "p.garnier", &node.login("p.garnier")?.password)?;
        let opened =
            (0..plan.communities).map(|number| open(&manager, number)).collect::<Result<Vec<String>>>()?;
        for id in &opened {
            wait_until("both are members", WITHIN, || is_shared(&manager, id))?;
        }
        until(Instant::now() + SETTLE);
        let before = linked.bytes();
        until(Instant::now() + Duration::from_secs(plan.seconds));
        let bytes = linked.bytes() - before;
        linked.federation.stop_all()?;
        let kb_per_hour = bytes as f64 * 3.6 / plan.seconds as f64;
        Ok(Report { communities: plan.communities, seconds: plan.seconds, bytes, kb_per_hour })
    })
}

fn open(manager: &Client, number: usize) -> Result<String> {
    let charter = json!({
        "name": format!("Communauté {number}"),
        "project": "Mesurer un lien au repos",
        "manager": manager.agent_id()?,
        "tags": [],
        "ceiling": label("DR"),
        "organisations": ["sante"],
    });
    manager.post("/api/v1/communities", &charter)?.expect(201)?.id_text()
}

fn is_shared(manager: &Client, id: &str) -> Result<bool> {
    let seen = manager.get(&format!("/api/v1/communities/{id}"))?.expect(200)?;
    let all = seen["organisations"].as_array().context("organisations")?;
    Ok(all.iter().filter(|one| one["state"] == "member").count() == 2)
}
