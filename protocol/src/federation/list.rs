//! The document itself.

use super::Kind;
use super::entry::Entry;
use super::error::ListError;
use crate::codec;
use crate::limits::{AUTHORITY_KEYS_MAX, HANDLE_CHARS_MAX, LIST_ENTRIES_MAX};
use crate::signature::{Digest, PublicKey};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FederationList {
    /// Format version; 1.
    #[n(0)]
    pub format: u32,
    /// From 1; rises by one with each issue.
    #[n(2)]
    pub version: u64,
    /// Hash of the predecessor; `None` for version 1 and for no other.
    #[n(4)]
    pub previous: Option<Digest>,
    /// When it was issued.
    #[n(6)]
    pub issued: Timestamp,
    /// When a newer one must have come; after `issued`.
    #[n(8)]
    pub expires: Timestamp,
    /// The nodes, sorted by id.
    #[n(10)]
    pub entries: Vec<Entry>,
}

/// The authority's public keys and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AuthorityKeys {
    /// How many distinct keys must sign a list.
    #[n(0)]
    pub threshold: u32,
    /// The keys.
    #[n(2)]
    pub keys: Vec<PublicKey>,
}

impl AuthorityKeys {
    /// At least one signature, no more than there are keys, no key twice.
    pub fn check(&self) -> Result<(), ListError> {
        let distinct: BTreeSet<_> = self.keys.iter().collect();
        let sound = self.threshold >= 1
            && self.threshold as usize <= self.keys.len()
            && distinct.len() == self.keys.len()
            && self.keys.len() <= AUTHORITY_KEYS_MAX;
        if sound {
            Ok(())
        } else {
            Err(ListError::Authority { threshold: self.threshold, keys: self.keys.len() })
        }
    }

    /// SHA-256 of the encoded keys: what two people compare when one of them joins.
    pub fn fingerprint(&self) -> Digest {
        Digest::plain(&codec::encode(self))
    }
}

impl FederationList {
    /// WIR-012: the rules that hold inside one list.
    pub(super) fn check(&self) -> Result<(), ListError> {
        let broken = |entry: Option<&Entry>, rule| {
            let name = entry.map(|entry| entry.name.chars().take(HANDLE_CHARS_MAX).collect());
            Err(ListError::Entry { name: name.unwrap_or_default(), rule })
        };
        if let Err(rule) = self.check_head() {
            return broken(None, rule);
        }
        let mut names = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for entry in &self.entries {
            if let Err(rule) = entry.check() {
                return broken(Some(entry), rule);
            }
            if !names.insert(&entry.name) {
                return broken(Some(entry), "name used twice");
            }
            if !entry.keys().all(|key| keys.insert(key)) {
                return broken(Some(entry), "key used twice");
            }
            let ministry = |node| {
                let found = self.entries.binary_search_by_key(&node, |entry| entry.node);
                found.is_ok_and(|at| self.entries[at].kind == Kind::Ministry)
            };
            if !entry.sponsor.is_none_or(ministry) {
                return broken(Some(entry), "the sponsor is no ministry of the list");
            }
        }
        Ok(())
    }

    fn check_head(&self) -> Result<(), &'static str> {
        let rules = [
            (self.format == 1, "unknown format"),
            (self.version >= 1, "versions start at 1"),
            ((self.version == 1) == self.previous.is_none(), "all but version 1 name their predecessor"),
            (self.issued < self.expires, "expires before it was issued"),
            (self.entries.len() <= LIST_ENTRIES_MAX, "too many entries"),
            (self.entries.is_sorted_by(|a, b| a.node < b.node), "entries must be sorted by id, each once"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(rule))
    }
}
