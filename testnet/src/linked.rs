//! A federation whose nodes reach each other through links of ours, in a folder that goes when it was made
//! for one run.

use crate::binary;
use crate::cast::NodeSpec;
use crate::client::Client;
use crate::federation::Federation;
use crate::link::{Conditions, Link};
use crate::ports;
use crate::valise::Valise;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Nodes that run, and the links between them.
#[derive(Debug)]
pub struct Linked {
    /// The nodes.
    pub federation: Federation,
    links: Vec<Link>,
}

impl Linked {
    /// Makes the nodes in `dir` and starts them.
    pub fn start(dir: &Path, cast: &[NodeSpec]) -> Result<Self> {
        let mut ports = ports::in_a_row(None, u16::try_from(cast.len())?)?;
        let mut links = Vec::new();
        for ports in &mut ports {
            let link = Link::start(ports.peers)?;
            ports.announced = Some(link.port());
            links.push(link);
        }
        let mut federation = Federation::create(Valise::new(binary::valise()?), dir, cast, &ports)?;
        federation.start_all()?;
        Ok(Self { federation, links })
    }

    /// Changes what all links are like.
    pub fn set(&self, conditions: Conditions) {
        self.links.iter().for_each(|link| link.set(conditions));
    }

    /// Bytes of UDP payload that passed so far, all links and both ways.
    pub fn bytes(&self) -> u64 {
        self.links.iter().map(|link| link.passed().bytes).sum()
    }

    /// Signs a node's first account in.
    pub fn sign_in(&self, name: &str) -> Result<Client> {
        let node = self.federation.node(name)?;
        let account = node.accounts.first().context("a node has accounts")?;
        Client::sign_in(&node.url, &account.login, &account.password)
    }
}

/// Runs `act` in `dir`, or in a fresh folder under `data/` that is removed afterwards.
pub fn in_folder<T>(dir: Option<&Path>, name: &str, act: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    if let Some(dir) = dir {
        return act(dir);
    }
    let fresh = PathBuf::from(format!("data/{name}-{}", std::process::id()));
    let outcome = act(&fresh);
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).with_context(|| format!("remove {}", fresh.display()))?;
    }
    outcome
}
