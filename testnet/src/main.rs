//! `testnet`: a federation on this machine, and its measurements.

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::path::PathBuf;
use testnet::sim::{Bug, Faults, Plan};

/// A federation of nodes as processes on this machine.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the authority and five nodes, play the opening of the Ebola scenario, wait for Ctrl-C.
    Up {
        /// Where everything is kept. The same folder starts again with all that it holds.
        #[arg(long, default_value = "data/testnet")]
        dir: PathBuf,
        /// First port on the loopback. Without it: 7400, or the next free block.
        #[arg(long)]
        base_port: Option<u16>,
        /// Print nothing but the path of testnet.json.
        #[arg(long)]
        headless: bool,
    },
    /// Send telegrams from `conakry` to `mae`; print rates and latencies beside the machine's limits.
    Load {
        /// How many telegrams in the burst.
        #[arg(long, default_value_t = 4_000)]
        telegrams: usize,
        /// How many more at 50 a second, for the latencies.
        #[arg(long, default_value_t = 500)]
        paced: usize,
        /// The federation's folder; without it a fresh one, removed afterwards.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// First port on the loopback.
        #[arg(long)]
        base_port: Option<u16>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Simulate many nodes in virtual time, from one seed, with faults; check what must be true.
    Sim(Sim),
    /// Send one file from `conakry` to `mae` over a link that is cut on the way; print rates beside raw TCP.
    Attach {
        /// Bytes of the file.
        #[arg(long, default_value_t = 1 << 30)]
        bytes: u64,
        /// How often the link is cut, for three seconds each.
        #[arg(long, default_value_t = 3)]
        cuts: u32,
        /// The federation's folder; without it a fresh one, removed afterwards.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Count what a link carries while nothing happens in many communities.
    Idle {
        /// Communities of two nodes.
        #[arg(long, default_value_t = 100)]
        communities: usize,
        /// For how many seconds.
        #[arg(long, default_value_t = 300)]
        seconds: u64,
        /// The federation's folder; without it a fresh one, removed afterwards.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Bring `conakry` back over a satellite hop after an absence, with messages queued on both sides.
    Satellite {
        /// Messages each way, of four precedences.
        #[arg(long, default_value_t = 40)]
        messages: usize,
        /// The federation's folder; without it a fresh one, removed afterwards.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct Sim {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// How many nodes; up to 20 with real groups.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(5..=200))]
    nodes: u16,
    /// How many communities.
    #[arg(long, default_value_t = 2)]
    communities: u64,
    /// How many things people do.
    #[arg(long, default_value_t = 40)]
    beats: u32,
    /// `none`, `light`, `harsh`, and `name=probability`, separated by commas.
    #[arg(long, default_value = "light", value_parser = Faults::parse)]
    faults: Faults,
    /// Plant this bug; succeeds if a seed finds it.
    #[arg(long)]
    flaw: Option<Bug>,
    /// Symbols instead of real groups.
    #[arg(long)]
    symbolic: bool,
    /// Simulations at once.
    #[arg(long, default_value_t = std::thread::available_parallelism().map_or(1, usize::from))]
    threads: usize,
}

/// As JSON for programs, as a table for people.
fn print(report: &impl Serialize, table: &str, json: bool) -> Result<()> {
    let text = if json { serde_json::to_string_pretty(report)? } else { table.to_owned() };
    println!("{text}");
    Ok(())
}

fn simulate(asked: &Sim) -> Result<()> {
    let Sim { seed, communities, beats, faults, flaw, symbolic, .. } = *asked;
    let plan = Plan { seed, nodes: usize::from(asked.nodes), communities, beats, faults, flaw, symbolic };
    let report = testnet::sim::report(&plan, asked.seeds, asked.threads)?;
    println!("{}", report.text);
    ensure!(report.as_expected, "not as it should be");
    Ok(())
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Sim(asked) => simulate(&asked),
        Command::Up { dir, base_port, headless } => testnet::up::up(&dir, base_port, headless),
        Command::Load { telegrams, paced, dir, base_port, json } => {
            let plan = testnet::load::Plan { telegrams, paced, dir, base_port };
            let report = testnet::load::run(&plan)?;
            print(&report, &report.markdown(), json)
        }
        Command::Attach { bytes, cuts, dir, json } => {
            let report = testnet::attach::run(&testnet::attach::Plan { bytes, cuts, dir })?;
            print(&report, &report.markdown(), json)
        }
        Command::Idle { communities, seconds, dir, json } => {
            let report = testnet::idle::run(&testnet::idle::Plan { communities, seconds, dir })?;
            print(&report, &report.markdown(), json)
        }
        Command::Satellite { messages, dir, json } => {
            let report = testnet::satellite::run(&testnet::satellite::Plan { messages, dir })?;
            print(&report, &report.markdown(), json)
        }
    }
}
