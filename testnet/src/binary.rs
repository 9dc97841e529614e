//! Where the node's binary is: beside our own. `cargo run -p testnet` builds only this package, so a
//! `valise` that is missing, or older than its sources, is built here first, with the features of the
//! whole workspace so that nothing is compiled twice.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// What the binary is made of, from the workspace root.
const SOURCES: [&str; 4] = ["Cargo.toml", "Cargo.lock", "protocol", "node"];

/// The path of a `valise` that is as new as its sources.
pub fn valise() -> Result<PathBuf> {
    let own = std::env::current_exe().context("find the path of this program")?;
    let folder = own.ancestors().skip(1).find(|folder| folder.file_name().is_none_or(|name| name != "deps"));
    let folder = folder.context("this program lies in no folder")?;
    let valise = folder.join("valise");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace has a root")?;
    if root.join("node/Cargo.toml").is_file() && is_stale(&valise, root)? {
        build(root, folder)?;
    }
    if !valise.is_file() {
        bail!("there is no {}: run `cargo build --workspace` first", valise.display());
    }
    Ok(valise)
}

fn is_stale(valise: &Path, root: &Path) -> Result<bool> {
    let Ok(built) = valise.metadata().and_then(|found| found.modified()) else { return Ok(true) };
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in SOURCES {
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

fn build(root: &Path, folder: &Path) -> Result<()> {
    let profile = folder.file_name().and_then(|name| name.to_str()).unwrap_or("debug");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--workspace", "--bin", "valise", "--quiet"]);
    if profile != "debug" {
        cargo.args(["--profile", profile]);
    }
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    eprintln!("building valise ({profile}); the first time takes some minutes");
    let status = cargo.status().context("run cargo to build valise")?;
    if !status.success() {
        bail!("cargo could not build valise ({status})");
    }
    Ok(())
}
