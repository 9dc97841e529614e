//! Reading what groups and messages say, and checking it against our profile.

use crate::MlsError;
use crate::compartment::{Leaf, State, Transition};
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::{
    BasicCredential, Credential, GroupContext, LeafNodeIndex, MlsGroup, MlsMessageIn, MlsMessageOut,
    ProcessMessageError, ProcessedMessage, ProtocolMessage, Sender, StagedCommit, ValidationError,
};
use protocol::ids::NodeId;
use protocol::signature::PublicKey;
use protocol::space::{CompartmentPolicy, POLICY_EXTENSION};

pub(crate) fn bytes(message: &MlsMessageOut, step: &'static str) -> Result<Vec<u8>, MlsError> {
    message.tls_serialize_detached().map_err(|e| MlsError::library(step)(e.to_string()))
}

pub(crate) fn node_of(credential: &Credential) -> Result<NodeId, MlsError> {
    let basic = BasicCredential::try_from(credential.clone()).ok();
    let node = basic.and_then(|basic| NodeId::from_slice(basic.identity()));
    node.ok_or(MlsError::Malformed { expected: "credential: a basic one with a node id" })
}

pub(crate) fn leaf(credential: &Credential, key: &[u8]) -> Result<Leaf, MlsError> {
    let key = key.try_into().map_err(|_| MlsError::Malformed { expected: "Ed25519 signature key" })?;
    Ok((node_of(credential)?, PublicKey(key)))
}

pub(crate) fn policy_of(context: &GroupContext) -> Result<CompartmentPolicy, MlsError> {
    let extension = context.extensions().unknown(POLICY_EXTENSION);
    let extension =
        extension.ok_or(MlsError::Malformed { expected: "group context: the policy extension" })?;
    CompartmentPolicy::from_bytes(&extension.0)
        .map_err(|error| MlsError::Peer { step: "policy", reason: error.to_string() })
}

pub(crate) fn read_message(
    bytes: &[u8],
    limit: usize,
    expected: &'static str,
) -> Result<MlsMessageIn, MlsError> {
    if bytes.len() > limit {
        return Err(MlsError::Malformed { expected });
    }
    MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| MlsError::Malformed { expected })
}

pub(crate) fn read_protocol(
    bytes: &[u8],
    limit: usize,
    expected: &'static str,
) -> Result<ProtocolMessage, MlsError> {
    let message = read_message(bytes, limit, expected)?;
    message.try_into_protocol_message().map_err(|_| MlsError::Malformed { expected })
}

pub(crate) fn transcript(group: &MlsGroup) -> Vec<u8> {
    group.public_group().group_context().confirmed_transcript_hash().to_vec()
}

pub(crate) fn state(group: &MlsGroup) -> Result<State, MlsError> {
    let members = group.members().map(|member| leaf(&member.credential, &member.signature_key));
    Ok(State {
        epoch: group.epoch().as_u64(),
        transcript: transcript(group),
        authenticator: group.epoch_authenticator().as_slice().to_vec(),
        policy: policy_of(group.public_group().group_context())?,
        members: members.collect::<Result<_, _>>()?,
    })
}

pub(crate) fn index_of(group: &MlsGroup, node: NodeId) -> Result<LeafNodeIndex, MlsError> {
    let found = group.members().find(|member| node_of(&member.credential).ok() == Some(node));
    found.map(|member| member.index).ok_or(MlsError::NoSuchMember(node))
}

/// Who made a commit, and its authenticated data if it came from outside the group.
pub(crate) struct Committer {
    pub(crate) node: NodeId,
    pub(crate) external: Option<Vec<u8>>,
}

impl Committer {
    /// Of a message that was processed.
    pub(crate) fn of(message: &ProcessedMessage) -> Result<Self, MlsError> {
        let external = match message.sender() {
            Sender::Member(_) => None,
            Sender::NewMemberCommit => Some(message.aad().to_vec()),
            _ => return Err(MlsError::Malformed { expected: "commit of a member" }),
        };
        Ok(Self { node: node_of(message.credential())?, external })
    }
}

/// The members after a commit: those before, without the removed, with the added. A commit may not
/// change who its author is; an external one replaces its author's leaf and does nothing else.
pub(crate) fn transition(
    group: &MlsGroup,
    staged: &StagedCommit,
    before: CompartmentPolicy,
    Committer { node: author, external }: Committer,
) -> Result<Transition, MlsError> {
    let broken = |reason: &str| MlsError::Peer { step: "commit", reason: reason.to_owned() };
    let removed: Vec<_> = staged.remove_proposals().map(|p| p.remove_proposal().removed()).collect();
    if external.is_some() {
        let own = index_of(group, author).ok();
        if own.is_none() || removed != own.as_slice() || staged.add_proposals().next().is_some() {
            return Err(broken("an external commit replaces its author's own leaf and nothing else"));
        }
    }
    let mut members = Vec::new();
    for member in group.members().filter(|member| !removed.contains(&member.index)) {
        members.push(leaf(&member.credential, &member.signature_key)?);
    }
    for added in staged.add_proposals() {
        let node = added.add_proposal().key_package().leaf_node();
        members.push(leaf(node.credential(), node.signature_key().as_slice())?);
    }
    match staged.update_path_leaf_node() {
        Some(path) => {
            let updated = leaf(path.credential(), path.signature_key().as_slice())?;
            if external.is_some() {
                members.push(updated);
            }
            if updated.0 != author || !members.contains(&updated) {
                return Err(broken("the author's leaf changed identity"));
            }
        }
        None if external.is_some() => return Err(broken("an external commit without a leaf")),
        None => {}
    }
    Ok(Transition {
        before,
        after: policy_of(staged.group_context())?,
        members,
        next: staged.group_context().confirmed_transcript_hash().to_vec(),
        self_removed: staged.self_removed(),
        author,
        external,
    })
}

pub(crate) fn process_error<E: std::fmt::Display>(group: &MlsGroup, error: ProcessMessageError<E>) -> MlsError
where
    ProcessMessageError<E>: std::fmt::Display,
{
    match error {
        ProcessMessageError::ValidationError(ValidationError::UnableToDecrypt(reason)) => {
            MlsError::Undecryptable { reason: reason.to_string() }
        }
        ProcessMessageError::ValidationError(ValidationError::WrongEpoch) => {
            MlsError::EpochAhead { held: group.epoch().as_u64() }
        }
        other => MlsError::Peer { step: "message", reason: other.to_string() },
    }
}
