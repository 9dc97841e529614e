//! What a store can stand on instead of a file: the simulator's disk, which forgets what was not synced.

use redb::StorageBackend;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// Bytes that are durable once synced, as a file's are.
pub trait Medium: Debug + Send + Sync + 'static {
    /// How many bytes there are; 0 for a new store.
    fn length(&self) -> io::Result<u64>;
    /// Fills `out` from there.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    /// Cuts, or fills up with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Makes durable what was written.
    fn sync(&self) -> io::Result<()>;
    /// Writes there; may be lost, or kept in part, until the next sync.
    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
}

/// A medium as redb sees it.
#[derive(Debug)]
pub(crate) struct Mounted(pub(crate) Arc<dyn Medium>);

impl StorageBackend for Mounted {
    fn len(&self) -> io::Result<u64> {
        self.0.length()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
