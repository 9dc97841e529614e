//! Merging the feeds of many scopes into one order. Pure: rows come in, lines go out.

use crate::desks::records::{FeedRole, Scope};
use protocol::ids::ItemId;
use std::collections::BTreeMap;

/// An item that fell through one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fall {
    /// Ledger position: the order, and the cursor.
    pub(super) position: u64,
    pub(super) item: ItemId,
    pub(super) role: FeedRole,
    pub(super) scope: Scope,
}

/// Which part of the feed is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The oldest after this position; without it, the newest of all.
    pub(super) after: Option<u64>,
    /// Lines wanted. Every list given to [`merge`] was read up to this many rows, from the end that
    /// is asked for.
    pub(super) limit: usize,
}

/// One page, oldest first.
///
/// A list with as many rows as the limit may go on: what lies beyond its last row is left to another
/// page, or a line of it could be passed over for good.
pub(super) fn merge(lists: Vec<Vec<Fall>>, window: &Window) -> Vec<Fall> {
    let ends = lists.iter().filter(|list| list.len() >= window.limit).filter_map(|list| list.last());
    let ends: Vec<u64> = ends.map(|fall| fall.position).collect();
    let oldest = if window.after.is_none() { ends.iter().max() } else { None };
    let newest = if window.after.is_some() { ends.iter().min() } else { None };
    let complete = oldest.copied().unwrap_or(0)..=newest.copied().unwrap_or(u64::MAX);
    let inside = lists.into_iter().flatten().filter(|fall| complete.contains(&fall.position));
    let mut falls = once_each(inside);
    falls.sort_unstable_by_key(|fall| fall.position);
    if window.after.is_none() {
        falls.drain(..falls.len().saturating_sub(window.limit));
    } else {
        falls.truncate(window.limit);
    }
    falls
}

/// Each item once: at its last position, in its best role, through the scope that gave that role.
fn once_each(falls: impl Iterator<Item = Fall>) -> Vec<Fall> {
    let mut by_item: BTreeMap<ItemId, Fall> = BTreeMap::new();
    for fall in falls {
        match by_item.get_mut(&fall.item) {
            None => {
                by_item.insert(fall.item, fall);
            }
            Some(kept) => {
                let position = kept.position.max(fall.position);
                if (fall.role, fall.scope) < (kept.role, kept.scope) {
                    *kept = fall;
                }
                kept.position = position;
            }
        }
    }
    by_item.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::{Fall, Window, merge};
    use crate::desks::records::FeedRole;
    use protocol::ids::ItemId;

    fn fall(position: u64, item: u8, role: FeedRole, scope: u8) -> Fall {
        let id = |byte| ItemId::from_bytes([byte; 16]);
        Fall { position, item: id(item), role, scope: (0, id(scope)) }
    }

    fn positions(falls: &[Fall]) -> Vec<u64> {
        falls.iter().map(|fall| fall.position).collect()
    }

    #[test]
    fn lists_become_one_in_ledger_order() {
        let lists = vec![
            vec![fall(2, 2, FeedRole::Info, 1), fall(5, 5, FeedRole::Info, 1)],
            vec![fall(1, 1, FeedRole::Sent, 2), fall(4, 4, FeedRole::Action, 2)],
        ];
        let page = merge(lists, &Window { after: Some(0), limit: 10 });
        assert_eq!(positions(&page), [1, 2, 4, 5]);
    }

    #[test]
    fn an_item_stands_once_where_it_fell_last_in_its_best_role() {
        let lists = vec![
            vec![fall(3, 9, FeedRole::Action, 1)],
            vec![fall(3, 9, FeedRole::Info, 2), fall(8, 9, FeedRole::Community, 3)],
        ];
        let page = merge(lists, &Window { after: Some(0), limit: 10 });
        assert_eq!(page, [fall(8, 9, FeedRole::Action, 1)]);
    }

    #[test]
    fn nothing_is_passed_over_when_one_list_goes_on() {
        // The first list was cut at two rows: what it holds between 2 and 9 is not known yet.
        let lists = vec![
            vec![fall(1, 1, FeedRole::Info, 1), fall(2, 2, FeedRole::Info, 1)],
            vec![fall(2, 2, FeedRole::Action, 2), fall(9, 9, FeedRole::Info, 2)],
        ];
        let page = merge(lists, &Window { after: Some(0), limit: 2 });
        assert_eq!(positions(&page), [1, 2]);
    }

    #[test]
    fn without_a_cursor_the_newest_come_oldest_first() {
        let lists = vec![
            vec![fall(9, 9, FeedRole::Info, 1), fall(7, 7, FeedRole::Info, 1)],
            vec![fall(8, 8, FeedRole::Info, 2), fall(1, 1, FeedRole::Info, 2)],
        ];
        let page = merge(lists, &Window { after: None, limit: 2 });
        assert_eq!(positions(&page), [8, 9]);
    }
}
