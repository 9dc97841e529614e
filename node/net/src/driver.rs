//! The swarm task: one loop that owns every connection and never waits for anybody.
//!
//! Decides the order of work: whatever is ready, one thing at a time. What connections mean is in
//! `links`, what requests mean is in `traffic`.

use crate::event::{Answer, Event, Outbox};
use crate::handle::{Command, Directory, Peer};
use crate::limits;
use crate::roster::Roster;
use crate::start::StartError;
use crate::traffic::InFlight;
use crate::transport::{Behaviour, BehaviourEvent};
use futures::StreamExt;
use libp2p::core::transport::ListenerId;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, Swarm, TransportError};
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;
use tokio::sync::{mpsc, watch};

pub(crate) struct Driver {
    pub(crate) swarm: Swarm<Behaviour>,
    pub(crate) roster: Roster,
    pub(crate) outbox: Outbox,
    pub(crate) directory: watch::Sender<Directory>,
    pub(crate) answers_sender: mpsc::UnboundedSender<Answer>,
    pub(crate) in_flight: InFlight,
    /// Requests of peers over their budgets, by the time at which they are handed over.
    pub(crate) waiting: BTreeMap<Instant, Vec<Event>>,
    commands: mpsc::Receiver<Command>,
    answers: mpsc::UnboundedReceiver<Answer>,
    /// With the address each was asked for.
    listeners: HashMap<ListenerId, String>,
}

/// The one thing the loop does next.
#[expect(
    clippy::large_enum_variant,
    reason = "lives for one turn of the loop, boxing would allocate per event"
)]
enum Turn {
    Swarm(SwarmEvent<BehaviourEvent>),
    Answer(Answer),
    Command(Option<Command>),
    Due,
    Drained,
}

impl Driver {
    pub(crate) fn new(
        swarm: Swarm<Behaviour>,
        commands: mpsc::Receiver<Command>,
        directory: watch::Sender<Directory>,
        outbox: Outbox,
    ) -> Self {
        let (answers_sender, answers) = mpsc::unbounded_channel();
        Self {
            roster: Roster::new(*swarm.local_peer_id()),
            swarm,
            outbox,
            directory,
            answers_sender,
            in_flight: InFlight::new(),
            waiting: BTreeMap::new(),
            commands,
            answers,
            listeners: HashMap::new(),
        }
    }

    pub(crate) async fn run(mut self) {
        loop {
            match self.turn().await {
                Turn::Swarm(event) => self.on_swarm(event),
                Turn::Answer(answer) => self.on_answer(answer),
                Turn::Command(Some(Command::Request(request))) => self.on_outgoing(request),
                Turn::Command(Some(Command::SetPeers { peers, done })) => {
                    self.set_peers(&peers);
                    // Nobody waits any more: that is their choice.
                    let _ = done.send(());
                }
                Turn::Command(Some(Command::Listening { answer })) => {
                    let _ = answer.send(self.swarm.listeners().map(Multiaddr::to_string).collect());
                }
                Turn::Command(Some(Command::Shutdown { done })) => {
                    self.stop().await;
                    let _ = done.send(());
                    return;
                }
                Turn::Command(None) => return self.stop().await,
                Turn::Due => self.on_due(),
                Turn::Drained => {}
            }
        }
    }

    async fn turn(&mut self) -> Turn {
        let earned = self.waiting.first_key_value().map(|(at, _)| *at);
        let due = self.roster.next_due().into_iter().chain(earned).min();
        let alarm = async {
            match due {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = self.swarm.select_next_some() => Turn::Swarm(event),
            Some(answer) = self.answers.recv() => Turn::Answer(answer),
            command = self.commands.recv() => Turn::Command(command),
            () = alarm => Turn::Due,
            () = self.outbox.drain() => Turn::Drained,
        }
    }

    fn set_peers(&mut self, peers: &[Peer]) {
        let replaced = self.roster.replace(peers, Instant::now());
        self.directory.send_replace(self.roster.directory());
        let allowed = &mut self.swarm.behaviour_mut().allowed;
        for (peer, node, connected) in replaced.removed {
            // Also closes its connections; the peer is unknown from here on, so that nothing that
            // still arrives on them counts.
            allowed.disallow_peer(peer);
            if connected {
                self.outbox.disconnected(node);
            }
        }
        for peer in replaced.added {
            allowed.allow_peer(peer);
        }
    }

    pub(crate) fn listen(&mut self, address: String) -> Result<(), StartError> {
        let parsed = match address.parse::<Multiaddr>() {
            Ok(parsed) => parsed,
            Err(error) => return Err(StartError::Address { address, source: Box::new(error) }),
        };
        match self.swarm.listen_on(parsed) {
            Ok(id) => {
                self.listeners.insert(id, address);
                Ok(())
            }
            Err(TransportError::MultiaddrNotSupported(_)) => Err(StartError::Unsupported { address }),
            Err(TransportError::Other(source)) => Err(StartError::Listen { address, source }),
        }
    }

    /// Returns once every listener has an address.
    pub(crate) async fn bound(&mut self) -> Result<(), StartError> {
        let mut waiting = self.listeners.clone();
        while !waiting.is_empty() {
            match self.swarm.select_next_some().await {
                SwarmEvent::NewListenAddr { listener_id, .. } => drop(waiting.remove(&listener_id)),
                SwarmEvent::ListenerClosed { listener_id, reason: Err(source), .. } => {
                    if let Some(address) = waiting.remove(&listener_id) {
                        return Err(StartError::Listen { address, source });
                    }
                }
                other => self.on_swarm(other),
            }
        }
        Ok(())
    }

    async fn stop(mut self) {
        self.commands.close();
        self.in_flight.clear();
        self.roster.close();
        for id in self.listeners.keys() {
            self.swarm.remove_listener(*id);
        }
        let peers: Vec<_> = self.swarm.connected_peers().copied().collect();
        for peer in peers {
            // An error means that the peer has left first.
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let farewell = async {
            while self.swarm.network_info().connection_counters().num_established() > 0 {
                self.swarm.select_next_some().await;
            }
        };
        if tokio::time::timeout(limits::SHUTDOWN_TIME_MAX, farewell).await.is_err() {
            tracing::debug!("stopped before every peer took leave");
        }
    }
}
