//! Frames: a 4-byte big-endian length, then that many bytes.
//!
//! Decides whether a frame is small enough, before anything is allocated for it; never looks inside.

use crate::limits;
use crate::plane::Plane;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response::Codec;
use std::io;

/// A frame past the limit of its plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("frame of {got} bytes, at most {limit} allowed")]
pub(crate) struct FrameTooLarge {
    pub(crate) got: usize,
    pub(crate) limit: usize,
}

impl FrameTooLarge {
    /// Finds the refusal inside the I/O error that carried it through libp2p.
    pub(crate) fn inside(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl From<FrameTooLarge> for io::Error {
    fn from(error: FrameTooLarge) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

/// Reads and writes the frames of one plane.
#[derive(Debug, Clone)]
pub(crate) struct Framing {
    frame_bytes_max: usize,
}

impl Framing {
    pub(crate) fn new(plane: Plane) -> Self {
        Self { frame_bytes_max: plane.frame_bytes_max() }
    }

    /// A peer that does not keep to the limits of the planes.
    #[cfg(test)]
    pub(crate) fn unlimited() -> Self {
        Self { frame_bytes_max: u32::MAX as usize }
    }

    fn check(&self, got: usize) -> Result<(), FrameTooLarge> {
        let limit = self.frame_bytes_max;
        if got > limit { Err(FrameTooLarge { got, limit }) } else { Ok(()) }
    }

    async fn read<T: AsyncRead + Unpin + Send>(&self, io: &mut T) -> io::Result<Vec<u8>> {
        let mut prefix = [0; 4];
        io.read_exact(&mut prefix).await?;
        let length = u32::from_be_bytes(prefix);
        let expected = usize::try_from(length).unwrap_or(usize::MAX);
        self.check(expected)?;
        let mut bytes = Vec::with_capacity(expected.min(limits::FRAME_FIRST_ALLOCATION_BYTES));
        let got = io.take(u64::from(length)).read_to_end(&mut bytes).await?;
        if got < expected { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
    }

    async fn write<T: AsyncWrite + Unpin + Send>(&self, io: &mut T, bytes: &[u8]) -> io::Result<()> {
        self.check(bytes.len())?;
        let length = u32::try_from(bytes.len())
            .map_err(|_| FrameTooLarge { got: bytes.len(), limit: self.frame_bytes_max })?;
        io.write_all(&length.to_be_bytes()).await?;
        io.write_all(bytes).await
    }
}

impl Codec for Framing {
    type Protocol = StreamProtocol;
    /// libp2p keeps a failed read of a request to itself, without naming the peer. An oversized
    /// request is therefore a value: it reaches the driver like any other and is refused there.
    type Request = Result<Vec<u8>, FrameTooLarge>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Self::Request>
    where
        T: AsyncRead + Unpin + Send,
    {
        match self.read(io).await {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(error) => FrameTooLarge::inside(&error).map(Err).ok_or(error),
        }
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        self.read(io).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: Self::Request,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        self.write(io, &request?).await
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, bytes: Vec<u8>) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        self.write(io, &bytes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::io::Cursor;

    async fn written(framing: &Framing, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut io = Cursor::new(Vec::new());
        framing.write(&mut io, bytes).await?;
        Ok(io.into_inner())
    }

    #[tokio::test]
    async fn a_frame_at_the_limit_round_trips_and_one_byte_past_is_refused() {
        for plane in Plane::ALL {
            let framing = Framing::new(plane);
            let limit = plane.frame_bytes_max();
            for length in [0, 1, limit] {
                let bytes = vec![7; length];
                let wire = written(&framing, &bytes).await.unwrap();
                assert_eq!(framing.read(&mut Cursor::new(wire)).await.unwrap(), bytes);
            }
            let past = FrameTooLarge { got: limit + 1, limit };
            let refused = written(&framing, &vec![7; limit + 1]).await.unwrap_err();
            assert_eq!(FrameTooLarge::inside(&refused), Some(past));
            let wire = written(&Framing::unlimited(), &vec![7; limit + 1]).await.unwrap();
            let refused = framing.read(&mut Cursor::new(wire)).await.unwrap_err();
            assert_eq!(FrameTooLarge::inside(&refused), Some(past));
        }
    }

    #[tokio::test]
    async fn the_length_is_judged_without_the_bytes() {
        let mut framing = Framing::new(Plane::Control);
        let protocol = Plane::Control.protocol();
        let mut io = Cursor::new(u32::MAX.to_be_bytes());
        let request = framing.read_request(&protocol, &mut io).await.unwrap();
        let limit = Plane::Control.frame_bytes_max();
        assert_eq!(request, Err(FrameTooLarge { got: u32::MAX as usize, limit }));
    }

    #[tokio::test]
    async fn a_cut_frame_is_an_error() {
        let framing = Framing::new(Plane::Control);
        for wire in [&[][..], &[0, 0], &[0, 0, 0, 2, 9]] {
            let error = framing.read(&mut Cursor::new(wire)).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
