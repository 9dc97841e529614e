//! The handle: how the rest of the node talks to its transport.
//!
//! Decides what can be refused without asking the swarm: frames too large, peers unknown or not
//! connected, planes that are full. Everything else is the driver's.

use crate::limits;
use crate::plane::{Plane, Slot, Slots};
use protocol::ids::NodeId;
use std::collections::HashMap;
use tokio::sync::{mpsc, oneshot, watch};

/// A node of the federation list, as the transport sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The node.
    pub node: NodeId,
    /// Its Ed25519 public identity key.
    pub key: [u8; 32],
    /// Multiaddresses where it listens; may be empty, then the node has to dial us.
    pub addresses: Vec<String>,
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The node is listed, but there is no connection. Nothing was sent.
    #[error("the node is not connected")]
    NotConnected,
    /// The node is not on the list. Nothing was sent.
    #[error("the node is not on the list of peers")]
    UnknownPeer,
    /// The request, then nothing was sent; or the reply of a peer that breaks the limits.
    #[error("frame of {got} bytes, at most {limit} allowed")]
    TooLarge {
        /// Bytes of the frame.
        got: usize,
        /// Bytes allowed on its plane.
        limit: usize,
    },
    /// No answer in time. The peer may have received and handled the request.
    #[error("no answer in time")]
    Timeout,
    /// The stream or the connection closed, or the peer refused to answer. The peer may have
    /// received and handled the request.
    #[error("closed before an answer came")]
    Closed,
    /// This node's transport has stopped.
    #[error("the transport has stopped")]
    Stopped,
}

/// Whom one may ask: every listed node, with its slots while it is connected.
pub(crate) type Directory = HashMap<NodeId, Option<Slots>>;

pub(crate) type Answered = Result<Vec<u8>, RequestError>;

/// A request that may leave.
pub(crate) struct Outgoing {
    pub(crate) to: NodeId,
    pub(crate) plane: Plane,
    pub(crate) bytes: Vec<u8>,
    pub(crate) slot: Slot,
    pub(crate) answer: oneshot::Sender<Answered>,
}

/// What the handle asks of the driver.
pub(crate) enum Command {
    Request(Outgoing),
    SetPeers { peers: Vec<Peer>, done: oneshot::Sender<()> },
    Listening { answer: oneshot::Sender<Vec<String>> },
    Shutdown { done: oneshot::Sender<()> },
}

/// Talks to the swarm task. The task ends when it is told to, or with the last handle.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    directory: watch::Receiver<Directory>,
}

impl Handle {
    pub(crate) fn new(commands: mpsc::Sender<Command>, directory: watch::Receiver<Directory>) -> Self {
        Self { commands, directory }
    }

    /// Asks a connected node and waits for the answer; never dials. Requests of one plane start in
    /// the order of the calls, at most a fixed number at once, and may be answered in any order.
    pub async fn request(&self, to: NodeId, plane: Plane, bytes: Vec<u8>) -> Result<Vec<u8>, RequestError> {
        let (got, limit) = (bytes.len(), plane.frame_bytes_max());
        if got > limit {
            return Err(RequestError::TooLarge { got, limit });
        }
        tokio::time::timeout(limits::REQUEST_TIME_MAX, self.exchange(to, plane, bytes))
            .await
            .unwrap_or(Err(RequestError::Timeout))
    }

    /// Replaces the list of peers. When this returns, removed peers are refused and those listed
    /// are being dialled. This node's own key is ignored, as are keys that are none and addresses
    /// that cannot be dialled; a node or key listed twice counts once, as first listed.
    pub async fn set_peers(&self, peers: Vec<Peer>) {
        let (done, wait) = oneshot::channel();
        self.tell(Command::SetPeers { peers, done }, wait).await;
    }

    /// Addresses this node listens on, with the ports the system chose; none once stopped.
    pub async fn listening(&self) -> Vec<String> {
        let (answer, wait) = oneshot::channel();
        self.tell(Command::Listening { answer }, wait).await.unwrap_or_default()
    }

    /// Says farewell to all peers and stops. Requests under way fail with
    /// [`RequestError::Stopped`]; the channel of events ends. The system gives UDP ports free a
    /// moment later, when QUIC has let its closed connections drain.
    pub async fn shutdown(&self) {
        let (done, wait) = oneshot::channel();
        self.tell(Command::Shutdown { done }, wait).await;
    }

    async fn exchange(&self, to: NodeId, plane: Plane, bytes: Vec<u8>) -> Answered {
        if self.commands.is_closed() {
            return Err(RequestError::Stopped);
        }
        let slots = match self.directory.borrow().get(&to) {
            None => return Err(RequestError::UnknownPeer),
            Some(None) => return Err(RequestError::NotConnected),
            Some(Some(slots)) => slots.clone(),
        };
        let Some(slot) = slots.acquire(plane).await else {
            let stopped = self.commands.is_closed();
            return Err(if stopped { RequestError::Stopped } else { RequestError::NotConnected });
        };
        let (answer, wait) = oneshot::channel();
        let request = Outgoing { to, plane, bytes, slot, answer };
        self.tell(Command::Request(request), wait).await.unwrap_or(Err(RequestError::Stopped))
    }

    /// `None` when the driver has stopped.
    async fn tell<T>(&self, command: Command, wait: oneshot::Receiver<T>) -> Option<T> {
        self.commands.send(command).await.ok()?;
        wait.await.ok()
    }
}
