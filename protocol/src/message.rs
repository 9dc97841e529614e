//! Sealed messages: the envelope that anybody may carry, the authenticated data that binds it, and
//! the plaintext that only members of the compartment open.

use crate::blob::Attachment;
use crate::commit::{Certificate, Value};
use crate::correspondence::Correspondence;
use crate::ids::{CompartmentId, GroupId, ItemId, NodeId, SpaceId};
use crate::label::{Label, Level};
use crate::resync::is_first;
use crate::signature::{Digest, Signature};
use crate::space::Charter;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};

/// A sealed message as it is kept and carried.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Envelope {
    /// The compartment.
    #[n(0)]
    pub compartment: CompartmentId,
    /// The author's node.
    #[n(2)]
    pub sender: NodeId,
    /// Gapless per (compartment, sender), from 1.
    #[n(4)]
    pub sequence: u64,
    /// The epoch it was sealed in.
    #[n(6)]
    pub epoch: u64,
    /// How urgent, for transfer; RFC 6477's number.
    #[n(8)]
    pub precedence: u8,
    /// The MLS PrivateMessage.
    #[n(10)]
    #[cbor(with = "minicbor::bytes")]
    pub ciphertext: Vec<u8>,
}

/// What MLS authenticates beside the ciphertext. MLS does not stop an insider's replay by itself;
/// sender, sequence and the chain of commitments do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Authenticated {
    /// Format version: [`AUTHENTICATED_FORMAT`]. Format 1, of the build before, had no precedence.
    #[n(0)]
    pub format: u32,
    /// The compartment.
    #[n(2)]
    pub compartment: CompartmentId,
    /// The compartment's level: must equal the group context's.
    #[n(4)]
    pub level: Level,
    /// The author's node: must equal the MLS sender's identity.
    #[n(6)]
    pub sender: NodeId,
    /// As in the envelope.
    #[n(8)]
    pub sequence: u64,
    /// Salted commitment to the sender's previous plaintext in this compartment; zeros for the
    /// first.
    #[n(10)]
    pub previous: Digest,
    /// The message's identity: stays the same if it is ever sealed again.
    #[n(12)]
    pub message: ItemId,
    /// First 16 bytes of the confirmed transcript hash of the epoch.
    #[n(14)]
    #[cbor(with = "minicbor::bytes")]
    pub transcript: Vec<u8>,
    /// As in the envelope: nobody who hands a message on makes it more or less urgent.
    #[n(16)]
    pub precedence: Option<u8>,
}

/// The format of authenticated data that this build writes.
pub const AUTHENTICATED_FORMAT: u32 = 2;

impl Authenticated {
    /// WIR-020: whether the envelope says what its author signed. The epoch stands in the MLS message itself.
    pub fn binds(&self, envelope: &Envelope) -> bool {
        let precedence = match self.format {
            1 => self.precedence.is_none(),
            AUTHENTICATED_FORMAT => self.precedence == Some(envelope.precedence),
            _ => false,
        };
        let said = (self.compartment, self.sender, self.sequence);
        precedence && said == (envelope.compartment, envelope.sender, envelope.sequence)
    }

    /// WIR-021: zeros for the first of a life (RSY-001), and for no other.
    pub fn starts_soundly(&self) -> bool {
        is_first(self.sequence) == (self.previous == Digest([0; 32]))
    }
}

/// What is inside.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Plaintext {
    /// Random; makes the commitment to this plaintext unguessable.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// The content.
    #[n(2)]
    pub payload: Payload,
}

/// The commitment that the next message of the same sender carries (WIR-021).
pub fn commitment(plaintext: &[u8]) -> Digest {
    Digest::of("message/previous", &[plaintext])
}

/// A correspondence with its origin's signature, as filed on every node.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedItem {
    /// The item.
    #[n(0)]
    pub item: Correspondence,
    /// The originating node.
    #[n(2)]
    pub origin: NodeId,
    /// The originating node's identity key over the canonical text.
    #[n(4)]
    pub signature: Signature,
}

/// Domain of the node's signature over a canonical text.
pub const ITEM_SIGNATURE: &str = "correspondence";

/// A group as the shared directory shows it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DirectoryGroup {
    /// The group.
    #[n(0)]
    pub group: GroupId,
    /// Its handle on its node.
    #[n(2)]
    pub handle: String,
    /// Its name.
    #[n(4)]
    pub name: String,
    /// Themes it follows.
    #[n(6)]
    pub tags: Vec<String>,
    /// The highest level it may receive.
    #[n(8)]
    pub ceiling: Level,
}

/// What an addressee did with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum ReceiptKind {
    /// Somebody of the group opened it.
    #[n(0)]
    Displayed,
    /// Somebody of the group acknowledged it.
    #[n(1)]
    Acknowledged,
}

/// What messages carry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Payload {
    /// Channel: a correspondence for groups of the receiving node.
    #[n(0)]
    Correspondence {
        /// The item.
        #[n(0)]
        item: Box<SignedItem>,
        /// Gapless per (sending group, receiving node, level): by it the receiver sees a gap.
        #[n(1)]
        number: u64,
    },
    /// Channel: what an addressee did with an item.
    #[n(1)]
    Receipt {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The addressee.
        #[n(1)]
        group: GroupId,
        /// What happened.
        #[n(2)]
        kind: ReceiptKind,
        /// When.
        #[n(3)]
        at: Timestamp,
        /// Who, by name, for an acknowledgement.
        #[n(4)]
        by: Option<String>,
    },
    /// NP channel: all groups of the sending node; replaces what it said before.
    #[n(2)]
    Directory {
        /// Rises with each change.
        #[n(0)]
        version: u64,
        /// The groups.
        #[n(1)]
        groups: Vec<DirectoryGroup>,
    },
    /// Channel: would you join this community?
    #[n(3)]
    Invitation {
        /// The charter, as far as the level of this channel goes.
        #[n(0)]
        charter: Charter,
    },
    /// Channel: the answer.
    #[n(4)]
    InvitationAnswer {
        /// The community.
        #[n(0)]
        community: SpaceId,
        /// One MLS key package per level the node would join; empty when refused.
        #[n(1)]
        key_packages: Vec<KeyPackageFor>,
        /// The refusal's code.
        #[n(2)]
        refused: Option<String>,
    },
    /// Channel: the way into a compartment.
    #[n(5)]
    Welcome {
        /// The Welcome.
        #[n(0)]
        welcome: Box<CertifiedWelcome>,
    },
    /// Community: a post.
    #[n(6)]
    Post {
        /// The post.
        #[n(0)]
        post: Box<Post>,
    },
    /// Community: a correspondence shared into it, label and signature unchanged.
    #[n(7)]
    Share {
        /// The item.
        #[n(0)]
        item: Box<SignedItem>,
        /// Who shared it.
        #[n(1)]
        by: String,
        /// When.
        #[n(2)]
        at: Timestamp,
    },
    /// Community: the charter that the group context's hash commits to.
    #[n(8)]
    Charter {
        /// The charter at this compartment's level.
        #[n(0)]
        charter: Charter,
    },
}

/// A key package for one level.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeyPackageFor {
    /// The level it may be used at.
    #[n(0)]
    pub level: Level,
    /// The MLS key package.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub key_package: Vec<u8>,
}

/// A Welcome with the decided commit that it belongs to. It leaves only after the decision.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CertifiedWelcome {
    /// The MLS Welcome.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub welcome: Vec<u8>,
    /// The commit.
    #[n(2)]
    pub value: Value,
    /// Its certificate.
    #[n(4)]
    pub certificate: Certificate,
    /// Voters of the epoch that the commit left: the joiner cannot read that epoch's context.
    #[n(6)]
    pub voters: Vec<NodeId>,
    /// The charter of a community, at the compartment's level.
    #[n(8)]
    pub charter: Option<Charter>,
}

/// A post in a community.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Post {
    /// The same on every node.
    #[n(0)]
    pub id: ItemId,
    /// The author's name.
    #[n(2)]
    pub author: String,
    /// The author's agent id.
    #[n(4)]
    pub author_id: crate::ids::AgentId,
    /// When it was written.
    #[n(6)]
    pub at: Timestamp,
    /// The author's label.
    #[n(8)]
    pub label: Label,
    /// Plain text.
    #[n(10)]
    pub body: String,
    /// Files that belong to it.
    #[n(12)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}
