//! What a listed peer may not say on a connection, and when.

use anyhow::Result;
use net::Plane;
use protocol::codec;
use protocol::ids::{CompartmentId, NodeId};
use protocol::label::Level;
use protocol::sync::{Holding, Ranges};
use protocol::wire::{ControlAnswer, ControlRequest, Hello, LogAnswer, LogRequest, PROTOCOL, Push};
use testnet::cast;
use tests::fixture::Fixture;
use tests::hostile::{Hostile, Verdict, refusals};

fn refused(answer: &ControlAnswer) -> &str {
    match answer {
        ControlAnswer::Refused(code) => code,
        _ => "taken",
    }
}

#[test]
fn before_its_hello_a_peer_is_told_nothing() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::ong()])?;
    fixture.federation.start("mae")?;
    let hostile = Hostile::connect(&fixture, "ong", "mae")?;
    let other = Hello { node: NodeId::from_bytes([0; 32]), ..hostile.hello() };
    assert_eq!(refused(&hostile.control(&ControlRequest::Hello(other))?), "FED_IDENTITY_MISMATCH");
    let asked = ControlRequest::ChannelKeyPackage { level: Level::NP };
    assert_eq!(refused(&hostile.control(&asked)?), "FED_HELLO_MISSING");
    let missing = LogAnswer::Refused("FED_HELLO_MISSING".to_owned());
    for request in [LogRequest::Have(vec![]), LogRequest::List, LogRequest::Suspensions] {
        assert_eq!(hostile.log(&request)?, missing);
    }
    let push = codec::encode(&Push { envelopes: vec![] });
    assert_eq!(hostile.try_bytes(Plane::Messages, push)?, Verdict::Closed);

    hostile.say_hello()?;
    assert!(matches!(hostile.log(&LogRequest::List)?, LogAnswer::List(_)));
    let later = Hello { protocol: PROTOCOL + 1, ..hostile.hello() };
    assert_eq!(refused(&hostile.control(&ControlRequest::Hello(later))?), "FED_VERSION");
    assert_eq!(hostile.log(&LogRequest::List)?, missing, "it counts no more");
    Ok(())
}

/// Attack 13, the part of the decoders: prefixes without bytes, nesting, indefinite lengths, too much of each.
#[test]
fn malformed_frames_are_named_and_the_connection_stays() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::ong()])?;
    fixture.federation.start("mae")?;
    let hostile = Hostile::in_channel(&fixture, "ong", "mae")?;
    let nested = [&[0x81; 60_000][..], &[0x00]].concat();
    for bytes in [vec![], vec![0xff], vec![0x9f], vec![0xbb; 9], nested] {
        let verdict = hostile.try_bytes(Plane::Control, bytes)?;
        assert_eq!(verdict, Verdict::Refused("FED_MALFORMED".to_owned()));
    }
    let before = refusals(&fixture, "mae")?.get("FED_MALFORMED").copied().unwrap_or_default();
    for plane in [Plane::Messages, Plane::Log, Plane::Order] {
        assert_eq!(hostile.try_bytes(plane, vec![0x9f, 0x00])?, Verdict::Closed);
    }
    assert_eq!(refusals(&fixture, "mae")?.get("FED_MALFORMED"), Some(&(before + 3)));

    let sender = |n: u8| (NodeId::from_bytes([n; 32]), Ranges::up_to(1));
    let holding = Holding {
        compartment: CompartmentId::from_bytes([1; 16]),
        epoch: 1,
        transcript: vec![],
        held: vec![sender(1)],
        mark: None,
    };
    hostile.log(&LogRequest::Have(vec![holding]))?;
    hostile.say_hello()
}
