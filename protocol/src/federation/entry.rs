//! What the authority says of one node: who it is, with which keys, up to where and until when.

use crate::ids::{NodeId, SpaceId};
use crate::label::Level;
use crate::limits::{
    FORMER_KEYS_MAX, GUEST_VALIDITY_SECONDS_MAX, NAME_CHARS_MAX, NODE_ADDRESS_CHARS_MAX, NODE_ADDRESSES_MAX,
    SCOPE_COMMUNITIES_MAX,
};
use crate::signature::{PublicKey, Signature};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};

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
    /// Withdrawn until a later list says otherwise; the node keeps its place in its groups.
    #[n(2)]
    Suspended,
}

/// The P-256 key of a node's certification authority: an uncompressed point (SEC 1 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct CaKey(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 65]);

/// Keys that a node had, kept so that what they signed still verifies.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FormerKeys {
    /// Ed25519 identity key.
    #[n(0)]
    pub identity: PublicKey,
    /// Ed25519 MLS signature key.
    #[n(2)]
    pub mls: PublicKey,
    /// P-256 key of its certification authority.
    #[n(4)]
    pub ca: Option<CaKey>,
    /// In force from.
    #[n(6)]
    pub from: Timestamp,
    /// In force until, exclusive.
    #[n(8)]
    pub until: Timestamp,
}

/// Where a guest may go.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Scope {
    /// The communities that it may join, sorted; none: channels only.
    #[n(0)]
    pub communities: Vec<SpaceId>,
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
    /// P-256 key of the node's certification authority, which certifies its agents' signing keys.
    #[n(24)]
    pub ca: Option<CaKey>,
    /// Keys it had before, oldest first.
    #[cbor(n(26), default, skip_if = "Vec::is_empty")]
    pub former: Vec<FormerKeys>,
    /// Since when the present keys are in force; there once they have been changed.
    #[n(28)]
    pub keys_from: Option<Timestamp>,
    /// Where a guest may go; anywhere up to its ceiling when absent.
    #[n(30)]
    pub scope: Option<Scope>,
    /// The lowest life of the node that is still in force (see `Hello::incarnation`).
    #[cbor(n(32), default, skip_if = "is_zero")]
    pub incarnation_min: u32,
    /// Suspensions by a single key that were signed up to then are settled by this entry's status.
    #[n(34)]
    pub settled: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that the derived encoder calls")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Entry {
    /// Whether the accreditation is in force at `now`, as far as the entry alone says.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.status == Status::Active && self.not_before <= now && now < self.not_after
    }

    /// WIR-037: whether an identity key of this node signed `message` at `at`: the present one, or one
    /// that was in force then. `at` is what the signer says; a date in the past cannot be proved here.
    pub fn verifies(&self, at: Timestamp, domain: &str, message: &[u8], signature: &Signature) -> bool {
        let former = self.former.iter().filter(|keys| at < keys.until).map(|keys| &keys.identity);
        std::iter::once(&self.identity).chain(former).any(|key| key.verifies(domain, message, signature))
    }

    /// Whether a leaf under this MLS key is the node's: the present key, or one it had when it joined.
    pub fn had_mls(&self, key: &PublicKey) -> bool {
        self.mls == *key || self.former.iter().any(|keys| keys.mls == *key)
    }

    /// Whether a guest's scope leaves room for this community. Everybody else goes anywhere.
    pub fn may_join(&self, community: SpaceId) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.communities.contains(&community))
    }

    /// Every key of the entry, present and former, for the rule that no two nodes share one.
    pub(super) fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        let former = self.former.iter().flat_map(|keys| [&keys.identity, &keys.mls]);
        [&self.identity, &self.mls].into_iter().chain(former)
    }

    /// The rules that hold inside one entry; the broken one, in words.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let guest = self.kind == Kind::Guest;
        let seconds = self.not_after.seconds().saturating_sub(self.not_before.seconds());
        let rules = [
            (crate::correspondence::is_handle(&self.name), "name is not a handle"),
            (
                !self.organisation.is_empty() && self.organisation.chars().count() <= NAME_CHARS_MAX,
                "organisation empty or too long",
            ),
            (self.addresses.len() <= NODE_ADDRESSES_MAX, "too many addresses"),
            (self.addresses.iter().all(|a| a.chars().count() <= NODE_ADDRESS_CHARS_MAX), "address too long"),
            (self.not_before < self.not_after, "validity is empty"),
            (guest == self.sponsor.is_some(), "a guest, and nobody else, has a sponsor"),
            (!guest || Level::NP.dominates(&self.ceiling), "a guest's ceiling is NP at most"),
            (!guest || seconds <= GUEST_VALIDITY_SECONDS_MAX, "a guest is accredited for 90 days at most"),
            (guest || self.scope.is_none(), "only a guest has a scope"),
            (self.scope.as_ref().is_none_or(Scope::is_sound), "scope too long, or not sorted"),
            (self.kind != Kind::Witness || self.ceiling == Level::NP, "a witness holds nothing above NP"),
            (self.ca.is_none_or(|ca| ca.0[0] == 4), "the certification key is no uncompressed point"),
            (self.former.len() <= FORMER_KEYS_MAX, "too many former keys"),
            (self.history_is_sound(), "former keys must follow each other up to the present ones"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(rule))
    }

    /// Keys come into force one after the other; the old ones may overlap with those that follow.
    fn history_is_sound(&self) -> bool {
        let follow = self.former.is_sorted_by(|a, b| a.from < b.from);
        let last = self.former.last().is_none_or(|last| self.keys_from.is_some_and(|at| last.from < at));
        follow && last && self.former.iter().all(|keys| keys.from < keys.until)
    }
}

impl Scope {
    fn is_sound(&self) -> bool {
        self.communities.len() <= SCOPE_COMMUNITIES_MAX && self.communities.is_sorted_by(|a, b| a < b)
    }
}
