//! `testnet up`, as anybody would run it.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use testnet::binary;
use testnet::client::Client;
use testnet::manifest::Manifest;
use testnet::ports;
use testnet::wait::wait_until;
use tests::fixture::LATER;
use tests::lists::{ids, teleprinter};

#[test]
fn five_nodes_play_the_opening_and_keep_it() -> Result<()> {
    let dir = tempfile::TempDir::with_prefix("valise-up-")?;
    let base = ports::scattered_row(5)?;
    let first = Up::start(dir.path(), base)?;
    let before = seen(dir.path())?;
    assert!(before.len() >= 4, "mae received the opening: {before:?}");
    first.stop()?;

    let again = Up::start(dir.path(), base)?;
    let after = seen(dir.path())?;
    assert_eq!(before, after, "everything kept, nothing played twice");
    again.stop()
}

#[test]
fn no_node_outlives_a_testnet_that_was_killed() -> Result<()> {
    let dir = tempfile::TempDir::with_prefix("valise-up-")?;
    let base = ports::scattered_row(5)?;
    let mut up = Up::start(dir.path(), base)?;
    let pids: Vec<u32> = Manifest::read(dir.path())?.nodes.iter().map(|node| node.pid).collect();
    up.child.kill()?;
    up.child.wait()?;
    for pid in pids {
        wait_until("the end of an orphan", LATER, || Ok(!is_alive(pid)))?;
    }
    Ok(())
}

struct Up {
    child: Child,
}

impl Up {
    /// Waits for the path of `testnet.json`, the only thing printed.
    fn start(dir: &Path, base: u16) -> Result<Self> {
        let mut child = Command::new(binary::testnet()?)
            .args(["up", "--headless", "--base-port", &base.to_string(), "--dir"])
            .arg(dir)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("a pipe")?;
        let line = BufReader::new(stdout).lines().next().context("testnet ended without a word")??;
        assert_eq!(Path::new(&line), dir.canonicalize()?.join("testnet.json"));
        Ok(Self { child })
    }

    fn stop(mut self) -> Result<()> {
        Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status()?;
        let status = self.child.wait()?;
        anyhow::ensure!(status.success(), "testnet stopped with {status}");
        Ok(())
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Five portals that serve, every sign-in good; the ids on the teleprinter of mae's first account.
fn seen(dir: &Path) -> Result<Vec<String>> {
    let manifest = Manifest::read(dir)?;
    assert_eq!(manifest.nodes.len(), 5);
    for node in &manifest.nodes {
        assert_eq!(Client::anonymous(&node.url).get("/healthz")?.status, 200, "{}", node.name);
        assert!(is_alive(node.pid));
        for account in &node.accounts {
            let client = Client::sign_in(&node.url, &account.login, &account.password)?;
            let me = client.get("/api/v1/me")?.expect(200)?;
            assert_eq!(me["agent"]["login"], account.login.as_str());
        }
        let first = Client::sign_in(&node.url, &node.accounts[0].login, &node.accounts[0].password)?;
        let me = first.get("/api/v1/me")?.expect(200)?;
        assert_eq!(me["groups"][0]["address"], node.groups[0].as_str());
    }
    let mae = manifest.node("mae")?;
    let reader = Client::sign_in(&mae.url, &mae.accounts[0].login, &mae.accounts[0].password)?;
    wait_until("the opening at mae", LATER, || Ok(teleprinter(&reader)?.len() >= 4))?;
    let communities = reader.get("/api/v1/communities")?.expect(200)?;
    assert_eq!(communities[0]["name"], "Ebola – Afrique de l'Ouest");
    Ok(ids(&teleprinter(&reader)?))
}

fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}
