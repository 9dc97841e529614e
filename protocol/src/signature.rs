//! Ed25519 signatures (RFC 8032) over domain-separated bytes. Signing is deterministic, so it is
//! here; making keys needs randomness and is not.

use crate::ids::{ItemId, hex};
use minicbor::{Decode, Encode};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::fmt;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Digest(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl Digest {
    /// Its first bytes, where a place among few needs no more.
    pub fn short(&self) -> ItemId {
        let mut short = [0; ItemId::LEN];
        short.copy_from_slice(&self.0[..ItemId::LEN]);
        ItemId::from_bytes(short)
    }

    /// SHA-256 of the concatenation of `parts`, each preceded by its length: no two lists of parts
    /// share a digest.
    pub fn of(domain: &str, parts: &[&[u8]]) -> Self {
        let mut context = ring::digest::Context::new(&SHA256);
        for part in std::iter::once(&domain.as_bytes()).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        Self::from_ring(context.finish())
    }

    /// Plain SHA-256 of `bytes`, for values that outside tools recompute.
    pub fn plain(bytes: &[u8]) -> Self {
        Self::from_ring(digest(&SHA256, bytes))
    }

    fn from_ring(digest: ring::digest::Digest) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct PublicKey(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex(&self.0))
    }
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Signature(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({}…)", hex(&self.0[..8]))
    }
}

/// An Ed25519 secret key, kept as its seed.
pub struct SecretKey {
    pair: Ed25519KeyPair,
    seed: [u8; 32],
}

/// The seed is not a usable Ed25519 secret.
#[derive(Debug, thiserror::Error)]
#[error("not an Ed25519 seed")]
pub struct SeedError;

impl SecretKey {
    /// From a 32-byte seed (RFC 8032 §5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SeedError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| SeedError)?;
        Ok(Self { pair, seed: *seed })
    }

    /// The seed, for the tools that keep or use the key themselves.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(bytes)
    }

    /// Signs raw bytes.
    pub fn sign_raw(&self, bytes: &[u8]) -> Signature {
        let mut out = [0; 64];
        out.copy_from_slice(self.pair.sign(bytes).as_ref());
        Signature(out)
    }

    /// Signs `message` under `domain`.
    pub fn sign(&self, domain: &str, message: &[u8]) -> Signature {
        self.sign_raw(&separated(domain, message))
    }
}

impl PublicKey {
    /// Whether `signature` is this key's over `message` under `domain`.
    pub fn verifies(&self, domain: &str, message: &[u8], signature: &Signature) -> bool {
        self.verifies_raw(&separated(domain, message), &signature.0)
    }

    /// Whether `signature` is this key's over raw bytes.
    pub fn verifies_raw(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

/// WIR-005: `valise/<domain>/1`, a zero byte, the message: no signature for one use is valid for another.
fn separated(domain: &str, message: &[u8]) -> Vec<u8> {
    [b"valise/", domain.as_bytes(), b"/1\0", message].concat()
}
