//! The mutation proxy: valid requests with one field changed at a time. Each change is refused by a name, or is one of
//! those listed here that do no wrong; and meanwhile the node serves somebody else.

use anyhow::{Context, Result};
use net::Plane;
use protocol::codec;
use protocol::ids::CompartmentId;
use protocol::label::Level;
use protocol::message::Payload;
use protocol::sync::{Holding, Ranges, TRANSCRIPT_BYTES};
use protocol::wire::{ControlRequest, LogRequest, Push};
use testnet::cast;
use testnet::wait::wait_until;
use tests::compose::{marker, telegram};
use tests::fixture::{Fixture, LATER, SOON};
use tests::flip::flips;
use tests::hostile::{Hostile, Verdict, refusals};
use tests::lists::total;

/// Changes that do no wrong, and why.
const HARMLESS: &[(&str, &str)] = &[
    // A clock is shown and never trusted; so is which life of itself a node says that it lives.
    ("hello", "[1].[0].10"),
    ("hello", "[1].[0].4"),
    // Of a newer list only the list itself is proof; it is asked for.
    ("hello", "[1].[0].6"),
    // Compartments that are not shared are passed over in silence; of a later epoch only its commits are proof.
    ("have", "[1].[0].[0].0"),
    ("have", "[1].[0].[0].2"),
    // A smaller question.
    ("want", "[1].[1]"),
    ("want", "[1].[2].[0].[1]"),
    ("want", "[1].[3]"),
    ("commits", "[1].[1]"),
];

/// Sends every changed copy of a request; each must be refused by a name, in the answer or in the target's metrics.
pub(super) fn refused_by_name(
    fixture: &Fixture,
    hostile: &Hostile,
    (name, plane): (&str, Plane),
    request: &[u8],
) -> Result<()> {
    let counted = || Ok::<u64, anyhow::Error>(refusals(fixture, "mae")?.values().sum());
    for flip in flips(request)? {
        let before = counted()?;
        let verdict = hostile.try_bytes(plane, flip.bytes)?;
        let named = matches!(&verdict, Verdict::Refused(code) if code.contains('_'));
        let harmless = HARMLESS.contains(&(name, flip.place.as_str()));
        if !named && !harmless {
            // What is looked at after the answer is counted a little later.
            wait_until(&format!("a name for {name} at {}: {verdict:?}", flip.place), SOON, || {
                Ok(counted()? > before)
            })?;
        }
        // A hello that was refused counts no more.
        hostile.say_hello()?;
    }
    Ok(())
}

/// Attack 13, field by field.
#[test]
fn every_changed_field_of_a_request_is_refused_by_a_name() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::sante(), cast::ong()])?;
    fixture.federation.start("mae")?;
    fixture.federation.start("sante")?;
    let (sante, mae) = (fixture.drafter("sante")?, fixture.drafter("mae")?);
    wait_until("the directory", LATER, || testnet::scenario::knows(&sante, "cdc@mae"))?;
    let hostile = Hostile::in_channel(&fixture, "ong", "mae")?;
    let channel = hostile.member().channel().context("the channel")?;
    for (name, plane, request) in requests(&hostile, channel)? {
        refused_by_name(&fixture, &hostile, (name, plane), &request)?;
        assert_eq!(hostile.try_bytes(plane, request)?, Verdict::Taken, "{name} unchanged is taken");
    }
    let word = marker();
    let id = sante.draft(&telegram("dgs@sante", "cdc@mae", "NP", "Pendant les attaques", &word))?;
    sante.release(&id, &fixture.drafter_password("sante")?)?;
    wait_until("the node serves others", SOON, || Ok(total(&mae, &format!("q={word}"))? == 1))
}

fn requests(hostile: &Hostile, channel: CompartmentId) -> Result<Vec<(&'static str, Plane, Vec<u8>)>> {
    let hello = ControlRequest::Hello(hostile.hello());
    let package = ControlRequest::ChannelKeyPackage { level: Level::NP };
    let directory = Payload::Directory { version: 1, groups: vec![] };
    let envelopes = vec![hostile.member().seal(&hostile.member().next(1, directory)?)?];
    let (epoch, mut transcript, _) = hostile.member().stands(channel)?;
    transcript.truncate(TRANSCRIPT_BYTES);
    let held = vec![];
    let have = LogRequest::Have(vec![Holding { compartment: channel, epoch, transcript, held, mark: None }]);
    let (sender, ranges) = (hostile.target, Ranges::up_to(1));
    let want = LogRequest::Want { compartment: channel, sender, ranges, from_epoch: 0 };
    let commits = LogRequest::Commits { compartment: channel, from_epoch: 0 };
    Ok(vec![
        ("hello", Plane::Control, codec::encode(&hello)),
        ("key package", Plane::Control, codec::encode(&package)),
        ("push", Plane::Messages, codec::encode(&Push { envelopes })),
        ("have", Plane::Log, codec::encode(&have)),
        ("want", Plane::Log, codec::encode(&want)),
        ("commits", Plane::Log, codec::encode(&commits)),
    ])
}
