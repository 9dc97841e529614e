//! Keys: from the seed of a node to the names libp2p gives it.
//!
//! Decides nothing about trust: which keys belong to the federation is the caller's list.

use libp2p::PeerId;
use libp2p::identity::{Keypair, PublicKey, ed25519};

/// The Ed25519 public key of a secret seed.
pub fn public_key(seed: &[u8; 32]) -> [u8; 32] {
    secret(seed).public().to_bytes()
}

/// The pair that authenticates this node to its peers.
pub(crate) fn keypair(seed: &[u8; 32]) -> Keypair {
    secret(seed).into()
}

/// The libp2p name of a public key; `None` when the bytes are no point of the curve.
pub(crate) fn peer_id(key: &[u8; 32]) -> Option<PeerId> {
    let key = ed25519::PublicKey::try_from_bytes(key).ok()?;
    Some(PublicKey::from(key).to_peer_id())
}

/// The libp2p name of a public key as text, as refusals give it; `None` when the bytes are no key.
pub fn peer_name(key: &[u8; 32]) -> Option<String> {
    peer_id(key).map(|peer| peer.to_string())
}

fn secret(seed: &[u8; 32]) -> ed25519::Keypair {
    // Wiped by the call below.
    let mut seed = *seed;
    match ed25519::SecretKey::try_from_bytes(&mut seed) {
        Ok(secret) => secret.into(),
        Err(error) => unreachable!("any 32 bytes are an Ed25519 seed (RFC 8032, 5.1.5): {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_key_is_that_of_rfc_8032() {
        let seed = protocol::ids::unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = protocol::ids::unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let seed = seed.unwrap().try_into().unwrap();
        assert_eq!(public_key(&seed).to_vec(), key.unwrap());
        assert_eq!(peer_id(&public_key(&seed)), Some(keypair(&seed).public().to_peer_id()));
    }
}
