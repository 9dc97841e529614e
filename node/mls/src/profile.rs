//! The MLS options of the federation: suite 1, PublicMessage handshakes, ratchet tree in the
//! Welcome, basic credentials holding the node id, one required group context extension.

use openmls::prelude::{
    Capabilities, Ciphersuite, CredentialType, Extension, ExtensionType, Extensions, GroupContext, Lifetime,
    MlsGroupCreateConfig, MlsGroupJoinConfig, PURE_PLAINTEXT_WIRE_FORMAT_POLICY, PastEpochDeletionPolicy,
    RequiredCapabilitiesExtension, SenderRatchetConfiguration, UnknownExtension,
};
use protocol::limits::{RATCHET_FORWARD_MAX, RATCHET_TOLERANCE};
use protocol::space::{CompartmentPolicy, POLICY_EXTENSION};

pub(crate) const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
/// Hides small differences of length.
const PADDING_BYTES: usize = 256;
/// Epochs whose messages may still arrive: a post away for two weeks misses a few commits.
const PAST_EPOCHS_MAX: usize = 16;

fn ratchet() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(RATCHET_TOLERANCE, RATCHET_FORWARD_MAX)
}

pub(crate) fn capabilities() -> Capabilities {
    Capabilities::builder()
        .ciphersuites(vec![SUITE])
        .extensions(vec![ExtensionType::Unknown(POLICY_EXTENSION)])
        .credentials(vec![CredentialType::Basic])
        .build()
}

/// Inert: a receiver of a decided Add must never fail because a key package has expired since.
pub(crate) fn lifetime() -> Lifetime {
    Lifetime::init(0, u64::MAX / 2)
}

pub(crate) fn context_extensions(policy: &CompartmentPolicy) -> Option<Extensions<GroupContext>> {
    let required = RequiredCapabilitiesExtension::new(
        &[ExtensionType::Unknown(POLICY_EXTENSION)],
        &[],
        &[CredentialType::Basic],
    );
    let policy = Extension::Unknown(POLICY_EXTENSION, UnknownExtension(policy.to_bytes()));
    Extensions::from_vec(vec![Extension::RequiredCapabilities(required), policy]).ok()
}

pub(crate) fn create_config(extensions: Extensions<GroupContext>) -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(SUITE)
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .set_past_epoch_deletion_policy(PastEpochDeletionPolicy::MaxEpochs(PAST_EPOCHS_MAX))
        .use_ratchet_tree_extension(true)
        .capabilities(capabilities())
        .sender_ratchet_configuration(ratchet())
        .lifetime(lifetime())
        .with_group_context_extensions(extensions)
        .build()
}

pub(crate) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .set_past_epoch_deletion_policy(PastEpochDeletionPolicy::MaxEpochs(PAST_EPOCHS_MAX))
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchet())
        .build()
}
