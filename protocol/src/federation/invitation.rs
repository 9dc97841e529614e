//! The one file with which a node joins: the authority's keys, and the list that names the node,
//! signed as the list is.
//!
//! Its signatures cover the authority's keys and their threshold, so that a changed one shows. Whether
//! these keys are the right ones, two people compare by [`AuthorityKeys::fingerprint`].

use super::entry::Entry;
use super::error::ListError;
use super::list::AuthorityKeys;
use super::sign::{SignedList, open, payload, seal};
use super::trusted::Trusted;
use crate::codec;
use crate::ids::NodeId;
use crate::limits::INVITATION_BYTES_MAX;
use crate::signature::SecretKey;
use minicbor::{Decode, Encode};

/// Context bound into the signatures.
const AAD: &[u8] = b"valise/invitation/1";

#[derive(Encode, Decode)]
#[cbor(map)]
struct Invitation {
    /// Format version; 1.
    #[n(0)]
    format: u32,
    #[n(2)]
    authority: AuthorityKeys,
    /// Who is invited.
    #[n(4)]
    node: NodeId,
    /// The signed list.
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    list: Vec<u8>,
}

/// An invitation whose signatures and list were checked. Only [`Invited::read`] makes one.
#[derive(Debug, Clone)]
pub struct Invited {
    authority: AuthorityKeys,
    entry: Entry,
    signed: SignedList,
    list: Trusted,
}

/// Makes the invitation of a node of the list.
pub fn sign_invitation(
    authority: &AuthorityKeys,
    node: NodeId,
    list: &SignedList,
    keys: &[SecretKey],
) -> Result<Vec<u8>, ListError> {
    let invitation = Invitation { format: 1, authority: authority.clone(), node, list: list.0.clone() };
    let bytes = seal(codec::encode(&invitation), AAD, keys)?;
    Invited::read(&bytes).map(|_| bytes)
}

impl Invited {
    /// WIR-038: checks the signatures by the keys that the invitation itself names, then its list by
    /// the same keys.
    pub fn read(bytes: &[u8]) -> Result<Self, ListError> {
        let unverified: Invitation =
            codec::decode(&payload(bytes, INVITATION_BYTES_MAX)?, INVITATION_BYTES_MAX)?;
        let authority = unverified.authority;
        authority.check()?;
        let signed = open(bytes, AAD, &authority, INVITATION_BYTES_MAX)?;
        let Invitation { format, node, list, .. } = codec::decode(&signed, INVITATION_BYTES_MAX)?;
        if format != 1 {
            return Err(ListError::Invitation("unknown format"));
        }
        let signed = SignedList(list);
        let list = signed.verify(&authority)?;
        let entry =
            list.entry(node).cloned().ok_or(ListError::Invitation("its list does not name the node"))?;
        Ok(Self { authority, entry, signed, list })
    }

    /// The authority's keys.
    pub fn authority(&self) -> &AuthorityKeys {
        &self.authority
    }

    /// What the list says of the invited node.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The list as it travels.
    pub fn signed_list(&self) -> &SignedList {
        &self.signed
    }

    /// The list.
    pub fn list(&self) -> &Trusted {
        &self.list
    }
}
