//! Limits of the web server, each with its reason. Sizes of bodies are beside the API.

use std::time::Duration;

/// Connections at once: every agent of a large ministry with a live page, within the file
/// descriptors that a service gets.
pub(super) const CONNECTIONS_MAX: usize = 4_096;
/// A scraper, a health check and somebody looking.
pub(super) const METRICS_CONNECTIONS_MAX: usize = 32;
/// Requests at once that have not been answered: far above what a small machine works off in a second.
pub(super) const REQUESTS_MAX: usize = 1_024;
/// The same from one network, often a whole ministry behind one address; a slow sender in it leaves
/// the others seven eighths.
pub(super) const REQUESTS_PER_NETWORK_MAX: usize = 128;
/// How long a request may wait for one of these places.
pub(super) const QUEUE_TIME_MAX: Duration = Duration::from_secs(5);

/// A request's headers: a session cookie and what browsers add stay below 4 KiB. Over HTTP/1 it is
/// also the size from which a head is no longer read on.
pub(super) const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Header lines in it; browsers send about twenty.
pub(super) const HEADERS_MAX: usize = 64;
/// The same over HTTP/2.
pub(super) const HTTP2_HEAD_BYTES_MAX: u32 = 32 * 1024;
/// Requests at once on one HTTP/2 connection: a page, its parts, and a live stream in many tabs.
pub(super) const HTTP2_STREAMS_MAX: u32 = 64;
/// Path and query. The longest is a search with all its filters.
pub(super) const URI_BYTES_MAX: usize = 8 * 1024;

/// For a whole head, also after the last answer on an open connection: long enough for a satellite
/// link, short enough that a slow sender holds nothing.
pub(super) const HEAD_TIME_MAX: Duration = Duration::from_secs(20);
/// For a whole body: 1 MiB at 300 kbit/s.
pub(super) const BODY_TIME_MAX: Duration = Duration::from_secs(30);
/// For the TLS handshake.
pub(super) const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long the other end may take nothing of what is written to it.
pub(super) const STALL_TIME_MAX: Duration = Duration::from_secs(30);
/// How often an HTTP/2 connection is asked whether it is still there.
pub(super) const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long its answer may take.
pub(super) const HTTP2_PING_TIME_MAX: Duration = Duration::from_secs(20);
/// For requests under way when the server stops: longer than a release takes on a slow disk.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// For how long a browser shall not ask without TLS: two years.
pub(super) const HSTS: &str = "max-age=63072000";
