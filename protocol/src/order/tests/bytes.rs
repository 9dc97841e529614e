//! Messages as bytes: the form that the specification gives, and the size that the limit allows.

use super::cast::{COMPARTMENT, Cheap, commit, node, nodes};
use crate::codec::CodecError;
use crate::commit::{Ballot, Certificate, Electorate, Promise, Vote};
use crate::ids::hex;
use crate::limits::{CERTIFICATE_VOTES_MAX, COMMIT_BYTES_MAX, ORDER_FRAME_BYTES_MAX};
use crate::order::{Body, Durable, Message, Reason};

fn message(body: Body) -> Message {
    Message { compartment: COMPARTMENT, epoch: 7, body }
}

#[test]
fn a_prepare_has_these_bytes() {
    let ballot = Ballot { round: 1, node: node(2), incarnation: 3 };
    let bytes = message(Body::Prepare { ballot, parent: vec![9] }).to_bytes();
    let expected = [
        "a3005005050505050505050505050505050505",
        "0207",
        "048200a200a300010258200202020202020202020202020202020202020202020202020202020202020202",
        "0403",
        "024109",
    ];
    assert_eq!(hex(&bytes), expected.concat());
    assert_eq!(Message::from_bytes(&bytes), Ok(message(Body::Prepare { ballot, parent: vec![9] })));
}

#[test]
fn an_unknown_odd_key_is_ignored_and_an_unknown_even_key_is_critical() {
    let bytes = message(Body::Nack { ballot: None, reason: Reason::Recovery }).to_bytes();
    let with = |key: u8| [&[0xa4], &bytes[1..], &[key, 0]].concat();
    assert_eq!(Message::from_bytes(&with(5)), Message::from_bytes(&bytes));
    assert!(matches!(Message::from_bytes(&with(6)), Err(CodecError::CriticalKey { key: 6, .. })));
}

#[test]
fn a_commit_is_of_the_epoch_and_compartment_that_its_message_names() {
    let submitted = |epoch| {
        let value = Box::new(commit(epoch, &[1], 2, &[]));
        message(Body::Submit { value, urgent: false }).to_bytes()
    };
    assert!(Message::from_bytes(&submitted(7)).is_ok());
    assert!(matches!(Message::from_bytes(&submitted(8)), Err(CodecError::Malformed { .. })));
    let mut elsewhere = submitted(7);
    elsewhere[4] ^= 1;
    assert!(matches!(Message::from_bytes(&elsewhere), Err(CodecError::Malformed { .. })));
}

#[test]
fn the_largest_decision_fits_a_frame() {
    let largest = u64::MAX;
    let ballot = |round| Ballot { round, node: node(1), incarnation: u32::MAX };
    let mut value = commit(largest - 1, &[0; 64], 1, &[]);
    value.commit = vec![0; COMMIT_BYTES_MAX];
    value.next = vec![0; 64];
    let voters: Vec<u8> = (1..=CERTIFICATE_VOTES_MAX as u8).collect();
    let (at, hash) = (value.instance(), value.hash());
    let accepts =
        nodes(&voters).into_iter().map(|voter| Vote::sign(&Cheap(voter), voter, at, ballot(largest), hash));
    let promises = nodes(&voters).into_iter().map(|voter| {
        Promise::sign(&Cheap(voter), voter, at, ballot(largest), Some((ballot(largest - 1), hash)))
    });
    let certificate = Certificate::assemble(&value, ballot(largest), accepts.collect(), promises.collect());
    let electorate = Electorate::majority(nodes(&voters));
    assert_eq!(certificate.check(&Cheap(node(1)), &value, &electorate), Ok(()));
    let decided = Body::Decided { value: Box::new(value), certificate: Box::new(certificate) };
    let bytes = Message { epoch: largest - 1, ..message(decided) }.to_bytes();
    assert!(bytes.len() <= ORDER_FRAME_BYTES_MAX, "{} bytes", bytes.len());
    assert!(Message::from_bytes(&bytes).is_ok());
    let over = vec![0; ORDER_FRAME_BYTES_MAX + 1];
    assert!(matches!(Message::from_bytes(&over), Err(CodecError::TooLarge { .. })));
}

#[test]
fn what_is_durable_is_read_back() {
    let ballot = Ballot { round: 4, node: node(2), incarnation: 1 };
    let accepted = Some((ballot, commit(7, &[1], 2, &[1, 2, 3])));
    let durable = Durable { promised: Some(ballot), accepted, ..Durable::new(7, vec![1], 3) };
    assert_eq!(Durable::from_bytes(&durable.to_bytes()), Ok(durable));
}
