//! `valise account add`

use super::{refused, runtime};
use crate::desks::NewAccount;
use crate::run;
use anyhow::{Context, Result, bail};
use protocol::decide::Role;
use protocol::label::Level;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

/// Holds the password for whoever cannot type it.
const PASSWORD: &str = "VALISE_PASSWORD";

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Add an agent's account to a stopped node; the password is asked for, or taken from the
    /// environment variable VALISE_PASSWORD
    Add(Args),
}

#[derive(clap::Args)]
pub(super) struct Args {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// Sign-in name
    #[arg(long)]
    login: String,
    /// Name shown
    #[arg(long)]
    name: String,
    /// What the agent may hold: NP, DR or DR+SF
    #[arg(long)]
    clearance: Level,
    /// A group and the role in it, agent or number-two: cdc:agent
    #[arg(long = "group", value_parser = membership)]
    groups: Vec<(String, Role)>,
    /// Runs the node: sees its state, no content
    #[arg(long)]
    operator: bool,
    /// Entitled to manage communities
    #[arg(long)]
    manager: bool,
}

pub(super) fn add(args: Args) -> Result<()> {
    let Args { dir, login, name, clearance, groups, operator, manager } = args;
    let password = password()?;
    let told = login.clone();
    runtime()?.block_on(async {
        let (desks, _) = run::open(&dir)?;
        let new = NewAccount { login, name, password, clearance, groups, operator, manager };
        let agent = desks.add_account(new).await.map_err(refused)?;
        println!("account {told} added ({agent})");
        Ok(())
    })
}

fn password() -> Result<String> {
    if let Some(password) = std::env::var_os(PASSWORD) {
        let text = password.into_string().ok();
        return text.with_context(|| format!("{PASSWORD} is not UTF-8; set it again"));
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        bail!("no password; set {PASSWORD}, or run this on a terminal");
    }
    eprint!("Password, 12 characters or more (it shows while you type): ");
    let mut line = String::new();
    stdin.lock().read_line(&mut line).context("cannot read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn membership(text: &str) -> Result<(String, Role), String> {
    let (handle, role) = text.split_once(':').unwrap_or((text, "agent"));
    let role = match role {
        "agent" => Role::Agent,
        "number-two" => Role::NumberTwo,
        other => return Err(format!("expected agent or number-two, got {other:?}")),
    };
    Ok((handle.to_owned(), role))
}
