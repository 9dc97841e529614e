//! The COSE_Sign envelope (RFC 9052 §4.1, EdDSA) around what a threshold of the authority signs.
//!
//! The envelope has one form: signatures sorted by key, each key once, nothing in an unprotected
//! header but the key id. What is hashed is the payload alone, so that nobody changes a list's hash
//! without the keys.

use super::error::ListError;
use super::list::{AuthorityKeys, FederationList};
use super::trusted::Trusted;
use crate::codec::{self, CodecError};
use crate::limits::LIST_BYTES_MAX;
use crate::signature::{Digest, PublicKey, SecretKey};
use coset::{
    CoseSign, CoseSignBuilder, CoseSignature, CoseSignatureBuilder, Header, HeaderBuilder,
    TaggedCborSerializable, iana,
};

/// Context bound into every signature, so that no other COSE object of the same key passes for a list.
const AAD: &[u8] = b"valise/federation-list/1";

/// A list as it travels: untrusted bytes until verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedList(pub Vec<u8>);

/// Signs a list with the authority's keys at hand.
pub fn sign_list(list: &FederationList, keys: &[SecretKey]) -> Result<SignedList, ListError> {
    list.check()?;
    seal(codec::encode(list), AAD, keys).map(SignedList)
}

impl SignedList {
    /// SHA-256 of the list without its envelope: what hellos compare and successors name.
    pub fn hash(&self) -> Result<Digest, ListError> {
        payload(&self.0, LIST_BYTES_MAX).map(|payload| Digest::plain(&payload))
    }

    /// WIR-010: checks signatures against the authority, then the content.
    pub fn verify(&self, authority: &AuthorityKeys) -> Result<Trusted, ListError> {
        authority.check()?;
        let payload = open(&self.0, AAD, authority, LIST_BYTES_MAX)?;
        let list: FederationList = codec::decode(&payload, LIST_BYTES_MAX)?;
        list.check()?;
        Ok(Trusted { list, hash: Digest::plain(&payload), suspended: std::collections::BTreeMap::new() })
    }

    /// Adds the signatures of `other` over the same list: the authority's keys need not meet.
    pub fn merged(&self, other: &SignedList) -> Result<SignedList, ListError> {
        let mut mine = read(&self.0, LIST_BYTES_MAX)?;
        let theirs = read(&other.0, LIST_BYTES_MAX)?;
        if mine.payload != theirs.payload {
            return Err(ListError::Envelope);
        }
        mine.signatures.extend(theirs.signatures);
        write(mine).map(SignedList)
    }
}

/// The envelope around `payload`, signed by each of `keys`.
pub(super) fn seal(payload: Vec<u8>, aad: &[u8], keys: &[SecretKey]) -> Result<Vec<u8>, ListError> {
    let mut builder = CoseSignBuilder::new().payload(payload);
    for key in keys {
        let signature =
            CoseSignatureBuilder::new().protected(algorithm()).unprotected(key_id(&key.public())).build();
        builder = builder.add_created_signature(signature, aad, |bytes| key.sign_raw(bytes).0.to_vec());
    }
    write(builder.build())
}

/// The payload of an envelope that a threshold of `authority`, and nobody else, has signed.
pub(super) fn open(
    bytes: &[u8],
    aad: &[u8],
    authority: &AuthorityKeys,
    limit: usize,
) -> Result<Vec<u8>, ListError> {
    let cose = read(bytes, limit)?;
    let valid = |(at, signature): (usize, &CoseSignature)| {
        let key = authority.keys.iter().find(|key| signature.unprotected == key_id(key));
        let verify = |key: &PublicKey| {
            let check = |signature: &[u8], bytes: &[u8]| match key.verifies_raw(bytes, signature) {
                true => Ok(()),
                false => Err(()),
            };
            cose.verify_signature(at, aad, check).is_ok()
        };
        signature.protected.header == algorithm() && key.is_some_and(verify)
    };
    let got = cose.signatures.iter().enumerate().filter(|signature| valid(*signature)).count();
    if (got as u32) < authority.threshold || got < cose.signatures.len() {
        return Err(ListError::Signatures { expected: authority.threshold, got: got as u32 });
    }
    cose.payload.ok_or(ListError::Envelope)
}

/// The payload, whoever signed it.
pub(super) fn payload(bytes: &[u8], limit: usize) -> Result<Vec<u8>, ListError> {
    read(bytes, limit)?.payload.ok_or(ListError::Envelope)
}

fn read(bytes: &[u8], limit: usize) -> Result<CoseSign, ListError> {
    if bytes.len() > limit {
        return Err(CodecError::TooLarge { got: bytes.len(), limit }.into());
    }
    let cose = CoseSign::from_tagged_slice(bytes).map_err(|_| ListError::Envelope)?;
    let bare = cose.protected.header == Header::default() && cose.unprotected == Header::default();
    let signed_once = cose.signatures.is_sorted_by(|a, b| a.unprotected.key_id < b.unprotected.key_id);
    let same = || cose.clone().to_tagged_vec().is_ok_and(|again| again == bytes);
    if bare && signed_once && same() { Ok(cose) } else { Err(ListError::Envelope) }
}

fn write(mut cose: CoseSign) -> Result<Vec<u8>, ListError> {
    cose.signatures.sort_by(|a, b| a.unprotected.key_id.cmp(&b.unprotected.key_id));
    cose.signatures.dedup_by(|a, b| a.unprotected.key_id == b.unprotected.key_id);
    cose.to_tagged_vec().map_err(|_| ListError::Envelope)
}

fn algorithm() -> Header {
    HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build()
}

fn key_id(key: &PublicKey) -> Header {
    HeaderBuilder::new().key_id(key.0.to_vec()).build()
}
