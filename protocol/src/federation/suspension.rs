//! Suspension by one key of the authority: it takes effect at once, it can never admit, and only a
//! later list, signed by the threshold, ends it.
//!
//! Statements of one key are numbered and name the one before: a missing one shows.

use super::error::ListError;
use super::list::AuthorityKeys;
use crate::codec;
use crate::ids::NodeId;
use crate::limits::{SUSPENSION_BYTES_MAX, SUSPENSION_REASON_CHARS_MAX};
use crate::signature::{Digest, PublicKey, SecretKey, Signature};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};

/// Domain of the signature.
const DOMAIN: &str = "suspension";

/// What one key of the authority says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Suspension {
    /// Format version; 1.
    #[n(0)]
    pub format: u32,
    /// Whom it suspends.
    #[n(2)]
    pub node: NodeId,
    /// Version of the list that its signer had before him.
    #[n(4)]
    pub list_version: u64,
    /// Hash of that list.
    #[n(6)]
    pub list_hash: Digest,
    /// From 1; rises by one with each statement of the key.
    #[n(8)]
    pub number: u64,
    /// Hash of the key's statement before; `None` for number 1 and for no other.
    #[n(10)]
    pub previous: Option<Digest>,
    /// When it was signed.
    #[n(12)]
    pub at: Timestamp,
    /// Why, in a few words.
    #[n(14)]
    pub reason: String,
}

/// The statement as it travels: untrusted until verified.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedSuspension {
    /// The encoded [`Suspension`].
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub statement: Vec<u8>,
    /// The key of the authority that signed it.
    #[n(2)]
    pub key: PublicKey,
    /// Its signature, domain `suspension`.
    #[n(4)]
    pub signature: Signature,
}

/// A suspension whose signature and content were checked. Only [`SignedSuspension::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    statement: Suspension,
    key: PublicKey,
    hash: Digest,
}

impl Suspended {
    /// What was said.
    pub fn statement(&self) -> &Suspension {
        &self.statement
    }

    /// By which key.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// SHA-256 of the statement: what the key's next one names.
    pub fn hash(&self) -> Digest {
        self.hash
    }
}

impl SignedSuspension {
    /// Signs a statement with one key.
    pub fn sign(statement: &Suspension, key: &SecretKey) -> Result<Self, ListError> {
        statement.check()?;
        let statement = codec::encode(statement);
        let signature = key.sign(DOMAIN, &statement);
        Ok(Self { statement, key: key.public(), signature })
    }

    /// WIR-035: checks that one key of the authority signed it, then the content.
    pub fn verify(&self, authority: &AuthorityKeys) -> Result<Suspended, ListError> {
        authority.check()?;
        let signed =
            authority.keys.contains(&self.key) && self.key.verifies(DOMAIN, &self.statement, &self.signature);
        if !signed {
            return Err(ListError::SuspensionSignature);
        }
        let statement: Suspension = codec::decode(&self.statement, SUSPENSION_BYTES_MAX)?;
        statement.check()?;
        Ok(Suspended { statement, key: self.key, hash: Digest::plain(&self.statement) })
    }
}

impl Suspension {
    fn check(&self) -> Result<(), ListError> {
        let sound = self.reason.chars().count() <= SUSPENSION_REASON_CHARS_MAX
            && !self.reason.chars().any(char::is_control);
        let rules = [
            (self.format == 1, "unknown format"),
            (self.list_version >= 1, "versions of the list start at 1"),
            (self.number >= 1, "numbers start at 1"),
            ((self.number == 1) == self.previous.is_none(), "all but number 1 name the one before"),
            (sound, "the reason is too long, or holds control characters"),
        ];
        let broken = rules.into_iter().find(|(holds, _)| !holds);
        broken.map_or(Ok(()), |(_, rule)| Err(ListError::Suspension(rule)))
    }
}
