//! `valise federation`: how the federation stands for this node, and files of the authority for it.

mod accept;
mod status;

use anyhow::Result;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Who is reachable, how far behind, which list, what was refused, what evidence there is
    Status(status::Args),
    /// Take over a federation list or suspensions from the authority; a running node does so at once
    Accept(accept::Args),
}

pub(super) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Status(args) => status::status(args),
        Command::Accept(args) => accept::accept(args),
    }
}
