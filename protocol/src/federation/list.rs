//! The document itself and what it answers.

use crate::codec::CodecError;
use crate::ids::NodeId;
use crate::label::Level;
use crate::limits::{
    AUTHORITY_KEYS_MAX, HANDLE_CHARS_MAX, LIST_ENTRIES_MAX, NAME_CHARS_MAX, NODE_ADDRESS_CHARS_MAX,
    NODE_ADDRESSES_MAX,
};
use crate::refusal::Code;
use crate::signature::{Digest, PublicKey};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

/// What kind of organisation runs a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// Votes on memberships.
    #[n(0)]
    Ministry,
    /// Authors and learns.
    #[n(1)]
    Embassy,
    /// Accredited for a time, up to a level, by a sponsor.
    #[n(2)]
    Guest,
    /// Votes and sees no content.
    #[n(3)]
    Witness,
}

impl Kind {
    /// The name used in files, API and command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Ministry => "ministry",
            Kind::Embassy => "embassy",
            Kind::Guest => "guest",
            Kind::Witness => "witness",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Kind> {
        [Kind::Ministry, Kind::Embassy, Kind::Guest, Kind::Witness].into_iter().find(|k| k.as_str() == text)
    }
}

/// Whether the accreditation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Status {
    /// In force between its dates.
    #[n(0)]
    Active,
    /// Withdrawn for good.
    #[n(1)]
    Revoked,
}

/// What the authority says of one node.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// The node's opaque id; never changes.
    #[n(0)]
    pub node: NodeId,
    /// Short name, the part after `@` in addresses. Unique on the list; may be renamed.
    #[n(2)]
    pub name: String,
    /// The organisation's full name.
    #[n(4)]
    pub organisation: String,
    /// What kind of organisation it is.
    #[n(6)]
    pub kind: Kind,
    /// The highest level the node may hold.
    #[n(8)]
    pub ceiling: Level,
    /// Ed25519 identity key: libp2p peer, votes and item signatures.
    #[n(10)]
    pub identity: PublicKey,
    /// Ed25519 MLS signature key.
    #[n(12)]
    pub mls: PublicKey,
    /// Where to reach it (multiaddresses).
    #[n(14)]
    pub addresses: Vec<String>,
    /// Valid from.
    #[n(16)]
    pub not_before: Timestamp,
    /// Valid until, exclusive.
    #[n(18)]
    pub not_after: Timestamp,
    /// The ministry that answers for a guest.
    #[n(20)]
    pub sponsor: Option<NodeId>,
    /// In force or withdrawn.
    #[n(22)]
    pub status: Status,
}

impl Entry {
    /// Whether the accreditation is in force at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.status == Status::Active && self.not_before <= now && now < self.not_after
    }
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FederationList {
    /// Format version; 1.
    #[n(0)]
    pub format: u32,
    /// Rises by one with each issue.
    #[n(2)]
    pub version: u64,
    /// Hash of the signed predecessor; `None` for version 1.
    #[n(4)]
    pub previous: Option<Digest>,
    /// When it was issued.
    #[n(6)]
    pub issued: Timestamp,
    /// When a newer one must have come.
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
}

/// Why a list was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The bytes are not a list.
    #[error("the federation list is malformed: {0}")]
    Codec(#[from] CodecError),
    /// The COSE envelope is not readable.
    #[error("the federation list's COSE envelope is malformed")]
    Envelope,
    /// Too few valid signatures.
    #[error("the federation list has {got} valid signatures, expected {expected}")]
    Signatures {
        /// The threshold.
        expected: u32,
        /// How many distinct authority keys signed it.
        got: u32,
    },
    /// The authority file itself makes no sense.
    #[error("an authority of {keys} keys cannot have threshold {threshold}")]
    Authority {
        /// The threshold.
        threshold: u32,
        /// Number of keys.
        keys: usize,
    },
    /// Older than the one held.
    #[error("federation list version {got} is older than version {held} held here")]
    Rollback {
        /// Version held.
        held: u64,
        /// Version offered.
        got: u64,
    },
    /// Same version, another content: somebody shows different lists to different nodes.
    #[error("two different federation lists of version {version}")]
    Split {
        /// The version.
        version: u64,
    },
    /// The next version does not name the one held as its predecessor.
    #[error("federation list version {version} does not follow the one held")]
    Chain {
        /// The version offered.
        version: u64,
    },
    /// A rule of the list's content is broken.
    #[error("federation list entry {name:?}: {rule}")]
    Entry {
        /// The entry's short name.
        name: String,
        /// What is wrong.
        rule: &'static str,
    },
}

impl ListError {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            ListError::Codec(error) => error.code(),
            ListError::Envelope | ListError::Entry { .. } => Code::Malformed,
            ListError::Signatures { .. } | ListError::Authority { .. } => Code::ListSignature,
            ListError::Rollback { .. } | ListError::Chain { .. } => Code::ListRollback,
            ListError::Split { .. } => Code::ListSplit,
        }
    }
}

/// A list whose signatures and content were checked. Only [`crate::federation::SignedList::verify`]
/// makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    pub(super) list: FederationList,
    pub(super) hash: Digest,
}

impl Trusted {
    /// The list.
    pub fn list(&self) -> &FederationList {
        &self.list
    }

    /// SHA-256 of the signed bytes.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// WIR-011: whether `newer` may replace `self`: strictly newer and, when it is the next version, chained.
    pub fn accepts(&self, newer: &Trusted) -> Result<(), ListError> {
        let (held, got) = (self.list.version, newer.list.version);
        if got == held && newer.hash != self.hash {
            return Err(ListError::Split { version: held });
        }
        if got <= held {
            return Err(ListError::Rollback { held, got });
        }
        if got == held + 1 && newer.list.previous != Some(self.hash) {
            return Err(ListError::Chain { version: got });
        }
        Ok(())
    }

    /// The entry of a node, whatever its status.
    pub fn entry(&self, node: NodeId) -> Option<&Entry> {
        self.list.entries.iter().find(|entry| entry.node == node)
    }

    /// The entry of a node whose accreditation is in force. With a list that has expired, guests
    /// fail closed, embassies keep to NP and ministries go on (WIR-013).
    pub fn active(&self, node: NodeId, now: Timestamp) -> Option<Entry> {
        let entry = self.entry(node).filter(|entry| entry.is_active(now))?.clone();
        if now < self.list.expires {
            return Some(entry);
        }
        match entry.kind {
            Kind::Ministry | Kind::Witness => Some(entry),
            Kind::Embassy => Some(Entry { ceiling: entry.ceiling.meet(&Level::NP), ..entry }),
            Kind::Guest => None,
        }
    }

    /// The entry with this short name.
    pub fn named(&self, name: &str) -> Option<&Entry> {
        self.list.entries.iter().find(|entry| entry.name == name)
    }
}

impl FederationList {
    /// WIR-012: the rules that hold inside one list.
    pub(super) fn check(&self) -> Result<(), ListError> {
        let broken = |entry: Option<&Entry>, rule| {
            let name = entry.map(|entry| entry.name.chars().take(HANDLE_CHARS_MAX).collect());
            Err(ListError::Entry { name: name.unwrap_or_default(), rule })
        };
        if self.format != 1 {
            return broken(None, "unknown format");
        }
        if self.entries.len() > LIST_ENTRIES_MAX {
            return broken(None, "too many entries");
        }
        if !self.entries.is_sorted_by(|a, b| a.node < b.node) {
            return broken(None, "entries must be sorted by id, each once");
        }
        let mut names = BTreeSet::new();
        for entry in &self.entries {
            if let Err(rule) = entry_rule(entry) {
                return broken(Some(entry), rule);
            }
            if !names.insert(&entry.name) {
                return broken(Some(entry), "name used twice");
            }
        }
        Ok(())
    }
}

fn entry_rule(entry: &Entry) -> Result<(), &'static str> {
    let rules = [
        (crate::correspondence::is_handle(&entry.name), "name is not a handle"),
        (
            !entry.organisation.is_empty() && entry.organisation.chars().count() <= NAME_CHARS_MAX,
            "organisation empty or too long",
        ),
        (entry.addresses.len() <= NODE_ADDRESSES_MAX, "too many addresses"),
        (entry.addresses.iter().all(|a| a.chars().count() <= NODE_ADDRESS_CHARS_MAX), "address too long"),
        (entry.kind != Kind::Guest || entry.sponsor.is_some(), "a guest needs a sponsor"),
        (entry.kind != Kind::Guest || Level::NP.dominates(&entry.ceiling), "a guest's ceiling is NP at most"),
        (entry.not_before < entry.not_after, "validity is empty"),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(rule))
}
