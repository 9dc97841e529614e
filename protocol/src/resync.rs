//! Letting a node back into its compartments after it lost their keys.
//!
//! MLS state is never restored from a backup (design law 3). A node that was restored, or started from an
//! old copy, takes a new incarnation, neither votes nor seals, follows the certified decisions without
//! keys ([`crate::commit::Head`]), and comes back by an external commit (RFC 9420 §12.4.3.2) under the
//! MLS key that is listed for it. The commit carries another ministry's [`Approval`], so that a stolen
//! backup alone brings nobody back. Rules: `federation-spec/resync.md`.

use crate::codec::{self, CodecError};
use crate::commit::{Ballot, Instance, Promise, Value, Voice, Vote};
use crate::ids::{CompartmentId, NodeId};
use crate::order::{Body, Message};
use crate::signature::{Digest, PublicKey, SecretKey, Signature};
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

const APPROVAL: &str = "resync/approval";
/// Identifiers, a transcript hash and a signature.
const APPROVAL_BYTES_MAX: usize = 512;
/// Sequence numbers of one life of a node: the incarnation stands above them, so that a restored node
/// never uses a number again.
const SEQUENCE_BITS: u32 = 32;

/// RSY-001: the sequence before a node's first message in this life.
pub const fn sequence_base(incarnation: u32) -> u64 {
    (incarnation as u64) << SEQUENCE_BITS
}

/// Whether a message with this sequence is the first of its sender's life.
pub const fn is_first(sequence: u64) -> bool {
    sequence & (sequence_base(1) - 1) == 1
}

/// A ministry's word that a node may come back into a compartment, on one epoch. The authenticated data
/// of the external commit (RSY-004).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Approval {
    /// The compartment.
    #[n(0)]
    pub compartment: CompartmentId,
    /// The epoch that the external commit leaves.
    #[n(2)]
    pub epoch: u64,
    /// Confirmed transcript hash of that epoch.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub parent: Vec<u8>,
    /// Who comes back.
    #[n(6)]
    pub node: NodeId,
    /// Which life of it.
    #[n(8)]
    pub incarnation: u32,
    /// The ministry that approves: one of its operators has.
    #[n(10)]
    pub by: NodeId,
    /// Its identity key's signature over all of the above.
    #[n(12)]
    pub signature: Signature,
}

/// Why an approval does not let a node back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Not an approval.
    #[error("no approval: {0}")]
    Codec(#[from] CodecError),
    /// It is for something else.
    #[error("the approval is for another {0}")]
    Other(&'static str),
    /// Only another ministry that votes on the epoch approves.
    #[error("{0} may not approve this")]
    Approver(NodeId),
    /// Its signature does not verify under the listed key.
    #[error("the signature of node {0} does not verify")]
    Signature(NodeId),
}

impl Approval {
    /// Signs.
    pub fn sign(
        (compartment, epoch, parent): (CompartmentId, u64, Vec<u8>),
        (node, incarnation): (NodeId, u32),
        by: NodeId,
        key: &SecretKey,
    ) -> Self {
        let mut approval =
            Approval { compartment, epoch, parent, node, incarnation, by, signature: Signature([0; 64]) };
        approval.signature = key.sign(APPROVAL, &approval.signed());
        approval
    }

    fn signed(&self) -> Vec<u8> {
        let Self { compartment, epoch, parent, node, incarnation, by, signature: _ } = self;
        codec::encode(&(
            compartment,
            epoch,
            minicbor::bytes::ByteVec::from(parent.clone()),
            node,
            incarnation,
            by,
        ))
    }

    /// As authenticated data.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// RSY-005: reads the authenticated data of the external commit `value` and checks it. `voters` are
    /// those of the epoch that it leaves, `key_of` gives the identity key of a ministry in force.
    pub fn check(
        authenticated: &[u8],
        value: &Value,
        voters: &[NodeId],
        key_of: impl Fn(NodeId) -> Option<PublicKey>,
    ) -> Result<Approval, ApprovalError> {
        let approval: Approval = codec::decode(authenticated, APPROVAL_BYTES_MAX)?;
        let other = [
            ("compartment", approval.compartment == value.compartment),
            ("epoch", approval.epoch == value.epoch && approval.parent == value.parent),
            ("node", approval.node == value.author),
        ];
        if let Some((what, _)) = other.iter().find(|(_, same)| !same) {
            return Err(ApprovalError::Other(what));
        }
        let by = approval.by;
        let key = key_of(by).filter(|_| by != approval.node && voters.contains(&by));
        let key = key.ok_or(ApprovalError::Approver(by))?;
        if !key.verifies(APPROVAL, &approval.signed(), &approval.signature) {
            return Err(ApprovalError::Signature(by));
        }
        Ok(approval)
    }
}

/// RSY-002: what another node holds of this one's votes in the present epoch, signed by this one: it
/// cannot be forged, so that one peer is enough to tell a node that it has forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Mark {
    /// It promised.
    #[n(0)]
    Promised {
        /// In this ballot.
        #[n(0)]
        ballot: Ballot,
        /// The promise.
        #[n(1)]
        promise: Promise,
    },
    /// It accepted.
    #[n(1)]
    Accepted {
        /// In this ballot.
        #[n(0)]
        ballot: Ballot,
        /// The value with this hash.
        #[n(1)]
        value: Digest,
        /// The accept.
        #[n(2)]
        vote: Vote,
    },
}

impl Mark {
    /// What the sender of this message has bound itself to.
    pub fn of(message: &Message) -> Option<Mark> {
        match &message.body {
            Body::Promised { ballot, promise, .. } => {
                Some(Mark::Promised { ballot: *ballot, promise: promise.clone() })
            }
            Body::Accepted { ballot, value, vote } => {
                Some(Mark::Accepted { ballot: *ballot, value: *value, vote: vote.clone() })
            }
            _ => None,
        }
    }

    /// The ballot in which it is bound.
    pub fn ballot(&self) -> Ballot {
        match self {
            Mark::Promised { ballot, .. } | Mark::Accepted { ballot, .. } => *ballot,
        }
    }

    /// Whether `node` has bound itself so.
    pub fn binds(&self, voice: &dyn Voice, node: NodeId, at: Instance) -> bool {
        match self {
            Mark::Promised { ballot, promise } => {
                promise.voter == node && promise.verifies(voice, at, *ballot)
            }
            Mark::Accepted { ballot, value, vote } => {
                vote.voter == node && vote.verifies(voice, at, *ballot, *value)
            }
        }
    }
}

/// RSY-003: who has told this node, since its start, what it knows of it in a compartment. Before enough
/// have, it does not vote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    told: BTreeSet<NodeId>,
}

impl Confirmation {
    /// A member told its marks, and they are no higher than what this node remembers.
    pub fn hear(&mut self, from: NodeId) {
        self.told.insert(from);
    }

    /// Whether a quorum of the voters, this node among them, has been heard: any earlier vote of this
    /// node that mattered is known to one of those who decide.
    pub fn may_vote(&self, me: NodeId, voters: &[NodeId], needed: usize) -> bool {
        let others = voters.iter().filter(|voter| **voter != me && self.told.contains(voter));
        others.count() + 1 >= needed
    }

    /// Whether this node may seal: some other member has been heard, or there is none.
    pub fn may_seal(&self, me: NodeId, members: &[NodeId]) -> bool {
        let mut others = members.iter().filter(|member| **member != me).peekable();
        others.peek().is_none() || others.any(|member| self.told.contains(member))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commit::Keys;
    use crate::ids::ItemId;

    #[test]
    fn rules_and_code_name_each_other() {
        let cited = |text: &str| {
            let found = text.match_indices("RSY-0").filter_map(|(at, _)| text.get(at..at + 7));
            found.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let node = [
            include_str!("../../node/src/desks/community/commit.rs"),
            include_str!("../../node/src/desks/community/order.rs"),
            include_str!("../../node/src/desks/community/recovery.rs"),
            include_str!("../../node/src/desks/federation/returns.rs"),
        ];
        let code: BTreeSet<_> = node.into_iter().chain([include_str!("resync.rs")]).flat_map(cited).collect();
        let rules = (1..=7).map(|n| format!("RSY-00{n}"));
        assert!(rules.clone().all(|rule| code.contains(&rule)), "{code:?}");
        assert_eq!(cited(include_str!("../../federation-spec/resync.md")), rules.collect());
    }

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32]).unwrap()
    }

    fn node(number: u8) -> NodeId {
        NodeId::from_bytes([number; 32])
    }

    fn value() -> Value {
        Value {
            compartment: CompartmentId::from_bytes([5; 16]),
            epoch: 3,
            parent: vec![1; 32],
            author: node(9),
            intent: ItemId::from_bytes([6; 16]),
            commit: vec![9; 100],
            next: vec![2; 32],
            welcome: None,
            voters: vec![node(1), node(2)],
        }
    }

    fn approval(by: u8) -> Approval {
        let Value { compartment, epoch, parent, author, .. } = value();
        Approval::sign((compartment, epoch, parent), (author, 7), node(by), &key(by))
    }

    fn check(bytes: &[u8], value: &Value) -> Result<Approval, ApprovalError> {
        let key_of = |asked: NodeId| (1..=9).find(|n| node(*n) == asked).map(|n| key(n).public());
        Approval::check(bytes, value, &[node(1), node(9)], key_of)
    }

    #[test]
    fn an_approval_is_for_one_node_and_one_epoch_by_another_voter() {
        let good = approval(1);
        assert_eq!(check(&good.to_bytes(), &value()), Ok(good.clone()));
        for (what, other) in [
            ("compartment", Value { compartment: CompartmentId::from_bytes([6; 16]), ..value() }),
            ("epoch", Value { epoch: 4, ..value() }),
            ("epoch", Value { parent: vec![7; 32], ..value() }),
            ("node", Value { author: node(8), ..value() }),
        ] {
            assert_eq!(check(&good.to_bytes(), &other), Err(ApprovalError::Other(what)));
        }
        // Neither itself, nor who has no vote.
        for by in [9, 2] {
            assert_eq!(check(&approval(by).to_bytes(), &value()), Err(ApprovalError::Approver(node(by))));
        }
        let other_life = Approval { incarnation: 8, ..good };
        assert_eq!(check(&other_life.to_bytes(), &value()), Err(ApprovalError::Signature(node(1))));
        assert!(matches!(check(b"", &value()), Err(ApprovalError::Codec(_))));
    }

    #[test]
    fn a_quorum_must_be_heard_before_a_vote_and_somebody_before_a_message() {
        let voters = [node(1), node(2), node(3), node(4), node(5)];
        let mut heard = Confirmation::default();
        assert!(heard.may_vote(node(1), &[node(1)], 1), "alone, there is nobody to ask");
        assert!(heard.may_seal(node(1), &[node(1)]));
        assert!(!heard.may_seal(node(1), &voters));
        heard.hear(node(2));
        heard.hear(node(9));
        assert!(heard.may_seal(node(1), &voters));
        assert!(!heard.may_vote(node(1), &voters, 3), "two of five, and one that has no vote");
        heard.hear(node(3));
        assert!(heard.may_vote(node(1), &voters, 3));
    }

    #[test]
    fn a_mark_convinces_only_whom_it_binds() {
        let at = value().instance();
        let ballot = Ballot { round: 4, node: node(2), incarnation: 0 };
        let own = key(1);
        let keys = |own| Keys {
            own,
            key_of: |asked: NodeId| (1..=9).find(|n| node(*n) == asked).map(|n| key(n).public()),
        };
        let promise = Promise::sign(&keys(&own), node(1), at, ballot, None);
        let body = Body::Promised { ballot, promise, value: None };
        let message = Message { compartment: at.compartment, epoch: at.epoch, body };
        let mark = Mark::of(&message).unwrap();
        assert!(mark.binds(&keys(&own), node(1), at) && mark.ballot() == ballot);
        assert!(!mark.binds(&keys(&own), node(2), at));
        assert!(!mark.binds(&keys(&own), node(1), Instance { epoch: at.epoch + 1, ..at }));
        let Mark::Promised { promise, .. } = mark else { panic!("a promise") };
        let raised = Mark::Promised { ballot: Ballot { round: 9, ..ballot }, promise };
        assert!(!raised.binds(&keys(&own), node(1), at), "nobody can make it more than was signed");
        let body = Body::Prepare { ballot, parent: vec![] };
        assert_eq!(Mark::of(&Message { body, ..message }), None);
    }

    #[test]
    fn no_number_is_used_in_two_lives() {
        assert!(is_first(sequence_base(0) + 1) && is_first(sequence_base(7) + 1));
        assert!(!is_first(sequence_base(7) + 2) && !is_first(2));
        assert!(sequence_base(1) > u64::from(u32::MAX));
        assert!(sequence_base(u32::MAX).checked_add(u64::from(u32::MAX)).is_some());
    }
}
