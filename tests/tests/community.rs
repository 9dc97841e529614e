//! A community's life: a charter or nothing, a manager who accepts, organisations, agents, posts.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testnet::cast;
use testnet::client::{Client, IdText, label};
use testnet::wait::wait_until;
use tests::compose::{marker, telegram, with};
use tests::fixture::{Fixture, LATER, SOON};
use tests::lists::total;

fn charter(manager: &str, organisations: &[&str]) -> Value {
    json!({
        "name": "Ebola",
        "project": "Coordonner la réponse",
        "manager": manager,
        "tags": ["ebola"],
        "ceiling": label("DR"),
        "organisations": organisations,
    })
}

#[test]
fn no_charter_no_community() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let founder = fixture.drafter("mae")?;
    let entitled = fixture.client("mae", "p.garnier")?.agent_id()?;
    let not_entitled = fixture.client("mae", "y.benali")?.agent_id()?;
    let good = charter(&entitled, &[]);
    for (what, charter, code) in [
        ("no project", with(good.clone(), "project", json!(" ")), "COM_PROJECT_MISSING"),
        ("no manager", with(good.clone(), "manager", json!("")), "COM_MANAGER_NOT_ENTITLED"),
        (
            "a manager not entitled",
            with(good.clone(), "manager", json!(not_entitled)),
            "COM_MANAGER_NOT_ENTITLED",
        ),
        ("no name", with(good.clone(), "name", json!("")), "FIELD_MISSING"),
        (
            "an unknown level",
            with(good, "ceiling", json!({ "policy": "FR", "classification": "X" })),
            "LBL_UNKNOWN",
        ),
    ] {
        let refused = founder.post("/api/v1/communities", &charter)?;
        assert_eq!(refused.code(), code, "{what}: {}", refused.text);
    }
    assert_eq!(founder.get("/api/v1/communities")?.expect(200)?, json!([]), "nothing was opened");

    let two = fixture.client("mae", "h.delorme")?;
    two.post(&format!("/api/v1/agents/{not_entitled}/entitlement"), &json!({}))?.expect_success()?;
    founder.post("/api/v1/communities", &charter_of(&not_entitled))?.expect(201)?;
    Ok(())
}

fn charter_of(manager: &str) -> Value {
    charter(manager, &[])
}

#[test]
fn a_community_opens_when_its_manager_accepts_and_lives() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae(), cast::sante(), cast::conakry()])?;
    let founder = fixture.drafter("mae")?;
    let manager = fixture.client("mae", "p.garnier")?;
    let opened =
        founder.post("/api/v1/communities", &charter(&manager.agent_id()?, &["sante"]))?.expect(201)?;
    let id = opened.id_text()?;
    assert_eq!(opened["state"], "awaiting-manager");
    let post = json!({ "label": label("DR"), "body": "Trop tôt." });
    let early = manager.post(&format!("/api/v1/communities/{id}/posts"), &post)?;
    assert_eq!(early.code(), "COM_NOT_OPEN", "{}", early.text);
    manager.post(&format!("/api/v1/communities/{id}/accept"), &json!({}))?.expect_success()?;
    await_members(&manager, &id, 1)?;
    let invited =
        manager.post(&format!("/api/v1/communities/{id}/organisations"), &json!({ "node": "conakry" }))?;
    invited.expect_success()?;
    await_members(&manager, &id, 2)?;

    let laurent = admitted(&fixture, &id, "sante", ("b.faure", "s.laurent"))?;
    let diallo = admitted(&fixture, &id, "conakry", ("f.lemoine", "a.diallo"))?;
    let stranger = fixture.client("sante", "m.kone")?;
    assert_eq!(stranger.get(&format!("/api/v1/communities/{id}"))?.code(), "NOT_FOUND");
    assert_eq!(stranger.get("/api/v1/communities")?.expect(200)?, json!([]), "only who was admitted sees it");

    let word = marker();
    let post = json!({ "label": label("DR"), "body": format!("Réunion à 17 h 30 {word}") });
    manager.post(&format!("/api/v1/communities/{id}/posts"), &post)?.expect(201)?;
    for reader in [&laurent, &diallo] {
        wait_until("the post", SOON, || {
            let posts = reader.get(&format!("/api/v1/communities/{id}/posts"))?.expect(200)?;
            Ok(posts.as_array().context("a list")?.iter().any(|one| one["body"] == post["body"]))
        })?;
        wait_until("the post in the search", SOON, || Ok(total(reader, &format!("q={word}"))? == 1))?;
    }
    assert_eq!(total(&stranger, &format!("q={word}"))?, 0);
    share(&fixture, &id, &diallo, &manager)
}

/// A telegram shared by one of its addressees reaches agents whose groups it was not for.
fn share(fixture: &Fixture, community: &str, sender: &Client, manager: &Client) -> Result<()> {
    let word = marker();
    let draft = telegram("chancellerie@conakry", "dgs@sante", "DR", "À partager", &word);
    let id = sender.draft(&draft)?;
    sender.release(&id, &fixture.drafter_password("conakry")?)?;
    let path = format!("/api/v1/correspondence/{id}");
    assert_eq!(manager.get(&path)?.code(), "NOT_FOUND", "mae is no addressee");
    sender.post(&format!("{path}/share"), &json!({ "community": community }))?.expect_success()?;
    wait_until("the shared telegram at mae", SOON, || Ok(manager.get(&path)?.status == 200))?;
    let shared = manager.get(&path)?.expect(200)?;
    assert_eq!(shared["label"], label("DR"), "the label came unchanged");
    assert_eq!(shared["signatures"][0]["valid"], true, "and so did the signature");
    assert_eq!(shared["from"]["address"], "chancellerie@conakry");
    Ok(())
}

#[test]
fn an_organisation_that_is_expelled_receives_nothing_more() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae(), cast::sante(), cast::conakry()])?;
    let manager = fixture.client("mae", "p.garnier")?;
    let charter = charter(&manager.agent_id()?, &["sante", "conakry"]);
    let opened = manager.post("/api/v1/communities", &charter)?.expect(201)?;
    let id = opened.id_text()?;
    if opened["state"] == "awaiting-manager" {
        manager.post(&format!("/api/v1/communities/{id}/accept"), &json!({}))?.expect_success()?;
    }
    await_members(&manager, &id, 2)?;
    let laurent = admitted(&fixture, &id, "sante", ("b.faure", "s.laurent"))?;
    let diallo = admitted(&fixture, &id, "conakry", ("f.lemoine", "a.diallo"))?;
    manager.delete(&format!("/api/v1/communities/{id}/organisations/sante"))?.expect_success()?;
    let word = marker();
    let post = json!({ "label": label("NP"), "body": word });
    manager.post(&format!("/api/v1/communities/{id}/posts"), &post)?.expect(201)?;
    wait_until("the post at Conakry", SOON, || Ok(total(&diallo, &format!("q={word}"))? == 1))?;
    assert_eq!(total(&laurent, &format!("q={word}"))?, 0);
    let others = diallo.delete(&format!("/api/v1/communities/{id}/organisations/conakry"))?;
    assert!((400..500).contains(&others.status), "only the manager expels: {}", others.text);
    Ok(())
}

fn await_members(manager: &Client, id: &str, count: usize) -> Result<()> {
    wait_until(&format!("{count} organisations"), LATER, || {
        let seen = manager.get(&format!("/api/v1/communities/{id}"))?.expect(200)?;
        let all = seen["organisations"].as_array().context("organisations")?;
        Ok(all.iter().filter(|one| one["state"] == "member" && one["node"] != "mae").count() >= count)
    })
}

/// The node's number two admits an agent; the agent signed in.
fn admitted(fixture: &Fixture, id: &str, node: &str, (two, agent): (&str, &str)) -> Result<Client> {
    let (two, agent) = (fixture.client(node, two)?, fixture.client(node, agent)?);
    let asked = json!({ "agent": agent.agent_id()? });
    wait_until(&format!("the community at {node}"), LATER, || {
        let reply = two.post(&format!("/api/v1/communities/{id}/agents"), &asked)?;
        if reply.code() == "NOT_FOUND" { Ok(false) } else { reply.expect_success().map(|_| true) }
    })?;
    Ok(agent)
}
