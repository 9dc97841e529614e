//! A node's request for accreditation: what it says of itself, signed by its identity key.
//!
//! The signature shows that whoever asks holds the key. Whether the rest is true is for the people of
//! the authority to know.

use crate::keys::Generation;
use crate::limits::REQUEST_BYTES_MAX;
use minicbor::{Decode, Encode};
use protocol::codec::{self, CodecError};
use protocol::federation::{CaKey, Kind};
use protocol::signature::{PublicKey, SecretKey, Signature};

/// Format version.
const FORMAT: u32 = 1;
/// Domain of the signature.
const DOMAIN: &str = "accreditation-request";

/// What a node asks the list to say of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct Request {
    #[n(0)]
    format: u32,
    #[n(2)]
    pub(super) name: String,
    #[n(4)]
    pub(super) organisation: String,
    #[n(6)]
    pub(super) kind: Kind,
    #[n(8)]
    pub(super) identity: PublicKey,
    #[n(10)]
    pub(super) mls: PublicKey,
    #[n(12)]
    pub(super) addresses: Vec<String>,
    /// P-256 key of its certification authority.
    #[n(14)]
    pub(super) ca: Option<CaKey>,
    /// The identity key that this one is to replace; its signature stands beside.
    #[n(16)]
    pub(super) replaces: Option<PublicKey>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct SignedRequest {
    /// The encoded [`Request`].
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    request: Vec<u8>,
    #[n(2)]
    signature: Signature,
    /// By the key that is to be replaced.
    #[n(4)]
    consent: Option<Signature>,
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// Not the bytes of a request.
    #[error("not a request for accreditation")]
    Malformed(#[from] CodecError),
    /// Of another version.
    #[error("a request of format {got}, expected {FORMAT}")]
    Format {
        /// What it says.
        got: u32,
    },
    /// Changed since it was signed, or signed by another key.
    #[error("the request's signature does not verify; ask the node for it again")]
    Signature,
}

impl Request {
    /// A request of the node with these keys.
    pub(super) fn new(
        name: String,
        organisation: String,
        kind: Kind,
        keys: &Generation,
        addresses: Vec<String>,
    ) -> Self {
        let (identity, mls, ca) = (keys.identity.public(), keys.mls.public(), keys.ca);
        Self { format: FORMAT, name, organisation, kind, identity, mls, addresses, ca, replaces: None }
    }

    /// The file: the request and its signature.
    pub(super) fn sign(&self, identity: &SecretKey) -> Vec<u8> {
        let request = codec::encode(self);
        let signature = identity.sign(DOMAIN, &request);
        codec::encode(&SignedRequest { request, signature, consent: None })
    }

    /// The file of a change of keys, signed by the new identity key and by the one it replaces.
    pub(super) fn sign_change(mut self, identity: &SecretKey, before: &SecretKey) -> Vec<u8> {
        self.replaces = Some(before.public());
        let request = codec::encode(&self);
        let signature = identity.sign(DOMAIN, &request);
        let consent = Some(before.sign(DOMAIN, &request));
        codec::encode(&SignedRequest { request, signature, consent })
    }

    /// Reads the file and checks the signature by the key that the request itself names.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, RequestError> {
        let signed: SignedRequest = codec::decode(bytes, REQUEST_BYTES_MAX)?;
        let request: Request = codec::decode(&signed.request, REQUEST_BYTES_MAX)?;
        if request.format != FORMAT {
            return Err(RequestError::Format { got: request.format });
        }
        let signs = |key: &PublicKey, by: &Signature| key.verifies(DOMAIN, &signed.request, by);
        let consents = match (&request.replaces, &signed.consent) {
            (None, None) => true,
            (Some(before), Some(consent)) => signs(before, consent),
            _ => false,
        };
        match consents && signs(&request.identity, &signed.signature) {
            true => Ok(request),
            false => Err(RequestError::Signature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_seed(&[byte; 32]).unwrap()
    }

    fn request() -> Request {
        let mut point = [7; 65];
        point[0] = 4;
        let keys = Generation { identity: key(1), mls: key(2), ca: Some(CaKey(point)) };
        let address = "/ip4/127.0.0.1/tcp/4001".to_owned();
        Request::new("mae".into(), "Affaires étrangères".into(), Kind::Ministry, &keys, vec![address])
    }

    #[test]
    fn a_request_round_trips() {
        assert_eq!(Request::read(&request().sign(&key(1))).unwrap(), request());
    }

    #[test]
    fn a_change_of_keys_needs_the_old_key_as_well() {
        let signed = request().sign_change(&key(1), &key(5));
        assert_eq!(Request::read(&signed).unwrap().replaces, Some(key(5).public()));
        for at in 0..signed.len() {
            let mut bent = signed.clone();
            bent[at] ^= 1;
            assert!(Request::read(&bent).is_err(), "byte {at}");
        }
        let mut claimed = request();
        claimed.replaces = Some(key(5).public());
        assert!(matches!(Request::read(&claimed.sign(&key(1))), Err(RequestError::Signature)));
    }

    #[test]
    fn a_request_that_was_changed_or_signed_by_another_is_refused() {
        let signed = request().sign(&key(1));
        for at in 0..signed.len() {
            let mut bent = signed.clone();
            bent[at] ^= 1;
            assert!(Request::read(&bent).is_err(), "byte {at}");
        }
        assert!(matches!(Request::read(&request().sign(&key(2))), Err(RequestError::Signature)));
        assert!(Request::read(&vec![0; REQUEST_BYTES_MAX + 1]).is_err());
    }
}
