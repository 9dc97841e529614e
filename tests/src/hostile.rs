//! A peer that means harm: a listed node's keys, the transport and the MLS of an honest one, and none of its
//! manners. It says hello, answers what it must to be taken for a node, and otherwise says whatever a test
//! wants, in its own name.

mod member;
mod ministry;
mod papers;

pub use member::{Member, Sealing};
pub use ministry::{conspire, promise};

use crate::fixture::{Fixture, LATER};
use anyhow::{Context, Result, bail};
use net::{Config, Event, Handle, Peer, Plane};
use protocol::blob::Proof;
use protocol::codec;
use protocol::ids::{CompartmentId, NodeId, unhex};
use protocol::limits::{CONTROL_FRAME_BYTES_MAX, PAGE_FRAME_BYTES_MAX};
use protocol::message::{Envelope, Payload};
use protocol::order::Message;
use protocol::refusal::Code;
use protocol::resync::Approval;
use protocol::signature::{Digest, SecretKey};
use protocol::time::Timestamp;
use protocol::wire::{
    BlobAnswer, ControlAnswer, ControlRequest, Hello, LogAnswer, LogRequest, PROTOCOL, Push, PushAnswer,
    PushResult,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use testnet::wait::wait_until;
use tokio::runtime::Runtime;

/// What it has been told, as far as tests ask.
#[derive(Debug, Default)]
struct Heard {
    connected: bool,
    /// Whether it answers hellos.
    polite: bool,
    /// List version and hash of the target.
    list: (u64, Option<Digest>),
    votes: Vec<Message>,
    /// What it serves as the federation list; nothing unless a test says so.
    served: Option<Vec<u8>>,
    /// What it answers whoever asks for a chunk.
    chunk: Option<BlobAnswer>,
    /// What it answers to whoever asks to be let back in; nothing unless a test says so.
    granted: Option<LogAnswer>,
    payloads: Vec<Payload>,
}

struct Inner {
    node: NodeId,
    key: SecretKey,
    member: Member,
    heard: Mutex<Heard>,
}

/// The peer, connected to its target.
pub struct Hostile {
    inner: Arc<Inner>,
    /// Whom it attacks.
    pub target: NodeId,
    net: Handle,
    runtime: Runtime,
}

/// How a target received something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Answered as if all were well.
    Taken,
    /// Refused by this code in the answer.
    Refused(String),
    /// The stream was closed without an answer; the code is in the target's metrics.
    Closed,
}

impl Hostile {
    /// Takes the keys of the node `name`, which must not be running, and connects to `target`. Says nothing, and
    /// answers no hello.
    pub fn connect(fixture: &Fixture, name: &str, target: &str) -> Result<Self> {
        Self::start(fixture, name, target, false)
    }

    fn start(fixture: &Fixture, name: &str, target: &str, polite: bool) -> Result<Self> {
        let (own, other) = (&fixture.federation.node(name)?.dir, &fixture.federation.node(target)?.dir);
        let (key, theirs) = (secret(own, "identity")?, secret(other, "identity")?.public());
        let (node, target) = (id_of(&key), NodeId::from_bytes(Digest::plain(&theirs.0).0));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let config = Config { identity_seed: *key.seed(), listen: Vec::new() };
        let (net, mut events) = runtime.block_on(net::start(config))?;
        let member = Member::new(node, secret(own, "mls")?)?;
        let inner =
            Arc::new(Inner { node, key, member, heard: Mutex::new(Heard { polite, ..Heard::default() }) });
        let hearing = Arc::clone(&inner);
        runtime.spawn(async move {
            while let Some(event) = events.recv().await {
                hearing.hear(event);
            }
        });
        let peer = Peer { node: target, key: theirs.0, addresses: addresses(other)? };
        runtime.block_on(net.set_peers(vec![peer]));
        let hostile = Self { inner, target, net, runtime };
        hostile.wait("connected", |heard| heard.connected)?;
        Ok(hostile)
    }

    /// The same, with hellos exchanged.
    pub fn polite(fixture: &Fixture, name: &str, target: &str) -> Result<Self> {
        let hostile = Self::start(fixture, name, target, true)?;
        hostile.say_hello()?;
        Ok(hostile)
    }

    /// The same, with the NP channel founded too.
    pub fn in_channel(fixture: &Fixture, name: &str, target: &str) -> Result<Self> {
        let hostile = Self::polite(fixture, name, target)?;
        hostile.open_channel()?;
        Ok(hostile)
    }

    /// Its own id.
    pub fn node(&self) -> NodeId {
        self.inner.node
    }

    /// Its identity key, with which it may sign anything.
    pub fn key(&self) -> &SecretKey {
        &self.inner.key
    }

    /// Its groups.
    pub fn member(&self) -> &Member {
        &self.inner.member
    }

    /// A hello as an honest node would say it.
    pub fn hello(&self) -> Hello {
        self.inner.hello()
    }

    /// Says hello and remembers what the target says of its list.
    pub fn say_hello(&self) -> Result<()> {
        match self.control(&ControlRequest::Hello(self.hello()))? {
            ControlAnswer::Hello(theirs) => {
                self.inner.heard().list = (theirs.list_version, Some(theirs.list_hash));
                Ok(())
            }
            other => bail!("no hello: {other:?}"),
        }
    }

    /// The NP channel with the target, whichever side founds it.
    pub fn open_channel(&self) -> Result<CompartmentId> {
        let member = &self.inner.member;
        if self.node() < self.target {
            let asked = ControlRequest::ChannelKeyPackage { level: protocol::label::Level::NP };
            let ControlAnswer::KeyPackage(package) = self.control(&asked)? else { bail!("no key package") };
            let welcome = Box::new(member.found_channel(self.target, package, &self.inner.key)?);
            match self.control(&ControlRequest::ChannelWelcome { welcome })? {
                ControlAnswer::Done => {}
                other => bail!("the Welcome was not taken: {other:?}"),
            }
        }
        wait_until("the channel", LATER, || Ok(member.channel().is_some()))?;
        member.channel().context("the channel")
    }

    /// Sends raw bytes on a plane; an error when no answer came.
    pub fn ask(&self, plane: Plane, bytes: Vec<u8>) -> Result<Vec<u8>> {
        Ok(self.runtime.block_on(self.net.request(self.target, plane, bytes))?)
    }

    /// The same for many at once.
    pub fn flood(&self, plane: Plane, bytes: &[u8], count: usize) -> usize {
        self.runtime.block_on(async {
            let one = |_| {
                let (net, target, bytes) = (self.net.clone(), self.target, bytes.to_vec());
                tokio::spawn(async move { net.request(target, plane, bytes).await.is_ok() })
            };
            let mut answered = 0;
            for asked in (0..count).map(one).collect::<Vec<_>>() {
                answered += usize::from(asked.await.unwrap_or(false));
            }
            answered
        })
    }

    /// A control request and its answer.
    pub fn control(&self, request: &ControlRequest) -> Result<ControlAnswer> {
        let answer = self.ask(Plane::Control, codec::encode(request))?;
        Ok(codec::decode(&answer, CONTROL_FRAME_BYTES_MAX)?)
    }

    /// A log request and its answer.
    pub fn log(&self, request: &LogRequest) -> Result<LogAnswer> {
        let answer = self.ask(Plane::Log, codec::encode(request))?;
        Ok(codec::decode(&answer, PAGE_FRAME_BYTES_MAX)?)
    }

    /// Pushes one message; the refusal's code, or none when it is durable there.
    pub fn push(&self, envelope: &Envelope) -> Result<Option<String>> {
        let push = Push { envelopes: vec![envelope.clone()] };
        let answer = self.ask(Plane::Messages, codec::encode(&push))?;
        let answer: PushAnswer = codec::decode(&answer, PAGE_FRAME_BYTES_MAX)?;
        Ok(answer.results.into_iter().next().context("one result")?.refused)
    }

    /// How the target takes raw bytes on a plane.
    pub fn try_bytes(&self, plane: Plane, bytes: Vec<u8>) -> Result<Verdict> {
        let Ok(answer) = self.ask(plane, bytes) else { return Ok(Verdict::Closed) };
        let refused = match plane {
            Plane::Control => match codec::decode(&answer, CONTROL_FRAME_BYTES_MAX)? {
                ControlAnswer::Refused(code) => Some(code),
                _ => None,
            },
            Plane::Log => match codec::decode(&answer, PAGE_FRAME_BYTES_MAX)? {
                LogAnswer::Refused(code) => Some(code),
                _ => None,
            },
            Plane::Messages => {
                let answer: PushAnswer = codec::decode(&answer, PAGE_FRAME_BYTES_MAX)?;
                answer.results.into_iter().find_map(|result| result.refused)
            }
            _ => None,
        };
        Ok(refused.map_or(Verdict::Taken, Verdict::Refused))
    }

    /// Waits for something that the target seals for it.
    pub fn await_payload<T>(&self, what: &str, fits: impl Fn(&Payload) -> Option<T>) -> Result<T> {
        self.wait(what, |heard| heard.payloads.iter().any(|payload| fits(payload).is_some()))?;
        self.inner.heard().payloads.iter().find_map(fits).context("a payload")
    }

    /// Answers whoever asks for a chunk with this one.
    pub fn serve_chunk(&self, chunk: Vec<u8>) {
        self.inner.heard().chunk = Some(BlobAnswer::Chunk { chunk, proof: Proof(Vec::new()) });
    }

    /// Serves this as its federation list.
    pub fn serve_list(&self, bytes: Vec<u8>) {
        self.inner.heard().served = Some(bytes);
    }

    /// Lets its target back into any group with this.
    pub fn grant(&self, approval: Approval, group_info: Vec<u8>) {
        self.inner.heard().granted = Some(LogAnswer::ResyncGranted { approval, group_info });
    }

    fn wait(&self, what: &str, there: impl Fn(&Heard) -> bool) -> Result<()> {
        wait_until(what, LATER, || Ok(there(&self.inner.heard())))
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.runtime.block_on(self.net.shutdown());
    }
}

impl Inner {
    fn heard(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hello(&self) -> Hello {
        let (list_version, hash) = self.heard().list;
        Hello {
            protocol: PROTOCOL,
            node: self.node,
            incarnation: 0,
            list_version,
            list_hash: hash.unwrap_or(Digest([0; 32])),
            now: Timestamp(0),
            suspensions: None,
        }
    }

    fn hear(&self, event: Event) {
        match event {
            Event::Connected(_) => self.heard().connected = true,
            Event::Disconnected(_) => self.heard().connected = false,
            Event::Request { plane, bytes, reply, .. } => {
                if let Some(answer) = self.answer(plane, &bytes) {
                    reply.send(answer);
                }
            }
            Event::Refused(_) => {}
        }
    }

    fn answer(&self, plane: Plane, bytes: &[u8]) -> Option<Vec<u8>> {
        match plane {
            Plane::Control => {
                Some(codec::encode(&self.control(codec::decode(bytes, CONTROL_FRAME_BYTES_MAX).ok()?)?))
            }
            Plane::Log => match codec::decode(bytes, PAGE_FRAME_BYTES_MAX).ok()? {
                LogRequest::Have(_) => Some(codec::encode(&LogAnswer::Have(Vec::new()))),
                LogRequest::Resync { .. } => Some(codec::encode(&self.heard().granted.clone()?)),
                LogRequest::List => Some(codec::encode(&LogAnswer::List(self.heard().served.clone()?))),
                _ => Some(codec::encode(&LogAnswer::Refused(Code::NotMember.as_str().to_owned()))),
            },
            Plane::Messages => {
                let push: Push = codec::decode(bytes, PAGE_FRAME_BYTES_MAX).ok()?;
                let results = push.envelopes.iter().map(|e| PushResult {
                    compartment: e.compartment,
                    sender: e.sender,
                    sequence: e.sequence,
                    refused: None,
                });
                let answer = PushAnswer { results: results.collect() };
                let opened: Vec<_> = push.envelopes.iter().filter_map(|e| self.member.open(e).ok()).collect();
                self.heard().payloads.extend(opened);
                Some(codec::encode(&answer))
            }
            Plane::Blob => {
                let none = BlobAnswer::Refused(Code::NotFound.as_str().to_owned());
                Some(codec::encode(&self.heard().chunk.clone().unwrap_or(none)))
            }
            Plane::Order => {
                self.heard().votes.extend(Message::from_bytes(bytes).ok());
                Some(Vec::new())
            }
        }
    }

    fn control(&self, request: ControlRequest) -> Option<ControlAnswer> {
        match request {
            ControlRequest::Hello(_) if !self.heard().polite => None,
            ControlRequest::Hello(theirs) => {
                self.heard().list = (theirs.list_version, Some(theirs.list_hash));
                Some(ControlAnswer::Hello(self.hello()))
            }
            ControlRequest::ChannelKeyPackage { .. } => {
                Some(ControlAnswer::KeyPackage(self.member.key_package().ok()?))
            }
            ControlRequest::ChannelWelcome { welcome } => {
                self.member.join(&welcome).ok()?;
                Some(ControlAnswer::Done)
            }
            _ => Some(ControlAnswer::Refused(Code::Busy.as_str().to_owned())),
        }
    }
}

/// The id of the node with this identity key.
pub fn id_of(key: &SecretKey) -> NodeId {
    NodeId::from_bytes(Digest::plain(&key.public().0).0)
}

/// A key of the node in this folder: `identity` or `mls`.
pub fn secret(dir: &Path, name: &str) -> Result<SecretKey> {
    let path = dir.join("keys").join(format!("{name}.seed"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let seed = unhex(text.trim()).and_then(|bytes| bytes.try_into().ok()).context("a seed")?;
    Ok(SecretKey::from_seed(&seed)?)
}

/// The multiaddresses that a node's configuration says it listens on.
fn addresses(dir: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(dir.join("valise.toml")).context("the configuration")?;
    let quoted = text.split('"').filter(|part| part.starts_with("/ip4/"));
    Ok(quoted.map(str::to_owned).collect())
}

/// How often each code was refused by a node, from its metrics.
pub fn refusals(fixture: &Fixture, node: &str) -> Result<BTreeMap<String, u64>> {
    let metrics = testnet::metrics::Metrics::read(&fixture.federation.node(node)?.metrics_url)?;
    let series = metrics.text.lines().filter_map(|line| line.strip_prefix("valise_refused_total{code=\""));
    let counted = series.filter_map(|rest| {
        let (code, count) = rest.split_once("\"} ")?;
        Some((code.to_owned(), count.parse::<f64>().ok()? as u64))
    });
    Ok(counted.collect())
}
