//! Writing files so that a crash leaves the old content or the new, never half of it.

use anyhow::{Context, Result};
use protocol::signature::Digest;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A digest as people read it to each other: groups of four digits.
pub(super) fn spoken(digest: &Digest) -> String {
    let digits: Vec<char> = digest.to_string().chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// Writes a file that must not exist, durably.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        sync_folder(path)
    };
    write().with_context(|| format!("cannot create {}", path.display()))
}

/// Puts a new content in place of the old one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let fresh = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file = File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)?;
        sync_folder(path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
