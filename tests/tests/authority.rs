//! The authority and its nodes: one invitation file to join, one key to suspend, new keys under an old
//! id. What a running node is told, it does at once and passes on.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::PathBuf;
use testnet::cast;
use testnet::client::Client;
use testnet::wait::wait_until;
use tests::compose::{marker, telegram};
use tests::fixture::{Fixture, LATER, SOON};
use tests::lists::{delivery, total};

fn authority(fixture: &Fixture) -> PathBuf {
    fixture.federation.dir.join("authority")
}

/// An authority's command in its own folder.
pub(super) fn orders(fixture: &Fixture, args: &[&str]) -> Result<()> {
    let mut command = fixture.federation.valise().command(["authority"]);
    let output = command.args(args).arg("--dir").arg(authority(fixture)).output()?;
    ensure!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// `valise federation accept` of one of the authority's files, at a node that may be running.
pub(super) fn accepts(fixture: &Fixture, node: &str, file: &str) -> Result<()> {
    let file = authority(fixture).join(file);
    let output = fixture.on_stopped(node, &["federation", "accept", &file.display().to_string()])?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// What one node's page says of another.
fn peer(client: &Client, name: &str) -> Result<Value> {
    let seen = client.get("/api/v1/federation")?.expect(200)?;
    let peers = seen["peers"].as_array().context("peers")?;
    peers.iter().find(|peer| peer["name"] == name).cloned().with_context(|| format!("no {name} in {seen}"))
}

/// Waits until `name` stands so for the client's node, with or without a connection.
fn await_standing(client: &Client, name: &str, standing: &str, reachable: bool) -> Result<()> {
    wait_until(&format!("{name} is {standing}"), SOON, || {
        let peer = peer(client, name)?;
        Ok(peer["accreditation"] == standing && peer["reachable"] == reachable)
    })
}

fn send(fixture: &Fixture, (node, from): (&str, &str), to: &str, text: &str) -> Result<String> {
    let client = fixture.drafter(node)?;
    let id = client.draft(&telegram(from, to, "NP", "Objet", text))?;
    let proof = json!({ "password": fixture.drafter_password(node)? });
    client.post(&format!("/api/v1/correspondence/{id}/release"), &proof)?.expect_success()?;
    Ok(id)
}

#[test]
fn one_key_suspends_a_guest_everywhere_and_a_list_lets_it_back() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae(), cast::sante(), cast::ong()])?;
    let (mae, sante, ong) = (fixture.drafter("mae")?, fixture.drafter("sante")?, fixture.drafter("ong")?);
    // One key of three, when two sign a list; the statement goes to one ministry.
    orders(&fixture, &["suspend", "ong", "--reason", "poste perdu"])?;
    accepts(&fixture, "mae", "federation.suspensions")?;
    await_standing(&mae, "ong", "suspended", false)?;
    await_standing(&sante, "ong", "suspended", false)?;
    let status = fixture.on_stopped("sante", &["federation", "status"])?;
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(status.contains("sante (running): active") && status.contains("ong guest suspended"), "{status}");
    let word = marker();
    let id = send(&fixture, ("mae", "cdc@mae"), "dgs@sante", &word)?;
    wait_until("the others go on", SOON, || Ok(delivery(&mae, &id, "dgs@sante")? != "sent"))?;
    assert_eq!(total(&ong, &format!("q={word}"))?, 0);

    orders(&fixture, &["reinstate", "ong"])?;
    accepts(&fixture, "sante", "federation.list")?;
    await_standing(&mae, "ong", "active", true)?;
    await_standing(&sante, "ong", "active", true)?;
    let id = send(&fixture, ("mae", "cdc@mae"), "urgences@ong", &marker())?;
    wait_until("the guest receives again", LATER, || Ok(delivery(&mae, &id, "urgences@ong")? != "sent"))
}

#[test]
fn a_node_changes_its_keys_while_it_runs_and_stays_itself() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae(), cast::sante()])?;
    let mae = fixture.drafter("mae")?;
    let before = send(&fixture, ("sante", "dgs@sante"), "cdc@mae", &marker())?;
    wait_until("the first telegram", SOON, || {
        Ok(delivery(&fixture.drafter("sante")?, &before, "cdc@mae")? != "sent")
    })?;
    let id = peer(&mae, "sante")?["id"].clone();

    let rotated = fixture.on_stopped("sante", &["rotate"])?;
    ensure!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
    let request = fixture.federation.node("sante")?.dir.join("rotation.cbor");
    orders(&fixture, &["rotate", &request.display().to_string()])?;
    let invitation = authority(&fixture).join("sante.invitation");
    let joined = fixture.on_stopped("sante", &["join", &invitation.display().to_string()])?;
    ensure!(joined.status.success(), "{}", String::from_utf8_lossy(&joined.stderr));
    accepts(&fixture, "mae", "federation.list")?;

    wait_until("sante under its new keys", LATER, || {
        let peer = peer(&mae, "sante")?;
        Ok(peer["keys_changed"] == 1 && peer["reachable"] == true && peer["list_version"] == 4)
    })?;
    assert_eq!(peer(&mae, "sante")?["id"], id, "the node's id is what it was");
    let there = send(&fixture, ("mae", "cdc@mae"), "dgs@sante", &marker())?;
    wait_until("a telegram to the new keys", LATER, || Ok(delivery(&mae, &there, "dgs@sante")? != "sent"))?;
    let back = send(&fixture, ("sante", "dgs@sante"), "cdc@mae", &marker())?;
    wait_until("a telegram under the new keys", LATER, || {
        Ok(delivery(&fixture.drafter("sante")?, &back, "cdc@mae")? != "sent")
    })?;
    for item in [before, back] {
        let signature =
            mae.get(&format!("/api/v1/correspondence/{item}"))?.expect(200)?["signatures"][0].clone();
        assert_eq!(signature["valid"], true, "signed by the keys of its day: {signature}");
    }
    Ok(())
}
