//! Walking the ledger from its first entry to its head.

use super::VerifyReport;
use crate::desks::ledger::hash;
use crate::desks::records::{ITEMS, ItemRecord, LEDGER, LEDGER_HEAD, LedgerAct, LedgerEntry};
use crate::limits::VERIFY_PAGE_ENTRIES;
use protocol::ids::ItemId;
use protocol::signature::Digest;
use std::collections::BTreeSet;
use store::{Order, Read, Snapshot, StoreError};

/// Checks positions, hash links and filed items; the ids of these.
pub(super) fn walk(
    read: &Snapshot,
    report: &mut VerifyReport,
    progress: &impl Fn(u64, u64),
) -> Result<BTreeSet<ItemId>, StoreError> {
    let last = last_position(read)?;
    let mut filed = BTreeSet::new();
    // None after an entry that cannot be read: there is nothing to compare the next link with.
    let mut previous = Some(Digest([0; 32]));
    for position in 1..=last {
        previous = match read.get(LEDGER, &position) {
            Ok(Some(entry)) => {
                report.ledger_entries += 1;
                link(position, previous, &entry, report);
                filed.extend(content(read, &entry, report));
                Some(hash(&entry))
            }
            Ok(None) => {
                report.broken(name(position), "position", "missing");
                None
            }
            Err(error) => {
                report.broken(name(position), "record", error.to_string());
                None
            }
        };
        if position % VERIFY_PAGE_ENTRIES == 0 || position == last {
            progress(position, last);
        }
    }
    head(read, last, previous, report);
    Ok(filed)
}

/// The highest position for which there is a record, readable or not.
fn last_position(read: &Snapshot) -> Result<u64, StoreError> {
    let highest = read.sealed_range(&[LEDGER.tag()], &[LEDGER.tag() + 1], Order::Descending, 1)?;
    let place = highest.first().and_then(|(place, _)| place.get(1..));
    Ok(place.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
}

fn link(position: u64, previous: Option<Digest>, entry: &LedgerEntry, report: &mut VerifyReport) {
    if entry.position != position {
        report.broken(name(position), "position", format!("says {}", entry.position));
    }
    if let Some(expected) = previous.filter(|expected| *expected != entry.previous) {
        let reason = format!("expected {expected}, got {}", entry.previous);
        report.broken(name(position), "previous", reason);
    }
}

/// Compares a filed item with the entry that filed it.
fn content(read: &Snapshot, entry: &LedgerEntry, report: &mut VerifyReport) -> Option<ItemId> {
    let id = entry.subject.filter(|_| files_an_item(entry.act))?;
    let at = || format!("{}, item {id}", name(entry.position));
    let item: ItemRecord = match read.get(ITEMS, &id) {
        Ok(Some(item)) => item,
        Ok(None) => {
            report.broken(at(), "subject", "the item is missing");
            return Some(id);
        }
        Err(error) => {
            report.broken(at(), "content", error.to_string());
            return Some(id);
        }
    };
    let digest = item.content.digest();
    if entry.content != Some(digest) {
        let written = entry.content.map_or_else(|| "no digest".to_owned(), |digest| digest.to_string());
        report.broken(at(), "content", format!("expected {written}, got {digest}"));
    }
    if item.content.level().ok() != entry.level {
        report.broken(at(), "level", "not the level of the item's label");
    }
    Some(id)
}

fn files_an_item(act: LedgerAct) -> bool {
    use LedgerAct as A;
    matches!(act, A::Released | A::Received | A::Imported | A::Posted | A::Shared)
}

fn head(read: &Snapshot, last: u64, hash: Option<Digest>, report: &mut VerifyReport) {
    let head = match read.get(LEDGER_HEAD, &()) {
        Ok(Some(head)) => head,
        Ok(None) if last == 0 => return,
        Ok(None) => return report.broken("ledger head", "record", "missing"),
        Err(error) => return report.broken("ledger head", "record", error.to_string()),
    };
    report.ledger_hash = head.hash.to_string();
    if head.position != last {
        let reason = format!("says {}, the last entry is {last}", head.position);
        report.broken("ledger head", "position", reason);
    }
    if let Some(expected) = hash.filter(|expected| *expected != head.hash) {
        report.broken("ledger head", "hash", format!("expected {expected}, got {}", head.hash));
    }
}

fn name(position: u64) -> String {
    format!("ledger entry {position}")
}
