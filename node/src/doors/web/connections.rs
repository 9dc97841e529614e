//! Connections: how many stand at once, and for how long one may stand without taking what it asked
//! for. One too many is closed at once, before TLS; whoever is connected stays served.

use super::limits::STALL_TIME_MAX;
use axum_server::accept::Accept;
use std::future::{Ready, ready};
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready as when_ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

/// Room for so many connections.
#[derive(Debug, Clone)]
pub(super) struct Slots(Arc<Semaphore>);

/// Accepts as long as there is room.
#[derive(Debug, Clone)]
pub(super) struct Capped(Slots);

/// A connection, and its place among the others.
#[derive(Debug)]
pub(super) struct Held<T> {
    stream: T,
    stall_max: Duration,
    _slot: OwnedSemaphorePermit,
    /// Runs while the other end takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Slots {
    pub(super) fn new(connections_max: usize) -> Self {
        Self(Arc::new(Semaphore::new(connections_max)))
    }

    fn hold<T>(&self, stream: T, stall_max: Duration) -> Result<Held<T>> {
        let full = |_| Error::new(ErrorKind::QuotaExceeded, "too many connections");
        let slot = Arc::clone(&self.0).try_acquire_owned().map_err(full)?;
        Ok(Held { stream, stall_max, _slot: slot, stalled: None })
    }
}

impl Capped {
    pub(super) fn new(slots: Slots) -> Self {
        Self(slots)
    }
}

impl<S> Accept<TcpStream, S> for Capped {
    type Stream = Held<TcpStream>;
    type Service = S;
    type Future = Ready<Result<(Held<TcpStream>, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // An event of a live stream is small and shall not wait for the next one.
        let held = stream.set_nodelay(true).and_then(|()| self.0.hold(stream, STALL_TIME_MAX));
        ready(held.map(|held| (held, service)))
    }
}

impl<T> Held<T> {
    /// What a write has come to, unless the other end has taken nothing for too long.
    fn unless_stalled<W>(&mut self, written: Poll<Result<W>>, cx: &mut Context<'_>) -> Poll<Result<W>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stall_max = self.stall_max;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(stall_max)));
        when_ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Held<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Held<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.unless_stalled(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.unless_stalled(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;
    use std::io::ErrorKind;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn one_too_many_is_refused_until_one_leaves() {
        let slots = Slots::new(2);
        let held = (slots.hold((), LONG).unwrap(), slots.hold((), LONG).unwrap());
        assert_eq!(slots.hold((), LONG).unwrap_err().kind(), ErrorKind::QuotaExceeded);
        drop(held.0);
        assert!(slots.hold((), LONG).is_ok());
    }

    #[tokio::test]
    async fn whoever_takes_what_is_written_stays_and_whoever_does_not_is_left() {
        let (near, mut far) = duplex(4);
        let mut held = Slots::new(1).hold(near, LONG).unwrap();
        let mut taken = [0; 16];
        let (written, taken) = tokio::join!(held.write_all(&[7; 16]), far.read_exact(&mut taken));
        assert!(written.is_ok() && taken.is_ok());

        let (near, _far) = duplex(4);
        let mut held = Slots::new(1).hold(near, Duration::from_millis(1)).unwrap();
        assert_eq!(held.write_all(&[7; 16]).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}
