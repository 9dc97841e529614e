//! The COSE_Sign envelope around the list (RFC 9052 §4.1, EdDSA).

use super::list::{AuthorityKeys, FederationList, ListError, Trusted};
use crate::codec::{self, CodecError};
use crate::limits::LIST_BYTES_MAX;
use crate::signature::{Digest, PublicKey, SecretKey};
use coset::{CoseSign, CoseSignBuilder, CoseSignatureBuilder, HeaderBuilder, TaggedCborSerializable, iana};

/// Context bound into every signature, so that no other COSE object of the same key passes for a list.
const AAD: &[u8] = b"valise/federation-list/1";

/// A list as it travels: untrusted bytes until verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedList(pub Vec<u8>);

/// Signs a list with the authority's keys at hand.
pub fn sign_list(list: &FederationList, keys: &[SecretKey]) -> Result<SignedList, ListError> {
    list.check()?;
    let header = || HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build();
    let mut builder = CoseSignBuilder::new().payload(codec::encode(list));
    for key in keys {
        let signature = CoseSignatureBuilder::new()
            .protected(header())
            .unprotected(HeaderBuilder::new().key_id(key.public().0.to_vec()).build())
            .build();
        builder = builder.add_created_signature(signature, AAD, |bytes| key.sign_raw(bytes).0.to_vec());
    }
    builder.build().to_tagged_vec().map(SignedList).map_err(|_| ListError::Envelope)
}

impl SignedList {
    /// SHA-256 of the signed bytes: what hellos compare and successors name.
    pub fn hash(&self) -> Digest {
        Digest::plain(&self.0)
    }

    /// WIR-010: checks signatures against the authority, then the content.
    pub fn verify(&self, authority: &AuthorityKeys) -> Result<Trusted, ListError> {
        authority.check()?;
        if self.0.len() > LIST_BYTES_MAX {
            return Err(CodecError::TooLarge { got: self.0.len(), limit: LIST_BYTES_MAX }.into());
        }
        let cose = CoseSign::from_tagged_slice(&self.0).map_err(|_| ListError::Envelope)?;
        let valid = |key: &&PublicKey| {
            (0..cose.signatures.len()).any(|which| {
                let listed = cose.signatures[which].unprotected.key_id == key.0;
                let algorithm = &cose.signatures[which].protected.header.alg;
                let eddsa = *algorithm == Some(coset::Algorithm::Assigned(iana::Algorithm::EdDSA));
                let verify = |signature: &[u8], bytes: &[u8]| match key.verifies_raw(bytes, signature) {
                    true => Ok(()),
                    false => Err(()),
                };
                listed && eddsa && cose.verify_signature(which, AAD, verify).is_ok()
            })
        };
        let got = authority.keys.iter().filter(valid).count() as u32;
        if got < authority.threshold {
            return Err(ListError::Signatures { expected: authority.threshold, got });
        }
        let payload = cose.payload.as_deref().ok_or(ListError::Envelope)?;
        let list: FederationList = codec::decode(payload, LIST_BYTES_MAX)?;
        list.check()?;
        // The envelope itself must be in its one form, or one list would have many hashes.
        let again = cose.to_tagged_vec().map_err(|_| ListError::Envelope)?;
        if again != self.0 {
            return Err(ListError::Envelope);
        }
        Ok(Trusted { list, hash: self.hash() })
    }

    /// Adds the signatures of `other` over the same list: the authority's keys need not meet.
    pub fn merged(&self, other: &SignedList) -> Result<SignedList, ListError> {
        let mut mine = CoseSign::from_tagged_slice(&self.0).map_err(|_| ListError::Envelope)?;
        let theirs = CoseSign::from_tagged_slice(&other.0).map_err(|_| ListError::Envelope)?;
        if mine.payload != theirs.payload {
            return Err(ListError::Envelope);
        }
        for signature in theirs.signatures {
            if mine.signatures.iter().all(|held| held.unprotected.key_id != signature.unprotected.key_id) {
                mine.signatures.push(signature);
            }
        }
        mine.signatures.sort_by(|a, b| a.unprotected.key_id.cmp(&b.unprotected.key_id));
        mine.to_tagged_vec().map(SignedList).map_err(|_| ListError::Envelope)
    }
}
