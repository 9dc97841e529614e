//! `testnet attach`: one large file from `conakry` to `mae`, over a link that is cut on the way, beside
//! a raw TCP connection on the loopback.

use crate::cast;
use crate::client::Client;
use crate::federation::Federation;
use crate::link::Conditions;
use crate::linked::{Linked, in_folder};
use crate::load::memory::resident_mib;
use crate::machine;
use crate::scenario::knows;
use crate::table;
use crate::wait::{until, wait_until};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(60);
/// For a file of 2 GiB on a slow machine.
const FILE_WITHIN: Duration = Duration::from_secs(1_800);
const CUT_FOR: Duration = Duration::from_secs(3);
const SAMPLE_EVERY: Duration = Duration::from_millis(50);
const MIB: f64 = 1024.0 * 1024.0;

/// What to measure, and where.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Bytes of the file.
    pub bytes: u64,
    /// How often the link is cut, for three seconds each.
    pub cuts: u32,
    /// The federation's folder; none for a fresh one.
    pub dir: Option<PathBuf>,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Bytes of the file.
    pub bytes: u64,
    /// MiB a second into the sender's node.
    pub upload_mib_s: f64,
    /// MiB a second from node to node, the cuts not counted.
    pub fetch_mib_s: f64,
    /// Seconds from the release to the whole file, the cuts counted.
    pub fetch_seconds: f64,
    /// MiB a second out of the receiver's node.
    pub download_mib_s: f64,
    /// MiB a second of a TCP connection on the loopback.
    pub tcp_mib_s: f64,
    /// Bytes on the link for each byte of the file.
    pub link_per_byte: f64,
    /// Times the link was cut.
    pub cuts: u32,
    /// Resident memory idle and at most, node by node.
    pub memory: Vec<(String, f64, f64)>,
}

impl Report {
    /// A markdown table.
    pub fn markdown(&self) -> String {
        let rate = |value: f64| format!("{value:.0} MiB/s");
        let tcp = format!("{} raw TCP on the loopback", rate(self.tcp_mib_s));
        let row = |what: &str, measured: String, limit: String| vec![what.to_owned(), measured, limit];
        let mut rows = vec![
            row(
                "file",
                format!("{:.0} MiB, link cut {} times", self.bytes as f64 / MIB, self.cuts),
                String::new(),
            ),
            row("into the sender's node", rate(self.upload_mib_s), tcp.clone()),
            row("from node to node, cuts not counted", rate(self.fetch_mib_s), tcp.clone()),
            row("release to whole, cuts counted", format!("{:.1} s", self.fetch_seconds), String::new()),
            row("out of the receiver's node", rate(self.download_mib_s), tcp),
            row(
                "bytes on the link per byte of the file",
                format!("{:.3}", self.link_per_byte),
                String::new(),
            ),
        ];
        for (node, idle, most) in &self.memory {
            rows.push(row(
                &format!("memory of {node}"),
                format!("{most:.0} MiB at most"),
                format!("{idle:.0} MiB idle"),
            ));
        }
        table::markdown(&["what", "measured", "beside"], &rows)
    }
}

/// Bytes that do not repeat, the same each time.
struct Noise(u64);

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for eight in buffer.chunks_mut(8) {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            eight.copy_from_slice(&self.0.to_le_bytes()[..eight.len()]);
        }
        Ok(buffer.len())
    }
}

/// Measures and reports.
pub fn run(plan: &Plan) -> Result<Report> {
    in_folder(plan.dir.as_deref(), "attach", |dir| measure(plan, dir))
}

fn measure(plan: &Plan, dir: &Path) -> Result<Report> {
    let tcp_mib_s = machine::tcp_bytes_per_second()? / MIB;
    let mut linked = Linked::start(dir, &cast::pair())?;
    let (sender, receiver) = (linked.sign_in("conakry")?, linked.sign_in("mae")?);
    wait_until("the receiver in the sender's directory", WITHIN, || knows(&sender, "cdc@mae"))?;
    let watch = Watch::start(&linked.federation)?;

    let draft = sender.draft(&json!({
        "kind": "telegram", "from": "chancellerie@conakry", "action": ["cdc@mae"],
        "precedence": { "action": "routine", "info": "routine" },
        "label": { "policy": "FR", "classification": "DR", "categories": [] },
        "subject": "Film", "body": "Voir le film.",
    }))?;
    let begun = Instant::now();
    sender.attach(&draft, "film.mp4", plan.bytes, Noise(1))?;
    let upload = begun.elapsed();
    let before = linked.bytes();
    let password = &linked.federation.node("conakry")?.accounts.first().context("an account")?.password;
    let begun = Instant::now();
    sender.release(&draft, password)?;
    let cut = fetch(plan, &receiver, &draft, &linked)?;
    let fetched = begun.elapsed();
    let passed = linked.bytes() - before;
    let begun = Instant::now();
    compare(&receiver, &sender, &draft, plan.bytes)?;
    let download = begun.elapsed();
    let memory = watch.end()?;
    linked.federation.stop_all()?;
    let rate = |took: Duration| plan.bytes as f64 / MIB / took.as_secs_f64();
    Ok(Report {
        bytes: plan.bytes,
        upload_mib_s: rate(upload),
        fetch_mib_s: rate(fetched - cut),
        fetch_seconds: fetched.as_secs_f64(),
        download_mib_s: rate(download),
        tcp_mib_s,
        link_per_byte: passed as f64 / plan.bytes as f64,
        cuts: plan.cuts,
        memory,
    })
}

fn file_of(client: &Client, item: &str) -> Result<Option<Value>> {
    let reply = client.get(&format!("/api/v1/correspondence/{item}"))?;
    Ok(reply.body["attachments"].as_array().and_then(|all| all.first()).cloned())
}

/// Waits for the file and cuts the link on the way; for how long it was cut in all.
fn fetch(plan: &Plan, receiver: &Client, item: &str, linked: &Linked) -> Result<Duration> {
    let mut cut = 0;
    wait_until("the file at the receiver", FILE_WITHIN, || {
        let Some(file) = file_of(receiver, item)? else { return Ok(false) };
        let held = file["held"].as_u64().unwrap_or(0);
        let next = plan.bytes / u64::from(plan.cuts + 1) * u64::from(cut + 1);
        if cut < plan.cuts && held >= next {
            cut += 1;
            linked.set(Conditions::CUT);
            until(Instant::now() + CUT_FOR);
            linked.set(Conditions::LOOPBACK);
        }
        Ok(file["state"] == "whole")
    })?;
    ensure!(cut == plan.cuts, "the file was there after {cut} of {} cuts", plan.cuts);
    Ok(CUT_FOR * cut)
}

/// Reads the file at the receiver; it must be what was sent, byte for byte.
fn compare(receiver: &Client, sender: &Client, item: &str, bytes: u64) -> Result<()> {
    let file = file_of(receiver, item)?.context("the file at the receiver")?;
    let ours = file_of(sender, item)?.context("the file at the sender")?;
    ensure!(file["sha512"] == ours["sha512"], "one digest at both ends");
    let id = file["id"].as_str().context("a file has an id")?;
    let (_, mut got) = receiver.download(&format!("/api/v1/correspondence/{item}/attachments/{id}"), "")?;
    let mut sent = Noise(1).take(bytes);
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let length = sent.read(&mut left)?;
        got.read_exact(&mut right[..length])?;
        ensure!(left[..length] == right[..length], "the file is another");
        if length == 0 {
            return Ok(());
        }
    }
}

/// Looks at the nodes' memory until it is ended.
struct Watch {
    ended: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Result<Vec<(String, f64, f64)>>>,
}

impl Watch {
    fn start(federation: &Federation) -> Result<Self> {
        let nodes = federation.manifest.nodes.iter();
        let idle = nodes.map(|node| Ok((node.name.clone(), node.pid, resident_mib(node.pid)?)));
        let idle = idle.collect::<Result<Vec<_>>>()?;
        let ended = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            let mut seen: Vec<_> = idle.iter().map(|(name, _, idle)| (name.clone(), *idle, *idle)).collect();
            while !over.load(Ordering::Acquire) {
                for ((_, pid, _), (_, _, most)) in idle.iter().zip(&mut seen) {
                    *most = most.max(resident_mib(*pid)?);
                }
                until(Instant::now() + SAMPLE_EVERY);
            }
            Ok(seen)
        });
        Ok(Self { ended, thread })
    }

    fn end(self) -> Result<Vec<(String, f64, f64)>> {
        self.ended.store(true, Ordering::Release);
        self.thread.join().map_err(|_| anyhow::anyhow!("the watch panicked"))?
    }
}
