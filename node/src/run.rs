//! Running a node: opens it, starts its parts, waits for a signal, stops them in order.
//!
//! Wires and decides nothing.

use crate::config::Config;
use crate::desks::Desks;
use crate::doors::local;
use crate::doors::web::{Bound, Web, WebConfig};
use crate::keys::Keys;
use crate::limits::AUTHORITY_BYTES_MAX;
use anyhow::{Context, Result};
use protocol::codec;
use protocol::federation::AuthorityKeys;
use protocol::limits::LIST_BYTES_MAX;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

/// Opens the node in `dir`, which no other process may have open.
pub(crate) fn open(dir: &Path) -> Result<(Desks, Config)> {
    let config = Config::load(dir)?;
    let keys = Keys::load(&dir.join("keys"))?;
    let authority = read_authority(&config.authority)?;
    let list = match read_bounded(&config.list, LIST_BYTES_MAX) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", config.list.display())),
    };
    let desks = Desks::open(config.settings(), keys, authority, list)?;
    Ok((desks, config))
}

/// The authority's public keys.
pub(crate) fn read_authority(path: &Path) -> Result<AuthorityKeys> {
    let what = || {
        format!(
            "cannot use the authority file {}; run `valise join` with the invitation again",
            path.display()
        )
    };
    let bytes = read_bounded(path, AUTHORITY_BYTES_MAX).with_context(what)?;
    let authority: AuthorityKeys = codec::decode(&bytes, AUTHORITY_BYTES_MAX).with_context(what)?;
    authority.check().with_context(what)?;
    Ok(authority)
}

/// A file of at most `bytes_max`.
pub(crate) fn read_bounded(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("more than {bytes_max} bytes")));
    }
    Ok(bytes)
}

/// How a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was told to.
    Stopped,
    /// The list names other keys of it, which it has: it has to start again with them.
    Rekeyed,
}

/// Serves until the process is told to stop, or has to start again.
pub(crate) async fn run(dir: &Path) -> Result<Ended> {
    // Before anything else, so that no signal is lost while the node opens.
    let stopped = stop_signal()?;
    let (desks, config) = open(dir)?;
    if !desks.accredited() {
        tracing::warn!(node = desks.node_name(), "node.not_accredited: no peer will talk to it");
    }
    let tls = config.tls();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let web = WebConfig { listen: config.web.listen, tls, metrics_listen: config.metrics.listen };
    let web = Web::bind(&web)?;
    let indexer = desks.start_indexer();
    let running = desks.start(config.net.listen).await?;
    let bound = web.bound();
    tracing::info!(node = desks.node_name(), web = %bound.public, metrics = %bound.metrics, "node.ready");
    say_ready(scheme, bound)?;
    let local = tokio::spawn({
        let (dir, desks) = (dir.to_owned(), desks.clone());
        async move { local::serve(&dir, desks).await }
    });
    let mut rekeyed = desks.rekeyed();
    let until = async {
        tokio::select! {
            () = stopped => {}
            // The sender lives as long as the desks do.
            _ = rekeyed.wait_for(|rekeyed| *rekeyed) => {}
        }
    };
    let served = web.serve(desks.clone(), desks.metrics().registry(), until).await;
    tracing::info!("node.stopping");
    local.abort();
    running.stop().await;
    desks.stop_indexer().await;
    let indexed = indexer.await;
    tracing::info!("node.stopped");
    served?;
    indexed.context("the indexer broke off; it goes on at the next start")?;
    let rekeyed = *desks.rekeyed().borrow();
    Ok(if rekeyed { Ended::Rekeyed } else { Ended::Stopped })
}

/// Resolves at SIGTERM or SIGINT.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The one line on standard output, for whoever started the node.
fn say_ready(scheme: &str, bound: Bound) -> Result<()> {
    let line = serde_json::json!({
        "url": format!("{scheme}://{}", reachable(bound.public)),
        "metrics_url": format!("http://{}/metrics", reachable(bound.metrics)),
    });
    let mut out = io::stdout().lock();
    writeln!(out, "ready {line}").and_then(|()| out.flush()).context("cannot write to standard output")
}

/// Where a listener on every interface is reached from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
