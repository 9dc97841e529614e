//! Starting a node's transport: from configuration to a running swarm task.
//!
//! Decides which configuration is an error; a peer that cannot be reached is none.

use crate::driver::Driver;
use crate::event::{Event, Outbox};
use crate::handle::{Directory, Handle};
use crate::{identity, limits, transport};
use std::{fmt, io};
use tokio::sync::{mpsc, watch};

/// What a node brings to the wire.
#[derive(Clone)]
pub struct Config {
    /// Secret seed of the Ed25519 identity key.
    pub identity_seed: [u8; 32],
    /// Multiaddresses to listen on, such as `/ip4/127.0.0.1/udp/4001/quic-v1` and
    /// `/ip4/127.0.0.1/tcp/4001`; port 0 lets the system choose.
    pub listen: Vec<String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The seed stays out of logs.
        f.debug_struct("Config").field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// Why the transport did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The text is no multiaddress.
    #[error("{address:?} is not a multiaddress")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Neither QUIC nor TCP over IP.
    #[error("{address:?} is neither a QUIC nor a TCP address")]
    Unsupported {
        /// What was given.
        address: String,
    },
    /// The system refused the address.
    #[error("cannot listen on {address:?}")]
    Listen {
        /// What was given.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The identity key could not be bound to the TCP fallback.
    #[error("cannot prepare Noise")]
    Noise {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Listens and starts the swarm task. Until the first [`Handle::set_peers`] every peer is unknown.
pub async fn start(config: Config) -> Result<(Handle, mpsc::Receiver<Event>), StartError> {
    let keypair = identity::keypair(&config.identity_seed);
    let swarm = transport::swarm(keypair).map_err(|source| StartError::Noise { source: Box::new(source) })?;
    let (outbox, events) = Outbox::new();
    let (directory, known) = watch::channel(Directory::new());
    let (sender, commands) = mpsc::channel(limits::COMMANDS_MAX);
    let mut driver = Driver::new(swarm, commands, directory, outbox);
    for address in config.listen {
        driver.listen(address)?;
    }
    // Late addresses are no error: an interface may come up later.
    if let Ok(bound) = tokio::time::timeout(limits::LISTEN_TIME_MAX, driver.bound()).await {
        bound?;
    }
    tokio::spawn(driver.run());
    Ok((Handle::new(sender, known), events))
}
