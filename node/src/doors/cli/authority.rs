//! `valise authority`: file-in, file-out commands of whoever keeps the authority's keys. They need no
//! node and no network.

mod accredit;
mod init;
mod invite;
mod issue;
mod rename;
mod revoke;
mod rotate;
mod statements;
mod suspend;

use anyhow::Result;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make the authority's keys and an empty federation list
    Init(init::Args),
    /// Put a node on the list, or renew its accreditation
    Accredit(accredit::Args),
    /// Make a node's invitation again, with the list of today
    Invite(invite::Args),
    /// List a node's new keys, and keep the old ones on record
    Rotate(rotate::Args),
    /// Give a node another short name or its organisation another name
    Rename(rename::Args),
    /// Withdraw a node's accreditation for good
    Revoke(revoke::Args),
    /// Suspend a node at once, with one key
    Suspend(suspend::Args),
    /// End a suspension by a new list
    Reinstate(revoke::Args),
    /// Issue the list again, unchanged, before it expires
    Reissue(invite::ReissueArgs),
}

pub(super) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Init(args) => init::init(args),
        Command::Accredit(args) => accredit::accredit(args),
        Command::Invite(args) => invite::invite(args),
        Command::Rotate(args) => rotate::rotate(args),
        Command::Rename(args) => rename::rename(args),
        Command::Revoke(args) => revoke::revoke(args),
        Command::Suspend(args) => suspend::suspend(args),
        Command::Reinstate(args) => revoke::reinstate(args),
        Command::Reissue(args) => invite::reissue(args),
    }
}
