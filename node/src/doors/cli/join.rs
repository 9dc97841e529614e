//! `valise join`: one file from the authority, and the node is in.

use super::files;
use crate::config::Config;
use crate::keys::Keys;
use crate::run::read_bounded;
use anyhow::{Context, Result, bail, ensure};
use protocol::codec;
use protocol::federation::{AuthorityKeys, Invited};
use protocol::limits::INVITATION_BYTES_MAX;
use std::path::PathBuf;

/// Hexadecimal digits of a fingerprint that must be given: nobody makes another authority that shares
/// them.
const FINGERPRINT_DIGITS_MIN: usize = 32;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The invitation that the authority sent back
    invitation: PathBuf,
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// The authority's fingerprint as somebody there told you, at least its first 32 digits
    #[arg(long)]
    fingerprint: Option<String>,
}

pub(super) fn join(args: &Args) -> Result<()> {
    let config = Config::load(&args.dir)?;
    let what = || format!("cannot use the invitation {}", args.invitation.display());
    let bytes = read_bounded(&args.invitation, INVITATION_BYTES_MAX).with_context(what)?;
    let invited = Invited::read(&bytes).with_context(what)?;
    let keys = Keys::load(&args.dir.join("keys"))?;
    let entry = invited.entry();
    ensure!(
        keys.node() == Some(entry.node) && keys.has(&entry.identity),
        "this invitation is for {} ({}), not for the node in {}",
        entry.name,
        entry.node,
        args.dir.display()
    );
    check_authority(args, &config, invited.authority())?;
    files::replace(&config.authority, &codec::encode(invited.authority()))?;
    files::replace(&config.list, &invited.signed_list().0)?;
    let list = invited.list().list();
    println!(
        "{} joins as {} up to {} until {}, by federation list {}",
        entry.name,
        entry.kind.as_str(),
        entry.ceiling,
        entry.not_after,
        list.version
    );
    println!(
        "start it with: valise run --dir {}; a running node takes it over by itself",
        args.dir.display()
    );
    Ok(())
}

/// The authority is the one that was there before, or the one whose fingerprint was told.
fn check_authority(args: &Args, config: &Config, given: &AuthorityKeys) -> Result<()> {
    if config.authority.exists() {
        let known = crate::run::read_authority(&config.authority)?;
        ensure!(
            known == *given,
            "the invitation is of another authority than {}",
            config.authority.display()
        );
        return Ok(());
    }
    let fingerprint = given.fingerprint();
    let Some(told) = &args.fingerprint else {
        bail!(
            "this invitation is of the authority {}; compare that with what somebody there tells you, and \
             say it with --fingerprint",
            files::spoken(&fingerprint)
        );
    };
    let digits: String = told.chars().filter(char::is_ascii_hexdigit).collect();
    ensure!(
        digits.len() >= FINGERPRINT_DIGITS_MIN,
        "--fingerprint: at least {FINGERPRINT_DIGITS_MIN} digits"
    );
    ensure!(
        fingerprint.to_string().starts_with(&digits.to_lowercase()),
        "this invitation is of another authority: {}; do not use it",
        files::spoken(&fingerprint)
    );
    Ok(())
}
