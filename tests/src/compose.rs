//! Texts to send.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use testnet::client::label;

/// A telegram from one group to one other, routine, at a level: `NP` or `DR`.
pub fn telegram(from: &str, to: &str, level: &str, subject: &str, body: &str) -> Value {
    json!({
        "kind": "telegram",
        "from": from,
        "action": [to],
        "info": [],
        "precedence": { "action": "routine", "info": "routine" },
        "label": label(level),
        "subject": subject,
        "tags": [],
        "body": body,
        "references": [],
    })
}

/// The same JSON object with one field changed.
pub fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

/// A word that stands nowhere else: no stem, no accent, new at each call.
pub fn marker() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("zq{}x{number}", std::process::id())
}
