//! Limits on what comes in by the API, each with its reason.

use std::time::Duration;

/// A request's body. The longest telegram is some tens of kilobytes; a draft with all its addressees
/// stays far below.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// A body from somebody without a session: a login and a password, or a registration.
pub(crate) const UNKNOWN_BODY_BYTES_MAX: usize = 16 * 1024;
/// A bearer token. Ours are shorter; what is longer is not looked up.
pub(super) const TOKEN_BYTES_MAX: usize = 256;
/// A name in a path. Ids have 32 digits and node names fewer; what is longer names nothing.
pub(super) const NAME_BYTES_MAX: usize = 128;
/// A cursor. Ours are shorter.
pub(super) const CURSOR_BYTES_MAX: usize = 256;
/// How much of a parser's complaint is repeated: it may quote what was sent.
pub(super) const COMPLAINT_CHARS_MAX: usize = 240;

/// Lines in an answer when the asker does not say.
pub(super) const PAGE_LINES: usize = 50;
/// Lines in an answer at most: some hundreds of kilobytes.
pub(super) const PAGE_LINES_MAX: usize = 1_000;

/// Lines that a stream holds before it has sent them.
pub(super) const STREAM_PAGE_LINES: usize = 200;
/// Streams of one agent: tabs on a few devices.
pub(super) const STREAMS_PER_AGENT_MAX: usize = 32;
/// Streams in all: each costs a connection and a timer.
pub(super) const STREAMS_MAX: usize = 2_000;
/// How long a stream may trust what it knows of its session: a stolen terminal sees nothing new
/// one second after it was revoked.
pub(super) const SESSION_TRUSTED: Duration = Duration::from_secs(1);
/// A comment on an idle stream, so that a proxy does not take it for dead.
pub(super) const STREAM_COMMENT_INTERVAL: Duration = Duration::from_secs(15);

/// When to ask again after too many attempts, when the refusal does not say.
pub(super) const ATTEMPTS_RETRY_SECONDS: u64 = 30;
/// When to ask again after the node was busy or could not store.
pub(super) const BUSY_RETRY_SECONDS: u64 = 2;
