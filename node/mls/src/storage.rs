//! openmls's storage, inside the caller's transaction.
//!
//! Writes are held back in memory and go to the store once per batch: openmls rewrites all message
//! secrets at each message, and only the last of them matters after the commit. Values are CBOR: a
//! codec that is not self-describing writes well and never loads.

use crate::state::{Label, MLS};
use minicbor::bytes::ByteVec;
use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::BTreeMap;
use store::{Read, Slot, StoreError, Tx};

/// Entities written in this batch and not yet in the store; `None` was deleted.
#[derive(Clone, Default)]
pub(crate) struct Kept(RefCell<BTreeMap<Vec<u8>, Option<Vec<u8>>>>);

impl Kept {
    /// Writes everything held back.
    pub(crate) fn flush(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for (key, value) in std::mem::take(&mut *self.0.borrow_mut()) {
            match value {
                Some(value) => tx.put(MLS, &key, &Slot::Mls, &ByteVec::from(value))?,
                None => {
                    tx.remove(MLS, &key)?;
                }
            }
        }
        Ok(())
    }

    /// Forgets what was held back: the batch did not commit.
    pub(crate) fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

/// Why openmls could not read or write.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("MLS state cannot be encoded or decoded: {0}")]
    Codec(String),
}

/// A queued proposal: its reference and itself, both encoded.
type Queued = (Vec<u8>, Vec<u8>);

/// Storage for one act.
pub(crate) struct TxStorage<'a, 't> {
    kept: &'a Kept,
    tx: &'a Tx<'t>,
}

fn to_cbor<T: Serialize>(value: &T) -> Result<Vec<u8>, StorageError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|e| StorageError::Codec(e.to_string()))?;
    Ok(bytes)
}

fn from_cbor<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageError> {
    ciborium::from_reader(bytes).map_err(|e| StorageError::Codec(e.to_string()))
}

fn place<K: Serialize>(label: Label, key: &K) -> Result<Vec<u8>, StorageError> {
    let mut place = vec![label as u8];
    place.extend(to_cbor(key)?);
    Ok(place)
}

impl<'a, 't> TxStorage<'a, 't> {
    pub(crate) fn new(kept: &'a Kept, tx: &'a Tx<'t>) -> Self {
        Self { kept, tx }
    }

    fn write<K: Serialize, V: Serialize>(
        &self,
        label: Label,
        key: &K,
        value: &V,
    ) -> Result<(), StorageError> {
        let value = to_cbor(value)?;
        self.tx.touch();
        self.kept.0.borrow_mut().insert(place(label, key)?, Some(value));
        Ok(())
    }

    fn read<K: Serialize, V: DeserializeOwned>(
        &self,
        label: Label,
        key: &K,
    ) -> Result<Option<V>, StorageError> {
        let place = place(label, key)?;
        if let Some(kept) = self.kept.0.borrow().get(&place) {
            return kept.as_deref().map(from_cbor).transpose();
        }
        let stored: Option<ByteVec> = self.tx.get(MLS, &place)?;
        stored.map(|bytes| from_cbor(&bytes)).transpose()
    }

    fn delete<K: Serialize>(&self, label: Label, key: &K) -> Result<(), StorageError> {
        self.tx.touch();
        self.kept.0.borrow_mut().insert(place(label, key)?, None);
        Ok(())
    }

    fn list<K: Serialize, V: DeserializeOwned>(&self, label: Label, key: &K) -> Result<Vec<V>, StorageError> {
        Ok(self.read(label, key)?.unwrap_or_default())
    }

    /// Proposals of a group as (reference, proposal), both encoded: their types are only known to
    /// the caller.
    fn proposals<K: Serialize>(&self, group: &K) -> Result<Vec<Queued>, StorageError> {
        self.list(Label::Proposals, group)
    }
}

macro_rules! entity {
    (write $name:ident<$($generic:ident: $bound:ident),+>($key:ident: $Key:ident, $value:ident: $Value:ident) $label:ident) => {
        fn $name<$($generic: traits::$bound<CURRENT_VERSION>),+>(&self, $key: &$Key, $value: &$Value) -> Result<(), StorageError> {
            self.write(Label::$label, $key, $value)
        }
    };
    (read $name:ident<$($generic:ident: $bound:ident),+>($key:ident: $Key:ident) -> $Value:ident $label:ident) => {
        fn $name<$($generic: traits::$bound<CURRENT_VERSION>),+>(&self, $key: &$Key) -> Result<Option<$Value>, StorageError> {
            self.read(Label::$label, $key)
        }
    };
    (delete $name:ident<$($generic:ident: $bound:ident),+>($key:ident: $Key:ident) $label:ident) => {
        fn $name<$($generic: traits::$bound<CURRENT_VERSION>),+>(&self, $key: &$Key) -> Result<(), StorageError> {
            self.delete(Label::$label, $key)
        }
    };
}

#[rustfmt::skip]
impl StorageProvider<CURRENT_VERSION> for TxStorage<'_, '_> {
    type Error = StorageError;

    entity!(write write_mls_join_config<G: GroupId, V: MlsGroupJoinConfig>(group: G, value: V) JoinConfig);
    entity!(write write_tree<G: GroupId, V: TreeSync>(group: G, value: V) Tree);
    entity!(write write_interim_transcript_hash<G: GroupId, V: InterimTranscriptHash>(group: G, value: V) InterimTranscriptHash);
    entity!(write write_context<G: GroupId, V: GroupContext>(group: G, value: V) Context);
    entity!(write write_confirmation_tag<G: GroupId, V: ConfirmationTag>(group: G, value: V) ConfirmationTag);
    entity!(write write_group_state<V: GroupState, G: GroupId>(group: G, value: V) GroupState);
    entity!(write write_message_secrets<G: GroupId, V: MessageSecrets>(group: G, value: V) MessageSecrets);
    entity!(write write_resumption_psk_store<G: GroupId, V: ResumptionPskStore>(group: G, value: V) ResumptionPsks);
    entity!(write write_own_leaf_index<G: GroupId, V: LeafNodeIndex>(group: G, value: V) OwnLeafIndex);
    entity!(write write_group_epoch_secrets<G: GroupId, V: GroupEpochSecrets>(group: G, value: V) EpochSecrets);
    entity!(write write_signature_key_pair<K: SignaturePublicKey, V: SignatureKeyPair>(key: K, value: V) SignatureKeyPair);
    entity!(write write_encryption_key_pair<K: EncryptionKey, V: HpkeKeyPair>(key: K, value: V) EncryptionKeyPair);
    entity!(write write_key_package<K: HashReference, V: KeyPackage>(key: K, value: V) KeyPackage);
    entity!(write write_psk<K: PskId, V: PskBundle>(key: K, value: V) Psk);

    entity!(read mls_group_join_config<G: GroupId, V: MlsGroupJoinConfig>(group: G) -> V JoinConfig);
    entity!(read tree<G: GroupId, V: TreeSync>(group: G) -> V Tree);
    entity!(read group_context<G: GroupId, V: GroupContext>(group: G) -> V Context);
    entity!(read interim_transcript_hash<G: GroupId, V: InterimTranscriptHash>(group: G) -> V InterimTranscriptHash);
    entity!(read confirmation_tag<G: GroupId, V: ConfirmationTag>(group: G) -> V ConfirmationTag);
    entity!(read group_state<V: GroupState, G: GroupId>(group: G) -> V GroupState);
    entity!(read message_secrets<G: GroupId, V: MessageSecrets>(group: G) -> V MessageSecrets);
    entity!(read resumption_psk_store<G: GroupId, V: ResumptionPskStore>(group: G) -> V ResumptionPsks);
    entity!(read own_leaf_index<G: GroupId, V: LeafNodeIndex>(group: G) -> V OwnLeafIndex);
    entity!(read group_epoch_secrets<G: GroupId, V: GroupEpochSecrets>(group: G) -> V EpochSecrets);
    entity!(read signature_key_pair<K: SignaturePublicKey, V: SignatureKeyPair>(key: K) -> V SignatureKeyPair);
    entity!(read encryption_key_pair<V: HpkeKeyPair, K: EncryptionKey>(key: K) -> V EncryptionKeyPair);
    entity!(read key_package<K: HashReference, V: KeyPackage>(key: K) -> V KeyPackage);
    entity!(read psk<V: PskBundle, K: PskId>(key: K) -> V Psk);

    entity!(delete delete_own_leaf_nodes<G: GroupId>(group: G) OwnLeafNodes);
    entity!(delete delete_group_config<G: GroupId>(group: G) JoinConfig);
    entity!(delete delete_tree<G: GroupId>(group: G) Tree);
    entity!(delete delete_confirmation_tag<G: GroupId>(group: G) ConfirmationTag);
    entity!(delete delete_group_state<G: GroupId>(group: G) GroupState);
    entity!(delete delete_context<G: GroupId>(group: G) Context);
    entity!(delete delete_interim_transcript_hash<G: GroupId>(group: G) InterimTranscriptHash);
    entity!(delete delete_message_secrets<G: GroupId>(group: G) MessageSecrets);
    entity!(delete delete_all_resumption_psk_secrets<G: GroupId>(group: G) ResumptionPsks);
    entity!(delete delete_own_leaf_index<G: GroupId>(group: G) OwnLeafIndex);
    entity!(delete delete_group_epoch_secrets<G: GroupId>(group: G) EpochSecrets);
    entity!(delete clear_proposal_queue<G: GroupId, R: ProposalRef>(group: G) Proposals);
    entity!(delete delete_signature_key_pair<K: SignaturePublicKey>(key: K) SignatureKeyPair);
    entity!(delete delete_encryption_key_pair<K: EncryptionKey>(key: K) EncryptionKeyPair);
    entity!(delete delete_key_package<K: HashReference>(key: K) KeyPackage);
    entity!(delete delete_psk<K: PskId>(key: K) Psk);

    fn append_own_leaf_node<G: traits::GroupId<CURRENT_VERSION>, V: traits::LeafNode<CURRENT_VERSION>>(
        &self, group: &G, leaf: &V,
    ) -> Result<(), StorageError> {
        let mut leaves: Vec<Vec<u8>> = self.list(Label::OwnLeafNodes, group)?;
        leaves.push(to_cbor(leaf)?);
        self.write(Label::OwnLeafNodes, group, &leaves)
    }

    fn own_leaf_nodes<G: traits::GroupId<CURRENT_VERSION>, V: traits::LeafNode<CURRENT_VERSION>>(
        &self, group: &G,
    ) -> Result<Vec<V>, StorageError> {
        let leaves: Vec<Vec<u8>> = self.list(Label::OwnLeafNodes, group)?;
        leaves.iter().map(|leaf| from_cbor(leaf)).collect()
    }

    fn queue_proposal<
        G: traits::GroupId<CURRENT_VERSION>, R: traits::ProposalRef<CURRENT_VERSION>, P: traits::QueuedProposal<CURRENT_VERSION>,
    >(&self, group: &G, reference: &R, proposal: &P) -> Result<(), StorageError> {
        let mut proposals = self.proposals(group)?;
        let reference = to_cbor(reference)?;
        proposals.retain(|(held, _)| *held != reference);
        proposals.push((reference, to_cbor(proposal)?));
        self.write(Label::Proposals, group, &proposals)
    }

    fn queued_proposal_refs<G: traits::GroupId<CURRENT_VERSION>, R: traits::ProposalRef<CURRENT_VERSION>>(
        &self, group: &G,
    ) -> Result<Vec<R>, StorageError> {
        self.proposals(group)?.iter().map(|(reference, _)| from_cbor(reference)).collect()
    }

    fn queued_proposals<
        G: traits::GroupId<CURRENT_VERSION>, R: traits::ProposalRef<CURRENT_VERSION>, P: traits::QueuedProposal<CURRENT_VERSION>,
    >(&self, group: &G) -> Result<Vec<(R, P)>, StorageError> {
        self.proposals(group)?.iter().map(|(r, p)| Ok((from_cbor(r)?, from_cbor(p)?))).collect()
    }

    fn remove_proposal<G: traits::GroupId<CURRENT_VERSION>, R: traits::ProposalRef<CURRENT_VERSION>>(
        &self, group: &G, reference: &R,
    ) -> Result<(), StorageError> {
        let mut proposals = self.proposals(group)?;
        let reference = to_cbor(reference)?;
        proposals.retain(|(held, _)| *held != reference);
        self.write(Label::Proposals, group, &proposals)
    }

    fn write_encryption_epoch_key_pairs<
        G: traits::GroupId<CURRENT_VERSION>, E: traits::EpochKey<CURRENT_VERSION>, P: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(&self, group: &G, epoch: &E, leaf: u32, pairs: &[P]) -> Result<(), StorageError> {
        self.write(Label::EpochKeyPairs, &(group, epoch, leaf), &pairs)
    }

    fn encryption_epoch_key_pairs<
        G: traits::GroupId<CURRENT_VERSION>, E: traits::EpochKey<CURRENT_VERSION>, P: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(&self, group: &G, epoch: &E, leaf: u32) -> Result<Vec<P>, StorageError> {
        self.list(Label::EpochKeyPairs, &(group, epoch, leaf))
    }

    fn delete_encryption_epoch_key_pairs<G: traits::GroupId<CURRENT_VERSION>, E: traits::EpochKey<CURRENT_VERSION>>(
        &self, group: &G, epoch: &E, leaf: u32,
    ) -> Result<(), StorageError> {
        self.delete(Label::EpochKeyPairs, &(group, epoch, leaf))
    }
}
