//! One live stream of the teleprinter: what was missed, then what falls, each line once and in order.
//!
//! The place in the stream is the cursor of the last line sent. A wake only says that there may be
//! more: the desk is asked again from that cursor, so a wake too many sends nothing, and wakes lost
//! to a full channel lose nothing. The session is looked up again whenever a second has passed, and
//! lines fetched for an older look are fetched anew: what a revoked or lowered session may no longer
//! see is not sent.

use super::limits::{SESSION_TRUSTED, STREAM_PAGE_LINES};
use super::streams::Place;
use crate::desks::view::TeleprinterItem;
use crate::desks::{Desks, Problem, Session};
use axum::response::sse::Event;
use futures::stream::{Stream, unfold};
use std::collections::VecDeque;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

/// A stream for one session.
pub(super) struct Feed {
    desks: Desks,
    token: String,
    session: Session,
    place: Place,
    wake: Receiver<()>,
    /// The cursor of the last line sent, or where the stream began; `None` when nothing had fallen.
    after: Option<String>,
    /// Fetched and not sent.
    ready: VecDeque<TeleprinterItem>,
    /// There may be lines after those in `ready`.
    stale: bool,
    /// Until when `session` and `ready` are as good as new.
    trusted_until: Instant,
}

impl Feed {
    /// A stream that begins after the cursor, or without one, after what has fallen already.
    pub(super) fn open(
        desks: Desks,
        token: String,
        session: Session,
        after: Option<&str>,
        place: Place,
    ) -> Result<Self, Problem> {
        // Subscribed before the first look: what falls in between wakes the stream.
        let wake = desks.live(&session);
        let trusted_until = Instant::now() + SESSION_TRUSTED;
        let (after, ready) = match after {
            Some(after) => {
                let page = desks.teleprinter(&session, Some(after), STREAM_PAGE_LINES)?.into_inner();
                (Some(after.to_owned()), page.items.into())
            }
            None => {
                let mut newest = desks.teleprinter(&session, None, 1)?.into_inner().items;
                (newest.pop().map(|item| item.cursor), VecDeque::new())
            }
        };
        Ok(Self { desks, token, session, place, wake, after, ready, stale: true, trusted_until })
    }

    /// The events; they end with the session, with the server, or when the store fails.
    pub(super) fn events(self) -> impl Stream<Item = Result<Event, axum::Error>> + Send + 'static {
        unfold(self, |mut feed| async move {
            let item = feed.next().await?;
            let event = Event::default().event("item").id(&item.cursor).json_data(&item);
            Some((event, feed))
        })
    }

    async fn next(&mut self) -> Option<TeleprinterItem> {
        loop {
            if Instant::now() >= self.trusted_until {
                self.renew()?;
            }
            if let Some(item) = self.ready.pop_front() {
                self.after = Some(item.cursor.clone());
                return Some(item);
            }
            if self.stale {
                self.fetch()?;
            } else {
                self.wait().await?;
            }
        }
    }

    /// Looks the session up again; `None` when it has ended.
    fn renew(&mut self) -> Option<()> {
        let session = self.desks.session(&self.token).ok()?;
        // Who may now see more or less than before has what is new fetched again.
        self.stale |= !self.ready.is_empty() || session.subject != self.session.subject;
        self.ready.clear();
        self.session = session;
        self.trusted_until = Instant::now() + SESSION_TRUSTED;
        Some(())
    }

    fn fetch(&mut self) -> Option<()> {
        self.renew()?;
        let page = self.desks.teleprinter(&self.session, self.after.as_deref(), STREAM_PAGE_LINES).ok()?;
        self.ready = page.into_inner().items.into();
        // Only an empty page says that this was all.
        self.stale = !self.ready.is_empty();
        Some(())
    }

    async fn wait(&mut self) -> Option<()> {
        tokio::select! {
            biased;
            () = self.place.ended() => None,
            woken = self.wake.recv() => match woken {
                Ok(()) | Err(RecvError::Lagged(_)) => {
                    self.stale = true;
                    Some(())
                }
                Err(RecvError::Closed) => None,
            },
            () = sleep_until(self.trusted_until) => Some(()),
        }
    }
}
