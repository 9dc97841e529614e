//! The federation desk: contacts with other nodes, channels, pushing and receiving, comparing what
//! each holds, and what this node knows of the others.

mod binding;
mod channel;
mod contact;
mod evidence;
mod inbox;
mod list;
mod outbox;
mod payload;
mod peers;
mod publish;
mod pump;
mod returns;
mod rollback;
mod suspension;
mod sync;
mod view;
mod vigil;
mod voice;

pub(in crate::desks) use channel::check_welcome;
pub(in crate::desks) use list::accept_list;
pub(in crate::desks) use outbox::{enqueue, room, seal};
pub(in crate::desks) use payload::Effect;
pub(in crate::desks) use peers::Peer;
pub(super) use peers::Peers;
pub(in crate::desks) use rollback::lose_keys;
pub(in crate::desks) use suspension::with_suspensions;
pub(crate) use vigil::SUSPENSIONS_FILE;

use super::Desks;
use super::error::ActError;
use super::problem::Problem;
use super::records::{COMPARTMENTS, CompartmentRecord, ROOMS, level_tag};
use mls::State;
use net::{Event, Handle, Plane, Reply, RequestError};
use protocol::codec;
use protocol::federation::{Entry, Kind};
use protocol::ids::{CompartmentId, NodeId};
use protocol::label::Level;
use protocol::limits::CONTROL_FRAME_BYTES_MAX;
use protocol::refusal::Code;
use protocol::signature::PublicKey;
use protocol::wire::{ControlAnswer, ControlRequest, LogAnswer};
use std::sync::Arc;
use std::time::Duration;
use store::{Read, Slot, Tx};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// How often peers that may lack something of a community are asked what they hold.
const COMPARE_EVERY: Duration = Duration::from_secs(15);

/// The federation could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The transport did not start.
    #[error("the transport did not start")]
    Net(#[source] net::StartError),
    /// The start could not be counted.
    #[error("the start could not be counted")]
    Life(#[source] Problem),
    /// It was started before.
    #[error("the federation is running already")]
    Running,
}

/// A running federation desk.
pub struct Running {
    net: Handle,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Closes connections and waits for what is under way.
    pub async fn stop(mut self) {
        // Receivers may be gone already.
        let _ = self.stop.send(true);
        self.net.shutdown().await;
        while self.tasks.join_next().await.is_some() {}
    }

    /// The addresses that it listens on.
    pub async fn listening(&self) -> Vec<String> {
        self.net.listening().await
    }
}

impl Desks {
    /// Starts the transport and everything that uses it.
    pub async fn start(&self, listen: Vec<String>) -> Result<Running, StartError> {
        let standing = self.begin_life().await.map_err(StartError::Life)?;
        self.inner.orders.stood(standing);
        self.sweep_files().map_err(|error| StartError::Life(error.into()))?;
        let config = net::Config { identity_seed: *self.inner.identity.seed(), listen };
        let (handle, events) = net::start(config).await.map_err(StartError::Net)?;
        self.inner.peers.net.set(handle.clone()).map_err(|_| StartError::Running)?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let (desks, until) = (self.clone(), stopped.clone());
        tasks.spawn(async move { desks.events(events, until).await });
        let desks = self.clone();
        tasks.spawn(async move { desks.watch(stopped).await });
        self.apply_list().await;
        self.resume_orders().await;
        Ok(Running { net: handle, stop, tasks })
    }

    fn net(&self) -> Option<&Handle> {
        self.inner.peers.net.get()
    }

    /// The event loop; pumps and answers run as its children and end with it.
    async fn events(&self, mut events: mpsc::Receiver<Event>, mut stopped: watch::Receiver<bool>) {
        let mut children = JoinSet::new();
        let mut pumping = std::collections::BTreeSet::new();
        let mut tick = tokio::time::interval(COMPARE_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else { break };
                    if let Event::Connected(node) = &event && pumping.insert(*node) {
                        let (desks, node, until) = (self.clone(), *node, stopped.clone());
                        children.spawn(async move { desks.pump(node, until).await });
                        let (desks, until) = (self.clone(), stopped.clone());
                        children.spawn(async move { desks.pull(node, until).await });
                    }
                    self.on_event(event, &mut children);
                }
                _ = tick.tick() => self.compare_stale(&mut children),
                () = self.inner.peers.greet_anew.notified() => self.contact_all(&mut children),
                // A finished child needs nothing; this only empties the set.
                Some(_) = children.join_next() => {}
                _ = stopped.changed() => break,
            }
        }
        children.shutdown().await;
    }

    fn on_event(&self, event: Event, children: &mut JoinSet<()>) {
        let desks = self.clone();
        match event {
            Event::Connected(node) => {
                self.inner.peers.peer(node).connect();
                children.spawn(async move { desks.contact(node).await });
            }
            Event::Disconnected(node) => self.inner.peers.peer(node).disconnect(),
            Event::Request { from, plane, bytes, reply } => {
                children.spawn(async move { desks.answer_request(from, plane, bytes, reply).await });
            }
            Event::Refused(refusal) => {
                let (code, who) = self.why_refused(&refusal);
                self.inner.metrics.refuse(code, &who, "at the transport");
            }
        }
    }

    fn contact_all(&self, children: &mut JoinSet<()>) {
        for (node, peer) in self.inner.peers.all() {
            if peer.is_connected() {
                let desks = self.clone();
                children.spawn(async move { desks.contact(node).await });
            }
        }
    }

    fn compare_stale(&self, children: &mut JoinSet<()>) {
        for (node, peer) in self.inner.peers.all() {
            if !peer.is_ready() {
                continue;
            }
            let (desks, stale) = (self.clone(), peer.take_stale());
            children.spawn(async move {
                if stale {
                    desks.compare(node).await;
                }
                desks.come_back(node).await;
            });
        }
    }

    async fn answer_request(&self, from: NodeId, plane: Plane, bytes: Vec<u8>, reply: Reply) {
        // The list may have changed since the transport let it in.
        if let Err(code) = self.list().standing(from, self.now()) {
            self.refuse(from, code, "not in force now");
            return;
        }
        if matches!(plane, Plane::Messages | Plane::Blob) && self.is_witness(from) {
            self.refuse(from, Code::OutsideScope, "a witness brings no messages and has no files");
            return;
        }
        // Of the control plane only the hello itself goes through, which `answer_control` sees to.
        if plane != Plane::Control && !self.peer(from).is_greeted() {
            self.refuse(from, Code::HelloMissing, "a request before the hello");
            if plane == Plane::Log {
                reply.send(codec::encode(&LogAnswer::Refused(Code::HelloMissing.as_str().to_owned())));
            }
            return;
        }
        let answer = match plane {
            Plane::Control => self.answer_control(from, &bytes).await,
            Plane::Messages => self.answer_push(from, &bytes).await,
            Plane::Log => self.answer_log(from, &bytes).await,
            Plane::Order => self.answer_order(from, &bytes).await,
            Plane::Blob => self.answer_blob(from, &bytes).await,
        };
        // No answer closes the stream: the bytes were not a request of this plane.
        if let Some(answer) = answer {
            reply.send(answer);
        }
    }

    /// Asks a peer on the control plane.
    async fn control(&self, peer: NodeId, request: &ControlRequest) -> Result<ControlAnswer, Problem> {
        let bytes = self.ask(peer, Plane::Control, codec::encode(request)).await?;
        codec::decode(&bytes, CONTROL_FRAME_BYTES_MAX).map_err(|error| {
            self.inner.metrics.refuse(error.code(), &self.name_of(peer), "control answer");
            Problem::new(error.code(), error.to_string())
        })
    }

    /// Asks a peer. An error is a state of the link, not an incident: it is not logged here.
    pub(in crate::desks) async fn ask(
        &self,
        peer: NodeId,
        plane: Plane,
        bytes: Vec<u8>,
    ) -> Result<Vec<u8>, Problem> {
        let net = self.net().ok_or_else(|| Problem::new(Code::Busy, "the transport is not running"))?;
        net.request(peer, plane, bytes).await.map_err(|error| match error {
            RequestError::TooLarge { .. } => Problem::new(Code::FrameTooLarge, error.to_string()),
            _ => Problem::new(Code::Busy, error.to_string()),
        })
    }

    /// Tells a peer something about the order of commits. Whether it arrives, its answer shows.
    pub(in crate::desks) async fn tell_order(&self, peer: NodeId, message: &protocol::order::Message) {
        if let Err(problem) = self.ask(peer, Plane::Order, message.to_bytes()).await {
            tracing::debug!(peer = self.name_of(peer), code = problem.code.as_str(), "order.not_told");
        }
    }

    /// Refuses bytes of a peer.
    pub(in crate::desks) fn refuse(&self, from: NodeId, code: Code, detail: &str) {
        self.inner.metrics.refuse(code, &self.name_of(from), detail);
    }

    /// Whether this node and a peer may hold things of this level between them, as the list stands now.
    pub(in crate::desks) fn may_exchange(&self, peer: NodeId, level: &Level) -> bool {
        let (list, now) = (self.list(), self.now());
        let cleared = |entry: &Entry| entry.kind != Kind::Witness && entry.ceiling.dominates(level);
        // A node that is not listed yet has nobody to talk to, and nothing to keep from anybody.
        let own = list.standing(self.own_node(), now);
        own.is_ok_and(|own| cleared(&own)) && list.active(peer, now).is_some_and(|entry| cleared(&entry))
    }

    fn is_witness(&self, node: NodeId) -> bool {
        self.list().entry(node).is_some_and(|entry| entry.kind == Kind::Witness)
    }

    /// Why the transport refused somebody: a listed node is told apart from a stranger.
    fn why_refused(&self, refusal: &net::Refusal) -> (Code, String) {
        let code = Code::parse(refusal.code).unwrap_or(Code::Busy);
        let (list, now) = (self.list(), self.now());
        let shows = |key: &PublicKey| net::peer_name(&key.0).as_deref() == Some(&refusal.peer);
        for entry in &list.list().entries {
            if shows(&entry.identity) {
                return (list.standing(entry.node, now).err().unwrap_or(code), entry.name.clone());
            }
            if entry.former.iter().any(|keys| shows(&keys.identity)) {
                return (Code::IdentityMismatch, entry.name.clone());
            }
        }
        (code, refusal.peer.clone())
    }

    pub(in crate::desks) fn peer(&self, node: NodeId) -> Arc<Peer> {
        self.inner.peers.peer(node)
    }
}

/// Keeps what a compartment's group says of itself.
pub(in crate::desks) fn record(
    tx: &Tx<'_>,
    id: CompartmentId,
    state: &State,
    former: Vec<NodeId>,
) -> Result<CompartmentRecord, ActError> {
    // Whoever holds the keys goes on holding them; who comes in, or comes back, begins here.
    let before = tx.get(COMPARTMENTS, &id)?.filter(CompartmentRecord::stands);
    let since = before.map_or(state.epoch, |before| before.since);
    let record = CompartmentRecord {
        space: state.policy.space,
        kind: state.policy.kind,
        level: state.policy.level.clone(),
        epoch: state.epoch,
        transcript: state.transcript.clone(),
        policy: state.policy.clone(),
        members: state.members.iter().map(|(node, _)| *node).collect(),
        former,
        active: true,
        recovering: None,
        since,
    };
    tx.put(COMPARTMENTS, &id, &Slot::System, &record)?;
    tx.put(ROOMS, &(record.space, level_tag(&record.level)), &Slot::System, &id)?;
    Ok(record)
}
