//! `valise rotate`: new keys for a node, and the request to list them. The node goes on with the present
//! ones until the list names the new.

use super::files;
use super::request::Request;
use crate::config::Config;
use crate::keys::Keys;
use crate::run::{read_authority, read_bounded};
use anyhow::{Context, Result, ensure};
use protocol::federation::SignedList;
use protocol::ids::NodeId;
use protocol::limits::LIST_BYTES_MAX;
use protocol::signature::PublicKey;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The node's folder
    #[arg(long)]
    dir: PathBuf,
    /// Make new keys although the ones made before were never listed
    #[arg(long)]
    again: bool,
}

pub(super) fn rotate(args: &Args) -> Result<()> {
    let config = Config::load(&args.dir)?;
    let path = args.dir.join("rotation.cbor");
    ensure!(
        args.again || !path.exists(),
        "{} was made before: send it to the authority, or give --again and it counts no more",
        path.display()
    );
    let folder = args.dir.join("keys");
    let mut keys = Keys::load(&folder)?;
    let node = keys.node().context("the node has no keys")?;
    let listed = listed(&config, node)?;
    keys.renew(&folder)?;
    let before = keys.secret_of(&listed).context("the keys that the list names are not here")?;
    let after = keys.newest().context("the keys just made are gone")?;
    // What else the entry says, the authority keeps.
    let settings = config.settings();
    let request = Request::new(settings.name, settings.organisation, settings.kind, after, Vec::new());
    files::replace(&path, &request.sign_change(&after.identity, before))?;
    println!("new keys made; send {} to the authority", path.display());
    println!("with what it sends back: valise join FILE --dir {}", args.dir.display());
    Ok(())
}

/// The identity key that the list beside the configuration names. An older list than peers have brought
/// says the same: this node's keys change with a list that its own operator brings.
fn listed(config: &Config, node: NodeId) -> Result<PublicKey> {
    let authority = read_authority(&config.authority)?;
    let bytes = read_bounded(&config.list, LIST_BYTES_MAX)
        .with_context(|| format!("cannot read {}; has the node joined?", config.list.display()))?;
    let list = SignedList(bytes).verify(&authority)?;
    let entry = list.entry(node).context("the federation list does not name this node")?;
    Ok(entry.identity)
}
