//! Ports on the loopback. A node's peers learn its address when it is accredited, before it runs, so
//! ports are chosen beforehand. They lie below the range from which the kernel takes the local ports
//! of outgoing connections, so that a stopped node finds its port free when it starts again.

use anyhow::{Context, Result};
use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

/// What one node listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodePorts {
    /// Portal and API.
    pub web: u16,
    /// Metrics.
    pub metrics: u16,
    /// Peers: UDP for QUIC and TCP behind it.
    pub peers: u16,
    /// The UDP port that others are told, when they are to come through a link.
    pub announced: Option<u16>,
}

/// Ports of one node lie in a block of this size.
const BLOCK: u16 = 10;
const FIRST: u16 = 7_400;
const SCATTERED_FIRST: u16 = 12_000;
const SCATTERED_BLOCKS: u16 = 1_900;

impl NodePorts {
    fn at(base: u16) -> Self {
        Self { web: base, metrics: base + 1, peers: base + 2, announced: None }
    }

    fn free(self) -> bool {
        let tcp = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        tcp(self.web)
            && tcp(self.metrics)
            && tcp(self.peers)
            && UdpSocket::bind(("127.0.0.1", self.peers)).is_ok()
    }
}

/// Neighbouring blocks for `count` nodes from `base` as asked; otherwise from 7400, or the next run
/// of blocks that is free.
pub fn in_a_row(base: Option<u16>, count: u16) -> Result<Vec<NodePorts>> {
    let run = |base: u16| (0..count).map(move |index| NodePorts::at(base + index * BLOCK));
    if let Some(base) = base {
        base.checked_add(count * BLOCK).context("the last node's port would be above 65535")?;
        return Ok(run(base).collect());
    }
    (0..40)
        .map(|attempt| FIRST + attempt * 100)
        .find(|base| run(*base).all(NodePorts::free))
        .map(|base| run(base).collect())
        .context("no free ports from 7400 on: give --base-port")
}

/// Blocks that no other federation of this process has, and that are free now. Processes start at
/// different places, so that two test runs on one machine seldom meet.
pub fn scattered(count: usize) -> Result<Vec<NodePorts>> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start =
        u16::try_from(u32::from(std::process::id() as u16).wrapping_mul(97) % u32::from(SCATTERED_BLOCKS))?;
    let mut found = Vec::new();
    for _ in 0..SCATTERED_BLOCKS {
        if found.len() == count {
            break;
        }
        let block = (start + NEXT.fetch_add(1, Ordering::Relaxed)) % SCATTERED_BLOCKS;
        let ports = NodePorts::at(SCATTERED_FIRST + block * BLOCK);
        if ports.free() {
            found.push(ports);
        }
    }
    anyhow::ensure!(found.len() == count, "no free ports on the loopback");
    Ok(found)
}

/// The first port of `count` neighbouring blocks, found like [`scattered`].
pub fn scattered_row(count: usize) -> Result<u16> {
    for _ in 0..SCATTERED_BLOCKS {
        let found = scattered(count)?;
        if found.windows(2).all(|two| two[1].web == two[0].web + BLOCK) {
            return found.first().map(|first| first.web).context("a row of no nodes");
        }
    }
    anyhow::bail!("no row of free ports on the loopback")
}
