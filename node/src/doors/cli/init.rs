//! `valise init`

use super::files;
use super::request::Request;
use crate::config::{self, node_kind};
use crate::keys::{Keys, node_id, private_folder};
use crate::run::read_authority;
use anyhow::{Context, Result, bail, ensure};
use protocol::codec;
use protocol::correspondence::is_handle;
use protocol::federation::Kind;
use protocol::limits::{NAME_CHARS_MAX, NODE_ADDRESS_CHARS_MAX, NODE_ADDRESSES_MAX};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The node's folder, to be made
    #[arg(long)]
    dir: PathBuf,
    /// Short name, the part of addresses after @
    #[arg(long)]
    name: String,
    /// The organisation's full name
    #[arg(long)]
    organisation: String,
    /// ministry, embassy or guest
    #[arg(long, value_parser = kind)]
    kind: Kind,
    /// The authority's public keys (authority.cbor), if you have them; else the invitation brings them
    #[arg(long)]
    authority: Option<PathBuf>,
    /// Address of the portal and the API
    #[arg(long, default_value = "127.0.0.1:8443")]
    web: SocketAddr,
    /// Address of the metrics
    #[arg(long, default_value = "127.0.0.1:9443")]
    metrics: SocketAddr,
    /// Multiaddress to listen on for other nodes
    #[arg(long, default_values = ["/ip4/0.0.0.0/udp/4001/quic-v1", "/ip4/0.0.0.0/tcp/4001"])]
    listen: Vec<String>,
    /// Multiaddress to announce to other nodes; without one, those listened on
    #[arg(long)]
    address: Vec<String>,
}

fn kind(text: &str) -> Result<Kind, String> {
    node_kind(text).ok_or_else(|| "expected ministry, embassy or guest".to_owned())
}

pub(super) fn init(args: &Args) -> Result<()> {
    let announced = if args.address.is_empty() { &args.listen } else { &args.address };
    check(args, announced)?;
    let authority = args.authority.as_deref().map(read_authority).transpose()?;
    let configuration = args.dir.join(config::FILE);
    if configuration.exists() {
        bail!("{} holds a node already; choose another folder", args.dir.display());
    }
    private_folder(&args.dir)?;
    let keys = Keys::create(&args.dir.join("keys"))?;
    let first = keys.newest().context("the keys just made are gone")?;
    let request =
        Request::new(args.name.clone(), args.organisation.clone(), args.kind, first, announced.clone());
    if let Some(authority) = authority {
        files::replace(&args.dir.join("authority.cbor"), &codec::encode(&authority))?;
    }
    let path = args.dir.join("request.cbor");
    files::replace(&path, &request.sign(&first.identity))?;
    // Last, because with it the node is made.
    files::create(&configuration, configured(args).as_bytes())?;
    if announced.iter().any(|address| address.contains("/0.0.0.0/") || address.contains("/::/")) {
        eprintln!(
            "valise: other nodes cannot reach {}; if they are to, give --address",
            announced.join(", ")
        );
    }
    println!("node {} made ({})", args.name, node_id(&first.identity.public()));
    println!(
        "send {} to the authority; with what it sends back: valise join FILE --dir {}",
        path.display(),
        args.dir.display()
    );
    Ok(())
}

fn check(args: &Args, announced: &[String]) -> Result<()> {
    ensure!(is_handle(&args.name), "--name: 1 to 40 lower-case letters, digits, - and .");
    let chars = args.organisation.chars().count();
    let sound = (1..=NAME_CHARS_MAX).contains(&chars) && !args.organisation.trim().is_empty();
    ensure!(
        sound && !args.organisation.chars().any(char::is_control),
        "--organisation: a name of 1 to {NAME_CHARS_MAX} characters"
    );
    ensure!(announced.len() <= NODE_ADDRESSES_MAX, "--address: at most {NODE_ADDRESSES_MAX} addresses");
    for address in announced.iter().chain(&args.listen) {
        let sound = address.starts_with('/') && address.len() <= NODE_ADDRESS_CHARS_MAX;
        ensure!(
            sound && !address.chars().any(char::is_control),
            "{address:?} is not a multiaddress like /ip4/192.0.2.1/udp/4001/quic-v1"
        );
    }
    Ok(())
}

/// The configuration of a new node.
fn configured(args: &Args) -> String {
    let listen: Vec<_> = args.listen.iter().map(|address| quoted(address)).collect();
    format!(
        r#"# A Valise node. Paths are relative to this file's folder.
name = {name}
organisation = {organisation}
kind = {kind}
authority = "authority.cbor"
list = "federation.list"

[web]
listen = "{web}"
# tls_cert = "cert.pem"
# tls_key = "key.pem"

[metrics]
listen = "{metrics}"

[net]
listen = [{listen}]

# Invitations into communities are accepted from these kinds of organisation, up to this level.
[communities]
accept_from = ["ministry"]
up_to = "DR"
"#,
        name = quoted(&args.name),
        organisation = quoted(&args.organisation),
        kind = quoted(args.kind.as_str()),
        web = args.web,
        metrics = args.metrics,
        listen = listen.join(", "),
    )
}

/// A TOML basic string. Control characters were refused before.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
