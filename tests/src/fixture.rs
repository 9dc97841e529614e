//! A federation for one test: made in a temporary folder, on ports of its own, gone with the test.
//! With `VALISE_KEEP` in the environment the folder stays, logs included.

use anyhow::{Context, Result};
use serde_json::Value;
use std::process::Output;
use std::time::Duration;
use tempfile::TempDir;
use testnet::cast::NodeSpec;
use testnet::client::Client;
use testnet::federation::Federation;
use testnet::scenario::knows;
use testnet::valise::Valise;
use testnet::wait::wait_until;
use testnet::{binary, ports};

/// How long what passes between two nodes may take here: the dev profile, on processors shared with
/// other tests. The release build's aims are measured by `testnet load`.
pub const SOON: Duration = Duration::from_secs(15);
/// The same for what takes hundreds of messages, or a restart.
pub const LATER: Duration = Duration::from_secs(120);

/// A federation and the folder that it lives in.
#[derive(Debug)]
pub struct Fixture {
    /// The federation; dropped, hence ended, before its folder.
    pub federation: Federation,
    _dir: TempDir,
}

impl Fixture {
    /// Makes the nodes and starts nothing.
    pub fn create(cast: &[NodeSpec]) -> Result<Self> {
        let mut dir = TempDir::with_prefix("valise-test-")?;
        if std::env::var_os("VALISE_KEEP").is_some() {
            dir.disable_cleanup(true);
            eprintln!("kept: {}", dir.path().display());
        }
        let valise = Valise::new(binary::valise()?);
        let ports = ports::scattered(cast.len())?;
        let federation = Federation::create(valise, dir.path(), cast, &ports)?;
        Ok(Self { federation, _dir: dir })
    }

    /// Makes and starts the nodes, and waits until each knows the groups of all.
    pub fn start(cast: &[NodeSpec]) -> Result<Self> {
        let mut fixture = Self::create(cast)?;
        fixture.federation.start_all()?;
        fixture.await_directories()?;
        Ok(fixture)
    }

    /// Signs in.
    pub fn client(&self, node: &str, login: &str) -> Result<Client> {
        let entry = self.federation.node(node)?;
        Client::sign_in(&entry.url, login, &entry.login(login)?.password)
    }

    /// Signs the node's first account in: it drafts and releases for the node's first group.
    pub fn drafter(&self, node: &str) -> Result<Client> {
        let login =
            self.federation.node(node)?.accounts.first().context("a node has accounts")?.login.clone();
        self.client(node, &login)
    }

    /// The password of the node's first account.
    pub fn drafter_password(&self, node: &str) -> Result<String> {
        Ok(self.federation.node(node)?.accounts.first().context("a node has accounts")?.password.clone())
    }

    /// Runs a `valise` command on the folder of a stopped node: `args`, then `--dir` and the folder.
    pub fn on_stopped(&self, node: &str, args: &[&str]) -> Result<Output> {
        let dir = self.federation.node(node)?.dir.clone();
        let mut command = self.federation.valise().command(args);
        command.arg("--dir").arg(dir).output().with_context(|| format!("valise {}", args.join(" ")))
    }

    /// Stops the node, lets `valise verify` walk its ledger, and returns what it says in JSON.
    pub fn verify(&mut self, node: &str) -> Result<Value> {
        if self.federation.is_running(node) {
            self.federation.stop(node)?;
        }
        let output = self.on_stopped(node, &["verify", "--json"])?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let blamed = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(output.status.success(), "verify of {node}: {}\n{said}{blamed}", output.status);
        serde_json::from_str(&said).with_context(|| format!("verify of {node} said {said:?}"))
    }

    fn await_directories(&self) -> Result<()> {
        let nodes = &self.federation.manifest.nodes;
        for node in nodes {
            let client = self.drafter(&node.name)?;
            for address in nodes.iter().filter_map(|other| other.groups.first()) {
                wait_until(&format!("{address} in the directory of {}", node.name), LATER, || {
                    knows(&client, address)
                })?;
            }
        }
        Ok(())
    }
}
