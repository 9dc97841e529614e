//! `testnet`: a federation on this machine, and its measurements.

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

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
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Up { dir, base_port, headless } => testnet::up::up(&dir, base_port, headless),
        Command::Load { telegrams, paced, dir, base_port, json } => {
            let plan = testnet::load::Plan { telegrams, paced, dir, base_port };
            let report = testnet::load::run(&plan)?;
            let text = if json { serde_json::to_string_pretty(&report)? } else { report.markdown() };
            println!("{text}");
            Ok(())
        }
    }
}
