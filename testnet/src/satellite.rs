//! `testnet satellite`: an embassy that was away comes back over a bad satellite hop, with messages queued
//! on both sides.

use crate::cast;
use crate::client::Client;
use crate::link::Conditions;
use crate::linked::{Linked, in_folder};
use crate::metrics::Metrics;
use crate::scenario::knows;
use crate::table;
use crate::wait::wait_until;
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(60);
/// Until both sides have noticed that the other is gone: two minutes of silence.
const GONE_WITHIN: Duration = Duration::from_secs(240);
const BACK_WITHIN: Duration = Duration::from_secs(600);
/// Both ends, and whom each writes to.
const ENDS: [(&str, &str, &str); 2] =
    [("conakry", "chancellerie@conakry", "cdc@mae"), ("mae", "cdc@mae", "chancellerie@conakry")];
/// Released in this order again and again: what is urgent comes last.
const PRECEDENCES: [&str; 4] = ["routine", "priority", "immediate", "flash"];

/// What to play, and where.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Messages queued on each side, of four precedences.
    pub messages: usize,
    /// The federation's folder; none for a fresh one.
    pub dir: Option<PathBuf>,
}

/// What arrived at one end.
#[derive(Debug, Clone, Serialize)]
pub struct Arrived {
    /// Short name of the receiver.
    pub node: String,
    /// Seconds after the link came back: the last flash message.
    pub flash_seconds: f64,
    /// And the last of all.
    pub last_seconds: f64,
    /// Precedences in the order of arrival, one letter each.
    pub order: String,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Messages each way.
    pub messages: usize,
    /// Both ends.
    pub arrived: Vec<Arrived>,
    /// Bytes of the ciphertexts, both ways, receipts included.
    pub sealed_bytes: u64,
    /// Bytes on the link from its return until all had arrived, both ways, all of UDP's payload.
    pub link_bytes: u64,
}

impl Report {
    /// A markdown table.
    pub fn markdown(&self) -> String {
        let ratio = self.link_bytes as f64 / self.sealed_bytes as f64;
        let mut rows = Vec::new();
        for end in &self.arrived {
            rows.push(vec![
                format!("{}: last flash, last of {}", end.node, self.messages),
                format!("{:.1} s, {:.1} s", end.flash_seconds, end.last_seconds),
                end.order.clone(),
            ]);
        }
        let sealed = format!("{} bytes sealed", self.sealed_bytes);
        rows.push(vec![
            "bytes on the link".to_owned(),
            format!("{} ({ratio:.2} ×)", self.link_bytes),
            sealed,
        ]);
        table::markdown(&["what", "measured", "beside"], &rows)
    }
}

/// Plays and reports; fails when anything is lost, doubled, or a flash waits for less urgent messages.
pub fn run(plan: &Plan) -> Result<Report> {
    in_folder(plan.dir.as_deref(), "satellite", |dir| play(plan, dir))
}

fn play(plan: &Plan, dir: &Path) -> Result<Report> {
    let mut linked = Linked::start(dir, &cast::pair())?;
    let mut ends = Vec::new();
    for (node, from, to) in ENDS {
        ends.push(End::sign_in(&linked, node, from, to)?);
    }
    for end in &ends {
        wait_until("both directories", WITHIN, || knows(&end.client, end.to))?;
    }
    linked.set(Conditions::CUT);
    for end in &ends {
        wait_until("the other end is gone", GONE_WITHIN, || Ok(!end.reaches()?))?;
    }
    for end in &mut ends {
        end.release(plan.messages)?;
    }
    let (before, sealed_before) = (linked.bytes(), sealed(&linked)?);
    linked.set(Conditions::SATELLITE);
    let back = Instant::now();
    let arrived = await_all(&ends, back)?;
    for end in &ends {
        wait_until("every message acknowledged", BACK_WITHIN, || end.is_acknowledged())?;
    }
    let report = Report {
        messages: plan.messages,
        arrived,
        sealed_bytes: sealed(&linked)? - sealed_before,
        link_bytes: linked.bytes() - before,
    };
    linked.federation.stop_all()?;
    Ok(report)
}

fn sealed(linked: &Linked) -> Result<u64> {
    let each = linked
        .federation
        .manifest
        .nodes
        .iter()
        .map(|node| Ok(Metrics::read(&node.metrics_url)?.sum("valise_pushed_bytes_total")? as u64));
    each.sum()
}

/// One end, signed in.
struct End {
    node: &'static str,
    from: &'static str,
    to: &'static str,
    client: Client,
    password: String,
    sent: Vec<(String, &'static str)>,
}

impl End {
    fn sign_in(linked: &Linked, node: &'static str, from: &'static str, to: &'static str) -> Result<Self> {
        let account = linked.federation.node(node)?.accounts.first().context("a node has accounts")?;
        let client = linked.sign_in(node)?;
        Ok(Self { node, from, to, client, password: account.password.clone(), sent: Vec::new() })
    }

    fn is_acknowledged(&self) -> Result<bool> {
        for (id, _) in &self.sent {
            let item = self.client.get(&format!("/api/v1/correspondence/{id}"))?.expect(200)?;
            if item["deliveries"][0]["state"] == "sent" {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn reaches(&self) -> Result<bool> {
        let seen = self.client.get("/api/v1/federation")?.expect(200)?;
        let peers = seen["peers"].as_array().context("peers")?;
        Ok(peers.iter().any(|peer| peer["reachable"] == true))
    }

    fn release(&mut self, messages: usize) -> Result<()> {
        for n in 0..messages {
            let precedence = PRECEDENCES[n * PRECEDENCES.len() / messages];
            let draft = self.client.draft(&json!({
                "kind": "telegram", "from": self.from, "action": [self.to],
                "precedence": { "action": precedence, "info": "routine" },
                "label": { "policy": "FR", "classification": "DR", "categories": [] },
                "subject": format!("Situation {n}"), "body": text(n),
            }))?;
            self.client.release(&draft, &self.password)?;
            self.sent.push((draft, precedence));
        }
        Ok(())
    }
}

/// Some two thousand bytes, as a telegram has.
fn text(n: usize) -> String {
    let line = |line: usize| {
        format!("{line}. Le district de Macenta signale {} cas de plus, relevé {n}.", line * 7 + n)
    };
    (1..=30).map(line).collect::<Vec<_>>().join("\n")
}

/// Waits until each end has what the other has sent, each once.
fn await_all(ends: &[End], back: Instant) -> Result<Vec<Arrived>> {
    let mut seen: Vec<Vec<(String, Duration)>> = ends.iter().map(|_| Vec::new()).collect();
    let mut cursors = vec!["0".to_owned(); ends.len()];
    wait_until("everything at both ends", BACK_WITHIN, || {
        for (at, end) in ends.iter().enumerate() {
            let path = format!("/api/v1/teleprinter?limit=1000&after={}", cursors[at]);
            let page = end.client.get(&path)?.expect(200)?;
            for line in page["items"].as_array().context("lines")? {
                line["cursor"].as_str().unwrap_or_default().clone_into(&mut cursors[at]);
                if line["from"]["address"] != end.from {
                    seen[at].push((id(line)?, back.elapsed()));
                }
            }
        }
        Ok(seen.iter().zip(ends).all(|(seen, end)| seen.len() >= other(ends, end).sent.len()))
    })?;
    ends.iter().zip(&seen).map(|(end, seen)| judge(end, other(ends, end), seen)).collect()
}

fn id(line: &Value) -> Result<String> {
    Ok(line["id"].as_str().context("a line has an id")?.to_owned())
}

fn other<'a>(ends: &'a [End], end: &End) -> &'a End {
    if ends[0].node == end.node { &ends[1] } else { &ends[0] }
}

fn judge(end: &End, sender: &End, seen: &[(String, Duration)]) -> Result<Arrived> {
    let expected: BTreeSet<&String> = sender.sent.iter().map(|(id, _)| id).collect();
    let got: BTreeSet<&String> = seen.iter().map(|(id, _)| id).collect();
    ensure!(got == expected && seen.len() == expected.len(), "{}: something was lost or doubled", end.node);
    let precedence =
        |id: &String| sender.sent.iter().find(|(sent, _)| sent == id).map_or("", |(_, one)| *one);
    let order: String = seen.iter().filter_map(|(id, _)| precedence(id).chars().next()).collect();
    let flashes = order.chars().filter(|one| *one == 'f').count();
    ensure!(
        order.chars().take(flashes).all(|one| one == 'f'),
        "{}: flash did not come first: {order}",
        end.node
    );
    let last = |wanted: &str| {
        let times = seen.iter().filter(|(id, _)| wanted.is_empty() || precedence(id) == wanted);
        times.map(|(_, at)| at.as_secs_f64()).fold(0.0, f64::max)
    };
    Ok(Arrived { node: end.node.to_owned(), flash_seconds: last("flash"), last_seconds: last(""), order })
}
