//! What a node keeps of one compartment, and what its machine of the compartment is told and says.

use mls::State;
use protocol::commit::{Certificate, Electorate, Guilt, Value};
use protocol::ids::{CompartmentId, NodeId};
use protocol::label::Level;
use protocol::message::{CertifiedWelcome, Envelope};
use protocol::order::{Alarm, Durable, Input};
use protocol::resync::Mark;
use protocol::signature::Digest;
use protocol::space::CompartmentPolicy;
use protocol::sync::{Links, Ranges};
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A commit and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) value: Value,
    pub(super) certificate: Certificate,
}

/// A change that a node wants until it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    Add(NodeId, Vec<u8>),
    Remove(NodeId),
    /// The leaf's keys are to be new.
    Update,
    /// This node lost its keys and comes back.
    Return,
}

/// This node's own commit of the present epoch, and the Welcome that leaves when it is decided.
#[derive(Debug, Clone)]
pub(super) struct Proposed {
    pub(super) value: Value,
    pub(super) welcome: Option<Vec<u8>>,
    pub(super) goal: Goal,
}

/// What is held of one sender.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    pub(super) ranges: Ranges,
    pub(super) links: Links,
}

/// All of it is stored in the transaction of the step that changed it.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub(super) id: CompartmentId,
    pub(super) level: Level,
    pub(super) active: bool,
    /// It lost its keys and waits to be let back in (`federation-spec/resync.md`).
    pub(super) recovering: bool,
    /// Its life here.
    pub(super) incarnation: u32,
    pub(super) epoch: u64,
    pub(super) transcript: Vec<u8>,
    pub(super) authenticator: Vec<u8>,
    pub(super) policy: Arc<CompartmentPolicy>,
    pub(super) members: Arc<Vec<NodeId>>,
    pub(super) former: Vec<NodeId>,
    /// The first epoch of this membership.
    pub(super) joined: u64,
    pub(super) durable: Durable,
    pub(super) log: BTreeMap<u64, Arc<Decided>>,
    pub(super) proposed: Option<Arc<Proposed>>,
    pub(super) wants: Vec<Goal>,
    pub(super) welcomes: Vec<(NodeId, Arc<CertifiedWelcome>)>,
    /// The number before the first of this life.
    pub(super) base: u64,
    pub(super) sent: u64,
    pub(super) previous: Digest,
    pub(super) messages: BTreeMap<(NodeId, u64), Arc<Envelope>>,
    pub(super) held: BTreeMap<NodeId, Held>,
    /// Written, and not to be sealed yet.
    pub(super) written: Vec<String>,
    /// The highest vote of each other voter, and in which epoch (RSY-002).
    pub(super) marks: BTreeMap<NodeId, (u64, Mark)>,
    /// Who asked to be let back in, in which life, and when first.
    pub(super) returns: BTreeMap<NodeId, (u32, Timestamp)>,
    pub(super) frozen: Option<Guilt>,
}

impl Room {
    pub(super) fn new(id: CompartmentId, state: State, incarnation: u32) -> Room {
        let mut room = Room {
            id,
            level: state.policy.level.clone(),
            active: true,
            recovering: false,
            incarnation,
            epoch: state.epoch,
            transcript: Vec::new(),
            authenticator: Vec::new(),
            policy: Arc::new(state.policy.clone()),
            members: Arc::default(),
            former: Vec::new(),
            joined: state.epoch,
            durable: Durable::new(state.epoch, state.transcript.clone(), incarnation),
            log: BTreeMap::new(),
            proposed: None,
            wants: Vec::new(),
            welcomes: Vec::new(),
            base: 0,
            sent: 0,
            previous: Digest([0; 32]),
            messages: BTreeMap::new(),
            held: BTreeMap::new(),
            written: Vec::new(),
            marks: BTreeMap::new(),
            returns: BTreeMap::new(),
            frozen: None,
        };
        room.enter(state);
        room
    }

    /// The room as its group stands.
    pub(super) fn enter(&mut self, state: State) {
        let members: Vec<NodeId> = state.members.iter().map(|(node, _)| *node).collect();
        let left = self.members.iter().copied().filter(|node| !members.contains(node));
        self.former.retain(|node| !members.contains(node));
        self.former.extend(left);
        self.epoch = state.epoch;
        self.transcript = state.transcript;
        self.authenticator = state.authenticator;
        if *self.policy != state.policy {
            self.policy = Arc::new(state.policy);
        }
        if *self.members != members {
            self.members = Arc::new(members);
        }
    }

    /// This node holds its keys.
    pub(super) fn stands(&self) -> bool {
        self.active && !self.recovering
    }

    pub(super) fn electorate(&self) -> Electorate {
        Electorate::from(&*self.policy)
    }

    pub(super) fn others(&self, me: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.members.iter().copied().filter(move |node| *node != me)
    }
}

/// What travels, as the protocol's own frames.
#[derive(Debug, Clone)]
pub(super) enum Parcel {
    Order(Vec<u8>),
    Request(Vec<u8>),
    Answer(Vec<u8>),
    Push(Vec<u8>),
    Pushed(Vec<u8>),
    Welcome(Vec<u8>),
}

impl Parcel {
    pub(super) fn size(&self) -> usize {
        match self {
            Parcel::Order(bytes)
            | Parcel::Request(bytes)
            | Parcel::Answer(bytes)
            | Parcel::Push(bytes)
            | Parcel::Pushed(bytes)
            | Parcel::Welcome(bytes) => bytes.len(),
        }
    }
}

/// What happens to a node in a room.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Found it with these, at once.
    Found {
        policy: Box<CompartmentPolicy>,
        add: Vec<(NodeId, Vec<u8>)>,
    },
    KeyPackage,
    Input(Box<Input>),
    Pursue,
    Want(Goal),
    Post(String),
    From(NodeId, Parcel),
    /// The process has started; `old` where the count of starts beside the store says that it is a copy.
    Start {
        old: bool,
    },
    /// This member is in reach: compare.
    Contact(NodeId),
}

/// What is to be done after the commit, in this order.
#[derive(Debug, Clone)]
pub(super) enum Out {
    Send(NodeId, Parcel),
    Wake(Timestamp),
}

/// What the commit made true.
#[derive(Debug, Clone)]
pub(super) enum Fact {
    Logged(Arc<Decided>, Electorate),
    Advanced {
        epoch: u64,
        transcript: Vec<u8>,
        authenticator: Vec<u8>,
    },
    Sealed {
        sequence: u64,
        content: Digest,
    },
    Opened {
        sender: NodeId,
        sequence: u64,
        content: Digest,
    },
    Acknowledged {
        by: NodeId,
        sequence: u64,
    },
    Joined,
    Out,
    /// It takes its store for an old copy.
    KeysLost,
    /// It was let back in.
    Returned,
    Accused {
        whom: NodeId,
        of: Alarm,
    },
    Spoke {
        epoch: u64,
    },
    Forked(Guilt),
    KeyPackage(Vec<u8>),
}
