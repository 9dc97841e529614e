//! What an MLS PrivateMessage says in clear (RFC 9420 §6, §6.3): its group, its epoch and the authenticated
//! data. Anybody who carries it could have written that; it is proven only when the message opens. Read
//! before, it shows a carrier who gives a message out for another one, and no key is spent on it.

use crate::MlsError;
use protocol::ids::CompartmentId;
use protocol::limits::CIPHERTEXT_BYTES_MAX;

const MLS_10: u16 = 1;
const PRIVATE_MESSAGE: u16 = 2;
const APPLICATION: u8 = 1;

/// The clear part of a PrivateMessage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The group.
    pub compartment: CompartmentId,
    /// The epoch it was sealed in.
    pub epoch: u64,
    /// The authenticated data.
    pub authenticated: Vec<u8>,
}

/// Reads the clear part of an application message. All of `ciphertext` must be that one message.
pub fn header(ciphertext: &[u8]) -> Result<Header, MlsError> {
    let malformed = MlsError::Malformed { expected: "application message" };
    if ciphertext.len() > CIPHERTEXT_BYTES_MAX {
        return Err(malformed);
    }
    read(ciphertext).ok_or(malformed)
}

fn read(bytes: &[u8]) -> Option<Header> {
    let mut rest = bytes;
    let kind = [number(&mut rest, 2)?, number(&mut rest, 2)?];
    if kind != [u64::from(MLS_10), u64::from(PRIVATE_MESSAGE)] {
        return None;
    }
    let compartment = CompartmentId::from_slice(vector(&mut rest)?)?;
    let epoch = number(&mut rest, 8)?;
    if number(&mut rest, 1)? != u64::from(APPLICATION) {
        return None;
    }
    let authenticated = vector(&mut rest)?.to_vec();
    let (_sender, _content) = (vector(&mut rest)?, vector(&mut rest)?);
    rest.is_empty().then_some(Header { compartment, epoch, authenticated })
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn number(rest: &mut &[u8], length: usize) -> Option<u64> {
    Some(take(rest, length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A vector with its variable-size length in front (RFC 9420 §2.1.2), in the shortest form.
fn vector<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let width = 1usize << (rest.first()? >> 6);
    if width > 4 {
        return None;
    }
    let length = number(rest, width)? & ((1 << (8 * width - 2)) - 1);
    let shortest = match length {
        0..=0x3f => 1,
        0x40..=0x3fff => 2,
        _ => 4,
    };
    if width != shortest {
        return None;
    }
    take(rest, usize::try_from(length).ok()?)
}
