//! Where the node's binary is: beside our own. `cargo run -p testnet` builds only this package, so a
//! `valise` that is missing, or older than its sources, is built here first, with the features of the
//! whole workspace so that nothing is compiled twice.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The path of a `valise` that is as new as its sources.
pub fn valise() -> Result<PathBuf> {
    beside_us("valise", &["Cargo.toml", "Cargo.lock", "protocol", "node"])
}

/// The path of a `testnet` that is as new as its sources.
pub fn testnet() -> Result<PathBuf> {
    beside_us("testnet", &["Cargo.toml", "Cargo.lock", "testnet"])
}

/// The workspace's root, where its sources are.
pub fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace has a root")
}

fn beside_us(name: &str, sources: &[&str]) -> Result<PathBuf> {
    let own = std::env::current_exe().context("find the path of this program")?;
    // Test programs lie one deeper.
    let folder = own.ancestors().skip(1).find(|folder| folder.file_name().is_none_or(|name| name != "deps"));
    let folder = folder.context("this program lies in no folder")?;
    let binary = folder.join(name);
    let root = root()?;
    if root.join("Cargo.lock").is_file() && is_stale(&binary, root, sources)? {
        build(root, folder, name)?;
    }
    if !binary.is_file() {
        bail!("there is no {}: run `cargo build --workspace` first", binary.display());
    }
    Ok(binary)
}

fn is_stale(binary: &Path, root: &Path, sources: &[&str]) -> Result<bool> {
    let Ok(built) = binary.metadata().and_then(|found| found.modified()) else { return Ok(true) };
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in sources {
        newest = newest.max(newest_in(&root.join(source))?);
    }
    Ok(newest > built)
}

fn newest_in(path: &Path) -> Result<SystemTime> {
    let found = path.metadata().with_context(|| format!("read {}", path.display()))?;
    if found.is_file() {
        return Ok(found.modified()?);
    }
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in path.read_dir()? {
        newest = newest.max(newest_in(&entry?.path())?);
    }
    Ok(newest)
}

fn build(root: &Path, folder: &Path, name: &str) -> Result<()> {
    let profile = folder.file_name().and_then(|name| name.to_str()).unwrap_or("debug");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--workspace", "--bin", name, "--quiet"]);
    if profile != "debug" {
        cargo.args(["--profile", profile]);
    }
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    eprintln!("building {name} ({profile}); the first time takes some minutes");
    let status = cargo.status().context("run cargo to build it")?;
    if !status.success() {
        bail!("cargo could not build {name} ({status})");
    }
    Ok(())
}
