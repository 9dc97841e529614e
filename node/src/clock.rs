//! The only place of the node that reads the clock and draws randomness.

use protocol::time::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as the system says.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Random bytes from the system. Without them no key, nonce or id may be made, so this aborts.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::error!("random.unavailable");
        std::process::abort();
    }
    bytes
}

/// A fresh id whose first bytes are the time, so that ids made later sort later (as UUIDv7,
/// RFC 9562 §5.7).
pub(crate) fn fresh_id() -> [u8; 16] {
    let mut bytes: [u8; 16] = random();
    bytes[..6].copy_from_slice(&now().0.to_be_bytes()[2..]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}
