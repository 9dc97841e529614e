//! A link of our own between nodes: a UDP relay in this process with delay, jitter, loss, a rate and
//! cuts, so that a bad link needs neither root nor `sch_netem`.
//!
//! A node that announces a link's port is reached through it only. Both ways of a connection pass the
//! same link.

use anyhow::{Context, Result};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::hash_map::{Entry, HashMap};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Larger than any datagram.
const DATAGRAM_BYTES_MAX: usize = 65_536;
/// How long a reader waits before it looks whether the link is gone.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// What waits for the rate at most; the rest is dropped, as in a modem's buffer.
const QUEUE_MAX: Duration = Duration::from_secs(1);

/// What a link is like, each way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// Whether anything passes.
    pub open: bool,
    /// One way.
    pub delay: Duration,
    /// At most so much more, evenly spread.
    pub jitter: Duration,
    /// The share of datagrams that are lost, 0 to 1.
    pub loss: f64,
    /// Bytes a second; none for as fast as the machine.
    pub bytes_per_second: Option<u64>,
}

impl Conditions {
    /// As fast as the machine.
    pub const LOOPBACK: Conditions = Conditions {
        open: true,
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
        loss: 0.0,
        bytes_per_second: None,
    };

    /// A geostationary hop: 600 ms to come back, ± 20 ms, 2 % loss, 2 Mbit/s.
    pub const SATELLITE: Conditions = Conditions {
        open: true,
        delay: Duration::from_millis(290),
        jitter: Duration::from_millis(20),
        loss: 0.02,
        bytes_per_second: Some(250_000),
    };

    /// Nothing passes.
    pub const CUT: Conditions = Conditions { open: false, ..Self::LOOPBACK };
}

/// What passed so far, both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Datagrams.
    pub datagrams: u64,
    /// Bytes of UDP payload.
    pub bytes: u64,
    /// Datagrams that were lost on purpose.
    pub lost: u64,
}

/// A link; it ends when it is dropped.
#[derive(Debug)]
pub struct Link {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    conditions: Mutex<Conditions>,
    ended: AtomicBool,
    datagrams: AtomicU64,
    bytes: AtomicU64,
    lost: AtomicU64,
}

/// A datagram under way.
struct Flight {
    due: Instant,
    number: u64,
    bytes: Vec<u8>,
    out: Arc<UdpSocket>,
    to: SocketAddr,
}

impl PartialEq for Flight {
    fn eq(&self, other: &Self) -> bool {
        (self.due, self.number) == (other.due, other.number)
    }
}

impl Eq for Flight {}

impl PartialOrd for Flight {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Flight {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

/// One way through the link.
struct Way {
    shared: Arc<Shared>,
    queue: Sender<Flight>,
    /// When the rate lets the next one leave.
    free: Instant,
    noise: u64,
    number: u64,
}

impl Link {
    /// Begins to relay from a port of the loopback to `target` there.
    pub fn start(target: u16) -> Result<Self> {
        let front = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("a port for a link")?);
        front.set_read_timeout(Some(LOOK_EVERY))?;
        let port = front.local_addr()?.port();
        let shared = Arc::new(Shared {
            conditions: Mutex::new(Conditions::LOOPBACK),
            ended: AtomicBool::new(false),
            datagrams: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        });
        let (queue, flights) = channel();
        thread::spawn(move || deliver(&flights));
        let way = Way::new(&shared, queue);
        thread::spawn(move || relay(&front, target, way));
        Ok(Self { port, shared })
    }

    /// The port that leads through it.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes what the link is like.
    pub fn set(&self, conditions: Conditions) {
        *self.shared.conditions.lock().unwrap_or_else(PoisonError::into_inner) = conditions;
    }

    /// What passed so far.
    pub fn passed(&self) -> Passed {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Passed {
            datagrams: count(&self.shared.datagrams),
            bytes: count(&self.shared.bytes),
            lost: count(&self.shared.lost),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
    }
}

impl Way {
    fn new(shared: &Arc<Shared>, queue: Sender<Flight>) -> Self {
        Self {
            shared: Arc::clone(shared),
            queue,
            free: Instant::now(),
            noise: 0x9E37_79B9_7F4A_7C15,
            number: 0,
        }
    }

    /// Evenly between 0 and 1; the same sequence on every link.
    fn chance(&mut self) -> f64 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        (self.noise >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn take(&mut self, bytes: &[u8], out: &Arc<UdpSocket>, to: SocketAddr) {
        let conditions = *self.shared.conditions.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let length = bytes.len() as u64;
        let on_air = conditions
            .bytes_per_second
            .map_or(Duration::ZERO, |rate| Duration::from_secs_f64(length as f64 / rate as f64));
        let leaves = self.free.max(now) + on_air;
        let waits = leaves.duration_since(now);
        if !conditions.open || self.chance() < conditions.loss || waits > QUEUE_MAX {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.free = leaves;
        self.shared.datagrams.fetch_add(1, Ordering::Relaxed);
        self.shared.bytes.fetch_add(length, Ordering::Relaxed);
        let due = leaves + conditions.delay + conditions.jitter.mul_f64(self.chance());
        self.number += 1;
        let flight = Flight { due, number: self.number, bytes: bytes.to_vec(), out: Arc::clone(out), to };
        if due <= now {
            flight.land();
        } else {
            // The other end lives as long as a sender does.
            let _ = self.queue.send(flight);
        }
    }
}

impl Flight {
    fn land(&self) {
        // A node that is not there is as good as a lost datagram.
        let _ = self.out.send_to(&self.bytes, self.to);
    }
}

/// From whoever calls to the node, and for each caller a way back.
fn relay(front: &Arc<UdpSocket>, target: u16, mut way: Way) {
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, target));
    let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    while !way.shared.ended.load(Ordering::Acquire) {
        let Ok((length, caller)) = front.recv_from(&mut buffer) else { continue };
        let back = match backs.entry(caller) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => match open_back(front, caller, &way) {
                Ok(back) => new.insert(back),
                Err(_) => continue,
            },
        };
        way.take(&buffer[..length], back, to);
    }
}

fn open_back(front: &Arc<UdpSocket>, caller: SocketAddr, way: &Way) -> Result<Arc<UdpSocket>> {
    let back = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
    back.set_read_timeout(Some(LOOK_EVERY))?;
    let (reader, front) = (Arc::clone(&back), Arc::clone(front));
    let mut way = Way::new(&way.shared, way.queue.clone());
    thread::spawn(move || {
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        while !way.shared.ended.load(Ordering::Acquire) {
            if let Ok((length, _)) = reader.recv_from(&mut buffer) {
                way.take(&buffer[..length], &front, caller);
            }
        }
    });
    Ok(back)
}

/// Lets each datagram land when it is due, until all ways are gone.
fn deliver(flights: &Receiver<Flight>) {
    let mut waiting: BinaryHeap<Reverse<Flight>> = BinaryHeap::new();
    loop {
        let now = Instant::now();
        while let Some(Reverse(first)) = waiting.peek() {
            if first.due > now {
                break;
            }
            if let Some(Reverse(flight)) = waiting.pop() {
                flight.land();
            }
        }
        let pause =
            waiting.peek().map_or(LOOK_EVERY, |Reverse(first)| first.due.saturating_duration_since(now));
        match flights.recv_timeout(pause) {
            Ok(flight) => waiting.push(Reverse(flight)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Link, UdpSocket, UdpSocket) {
        let node = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let link = Link::start(node.local_addr().unwrap().port()).unwrap();
        let caller = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        caller.connect((Ipv4Addr::LOCALHOST, link.port())).unwrap();
        for socket in [&node, &caller] {
            socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        }
        (link, node, caller)
    }

    #[test]
    fn datagrams_pass_both_ways_later_and_not_through_a_cut() {
        let (link, node, caller) = pair();
        let mut buffer = [0; 16];
        link.set(Conditions::CUT);
        caller.send(b"lost").unwrap();
        // It is lost once the link has seen it.
        while link.passed().lost == 0 {
            thread::yield_now();
        }
        let delay = Duration::from_millis(30);
        link.set(Conditions { delay, ..Conditions::LOOPBACK });
        let sent = Instant::now();
        caller.send(b"there").unwrap();
        let (length, from) = node.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"there");
        node.send_to(b"back", from).unwrap();
        let length = caller.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"back");
        assert!(sent.elapsed() >= 2 * delay, "there and back");
        assert_eq!(link.passed(), Passed { datagrams: 2, bytes: 9, lost: 1 });
    }

    #[test]
    fn of_many_datagrams_the_share_is_lost() {
        let (link, _node, caller) = pair();
        link.set(Conditions { loss: 0.25, ..Conditions::LOOPBACK });
        let seen = |passed: Passed| passed.datagrams + passed.lost;
        for sent in 1..=400 {
            caller.send(&[7; 10]).unwrap();
            while seen(link.passed()) < sent {
                thread::yield_now();
            }
        }
        let lost = link.passed().lost;
        assert!((60..=140).contains(&lost), "{lost} of 400 lost, a quarter expected");
    }
}
