//! The teleprinter: what fell for an agent, in the order in which the ledger took it.
//!
//! Decides which lines an agent gets, as what (for action, for information, sent, through a
//! community), and where a reader resumes. Does not decide what falls where (filing does), nor
//! whether a line may be shown (the policy decision does).

mod falls;
mod headline;
mod reach;

pub(super) use headline::Headline;
pub(super) use reach::Reach;

use super::cleared::{Cleared, readable, trimmed};
use super::records::{Content, FEED, FeedRole, ITEMS, ItemRecord, READ, level_tag};
use super::view::{LabelView, TeleprinterItem, TeleprinterPage};
use super::{Desks, Problem, Session};
use falls::{Fall, Window, merge};
use protocol::correspondence::Precedence;
use protocol::decide::{Object, Subject};
use protocol::refusal::Code;
use store::{Order, Read, StoreError};

/// Lines in one answer: a few screens; more is paging.
const LINES_MAX: usize = 200;

impl Desks {
    /// What fell after a cursor, oldest first; without one, the newest `limit` lines, in the same
    /// order. An item that fell several times stands once on a page, where it fell last, with the
    /// role that asks most of the reader.
    pub fn teleprinter(
        &self,
        s: &Session,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Cleared<TeleprinterPage>, Problem> {
        let after = after.filter(|text| !text.is_empty()).map(position).transpose()?;
        let window = Window { after, limit: limit.clamp(1, LINES_MAX) };
        let snapshot = self.snapshot()?;
        let reach = Reach::of(self, &snapshot, &s.subject)?;
        let mut items = Vec::new();
        for fall in falls(&snapshot, &s.subject, &reach, &window)? {
            if let Some(line) = self.line(&snapshot, &s.subject, &reach, &fall)? {
                items.push(line.into_inner());
            }
        }
        Ok(trimmed(&s.subject, TeleprinterPage { items }))
    }

    /// One line, once the policy decision has let it through.
    fn line(
        &self,
        read: &impl Read,
        subject: &Subject,
        reach: &Reach,
        fall: &Fall,
    ) -> Result<Option<Cleared<TeleprinterItem>>, Problem> {
        let Some(record) = read.get(ITEMS, &fall.item)? else {
            tracing::error!(item.id = %fall.item, "teleprinter.item_missing");
            return Ok(None);
        };
        let audience = record.audience(|space| reach.ceiling(space));
        let object = Object { label: record.content.label(), audience: &audience };
        let seen = read.has(READ, &(subject.agent, fall.item))?;
        let line = self.written(&record, reach, fall, !seen && fall.role != FeedRole::Sent);
        let cleared = readable(subject, &object, line);
        if cleared.is_err() {
            tracing::error!(item.id = %fall.item, "teleprinter.line_not_readable");
        }
        Ok(cleared.ok())
    }

    fn written(&self, record: &ItemRecord, reach: &Reach, fall: &Fall, unread: bool) -> TeleprinterItem {
        let headline = Headline::of(self, record);
        TeleprinterItem {
            cursor: fall.position.to_string(),
            id: fall.item.to_string(),
            kind: headline.kind.to_owned(),
            subject: headline.subject,
            from: headline.from,
            precedence: concerning(&record.content, fall.role).as_str().to_owned(),
            label: LabelView::from(record.content.label()),
            dtg: headline.at.dtg(),
            released_at: headline.at.to_string(),
            received_at: record.received_at.to_string(),
            unread,
            role: word(fall.role).to_owned(),
            through: reach.through(fall.scope).unwrap_or_default().to_owned(),
            imported: headline.imported,
        }
    }
}

/// Reads every scope and level that the subject reaches and merges what is there.
fn falls(
    read: &impl Read,
    subject: &Subject,
    reach: &Reach,
    window: &Window,
) -> Result<Vec<Fall>, StoreError> {
    let (from, order) = match window.after {
        Some(after) => (after.saturating_add(1), Order::Ascending),
        None => (0, Order::Descending),
    };
    let mut lists = Vec::new();
    for (scope, level) in reach.feeds(&subject.clearance) {
        let tag = level_tag(&level);
        let rows = read.range(FEED, &(scope, tag, from), &(scope, tag, u64::MAX), order, window.limit)?;
        let fall = |((_, _, position), row): (_, super::records::FeedRow)| Fall {
            position,
            item: row.item,
            role: row.role,
            scope,
        };
        lists.push(rows.into_iter().map(fall).collect());
    }
    Ok(merge(lists, window))
}

fn position(cursor: &str) -> Result<u64, Problem> {
    cursor
        .parse()
        .map_err(|_| Problem::field("after", Code::FieldInvalid, "expected the cursor of an earlier line"))
}

/// The precedence that concerns a reader in this role.
fn concerning(content: &Content, role: FeedRole) -> Precedence {
    match (content, role) {
        (Content::Post(_), _) => Precedence::Routine,
        (Content::Correspondence(signed), FeedRole::Action) => signed.item.precedence.action,
        (Content::Correspondence(signed), FeedRole::Info) => signed.item.precedence.info,
        (Content::Correspondence(signed), FeedRole::Sent | FeedRole::Community) => signed.item.urgency(),
    }
}

fn word(role: FeedRole) -> &'static str {
    match role {
        FeedRole::Action => "action",
        FeedRole::Info => "info",
        FeedRole::Sent => "sent",
        FeedRole::Community => "community",
    }
}
