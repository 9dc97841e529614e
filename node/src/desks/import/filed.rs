//! Filing a batch of imported records: one act, one transaction, each record whole or not at all.

use super::plan::Ready;
use crate::desks::error::ActError;
use crate::desks::records::{Content, FeedRole, IMPORTS, ItemRecord, LedgerAct, group_scope};
use crate::desks::{Desks, Problem, correspondence, filing};
use mls::Groups;
use store::{Read, Slot, Tx};

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filed {
    pub(super) imported: u64,
    /// Imported before.
    pub(super) duplicates: u64,
}

impl Desks {
    /// Files a batch; returns when it is durable.
    pub(super) async fn file_imports(&self, batch: Vec<Ready>) -> Result<Filed, Problem> {
        if batch.is_empty() {
            return Ok(Filed::default());
        }
        let desks = self.clone();
        let filed = self.act(move |tx, groups| {
            let mut filed = Filed::default();
            for ready in &batch {
                if desks.file_import(tx, groups, ready)? {
                    filed.imported += 1;
                } else {
                    filed.duplicates += 1;
                }
            }
            Ok(filed)
        });
        let filed = filed.await?;
        if filed.imported > 0 {
            self.fell();
        }
        Ok(filed)
    }

    /// Files one record and hands it to its addressees' nodes; `false` when it was there already.
    fn file_import(&self, tx: &Tx<'_>, groups: &mut Groups, ready: &Ready) -> Result<bool, ActError> {
        if tx.has(IMPORTS, &ready.source)? {
            return Ok(false);
        }
        let now = self.now();
        let record = ItemRecord {
            content: Content::Correspondence(Box::new(ready.signed.clone())),
            origin: self.own_node(),
            received_at: now,
            groups: ready.groups.clone(),
            communities: Vec::new(),
        };
        let item = &ready.signed.item;
        let addressed = item.action.iter().filter(|party| party.node == self.own_node());
        let received = addressed.map(|party| (group_scope(party.group), FeedRole::Action));
        // A group that writes to itself gets the line of an addressee.
        let sent = (group_scope(item.from.group), FeedRole::Sent);
        let rows: Vec<_> = std::iter::once(sent).chain(received).collect();
        filing::file(tx, now, &record, &ready.level, LedgerAct::Imported, None, &rows)?;
        tx.put(IMPORTS, &ready.source, &Slot::System, &item.id)?;
        correspondence::dispatch(self, tx, groups, &ready.signed, &ready.level)?;
        Ok(true)
    }
}
