//! The suspensions that keys of this authority have signed: one file, all of them, from which the next
//! list takes what it has to settle.

use crate::desks::SUSPENSIONS_FILE;
use crate::doors::cli::files;
use crate::run::read_bounded;
use anyhow::{Context, Result};
use protocol::codec;
use protocol::federation::{AuthorityKeys, Entry, SignedSuspension, Status, Suspended};
use std::io::ErrorKind;
use std::path::Path;

/// Statements of twenty years, at their limit: an authority that has signed more starts a new file.
const STATEMENTS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// All statements of the folder, oldest first.
pub(super) fn read(dir: &Path) -> Result<Vec<SignedSuspension>> {
    let path = dir.join(SUSPENSIONS_FILE);
    let what = || format!("cannot use {}", path.display());
    match read_bounded(&path, STATEMENTS_BYTES_MAX) {
        Ok(bytes) => codec::decode(&bytes, STATEMENTS_BYTES_MAX).with_context(what),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(what),
    }
}

/// Writes them all.
pub(super) fn write(dir: &Path, statements: &Vec<SignedSuspension>) -> Result<()> {
    files::replace(&dir.join(SUSPENSIONS_FILE), &codec::encode(statements))
}

/// Statements that the entries do not settle become part of them: the node is suspended by the list.
pub(super) fn settle(dir: &Path, keys: &AuthorityKeys, entries: &mut [Entry]) -> Result<()> {
    for signed in read(dir)? {
        let said: Suspended =
            signed.verify(keys).context("a suspension in this folder is not the authority's")?;
        let statement = said.statement();
        let Some(entry) = entries.iter_mut().find(|entry| entry.node == statement.node) else { continue };
        if entry.settled.is_some_and(|settled| settled >= statement.at) {
            continue;
        }
        entry.settled = Some(statement.at);
        if entry.status == Status::Active {
            entry.status = Status::Suspended;
        }
    }
    Ok(())
}
