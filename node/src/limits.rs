//! Bounds of a single node, with the unit in the name and the reason beside each. Bounds of the
//! protocol are in `protocol::limits`, those of the web server beside it.

use std::time::Duration;

/// A password's least length: with argon2id, long enough against guessing from a stolen store.
pub(crate) const PASSWORD_CHARS_MIN: usize = 12;
/// A password's greatest length: a sentence fits, and hashing stays cheap.
pub(crate) const PASSWORD_CHARS_MAX: usize = 128;
/// A password made for somebody who chose none: 20 characters of 32 kinds are 100 bits.
pub(crate) const PASSWORD_MADE_CHARS: usize = 20;
/// Memory of one password hash (OWASP's recommendation for argon2id with two passes).
pub(crate) const HASH_MEMORY_KIB: u32 = 19 * 1024;
/// Passes of one password hash.
pub(crate) const HASH_PASSES: u32 = 2;
/// Password hashes at once: each takes a core for some 20 ms, and the machine has two.
pub(crate) const HASHES_MAX: usize = 2;
/// Password hashes that may wait for one of these places: about one second of work.
pub(crate) const HASHES_WAITING_MAX: usize = 64;

/// Wrong passwords for one account before it must wait: a person who mistypes is not delayed.
pub(crate) const ACCOUNT_FAILURES_FREE: u32 = 8;
/// The longest wait of an account: short, because a stranger can cause it.
pub(crate) const ACCOUNT_DELAY_SECONDS_MAX: i64 = 300;
/// Wrong passwords from one address before it must wait: a whole embassy may be behind one.
pub(crate) const ADDRESS_FAILURES_FREE: u32 = 40;
/// The longest wait of an address.
pub(crate) const ADDRESS_DELAY_SECONDS_MAX: i64 = 60;
/// After so long without a wrong password, earlier ones are forgotten.
pub(crate) const FAILURES_SECONDS: i64 = 3_600;
/// Accounts and addresses whose failures are remembered; beyond it the oldest are forgotten.
pub(crate) const FAILURES_MAX: usize = 4_096;

/// How long a session lasts: one watch.
pub(crate) const SESSION_SECONDS: i64 = 12 * 3_600;
/// Lapsed sessions removed with each sign-in, so that they never pile up.
pub(crate) const SESSIONS_SWEPT: usize = 16;
/// Requests for an account that may wait in one group: no number two reads more, and whoever asks
/// is unknown.
pub(crate) const REGISTRATIONS_WAITING_MAX: usize = 100;
/// Requests kept in all, the decided ones included: the oldest decided ones make room.
pub(crate) const REGISTRATIONS_MAX: usize = 2_000;

/// Groups and communities in one answer of the directory.
pub(crate) const DIRECTORY_ENTRIES_MAX: usize = 500;
/// Words of one query to the directory; more filter nothing.
pub(crate) const DIRECTORY_WORDS_MAX: usize = 16;

/// Ledger entries that `valise verify` holds at once.
pub(crate) const VERIFY_PAGE_ENTRIES: u64 = 1_000;
/// Breaks that `valise verify` names; beyond it they are only counted.
pub(crate) const VERIFY_BREAKS_MAX: usize = 100;

/// Refusals by code and peer that the federation page remembers: several a peer, in the largest
/// federation that one page can show.
pub(crate) const REFUSALS_MAX: usize = 500;
/// The answer of a running node to `valise federation status`: a thousand peers with their lags.
pub(crate) const STATUS_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// How long a running node waits for whoever asks its status to read the answer.
pub(crate) const STATUS_TIME_MAX: Duration = Duration::from_secs(5);

/// The configuration file: forty times a long one.
pub(crate) const CONFIG_BYTES_MAX: u64 = 64 * 1024;
/// An authority file at its limit of keys, twice.
pub(crate) const AUTHORITY_BYTES_MAX: usize = 2 * 1024;
/// A request for accreditation: eight addresses at their limit, and names.
pub(crate) const REQUEST_BYTES_MAX: usize = 16 * 1024;
/// Days that an accreditation lasts unless told otherwise.
pub(crate) const ACCREDITATION_DAYS: u32 = 365;
/// The same, at most: ten years, so that a slip of the finger is noticed.
pub(crate) const ACCREDITATION_DAYS_MAX: u32 = 3_650;
/// Days that a guest's accreditation lasts unless told otherwise (law: guests are for a time).
pub(crate) const GUEST_DAYS: u32 = 30;
/// The same, at most.
pub(crate) const GUEST_DAYS_MAX: u32 = 90;
/// Days until a newer list must have come: the authority issues one at least once a year.
pub(crate) const LIST_DAYS: i64 = 365;
/// Days before the end of a list or an accreditation at which the federation page says so.
pub(crate) const EXPIRING_DAYS: i64 = 30;
/// Days that a former identity key still signs items for, unless told otherwise: a node that has not
/// heard of the new list yet works on.
pub(crate) const OVERLAP_DAYS: u32 = 7;
/// The same, at most.
pub(crate) const OVERLAP_DAYS_MAX: u32 = 30;
