//! What two compromised ministries, a majority of the voters, may not do all the same.

use super::super::membership::{await_word, post};
use super::flips::refused_by_name;
use super::scene::Scene;
use anyhow::Result;
use mls::Change;
use net::Plane;
use protocol::commit::{Certificate, Value};
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::order::{Body, Message};
use protocol::signature::SecretKey;
use tests::hostile::{conspire, id_of, promise};

/// Attacks 1, 2 and 7, with the keys of a second ministry: a majority that lies is found out, and convicted by its
/// own signatures; what no rule allows is not merged by whoever is honest, however certified.
#[test]
fn a_majority_that_lies_is_convicted_and_brings_in_nobody() -> Result<()> {
    let scene = Scene::set()?;
    let (member, np, dr) = scene.groups()?;
    let hostile = &scene.hostile;
    let accomplice = scene.keys("transports", "identity")?;
    let both = [(hostile.node(), hostile.key()), (id_of(&accomplice), &accomplice)];

    let intruder =
        member.prepare(dr, Change { add: vec![scene.key_package_of("ong")?], ..Change::default() })?;
    let certified = conspire(&intruder, hostile.ballot(1), &both);
    scene.counts("MLS_COMMIT_POLICY", || hostile.show(&intruder, &certified))?;
    scene.others_talk()?;

    two_values_in_one_ballot(&scene, np)?;
    let one = member.prepare(np, Change::default())?;
    let proof = conspire(&one, hostile.ballot(2), &both);
    let body = Body::Decided { value: Box::new(one.clone()), certificate: Box::new(proof.clone()) };
    let decided = Message { compartment: np, epoch: one.epoch, body }.to_bytes();
    refused_by_name(&scene.fixture, hostile, ("decided", Plane::Order), &decided)?;
    hostile.show(&one, &proof)?;
    // It moved on: who asks about the epoch before is told what was decided.
    hostile.say(np, one.epoch, Body::Prepare { ballot: hostile.ballot(3), parent: one.parent.clone() })?;
    let told = hostile.await_said("the decision", |said| match said {
        Body::Decided { value, .. } => Some((**value).clone()),
        _ => None,
    })?;
    assert_eq!(told, one);

    let other = Value { next: vec![1; 32], ..one.clone() };
    forgeries(&scene, &other, &proof, &both[..1])?;
    scene.others_talk()?;
    let lie = conspire(&other, hostile.ballot(2), &both);
    scene.counts("MLS_FORK", || hostile.show(&other, &lie))?;
    // Frozen: nothing is voted there until people have decided. The other compartment goes on.
    scene.counts("MLS_FORK", || {
        hostile.say(np, one.epoch + 1, Body::Prepare { ballot: hostile.ballot(4), parent: one.next.clone() })
    })?;
    await_word(&scene.roux, &post(&scene.garnier, &scene.id, "DR")?, "transports")
}

/// What proves nothing freezes nothing.
fn forgeries(
    scene: &Scene,
    other: &Value,
    proof: &Certificate,
    alone: &[(NodeId, &SecretKey)],
) -> Result<()> {
    let hostile = &scene.hostile;
    let short = conspire(other, hostile.ballot(2), alone);
    let borrowed = Certificate { value: other.hash(), ..proof.clone() };
    let empty = Certificate { accepts: vec![], promises: vec![], ..short.clone() };
    for certificate in [short, borrowed, empty, proof.clone()] {
        scene.counts("MLS_NOT_CERTIFIED", || hostile.show(other, &certificate))?;
    }
    Ok(())
}

/// A second value in a ballot that has one.
fn two_values_in_one_ballot(scene: &Scene, np: CompartmentId) -> Result<()> {
    let (hostile, ballot) = (&scene.hostile, scene.hostile.ballot(1));
    let one = hostile.member().prepare(np, Change::default())?;
    hostile.say(np, one.epoch, Body::Prepare { ballot, parent: one.parent.clone() })?;
    let theirs = hostile.await_said("a promise", |said| match said {
        Body::Promised { promise, .. } => Some(promise.clone()),
        _ => None,
    })?;
    let promises = vec![theirs, promise(&one, ballot, hostile.node(), hostile.key())];
    let accept = |value: &Value| {
        let (value, promises) = (Box::new(value.clone()), promises.clone());
        hostile.say(np, one.epoch, Body::Accept { ballot, value, promises })
    };
    accept(&one)?;
    hostile.await_said("an accept", |said| matches!(said, Body::Accepted { .. }).then_some(()))?;
    let other = Value { intent: ItemId::from_bytes([3; 16]), ..one.clone() };
    scene.counts("MLS_NOT_CERTIFIED", || accept(&other))
}
