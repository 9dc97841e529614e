//! The command line.
//!
//! Decides how commands are read, how results and errors are printed, and the exit code: 0 when all
//! is well, 2 for wrong usage, 1 otherwise. The work is the desks' and the files' of each command.

mod account;
mod authority;
mod backup;
mod federation;
mod files;
mod group;
mod import;
mod init;
mod join;
mod progress;
mod reindex;
mod request;
mod rotate;
mod verify;

use crate::desks::Problem;
use crate::run;
use anyhow::{Context, Result};
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

/// Wrong usage.
const USAGE: u8 = 2;

/// A node of a federation of diplomatic correspondence.
#[derive(Parser)]
#[command(name = "valise", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new node: its keys, its configuration, its request for accreditation
    Init(init::Args),
    /// Join a federation with the invitation that its authority sent
    Join(join::Args),
    /// Make new keys for a node; its id stays
    Rotate(rotate::Args),
    /// Serve until SIGTERM or SIGINT
    Run(DirArgs),
    /// How the federation stands for this node
    #[command(subcommand)]
    Federation(federation::Command),
    /// Make the federation's authority, accredit and revoke nodes
    #[command(subcommand)]
    Authority(authority::Command),
    /// Accounts of agents
    #[command(subcommand)]
    Account(account::Command),
    /// Functional groups
    #[command(subcommand)]
    Group(group::Command),
    /// Take over existing correspondence
    #[command(subcommand)]
    Import(import::Command),
    /// Build the search indexes again from the ledger
    Reindex(DirArgs),
    /// Write a copy of the node's correspondence, beside the running node; without its keys
    Backup(backup::Args),
    /// Check the ledger, every item and every record
    Verify(verify::Args),
}

#[derive(clap::Args)]
struct DirArgs {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match log(&cli.command).and_then(|()| dispatch(cli.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("valise: {}", one_line(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Init(args) => init::init(&args),
        Command::Join(args) => join::join(&args),
        Command::Rotate(args) => rotate::rotate(&args),
        Command::Federation(command) => federation::run(&command),
        Command::Run(args) => serve(&args.dir),
        Command::Authority(command) => authority::run(&command),
        Command::Account(account::Command::Add(args)) => account::add(args),
        Command::Group(group::Command::Add(args)) => group::add(args),
        Command::Import(import::Command::Telegrams(args)) => return import::telegrams(&args),
        Command::Reindex(args) => reindex::reindex(&args.dir),
        Command::Backup(args) => backup::backup(&args),
        Command::Verify(args) => return verify::verify(&args),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// Runs a node; one whose keys were changed starts again in its own place, with nothing left over.
fn serve(dir: &Path) -> Result<()> {
    let runtime = runtime()?;
    let ended = runtime.block_on(run::run(dir))?;
    drop(runtime);
    if ended == run::Ended::Stopped {
        return Ok(());
    }
    let myself = std::env::current_exe().context("cannot find the program to start again")?;
    let failed = process::Command::new(myself).args(std::env::args_os().skip(1)).exec();
    Err(failed).context("cannot start again with the new keys; start the node")
}

/// Logs go to standard error; `VALISE_LOG` filters them.
fn log(command: &Command) -> Result<()> {
    let usual = if matches!(command, Command::Run(_)) { "info" } else { "warn" };
    let asked = std::env::var("VALISE_LOG").unwrap_or_else(|_| usual.to_owned());
    let filter = EnvFilter::try_new(asked).context("VALISE_LOG is not a filter; try info or debug")?;
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
    Ok(())
}

fn runtime() -> Result<Runtime> {
    Runtime::new().context("cannot start the runtime")
}

fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Nowhere else to complain when the terminal is gone.
        let _ = error.print();
        return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
    }
    let text = error.to_string();
    let what = text.split("\n\n").next().unwrap_or_default();
    let what = what.strip_prefix("error: ").unwrap_or(what);
    eprintln!("valise: {}; see `valise --help`", one_line(what));
    ExitCode::from(USAGE)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A refusal of a desk, with every field that is meant.
fn refused(problem: Problem) -> anyhow::Error {
    let code = problem.code;
    if problem.fields.is_empty() {
        return anyhow::anyhow!("{} ({code})", problem.detail);
    }
    let fields: Vec<_> = problem
        .fields
        .iter()
        .map(|field| format!("{}: {} ({})", field.field, field.message, field.code))
        .collect();
    anyhow::anyhow!("{}", fields.join("; "))
}

#[cfg(test)]
#[path = "cli/tests.rs"]
mod tests;
