//! Holdings, and what authenticated data bind of an envelope.

use super::bytes::refusal;
use super::{Area, Outcome, invalid, valid};
use crate::codec;
use crate::ids::{CompartmentId, ItemId, NodeId};
use crate::label::Level;
use crate::limits::PAGE_FRAME_BYTES_MAX;
use crate::message::{Authenticated, Envelope};
use crate::signature::Digest;
use crate::sync::{Holding, Ranges, TRANSCRIPT_BYTES, check_holdings};

fn node(seed: u8) -> NodeId {
    NodeId::from_bytes([seed; 32])
}

fn holdings_of(bytes: &[u8]) -> Outcome {
    let read: Vec<Holding> = codec::decode(bytes, PAGE_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    check_holdings(&read).map_err(|(code, why)| format!("{code} {why}"))?;
    let senders: usize = read.iter().map(|holding| holding.held.len()).sum();
    Ok(format!("{} compartments, {senders} senders", read.len()))
}

pub(super) fn holdings() -> Area {
    let one = |seed: u8| Holding {
        compartment: CompartmentId::from_bytes([seed; 16]),
        epoch: 4,
        transcript: vec![seed; TRANSCRIPT_BYTES],
        held: vec![(node(1), Ranges::up_to(5)), (node(2), Ranges::new())],
        mark: None,
    };
    let with = |change: fn(&mut Vec<Holding>)| {
        let mut holdings = vec![one(5), one(6)];
        change(&mut holdings);
        codec::encode(&holdings)
    };
    let cases = vec![
        valid("two", with(|_| ())),
        valid("none", with(Vec::clear)),
        invalid("unsorted", with(|h| h.swap(0, 1)), "FED_MALFORMED compartments not ascending"),
        invalid("one twice", with(|h| h[1] = h[0].clone()), "FED_MALFORMED compartments not ascending"),
        invalid(
            "empty transcript hash",
            with(|h| h[0].transcript.clear()),
            "FED_MALFORMED transcript hash of another length",
        ),
        invalid(
            "whole transcript hash",
            with(|h| h[0].transcript = vec![5; 32]),
            "FED_MALFORMED transcript hash of another length",
        ),
        invalid("senders unsorted", with(|h| h[0].held.swap(0, 1)), "FED_MALFORMED senders not ascending"),
    ];
    let input = "array of holding of wire.cddl; expect: how many (WIR-026)";
    Area { name: "holdings", input, judge: holdings_of, cases }
}

const COMPARTMENT: CompartmentId = CompartmentId::from_bytes([5; 16]);

/// Against an envelope of compartment 05…, author 01…, sequence 7, precedence 4.
fn authenticated_of(bytes: &[u8]) -> Outcome {
    let read: Authenticated = codec::decode(bytes, 1024).map_err(|error| refusal(&error))?;
    let envelope = Envelope {
        compartment: COMPARTMENT,
        sender: node(1),
        sequence: 7,
        epoch: 300,
        precedence: 4,
        ciphertext: vec![],
    };
    if !read.binds(&envelope) {
        return Err("MLS_AAD_MISMATCH".to_owned());
    }
    if !read.starts_soundly() {
        return Err("FED_ID_CONFLICT".to_owned());
    }
    Ok(format!("format {}, level {}, precedence {:?}", read.format, read.level, read.precedence))
}

pub(super) fn authenticated() -> Area {
    let with = |change: fn(&mut Authenticated)| {
        let mut plain = Authenticated {
            format: 2,
            compartment: COMPARTMENT,
            level: Level::NP,
            sender: node(1),
            sequence: 7,
            previous: Digest([9; 32]),
            message: ItemId::from_bytes([3; 16]),
            transcript: vec![8; TRANSCRIPT_BYTES],
            precedence: Some(4),
        };
        change(&mut plain);
        codec::encode(&plain)
    };
    let mismatch = "MLS_AAD_MISMATCH";
    let cases = vec![
        valid("format 2", with(|_| ())),
        valid("format 1", with(|a| (a.format, a.precedence) = (1, None))),
        invalid("format 1 with a precedence", with(|a| a.format = 1), mismatch),
        invalid("format 2 without a precedence", with(|a| a.precedence = None), mismatch),
        invalid("format 3", with(|a| a.format = 3), mismatch),
        invalid("another precedence", with(|a| a.precedence = Some(5)), mismatch),
        invalid(
            "another compartment",
            with(|a| a.compartment = CompartmentId::from_bytes([6; 16])),
            mismatch,
        ),
        invalid("another author", with(|a| a.sender = node(2)), mismatch),
        invalid("another sequence", with(|a| a.sequence = 8), mismatch),
        invalid("zeros for a later one", with(|a| a.previous = Digest([0; 32])), "FED_ID_CONFLICT"),
    ];
    let input = "authenticated of wire.cddl, in the message of an envelope of compartment 05…, author 01…, sequence \
                 7 and precedence 4; expect: its fields (WIR-020, WIR-021)";
    Area { name: "authenticated", input, judge: authenticated_of, cases }
}
