//! This node as an MLS member: its id as basic credential, and its Ed25519 key.

use openmls::prelude::{BasicCredential, CredentialWithKey};
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;
use protocol::ids::NodeId;
use protocol::signature::SecretKey;

/// This node as an MLS member. Signs with the same code as the rest of the node.
pub struct Identity {
    node: NodeId,
    key: SecretKey,
}

impl Identity {
    /// From the node's id and its MLS signature key.
    pub fn new(node: NodeId, key: SecretKey) -> Self {
        Self { node, key }
    }

    /// The public half of its key, as leaves carry it.
    pub(crate) fn key(&self) -> [u8; 32] {
        self.key.public().0
    }

    pub(crate) fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.node.as_bytes().to_vec()).into(),
            signature_key: self.key.public().0.to_vec().into(),
        }
    }
}

impl Signer for Identity {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.key.sign_raw(payload).0.to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}
