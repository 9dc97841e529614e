//! Law 1 and law 7 at the guest: what stands above its ceiling leaves no trace there, neither on its
//! disk nor in a count.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;
use testnet::cast;
use testnet::client::{Client, IdText, label};
use testnet::metrics::Metrics;
use testnet::wait::wait_until;
use tests::compose::{marker, telegram};
use tests::fixture::{Fixture, LATER, SOON};
use tests::lists::{delivery, total};

/// What the guest's agent asks; the words stand in open and in restricted papers alike.
const QUESTIONS: [&str; 5] = [
    "q=Macenta",
    "q=centre",
    "q=Macenta&classification=NP",
    "q=Macenta&classification=DR",
    "q=%22centre%20de%20traitement%22",
];

#[test]
fn a_guest_cannot_tell_that_restricted_papers_exist() -> Result<()> {
    let mut fixture = Fixture::start(&[cast::mae(), cast::sante(), cast::ong()])?;
    let mae = fixture.drafter("mae")?;
    let ong = fixture.drafter("ong")?;
    let community = open_community(&fixture)?;
    let secret = marker();

    send(&fixture, &mae, "urgences@ong", "NP", "Centre de traitement de Macenta : point public")?;
    post(&mae, &community, "NP", "Le centre de traitement de Macenta ouvre jeudi.")?;
    wait_until("the open papers at the guest", LATER, || Ok(total(&ong, "q=Macenta")? == 2))?;
    let before = everything(&ong)?;

    let restricted = format!("Centre de traitement de Macenta, réserve : {secret}");
    let id = send(&fixture, &mae, "dgs@sante", "DR", &restricted)?;
    post(&mae, &community, "DR", &restricted)?;
    wait_until("the restricted telegram at sante", SOON, || Ok(delivery(&mae, &id, "dgs@sante")? != "sent"))?;
    let laurent = fixture.drafter("sante")?;
    wait_until("the restricted papers at sante", SOON, || Ok(total(&laurent, &format!("q={secret}"))? == 2))?;
    refused_towards_the_guest(&fixture, &mae, &ong, &community)?;
    let flush = marker();
    // A post and not a telegram: its sender's name must match none of the queries compared.
    post(&mae, &community, "NP", &flush)?;
    wait_until("what was sent after them, at the guest", SOON, || {
        Ok(total(&ong, &format!("q={flush}"))? == 1)
    })?;

    assert_eq!(everything(&ong)?, before, "totals, hits, snippets, order and facets are unchanged");
    assert_eq!(total(&ong, &format!("q={secret}"))?, 0);
    let metrics = Metrics::read(&fixture.federation.node("ong")?.metrics_url)?;
    assert!(!metrics.text.contains("\"DR"), "no series of a level that it does not hold");
    // It is in no restricted compartment, so that it would refuse, and count, any frame of one.
    assert!(!metrics.text.contains("FED_NOT_MEMBER"), "no frame of a restricted compartment reached it");
    no_trace_on_disk(&mut fixture, &secret)
}

fn refused_towards_the_guest(fixture: &Fixture, mae: &Client, ong: &Client, community: &str) -> Result<()> {
    let id = mae.draft(&telegram("cdc@mae", "urgences@ong", "DR", "Réservé", "Texte."))?;
    let proof = json!({ "password": fixture.drafter_password("mae")? });
    let refused = mae.post(&format!("/api/v1/correspondence/{id}/release"), &proof)?;
    assert_eq!(refused.code(), "LBL_ABOVE_ADDRESSEE", "{}", refused.text);
    let above = json!({ "label": label("DR"), "body": "Au-dessus de mon habilitation." });
    let refused = ong.post(&format!("/api/v1/communities/{community}/posts"), &above)?;
    assert_eq!(refused.code(), "LBL_ABOVE_CLEARANCE", "{}", refused.text);
    for path in ["/api/v1/directory?q=", "/api/v1/communities", &format!("/api/v1/communities/{community}")] {
        let answer = ong.get(path)?;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text.contains("\"DR\""), "{path} names no level above the guest's: {}", answer.text);
    }
    Ok(())
}

fn no_trace_on_disk(fixture: &mut Fixture, secret: &str) -> Result<()> {
    let verified = fixture.verify("ong")?;
    let compartments = verified["compartments"].as_array().context("verify lists compartments")?;
    assert!(!compartments.is_empty());
    assert!(compartments.iter().all(|one| !one.to_string().contains("DR")), "{compartments:?}");
    let held = fixture.verify("sante")?;
    assert!(held["compartments"].to_string().contains("DR"), "the same list at sante names DR: {held}");
    let dir = fixture.federation.node("ong")?.dir.clone();
    let files = files_with(&dir, secret.as_bytes())?;
    assert!(files.is_empty(), "the marker of the restricted papers stands in {files:?}");
    Ok(())
}

fn open_community(fixture: &Fixture) -> Result<String> {
    let manager = fixture.client("mae", "p.garnier")?;
    let charter = json!({
        "name": "Ebola",
        "project": "Coordonner la réponse",
        "manager": manager.agent_id()?,
        "tags": [],
        "ceiling": label("DR"),
        "organisations": ["sante", "ong"],
    });
    let opened = manager.post("/api/v1/communities", &charter)?.expect(201)?;
    let id = opened.id_text()?;
    if opened["state"] == "awaiting-manager" {
        manager.post(&format!("/api/v1/communities/{id}/accept"), &json!({}))?.expect_success()?;
    }
    for (node, two, agent) in
        [("mae", "h.delorme", "c.mercier"), ("sante", "b.faure", "s.laurent"), ("ong", "d.petit", "i.moreau")]
    {
        let asked = json!({ "agent": fixture.client(node, agent)?.agent_id()? });
        let two = fixture.client(node, two)?;
        wait_until(&format!("the community at {node}"), LATER, || {
            let reply = two.post(&format!("/api/v1/communities/{id}/agents"), &asked)?;
            if reply.code() == "NOT_FOUND" { Ok(false) } else { reply.expect_success().map(|_| true) }
        })?;
    }
    Ok(id)
}

fn send(fixture: &Fixture, mae: &Client, to: &str, level: &str, body: &str) -> Result<String> {
    let id = mae.draft(&telegram("cdc@mae", to, level, "Point de situation", body))?;
    mae.release(&id, &fixture.drafter_password("mae")?)?;
    Ok(id)
}

fn post(client: &Client, community: &str, level: &str, body: &str) -> Result<()> {
    let post = json!({ "label": label(level), "body": body });
    client.post(&format!("/api/v1/communities/{community}/posts"), &post)?.expect(201)?;
    Ok(())
}

/// Every answer in full: totals, hits with snippets in their order, facets.
fn everything(client: &Client) -> Result<Vec<Value>> {
    QUESTIONS.iter().map(|question| client.get(&format!("/api/v1/search?{question}"))?.expect(200)).collect()
}

fn files_with(dir: &Path, needle: &[u8]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in dir.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_with(&path, needle)?);
        } else if std::fs::read(&path)?.windows(needle.len()).any(|window| window == needle) {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}
