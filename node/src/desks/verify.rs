//! Checking the whole store: the chain of the ledger, every item against its entry, every seal.
//!
//! Decides whether what is kept is what was accepted. Repairs nothing. Reads one snapshot, so that
//! it means one instant even beside a running writer.

mod attachments;
mod ledger_walk;

use super::Desks;
use super::problem::Problem;
use super::records::{COMPARTMENTS, CompartmentRecord, ITEMS, TABLE_NAMES};
use crate::limits::{VERIFY_BREAKS_MAX, VERIFY_PAGE_ENTRIES};
use protocol::ids::{CompartmentId, ItemId};
use protocol::space::SpaceKind;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Order, Read, Snapshot, StoreError};

/// What was checked, and what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether nothing is wrong.
    pub sound: bool,
    /// Entries of the ledger.
    pub ledger_entries: u64,
    /// Hash of its last entry, in hexadecimal.
    pub ledger_hash: String,
    /// Files of items that are here as a whole.
    pub attachments: u64,
    /// Filed items.
    pub items: u64,
    /// Records of all tables.
    pub records: u64,
    /// Records by table.
    pub tables: BTreeMap<String, u64>,
    /// Compartments that this node is in, or was.
    pub compartments: Vec<CompartmentLine>,
    /// How much is wrong.
    pub breaks_total: u64,
    /// The first of it.
    pub breaks: Vec<Break>,
}

/// A compartment of this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompartmentLine {
    /// Id.
    pub id: String,
    /// The channel or community that it belongs to.
    pub space: String,
    /// `channel` or `community`.
    pub kind: &'static str,
    /// `NP`, `DR` or with categories.
    pub level: String,
    /// Epoch of its group.
    pub epoch: u64,
    /// Confirmed transcript hash of that epoch (RFC 9420 §8.2), in hexadecimal.
    pub transcript: String,
    /// Voter nodes by name.
    pub voters: Vec<String>,
    /// Member nodes by name.
    pub members: Vec<String>,
    /// Whether this node is a member now.
    pub active: bool,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Where: `ledger entry 17`, `item …`, `table feed`.
    pub entry: String,
    /// The field that is not as it must be.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl VerifyReport {
    fn broken(&mut self, entry: impl Into<String>, field: &'static str, reason: impl Into<String>) {
        self.breaks_total += 1;
        if self.breaks.len() < VERIFY_BREAKS_MAX {
            self.breaks.push(Break { entry: entry.into(), field, reason: reason.into() });
        }
    }
}

impl Desks {
    /// Checks everything. `progress` is told how many ledger entries were checked, and of how many.
    ///
    /// # Errors
    /// When the store cannot be read at all; what is damaged in it is in the report.
    pub fn verify(&self, progress: impl Fn(u64, u64)) -> Result<VerifyReport, Problem> {
        let read = self.snapshot()?;
        let mut report = VerifyReport::default();
        let filed = ledger_walk::walk(&read, &mut report, &progress)?;
        compare_items(&read, &filed, &mut report)?;
        scrub(&read, &mut report)?;
        attachments::compare(self, &read, &mut report)?;
        self.list_compartments(&read, &mut report);
        report.sound = report.breaks_total == 0;
        Ok(report)
    }

    fn list_compartments(&self, read: &Snapshot, report: &mut VerifyReport) {
        let line = |(id, record): (CompartmentId, CompartmentRecord)| CompartmentLine {
            id: id.to_string(),
            space: record.space.to_string(),
            kind: match record.kind {
                SpaceKind::Channel => "channel",
                SpaceKind::Community => "community",
            },
            level: record.level.to_string(),
            epoch: record.epoch,
            transcript: protocol::ids::hex(&record.transcript),
            voters: record.policy.voters.iter().map(|node| self.name_of(*node)).collect(),
            members: record.members.iter().map(|node| self.name_of(*node)).collect(),
            active: record.active,
        };
        match read.all(COMPARTMENTS) {
            Ok(all) => report.compartments = all.into_iter().map(line).collect(),
            Err(error) => report.broken("table compartments", "record", error.to_string()),
        }
    }
}

/// Every item must have been filed by a ledger entry.
fn compare_items(
    read: &Snapshot,
    filed: &BTreeSet<ItemId>,
    report: &mut VerifyReport,
) -> Result<(), StoreError> {
    let mut from = vec![ITEMS.tag()];
    let end = [ITEMS.tag() + 1];
    let page_records = usize::try_from(VERIFY_PAGE_ENTRIES).unwrap_or(usize::MAX);
    loop {
        let page = read.sealed_range(&from, &end, Order::Ascending, page_records)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        from = [last.as_slice(), &[0]].concat();
        for (place, _) in &page {
            report.items += 1;
            match ItemId::from_slice(&place[1..]) {
                Some(id) if filed.contains(&id) => {}
                Some(id) => report.broken(format!("item {id}"), "ledger", "no ledger entry filed it"),
                None => report.broken("table items", "key", "not an item's id"),
            }
        }
    }
}

/// Opens every record of every table.
fn scrub(read: &Snapshot, report: &mut VerifyReport) -> Result<(), StoreError> {
    let mut tables = BTreeMap::new();
    let total = read.scrub(&mut |tag, opened| {
        let name = table_name(tag);
        if let Err(error) = opened {
            report.broken(format!("table {name}"), "seal", error.to_string());
        }
        *tables.entry(name).or_insert(0) += 1;
    })?;
    report.records = total;
    report.tables = tables;
    Ok(())
}

fn table_name(tag: u8) -> String {
    let known = TABLE_NAMES.iter().find(|(known, _)| *known == tag);
    known.map_or_else(|| format!("0x{tag:02x}"), |(_, name)| (*name).to_owned())
}
