//! `testnet load`: telegrams from `conakry` to `mae` as fast as they go, then at 50 a second.
//!
//! The burst: drafts and signing grants are prepared first; what is timed is release (answered, hence
//! durable at the sender), arrival (on the receiver's disk) and the moment when the receiver's search
//! counts them all. The paced phase: from just before the release call to the line on the receiver's
//! live teleprinter.

mod burst;
mod drafts;
pub(crate) mod memory;
mod paced;
mod report;

pub use report::Report;

use crate::binary;
use crate::cast;
use crate::client::Client;
use crate::federation::Federation;
use crate::machine;
use crate::ports;
use crate::scenario::knows;
use crate::valise::Valise;
use crate::wait::wait_until;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(60);
/// Sends.
const SENDER: &str = "conakry";
/// Receives.
const RECEIVER: &str = "mae";
/// To whom.
const ADDRESSEE: &str = "cdc@mae";

/// What to measure, and where.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many telegrams in the burst.
    pub telegrams: usize,
    /// How many at 50 a second.
    pub paced: usize,
    /// The federation's folder; none for a fresh one.
    pub dir: Option<PathBuf>,
    /// First port.
    pub base_port: Option<u16>,
}

/// Both ends, signed in.
struct Ends {
    sender: Client,
    password: String,
    from: String,
    receiver: Client,
    receiver_metrics: String,
}

/// Measures and reports.
pub fn run(plan: &Plan) -> Result<Report> {
    let fresh = plan.dir.is_none();
    let dir = match &plan.dir {
        Some(dir) => dir.clone(),
        None => PathBuf::from(format!("data/load-{}", std::process::id())),
    };
    let outcome = measure(plan, &dir);
    if fresh && dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("remove {}", dir.display()))?;
    }
    outcome
}

fn measure(plan: &Plan, dir: &std::path::Path) -> Result<Report> {
    let mut federation = open_or_create(plan, dir)?;
    let limits = machine::measure(dir)?;
    federation.start_all()?;
    let ends = ends(&federation)?;
    let idle = memory::resident(&federation)?;
    let burst = burst::measure(&ends, plan.telegrams)?;
    let paced = paced::measure(&ends, plan.paced)?;
    let loaded = memory::resident(&federation)?;
    federation.stop_all()?;
    Ok(Report { machine: limits, burst, paced, memory: memory::beside(idle, &loaded) })
}

fn open_or_create(plan: &Plan, dir: &std::path::Path) -> Result<Federation> {
    let valise = Valise::new(binary::valise()?);
    if Federation::exists(dir) {
        return Federation::open(valise, dir);
    }
    let cast = cast::pair();
    let ports = ports::in_a_row(plan.base_port, u16::try_from(cast.len())?)?;
    Federation::create(valise, dir, &cast, &ports)
}

fn ends(federation: &Federation) -> Result<Ends> {
    let (sending, receiving) = (federation.node(SENDER)?, federation.node(RECEIVER)?);
    let drafter = sending.accounts.first().context("the sender has accounts")?;
    let reader = receiving.accounts.first().context("the receiver has accounts")?;
    let sender = Client::sign_in(&sending.url, &drafter.login, &drafter.password)?;
    let receiver = Client::sign_in(&receiving.url, &reader.login, &reader.password)?;
    wait_until("the receiver in the sender's directory", WITHIN, || knows(&sender, ADDRESSEE))?;
    Ok(Ends {
        sender,
        password: drafter.password.clone(),
        from: sending.groups.first().context("the sender has groups")?.clone(),
        receiver,
        receiver_metrics: receiving.metrics_url.clone(),
    })
}
