//! `valise authority`: file-in, file-out commands of whoever keeps the authority's keys. They need no
//! node and no network.

mod accredit;
mod init;
mod issue;
mod revoke;

use anyhow::Result;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make the authority's keys and an empty federation list
    Init(init::Args),
    /// Put a node on the list, or renew its accreditation
    Accredit(accredit::Args),
    /// Withdraw a node's accreditation for good
    Revoke(revoke::Args),
}

pub(super) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Init(args) => init::init(args),
        Command::Accredit(args) => accredit::accredit(args),
        Command::Revoke(args) => revoke::revoke(args),
    }
}
