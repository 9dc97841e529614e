//! Which life of the node this is. It begins anew whenever keys were lost: the store came from a backup,
//! or is older than what was done with it (design law 3).
//!
//! A start is counted in the store and in a file beside it. When the file counts more, the store is an old
//! copy. What that does not show (a copy of the whole folder), peers do: `federation/rollback.rs`.

use super::Desks;
use super::error::ActError;
use super::federation::lose_keys;
use super::problem::Problem;
use super::records::{COMPARTMENTS, LIFE, Life};
use mls::Groups;
use protocol::ids::CompartmentId;
use protocol::refusal::Code;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use store::{Read, Slot, Tx};

const BOOTS: &str = "boots";
const MINUTE_MS: i64 = 60_000;

impl Desks {
    /// The present life.
    pub(super) fn incarnation(&self) -> u32 {
        self.inner.incarnation.load(Ordering::Acquire)
    }

    pub(super) fn set_incarnation(&self, life: Life) {
        self.inner.incarnation.store(life.incarnation, Ordering::Release);
    }

    /// The life after this one. Minutes since 1970, so that two restores of one backup differ.
    pub(super) fn next_life(&self, life: &Life) -> Life {
        let minutes = u32::try_from(self.now().0 / MINUTE_MS).unwrap_or(0);
        let incarnation = life.incarnation.saturating_add(1).max(minutes);
        Life { incarnation, restored: false, ..*life }
    }

    /// Counts a start. Compartments that stood before it: in these the node asks what it did before it
    /// votes or seals.
    pub(super) async fn begin_life(&self) -> Result<Vec<CompartmentId>, Problem> {
        let dir = self.inner.settings.dir.clone();
        let counted = read_boots(&dir).map_err(|error| unwritable(&error))?;
        let desks = self.clone();
        let (life, standing) = self.act(move |tx, groups| begin(&desks, tx, groups, counted)).await?;
        // After the store: a crash in between leaves the store ahead, which is no sign of an old copy.
        write_boots(&dir, life.boots).map_err(|error| unwritable(&error))?;
        self.set_incarnation(life);
        Ok(standing)
    }
}

fn begin(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    counted: Option<u64>,
) -> Result<(Life, Vec<CompartmentId>), ActError> {
    let mut life: Life = tx.get(LIFE, &())?.unwrap_or_default();
    let old = life.restored || life.boots < counted.unwrap_or(0) || life.boots > 0 && counted.is_none();
    let mut standing = Vec::new();
    for (id, record) in tx.all(COMPARTMENTS)? {
        if !record.stands() {
            continue;
        }
        if old {
            lose_keys(desks, tx, groups, None, id, &record)?;
        } else {
            standing.push(id);
        }
    }
    if old {
        tracing::warn!(refusal.code = Code::RolledBack.as_str(), "node.restored");
        life = desks.next_life(&life);
    }
    life.boots = life.boots.max(counted.unwrap_or(0)).saturating_add(1);
    tx.put(LIFE, &(), &Slot::System, &life)?;
    Ok((life, standing))
}

fn unwritable(error: &io::Error) -> Problem {
    Problem::new(Code::StoreUnavailable, format!("the count of starts: {error}"))
}

/// How many starts are counted beside the store; `None` when there is no such file.
fn read_boots(dir: &Path) -> io::Result<Option<u64>> {
    match std::fs::read_to_string(dir.join(BOOTS)) {
        // What is no number was not written here: the store is then taken for an old copy.
        Ok(text) => Ok(text.trim_end().parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write_boots(dir: &Path, boots: u64) -> io::Result<()> {
    let fresh = dir.join("boots.new");
    let mut file = std::fs::File::create(&fresh)?;
    file.write_all(format!("{boots}\n").as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, dir.join(BOOTS))?;
    std::fs::File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_counted_in_a_file_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_boots(folder.path()).unwrap(), None);
        write_boots(folder.path(), 41).unwrap();
        write_boots(folder.path(), 42).unwrap();
        assert_eq!(read_boots(folder.path()).unwrap(), Some(42));
        std::fs::write(folder.path().join(BOOTS), "x").unwrap();
        assert_eq!(read_boots(folder.path()).unwrap(), None);
    }
}
