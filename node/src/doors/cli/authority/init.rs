//! `valise authority init`

use super::issue::{Authority, KEYS_FILE, secret_file};
use crate::clock;
use crate::doors::cli::files;
use crate::keys::{private_folder, read_key, write_secret};
use anyhow::{Result, bail};
use protocol::codec;
use protocol::federation::AuthorityKeys;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::doors::cli) struct Args {
    /// The authority's folder, to be made
    #[arg(long)]
    dir: PathBuf,
    /// How many keys to make
    #[arg(long, default_value_t = 1)]
    keys: u32,
    /// How many of them must sign a list
    #[arg(long, default_value_t = 1)]
    threshold: u32,
}

pub(super) fn init(args: &Args) -> Result<()> {
    let public = args.dir.join(KEYS_FILE);
    if public.exists() {
        bail!("{} holds an authority already; choose another folder", args.dir.display());
    }
    let bound = protocol::limits::AUTHORITY_KEYS_MAX;
    if args.keys == 0 || args.keys as usize > bound || !(1..=args.keys).contains(&args.threshold) {
        bail!("--keys is from 1 to {bound}, --threshold from 1 to --keys");
    }
    private_folder(&args.dir)?;
    let mut secrets = Vec::new();
    for number in 1..=args.keys {
        let path = args.dir.join(secret_file(number));
        write_secret(&path, &clock::random())?;
        secrets.push(read_key(&path)?);
    }
    let keys = secrets.iter().map(|secret| secret.public()).collect();
    let authority = AuthorityKeys { threshold: args.threshold, keys };
    authority.check()?;
    let list = Authority::first_list(&args.dir, authority.clone(), secrets)?;
    // Last, because with it the authority is made.
    files::create(&public, &codec::encode(&authority))?;
    println!("authority of {} keys made, {} must sign", args.keys, args.threshold);
    println!("fingerprint {}", files::spoken(&authority.fingerprint()));
    println!(
        "tell it to those who join, by another way than their invitation; keep the key-*.secret files offline"
    );
    println!("{list}");
    Ok(())
}
