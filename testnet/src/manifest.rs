//! `testnet.json`: what is where, and how to sign in. Other programs read it.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file's name in the federation's folder.
pub const FILE: &str = "testnet.json";

/// The whole file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// In the order in which they were made.
    pub nodes: Vec<NodeEntry>,
}

/// A node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeEntry {
    /// Short name.
    pub name: String,
    /// Full name.
    pub organisation: String,
    /// `ministry`, `embassy` or `guest`.
    pub kind: String,
    /// Portal and API.
    pub url: String,
    /// Metrics.
    pub metrics_url: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Its process; 0 while it is stopped.
    pub pid: u32,
    /// `NP`, `DR` or `DR+SF`.
    pub ceiling: String,
    /// Addresses of its groups; `accounts[0]` drafts and releases for the first.
    pub groups: Vec<String>,
    /// Sign-ins.
    pub accounts: Vec<Account>,
}

/// A sign-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Sign-in name.
    pub login: String,
    /// In clear: this is a federation on one machine.
    pub password: String,
    /// `agent`, `number-two`, `manager` or `operator`.
    pub role: String,
    /// `NP`, `DR` or `DR+SF`.
    pub clearance: String,
    /// Name shown.
    pub name: String,
    /// Office, in words.
    pub office: String,
    /// Addresses of the agent's groups.
    pub groups: Vec<String>,
}

impl Manifest {
    /// Reads it from a federation's folder.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("read {}", path.display()))
    }

    /// Writes it whole or not at all, readable by its owner only.
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(FILE);
        let unfinished = dir.join(".testnet.json");
        let mut options = OpenOptions::new();
        let mut file = options.create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path).with_context(|| format!("write {}", path.display()))
    }

    /// The node with this name.
    pub fn node(&self, name: &str) -> Result<&NodeEntry> {
        self.nodes.iter().find(|node| node.name == name).with_context(|| format!("no node {name}"))
    }
}

impl NodeEntry {
    /// The first account with this role.
    pub fn account(&self, role: &str) -> Result<&Account> {
        let found = self.accounts.iter().find(|account| account.role == role);
        found.with_context(|| format!("{} has no {role}", self.name))
    }

    /// The account with this sign-in name.
    pub fn login(&self, login: &str) -> Result<&Account> {
        let found = self.accounts.iter().find(|account| account.login == login);
        found.with_context(|| format!("{} has no account {login}", self.name))
    }
}
