//! What two nodes say to each other, by plane.
//!
//! Control: hello and the founding of channels. Messages: pushes of sealed messages and their
//! acknowledgement. Log: what is held, what is wanted, decided commits, the federation list.
//! Attachments: sealed chunks, each with its proof. Anything else (directory, invitations, receipts)
//! travels sealed inside messages.

use crate::blob::Proof;
use crate::commit::{Certificate, Value};
use crate::federation::SignedSuspension;
use crate::ids::{BlobId, CompartmentId, NodeId};
use crate::label::Level;
use crate::message::{CertifiedWelcome, Envelope};
use crate::resync::Approval;
use crate::signature::Digest;
use crate::sync::{Holding, Ranges};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};

/// The protocol version that this build speaks.
pub const PROTOCOL: u32 = 1;

/// Who speaks, and what it knows of the federation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// [`PROTOCOL`].
    #[n(0)]
    pub protocol: u32,
    /// The speaker.
    #[n(2)]
    pub node: NodeId,
    /// Which life of the node; rises when it is restored.
    #[n(4)]
    pub incarnation: u32,
    /// Version of its federation list.
    #[n(6)]
    pub list_version: u64,
    /// Hash of that list.
    #[n(8)]
    pub list_hash: Digest,
    /// Its clock; never trusted, only shown.
    #[n(10)]
    pub now: Timestamp,
    /// Digest over the nodes that a single key of the authority has suspended; absent without any.
    #[n(20)]
    pub suspensions: Option<Digest>,
}

/// Requests on the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ControlRequest {
    /// First on every connection.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// To the channel's founder: open a compartment at this level with this key package of mine.
    #[n(2)]
    ChannelOpen {
        /// The level.
        #[n(0)]
        level: Level,
        /// The asker's MLS key package.
        #[cbor(n(1), with = "minicbor::bytes")]
        key_package: Vec<u8>,
    },
    /// To the one who does not found it: give me a key package for this level, I open.
    #[n(3)]
    ChannelKeyPackage {
        /// The level.
        #[n(0)]
        level: Level,
    },
    /// From the founder: here is your way in.
    #[n(4)]
    ChannelWelcome {
        /// The Welcome.
        #[n(0)]
        welcome: Box<CertifiedWelcome>,
    },
}

/// Answers on the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ControlAnswer {
    /// To a hello.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// To `ChannelOpen`.
    #[n(2)]
    ChannelWelcome(#[n(0)] Box<CertifiedWelcome>),
    /// To `ChannelKeyPackage`.
    #[n(3)]
    KeyPackage(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// Done.
    #[n(4)]
    Done,
    /// No, by this code.
    #[n(5)]
    Refused(#[n(0)] String),
}

/// Requests on the messages plane.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Push {
    /// Messages, in the order they are to be opened.
    #[n(0)]
    pub envelopes: Vec<Envelope>,
}

/// What became of one pushed message.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PushResult {
    /// The compartment.
    #[n(0)]
    pub compartment: CompartmentId,
    /// The author.
    #[n(2)]
    pub sender: NodeId,
    /// The message.
    #[n(4)]
    pub sequence: u64,
    /// `None`: durable at the receiver. Otherwise the refusal's code.
    #[n(6)]
    pub refused: Option<String>,
}

/// Answer on the messages plane.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PushAnswer {
    /// One per envelope, same order.
    #[n(0)]
    pub results: Vec<PushResult>,
}

/// Requests on the log plane.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum LogRequest {
    /// This is what I hold of compartments that we share, as many as fit a frame; the answer is what you hold
    /// of these, in the same order, as many as fit.
    #[n(0)]
    Have(#[n(0)] Vec<Holding>),
    /// Send me these messages.
    #[n(1)]
    Want {
        /// The compartment.
        #[n(0)]
        compartment: CompartmentId,
        /// The author.
        #[n(1)]
        sender: NodeId,
        /// Which.
        #[n(2)]
        ranges: Ranges,
        /// Not those sealed before this epoch: the asker has no keys for them.
        #[n(3)]
        from_epoch: u64,
    },
    /// Send me decided commits.
    #[n(2)]
    Commits {
        /// The compartment.
        #[n(0)]
        compartment: CompartmentId,
        /// From the commit that leaves this epoch.
        #[n(1)]
        from_epoch: u64,
    },
    /// I was restored: let me back into this compartment, at this epoch of it (RSY-006).
    #[n(3)]
    Resync {
        /// The compartment.
        #[n(0)]
        compartment: CompartmentId,
        /// The epoch whose decision the asker has followed last.
        #[n(1)]
        epoch: u64,
        /// Which life of the asker.
        #[n(2)]
        incarnation: u32,
    },
    /// Send me your federation list.
    #[n(8)]
    List,
    /// Send me the suspensions in force that stand beside it.
    #[n(9)]
    Suspensions,
}

/// Answers on the log plane.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum LogAnswer {
    /// To `Have`.
    #[n(0)]
    Have(#[n(0)] Vec<Holding>),
    /// To `Want`: as many as fit a frame, lowest first.
    #[n(1)]
    Messages(#[n(0)] Vec<Envelope>),
    /// To `Commits`: as many as fit a frame, lowest epoch first.
    #[n(2)]
    Commits(#[n(0)] Vec<(Value, Certificate)>),
    /// No, by this code.
    #[n(3)]
    Refused(#[n(0)] String),
    /// To `Resync`: nobody has approved it yet. Ask again.
    #[n(4)]
    ResyncPending,
    /// To `Resync`: approved; the group as it stands.
    #[n(5)]
    ResyncGranted {
        /// The approval.
        #[n(0)]
        approval: Approval,
        /// The MLS GroupInfo with ratchet tree and external key (RFC 9420 §12.4.3).
        #[cbor(n(1), with = "minicbor::bytes")]
        group_info: Vec<u8>,
    },
    /// The signed list: up to 900 KiB, hence on this plane.
    #[n(8)]
    List(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// At most 500.
    #[n(9)]
    Suspensions(#[n(0)] Vec<SignedSuspension>),
}

/// Requests on the plane of attachments.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum BlobRequest {
    /// Send me one chunk.
    #[n(0)]
    Get {
        /// A compartment that refers to it.
        #[n(0)]
        compartment: CompartmentId,
        /// Which.
        #[n(1)]
        root: BlobId,
        /// The chunk's number, from 0.
        #[n(2)]
        index: u32,
    },
}

/// Answers on the plane of attachments.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum BlobAnswer {
    /// To `Get`.
    #[n(0)]
    Chunk {
        /// The sealed chunk.
        #[cbor(n(0), with = "minicbor::bytes")]
        chunk: Vec<u8>,
        /// The way to the root.
        #[n(1)]
        proof: Proof,
    },
    /// No, by this code.
    #[n(1)]
    Refused(#[n(0)] String),
}
