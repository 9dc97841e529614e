//! Nodes on the loopback interface, through the public interface; misbehaving peers are bare swarms.

use crate::event::{FRAME_TOO_LARGE, LIMIT_REQUESTS, UNKNOWN_PEER};
use crate::frame::Framing;
use crate::{
    Config, Event, Handle, Peer, Plane, Reply, RequestError, identity, public_key, start, transport,
};
use futures::StreamExt;
use libp2p::request_response::{self, Message};
use libp2p::swarm::SwarmEvent;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::{Multiaddr, PeerId, Swarm};
use protocol::ids::NodeId;
use std::future::Future;
use std::time::Duration;
use tokio::sync::mpsc;

const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";
const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const PLANES: [Plane; 3] = [Plane::Control, Plane::Messages, Plane::Log];

struct Node {
    seed: [u8; 32],
    handle: Handle,
    events: mpsc::Receiver<Event>,
}

fn id(seed: u8) -> NodeId {
    NodeId::from_bytes([seed; 32])
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("in time")
}

impl Node {
    async fn start(seed: u8, listen: &[&str]) -> Self {
        let listen = listen.iter().map(|address| (*address).to_owned()).collect();
        let seed = [seed; 32];
        let (handle, events) = within(start(Config { identity_seed: seed, listen })).await.unwrap();
        Self { seed, handle, events }
    }

    fn id(&self) -> NodeId {
        id(self.seed[0])
    }

    async fn peer(&self) -> Peer {
        Peer { addresses: within(self.handle.listening()).await, ..self.silent_peer() }
    }

    /// Without addresses: has to dial.
    fn silent_peer(&self) -> Peer {
        Peer { node: self.id(), key: public_key(&self.seed), addresses: Vec::new() }
    }

    async fn list(&self, peers: Vec<Peer>) {
        within(self.handle.set_peers(peers)).await;
    }

    async fn event(&mut self) -> Event {
        within(self.events.recv()).await.expect("running")
    }

    async fn connected(&mut self) -> NodeId {
        match self.event().await {
            Event::Connected(node) => node,
            other => panic!("expected a connection, got {other:?}"),
        }
    }

    async fn asked(&mut self) -> (Plane, Vec<u8>, Reply) {
        match self.event().await {
            Event::Request { plane, bytes, reply, .. } => (plane, bytes, reply),
            other => panic!("expected a request, got {other:?}"),
        }
    }

    async fn request(&self, to: NodeId, plane: Plane, bytes: Vec<u8>) -> Result<Vec<u8>, RequestError> {
        within(self.handle.request(to, plane, bytes)).await
    }

    /// Answers every request with its own bytes, reversed, until the transport stops.
    fn echo(self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            // All of the node: the transport stops with its last handle.
            let mut node = self;
            while let Some(event) = node.events.recv().await {
                if let Event::Request { mut bytes, reply, .. } = event {
                    bytes.reverse();
                    reply.send(bytes);
                }
            }
        })
    }
}

async fn pair(listen: &[&str]) -> (Node, Node) {
    let (mut one, mut two) = (Node::start(1, listen).await, Node::start(2, listen).await);
    one.list(vec![two.peer().await, one.peer().await]).await;
    two.list(vec![one.peer().await, two.peer().await]).await;
    assert_eq!(one.connected().await, two.id());
    assert_eq!(two.connected().await, one.id());
    (one, two)
}

#[tokio::test]
async fn nodes_exchange_requests_and_replies_in_each_plane() {
    let (one, two) = pair(&[QUIC, TCP]).await;
    let (one_id, two_id) = (one.id(), two.id());
    let (one_handle, two_handle) = (one.handle.clone(), two.handle.clone());
    let echoes = [one.echo(), two.echo()];
    for plane in PLANES {
        for (handle, to) in [(&one_handle, two_id), (&two_handle, one_id)] {
            let answer = within(handle.request(to, plane, b"abc".to_vec())).await;
            assert_eq!(answer, Ok(b"cba".to_vec()), "{plane:?}");
        }
    }
    within(one_handle.shutdown()).await;
    within(two_handle.shutdown()).await;
    for echo in echoes {
        within(echo).await.unwrap();
    }
}

#[tokio::test]
async fn frames_at_the_limit_pass_and_one_byte_past_is_refused_before_sending() {
    let (one, two) = pair(&[QUIC]).await;
    let to = two.id();
    let _echo = two.echo();
    for plane in PLANES {
        let limit = plane.frame_bytes_max();
        let answer = one.request(to, plane, vec![7; limit]).await;
        assert_eq!(answer.map(|bytes| bytes.len()), Ok(limit));
        let refused = one.request(to, plane, vec![7; limit + 1]).await;
        assert_eq!(refused, Err(RequestError::TooLarge { got: limit + 1, limit }));
    }
}

#[tokio::test]
async fn an_unknown_peer_is_refused_and_reported() {
    let (mut one, two) = (Node::start(1, &[QUIC]).await, Node::start(2, &[QUIC]).await);
    two.list(vec![one.peer().await]).await;
    let Event::Refused(refusal) = one.event().await else { panic!("expected a refusal") };
    assert_eq!(refusal.code, UNKNOWN_PEER);
    assert_eq!(refusal.node, None);
    assert_eq!(refusal.peer, identity::peer_id(&public_key(&two.seed)).unwrap().to_string());
    assert_eq!(one.request(two.id(), Plane::Control, vec![]).await, Err(RequestError::UnknownPeer));
    // Once listed, it gets in: the refused side goes on dialling.
    one.list(vec![two.silent_peer()]).await;
    loop {
        match one.event().await {
            Event::Connected(node) => break assert_eq!(node, two.id()),
            Event::Refused(refusal) => assert_eq!(refusal.code, UNKNOWN_PEER),
            other => panic!("unexpected {other:?}"),
        }
    }
}

#[tokio::test]
async fn removing_a_peer_disconnects_both_sides() {
    let (mut one, mut two) = pair(&[QUIC]).await;
    one.list(vec![]).await;
    assert!(matches!(one.event().await, Event::Disconnected(node) if node == two.id()));
    assert!(matches!(two.event().await, Event::Disconnected(node) if node == one.id()));
    assert_eq!(one.request(two.id(), Plane::Control, vec![]).await, Err(RequestError::UnknownPeer));
    // Listed again, it is connected again.
    one.list(vec![two.peer().await]).await;
    assert_eq!(one.connected().await, two.id());
}

#[tokio::test]
async fn a_request_to_a_listed_node_without_connection_fails_at_once() {
    let (one, two) = (Node::start(1, &[QUIC]).await, Node::start(2, &[QUIC]).await);
    one.list(vec![two.silent_peer()]).await;
    let answer = one.request(two.id(), Plane::Messages, vec![1]).await;
    assert_eq!(answer, Err(RequestError::NotConnected));
}

#[tokio::test]
async fn tcp_serves_where_it_is_the_only_way() {
    let (one, two) = pair(&[TCP]).await;
    let to = two.id();
    let _echo = two.echo();
    let limit = Plane::Log.frame_bytes_max();
    assert_eq!(one.request(to, Plane::Log, vec![1; limit]).await.map(|bytes| bytes.len()), Ok(limit));
}

#[tokio::test]
async fn tcp_is_tried_when_quic_fails() {
    let (mut one, two) = (Node::start(1, &[QUIC]).await, Node::start(2, &[TCP]).await);
    two.list(vec![one.silent_peer()]).await;
    let mut peer = two.peer().await;
    // Somebody else answers there: the QUIC handshake fails for the wrong identity.
    let other = Node::start(3, &[QUIC]).await;
    peer.addresses.extend(other.peer().await.addresses);
    one.list(vec![peer]).await;
    assert_eq!(one.connected().await, two.id());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_requests_at_once_in_both_directions_are_all_answered() {
    for listen in [QUIC, TCP] {
        let (one, two) = pair(&[listen]).await;
        let sides = [(one.handle.clone(), two.id()), (two.handle.clone(), one.id())];
        let _echoes = [one.echo(), two.echo()];
        let requests = sides.iter().flat_map(|(handle, to)| {
            (0..200_u8)
                .map(move |n| async move { (n, handle.request(*to, Plane::Messages, vec![n; 2048]).await) })
        });
        for (n, answer) in within(futures::future::join_all(requests)).await {
            assert_eq!(answer, Ok(vec![n; 2048]), "{listen}");
        }
    }
}

#[tokio::test]
async fn a_dropped_reply_closes_the_request() {
    let (one, mut two) = pair(&[QUIC]).await;
    let (handle, to) = (one.handle.clone(), two.id());
    let asked = tokio::spawn(async move { handle.request(to, Plane::Control, vec![9]).await });
    let (plane, bytes, reply) = two.asked().await;
    assert_eq!((plane, bytes), (Plane::Control, vec![9]));
    drop(reply);
    assert_eq!(within(asked).await.unwrap(), Err(RequestError::Closed));
}

#[tokio::test]
async fn shutdown_ends_requests_and_events_and_peers_notice() {
    let (one, mut two) = pair(&[QUIC]).await;
    let (handle, to) = (one.handle.clone(), two.id());
    let asked = tokio::spawn(async move { handle.request(to, Plane::Control, vec![9]).await });
    let (_, _, reply) = two.asked().await;
    within(one.handle.shutdown()).await;
    assert_eq!(within(asked).await.unwrap(), Err(RequestError::Stopped));
    assert_eq!(one.request(to, Plane::Control, vec![]).await, Err(RequestError::Stopped));
    assert!(within(one.handle.listening()).await.is_empty());
    assert!(matches!(two.event().await, Event::Disconnected(node) if node == one.id()));
    // Too late, and harmless.
    reply.send(vec![1]);
}

#[tokio::test]
async fn a_peer_that_restarts_elsewhere_is_found_again() {
    let (mut one, two) = pair(&[QUIC, TCP]).await;
    within(two.handle.shutdown()).await;
    assert!(matches!(one.event().await, Event::Disconnected(node) if node == two.id()));
    let mut again = Node::start(2, &[QUIC]).await;
    again.list(vec![one.silent_peer()]).await;
    one.list(vec![again.peer().await]).await;
    assert_eq!(one.connected().await, two.id());
    assert_eq!(again.connected().await, one.id());
}

/// A listed peer that keeps to no limit: it sends what it is given, and answers with `answer`.
fn rogue(
    seed: u8,
    to: &Peer,
    requests: Vec<Vec<u8>>,
    answer: Vec<u8>,
) -> (Peer, tokio::task::JoinHandle<()>) {
    let keypair = identity::keypair(&[seed; 32]);
    let mut swarm = transport::swarm_with(keypair, |_| Framing::unlimited()).unwrap();
    let target = identity::peer_id(&to.key).unwrap();
    let addresses: Vec<Multiaddr> = to.addresses.iter().map(|address| address.parse().unwrap()).collect();
    swarm.behaviour_mut().allowed.allow_peer(target);
    swarm.dial(DialOpts::peer_id(target).addresses(addresses).build()).unwrap();
    let peer = Peer { node: id(seed), key: public_key(&[seed; 32]), addresses: vec![] };
    (peer, tokio::spawn(misbehave(swarm, target, requests, answer)))
}

async fn misbehave(
    mut swarm: Swarm<transport::Behaviour>,
    target: PeerId,
    requests: Vec<Vec<u8>>,
    answer: Vec<u8>,
) {
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => {
                for request in &requests {
                    swarm.behaviour_mut().exchange(Plane::Control).send_request(&target, Ok(request.clone()));
                }
            }
            SwarmEvent::Behaviour(transport::BehaviourEvent::Control(request_response::Event::Message {
                message: Message::Request { channel, .. },
                ..
            })) => {
                let exchange = swarm.behaviour_mut().exchange(Plane::Control);
                exchange.send_response(channel, answer.clone()).unwrap();
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_oversized_request_is_refused_and_reported_once() {
    let mut one = Node::start(1, &[QUIC]).await;
    let past = vec![0; Plane::Control.frame_bytes_max() + 1];
    let to = one.peer().await;
    let listed = Peer { node: id(9), key: public_key(&[9; 32]), addresses: vec![] };
    one.list(vec![listed]).await;
    let (peer, task) = rogue(9, &to, vec![past, vec![5]], vec![]);
    assert_eq!(one.connected().await, peer.node);
    let mut refusals = 0;
    let mut requests = 0;
    while refusals + requests < 2 {
        match one.event().await {
            Event::Refused(refusal) => {
                assert_eq!((refusal.code, refusal.node), (FRAME_TOO_LARGE, Some(peer.node)));
                refusals += 1;
            }
            Event::Request { bytes, reply, .. } => {
                assert_eq!(bytes, [5]);
                reply.send(vec![]);
                requests += 1;
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!((refusals, requests), (1, 1));
    task.abort();
}

#[tokio::test]
async fn an_oversized_reply_is_refused() {
    let mut one = Node::start(1, &[QUIC]).await;
    let limit = Plane::Control.frame_bytes_max();
    let to = one.peer().await;
    one.list(vec![Peer { node: id(9), key: public_key(&[9; 32]), addresses: vec![] }]).await;
    let (peer, task) = rogue(9, &to, vec![], vec![0; limit + 1]);
    assert_eq!(one.connected().await, peer.node);
    let answer = one.request(peer.node, Plane::Control, vec![1]).await;
    assert_eq!(answer, Err(RequestError::TooLarge { got: limit + 1, limit }));
    task.abort();
}

#[tokio::test]
async fn requests_past_the_cap_of_a_peer_are_dropped_and_reported() {
    let mut one = Node::start(1, &[QUIC]).await;
    let cap = Plane::Control.requests_max();
    let to = one.peer().await;
    one.list(vec![Peer { node: id(9), key: public_key(&[9; 32]), addresses: vec![] }]).await;
    let (peer, task) = rogue(9, &to, vec![vec![1]; cap + 1], vec![]);
    assert_eq!(one.connected().await, peer.node);
    let mut held = Vec::new();
    for _ in 0..cap {
        held.push(one.asked().await);
    }
    let Event::Refused(refusal) = one.event().await else { panic!("expected a refusal") };
    assert_eq!((refusal.code, refusal.node), (LIMIT_REQUESTS, Some(peer.node)));
    task.abort();
}

#[tokio::test]
async fn a_bad_address_or_a_taken_port_is_an_error() {
    let config = |address: &str| Config { identity_seed: [1; 32], listen: vec![address.to_owned()] };
    assert!(matches!(start(config("nowhere")).await, Err(crate::StartError::Address { .. })));
    let unsupported = start(config("/ip4/127.0.0.1/udp/1")).await;
    assert!(matches!(unsupported, Err(crate::StartError::Unsupported { .. })));
    let one = Node::start(1, &[QUIC]).await;
    let taken = within(one.handle.listening()).await;
    assert!(matches!(start(config(&taken[0])).await, Err(crate::StartError::Listen { .. })));
}
