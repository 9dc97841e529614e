//! Acts on groups.

use crate::MlsError;
use crate::compartment::{Change, Joined, Leaf, Opened, Prepared, State, Transition};
use crate::identity::Identity;
use crate::inspect::{
    Committer, bytes, index_of, leaf, node_of, policy_of, process_error, read_message, read_protocol, state,
    transcript, transition,
};
use crate::profile;
use crate::provider::Provider;
use crate::storage::Kept;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::{
    GroupId, KeyPackage, KeyPackageIn, MlsGroup, MlsMessageBodyIn, OpenMlsProvider, ProcessedMessageContent,
    ProcessedWelcome, ProtocolMessage, ProtocolVersion, Sender,
};
use openmls_rust_crypto::RustCrypto;
use protocol::ids::CompartmentId;
use protocol::limits::{CIPHERTEXT_BYTES_MAX, COMMIT_BYTES_MAX, KEY_PACKAGE_BYTES_MAX, WELCOME_BYTES_MAX};
use protocol::space::CompartmentPolicy;
use std::collections::BTreeMap;
use store::{Companion, StoreError, Tx};

/// All groups of this node, loaded when first used.
pub struct Groups {
    pub(crate) crypto: RustCrypto,
    pub(crate) identity: Identity,
    /// The same node with keys of other times, under which it may stand in groups still.
    others: Vec<Identity>,
    pub(crate) kept: Kept,
    pub(crate) loaded: BTreeMap<CompartmentId, MlsGroup>,
}

impl Companion for Groups {
    fn flush(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        self.kept.flush(tx)
    }

    fn committed(&mut self) {}

    fn reset(&mut self) {
        self.kept.clear();
        self.loaded.clear();
    }
}

pub(crate) fn group_id(id: CompartmentId) -> GroupId {
    GroupId::from_slice(id.as_bytes())
}

impl Groups {
    /// No group loaded yet.
    pub fn new(identity: Identity) -> Self {
        Self {
            crypto: RustCrypto::default(),
            identity,
            others: Vec::new(),
            kept: Kept::default(),
            loaded: BTreeMap::new(),
        }
    }

    /// The same node under keys that it had before, or will have: it signs in each group with the key
    /// of its leaf there.
    pub fn also(mut self, others: Vec<Identity>) -> Self {
        self.others = others;
        self
    }

    fn load(&mut self, tx: &Tx<'_>, id: CompartmentId) -> Result<(), MlsError> {
        if self.loaded.contains_key(&id) {
            return Ok(());
        }
        let provider = Provider::new(&self.crypto, &self.kept, tx);
        let group = MlsGroup::load(provider.storage(), &group_id(id))
            .map_err(|e| MlsError::library("load")(e.to_string()))?
            .filter(MlsGroup::is_active)
            .ok_or(MlsError::NotMember(id))?;
        self.loaded.insert(id, group);
        Ok(())
    }

    /// Runs `act` on a loaded group with a provider for this transaction.
    pub(crate) fn with<T>(
        &mut self,
        tx: &Tx<'_>,
        id: CompartmentId,
        act: impl FnOnce(&mut MlsGroup, &Provider<'_, '_>, &Identity) -> Result<T, MlsError>,
    ) -> Result<T, MlsError> {
        self.load(tx, id)?;
        let provider = Provider::new(&self.crypto, &self.kept, tx);
        let group = self.loaded.get_mut(&id).ok_or(MlsError::NotMember(id))?;
        let own = group.own_leaf_node().map(|leaf| leaf.signature_key().as_slice());
        let other = self.others.iter().find(|other| own == Some(&other.key()[..]));
        act(group, &provider, other.unwrap_or(&self.identity))
    }

    /// Makes a key package and keeps its private half.
    pub fn key_package(&mut self, tx: &Tx<'_>) -> Result<Vec<u8>, MlsError> {
        let provider = Provider::new(&self.crypto, &self.kept, tx);
        let failed = |reason| MlsError::Library { step: "key package", reason };
        let bundle = KeyPackage::builder()
            .key_package_lifetime(profile::lifetime())
            .leaf_node_capabilities(profile::capabilities())
            .build(profile::SUITE, &provider, &self.identity, self.identity.credential())
            .map_err(|e| failed(e.to_string()))?;
        bundle.key_package().tls_serialize_detached().map_err(|e| failed(e.to_string()))
    }

    /// Whose key package it is: its node and MLS key, after checking its signature.
    pub fn inspect(&self, key_package: &[u8]) -> Result<Leaf, MlsError> {
        let package = self.read_key_package(key_package)?;
        leaf(package.leaf_node().credential(), package.leaf_node().signature_key().as_slice())
    }

    fn read_key_package(&self, bytes: &[u8]) -> Result<KeyPackage, MlsError> {
        let expected = "key package";
        if bytes.len() > KEY_PACKAGE_BYTES_MAX {
            return Err(MlsError::Malformed { expected });
        }
        let package =
            KeyPackageIn::tls_deserialize_exact(bytes).map_err(|_| MlsError::Malformed { expected })?;
        package
            .validate(&self.crypto, ProtocolVersion::Mls10)
            .map_err(|e| MlsError::Peer { step: "key package", reason: e.to_string() })
    }

    /// Founds a group with this node as its only member.
    pub fn found(
        &mut self,
        tx: &Tx<'_>,
        compartment: CompartmentId,
        policy: &CompartmentPolicy,
    ) -> Result<State, MlsError> {
        let failed = |reason| MlsError::Library { step: "found", reason };
        let extensions =
            profile::context_extensions(policy).ok_or_else(|| failed("policy extension".to_owned()))?;
        let provider = Provider::new(&self.crypto, &self.kept, tx);
        let group = MlsGroup::new_with_group_id(
            &provider,
            &self.identity,
            &profile::create_config(extensions),
            group_id(compartment),
            self.identity.credential(),
        )
        .map_err(|e| failed(e.to_string()))?;
        let state = state(&group)?;
        self.loaded.insert(compartment, group);
        Ok(state)
    }

    /// Builds a commit and leaves it pending.
    pub fn prepare(&mut self, tx: &Tx<'_>, id: CompartmentId, change: &Change) -> Result<Prepared, MlsError> {
        let packages = change.add.iter().map(|bytes| self.read_key_package(bytes));
        let packages = packages.collect::<Result<Vec<_>, _>>()?;
        self.with(tx, id, |group, provider, identity| {
            let failed = |reason| MlsError::Library { step: "commit", reason };
            if group.pending_commit().is_some() {
                // Left by an act that lost: the intent is rebuilt, never the old bytes.
                group.clear_pending_commit(provider.storage()).map_err(|e| failed(e.to_string()))?;
            }
            let removed = change.remove.iter().map(|node| index_of(group, *node));
            let removed = removed.collect::<Result<Vec<_>, _>>()?;
            let (epoch, parent) = (group.epoch().as_u64(), transcript(group));
            let mut builder = group.commit_builder().propose_adds(packages).propose_removals(removed);
            if let Some(policy) = &change.policy {
                let extensions = profile::context_extensions(policy)
                    .ok_or_else(|| failed("policy extension".to_owned()))?;
                builder = builder
                    .propose_group_context_extensions(extensions)
                    .map_err(|e| failed(e.to_string()))?;
            }
            let bundle = builder
                .load_psks(provider.storage())
                .map_err(|e| failed(e.to_string()))?
                .build(provider.rand(), provider.crypto(), identity, |_| true)
                .map_err(|e| failed(e.to_string()))?
                .stage_commit(provider)
                .map_err(|e| failed(e.to_string()))?;
            let pending = group.pending_commit().ok_or_else(|| failed("nothing pending".to_owned()))?;
            let next = pending.group_context().confirmed_transcript_hash().to_vec();
            let welcome = bundle.to_welcome_msg().map(|welcome| bytes(&welcome, "welcome")).transpose()?;
            Ok(Prepared { epoch, parent, commit: bytes(bundle.commit(), "commit")?, next, welcome })
        })
    }

    /// Merges the commit that this node prepared and that was decided.
    pub fn merge_own(&mut self, tx: &Tx<'_>, id: CompartmentId) -> Result<State, MlsError> {
        self.with(tx, id, |group, provider, _| {
            group.merge_pending_commit(provider).map_err(|e| MlsError::library("merge")(e.to_string()))?;
            state(group)
        })
    }

    /// Processes another member's decided commit. `check` sees what it would change and may refuse;
    /// then nothing is merged. `None` when this node was removed by it: the group is forgotten.
    pub fn apply(
        &mut self,
        tx: &Tx<'_>,
        id: CompartmentId,
        commit: &[u8],
        check: impl FnOnce(&Transition) -> Result<(), String>,
    ) -> Result<Option<State>, MlsError> {
        let message = read_protocol(commit, COMMIT_BYTES_MAX, "commit")?;
        let after = self.with(tx, id, |group, provider, _| {
            let before = policy_of(group.public_group().group_context())?;
            let processed = group.process_message(provider, message).map_err(|e| process_error(group, e))?;
            let committer = Committer::of(&processed)?;
            let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
                return Err(MlsError::Malformed { expected: "commit" });
            };
            let transition = transition(group, &staged, before, committer)?;
            check(&transition).map_err(MlsError::Refused)?;
            group
                .merge_staged_commit(provider, *staged)
                .map_err(|e| MlsError::library("merge")(e.to_string()))?;
            if transition.self_removed { Ok(None) } else { state(group).map(Some) }
        })?;
        if after.is_none() {
            self.forget(tx, id)?;
        }
        Ok(after)
    }

    /// Joins by Welcome. `check` sees the group before it is kept and may refuse.
    pub fn join(
        &mut self,
        tx: &Tx<'_>,
        welcome: &[u8],
        check: impl FnOnce(&Joined) -> Result<(), String>,
    ) -> Result<Joined, MlsError> {
        let message = read_message(welcome, WELCOME_BYTES_MAX, "welcome")?;
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
            return Err(MlsError::Malformed { expected: "welcome" });
        };
        let peer = |reason| MlsError::Peer { step: "welcome", reason };
        let provider = Provider::new(&self.crypto, &self.kept, tx);
        let group = ProcessedWelcome::new_from_welcome(&provider, &profile::join_config(), welcome)
            .map_err(|e| peer(e.to_string()))?
            .into_staged_welcome(&provider, None)
            .map_err(|e| peer(e.to_string()))?
            .into_group(&provider)
            .map_err(|e| peer(e.to_string()))?;
        let compartment = CompartmentId::from_slice(group.group_id().as_slice())
            .ok_or(MlsError::Malformed { expected: "group id" })?;
        let joined = Joined { compartment, state: state(&group)? };
        check(&joined).map_err(MlsError::Refused)?;
        self.loaded.insert(compartment, group);
        Ok(joined)
    }

    /// Seals a message.
    pub fn seal(
        &mut self,
        tx: &Tx<'_>,
        id: CompartmentId,
        authenticated: Vec<u8>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, MlsError> {
        self.with(tx, id, |group, provider, identity| {
            group.set_aad(authenticated);
            let message = group
                .create_message(provider, identity, plaintext)
                .map_err(|e| MlsError::library("seal")(e.to_string()))?;
            bytes(&message, "seal")
        })
    }

    /// Opens another member's message.
    pub fn open(&mut self, tx: &Tx<'_>, id: CompartmentId, ciphertext: &[u8]) -> Result<Opened, MlsError> {
        let message = read_protocol(ciphertext, CIPHERTEXT_BYTES_MAX, "message")?;
        if !matches!(message, ProtocolMessage::PrivateMessage(_)) {
            return Err(MlsError::Malformed { expected: "PrivateMessage" });
        }
        self.with(tx, id, |group, provider, _| {
            let processed = group.process_message(provider, message).map_err(|e| process_error(group, e))?;
            let sender = match processed.sender() {
                Sender::Member(_) => node_of(processed.credential())?,
                _ => return Err(MlsError::Malformed { expected: "message of a member" }),
            };
            let epoch = processed.epoch().as_u64();
            let authenticated = processed.aad().to_vec();
            match processed.into_content() {
                ProcessedMessageContent::ApplicationMessage(content) => {
                    Ok(Opened { sender, epoch, authenticated, plaintext: content.into_bytes() })
                }
                _ => Err(MlsError::Malformed { expected: "application message" }),
            }
        })
    }

    /// The group as it stands.
    pub fn state(&mut self, tx: &Tx<'_>, id: CompartmentId) -> Result<State, MlsError> {
        self.with(tx, id, |group, _, _| state(group))
    }

    /// Deletes a group's state.
    pub fn forget(&mut self, tx: &Tx<'_>, id: CompartmentId) -> Result<(), MlsError> {
        match self.load(tx, id) {
            Ok(()) => {}
            // Removed by a commit: it is in memory, and no longer active there.
            Err(MlsError::NotMember(_)) => {}
            Err(error) => return Err(error),
        }
        let provider = Provider::new(&self.crypto, &self.kept, tx);
        if let Some(mut group) = self.loaded.remove(&id) {
            group.delete(provider.storage()).map_err(|e| MlsError::library("forget")(e.to_string()))?;
        }
        Ok(())
    }
}
