//! What the machine itself can do, measured in the same run as the federation: a figure of ours means
//! something only beside its limit.

use anyhow::{Context, Result};
use serde::Serialize;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

const SYNC_FOR: Duration = Duration::from_secs(2);
const SYNC_BYTES: usize = 4 * 1024;
const ROUND_TRIPS: usize = 5_000;
/// Sent over one connection to see how fast the loopback is.
const STREAM_BYTES: usize = 1 << 30;
const STREAM_BLOCK_BYTES: usize = 256 * 1024;
const ROUND_TRIP_BYTES: usize = 64;

/// The machine's limits.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Writes of 4 KiB, each followed by fdatasync, a second, one after the other.
    pub fdatasync_per_second: f64,
    /// The median of one such write, in milliseconds.
    pub fdatasync_p50_ms: f64,
    /// Median round trip of 64 bytes over a TCP connection on the loopback, in milliseconds.
    pub loopback_round_trip_p50_ms: f64,
    /// Its 99th percentile.
    pub loopback_round_trip_p99_ms: f64,
    /// Processors that we may use.
    pub cpus: usize,
}

/// Measures; writes its file in `dir`, on the disk that the nodes use.
pub fn measure(dir: &Path) -> Result<Machine> {
    let syncs = syncs(&dir.join(".fdatasync"))?;
    let trips = round_trips()?;
    Ok(Machine {
        fdatasync_per_second: syncs.len() as f64 / syncs.iter().sum::<Duration>().as_secs_f64(),
        fdatasync_p50_ms: percentile_ms(&syncs, 50.0),
        loopback_round_trip_p50_ms: percentile_ms(&trips, 50.0),
        loopback_round_trip_p99_ms: percentile_ms(&trips, 99.0),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

fn syncs(path: &Path) -> Result<Vec<Duration>> {
    let mut file = File::create(path).with_context(|| format!("make {}", path.display()))?;
    let (block, started) = ([0x5a_u8; SYNC_BYTES], Instant::now());
    let mut taken = Vec::new();
    while started.elapsed() < SYNC_FOR {
        let before = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        taken.push(before.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(taken)
}

fn round_trips() -> Result<Vec<Duration>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let echo = std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let mut message = [0_u8; ROUND_TRIP_BYTES];
        for _ in 0..ROUND_TRIPS {
            stream.read_exact(&mut message)?;
            stream.write_all(&message)?;
        }
        Ok(())
    });
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut message = [1_u8; ROUND_TRIP_BYTES];
    let mut taken = Vec::with_capacity(ROUND_TRIPS);
    for _ in 0..ROUND_TRIPS {
        let before = Instant::now();
        stream.write_all(&message)?;
        stream.read_exact(&mut message)?;
        taken.push(before.elapsed());
    }
    echo.join().map_err(|_| anyhow::anyhow!("the echo thread panicked"))??;
    Ok(taken)
}

/// Bytes a second of one TCP connection on the loopback.
pub fn tcp_bytes_per_second() -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let sink = std::thread::spawn(move || -> std::io::Result<u64> {
        std::io::copy(&mut listener.accept()?.0, &mut std::io::sink())
    });
    let mut stream = TcpStream::connect(address)?;
    let block = vec![7_u8; STREAM_BLOCK_BYTES];
    let begun = Instant::now();
    for _ in 0..STREAM_BYTES / STREAM_BLOCK_BYTES {
        stream.write_all(&block)?;
    }
    drop(stream);
    let bytes = sink.join().map_err(|_| anyhow::anyhow!("the sink panicked"))??;
    Ok(bytes as f64 / begun.elapsed().as_secs_f64())
}

/// The `p`-th percentile (nearest rank) in milliseconds.
pub fn percentile_ms(taken: &[Duration], p: f64) -> f64 {
    let mut sorted = taken.to_vec();
    sorted.sort_unstable();
    let rank = ((p / 100.0) * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).map_or(0.0, |one| one.as_secs_f64() * 1_000.0)
}
