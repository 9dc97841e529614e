//! Membership without anybody in the middle (laws 4 and 5): the ministries of a community decide, a
//! majority is enough, the founder is one of them and no more.

use super::authority::{accepts, orders};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use testnet::cast;
use testnet::client::{Client, IdText, label};
use testnet::wait::wait_until;
use tests::compose::marker;
use tests::fixture::{Fixture, LATER, SOON};
use tests::lists::total;

/// Opens a community of three ministries at mae, with an entitled manager of each admitted.
pub(super) fn three_ministries(fixture: &Fixture, also: &[&str]) -> Result<String> {
    let manager = fixture.client("mae", "p.garnier")?;
    let organisations: Vec<&str> = ["sante", "transports"].iter().chain(also).copied().collect();
    let charter = json!({
        "name": "Ebola",
        "project": "Coordonner la réponse",
        "manager": manager.agent_id()?,
        "tags": ["ebola"],
        "ceiling": label("DR"),
        "organisations": organisations,
    });
    let id = manager.post("/api/v1/communities", &charter)?.expect(201)?.id_text()?;
    for (node, two, agent) in [("sante", "b.faure", "l.renard"), ("transports", "n.perrin", "e.roux")] {
        admit(fixture, &id, node, (two, agent))?;
    }
    let expected = organisations.len() + 1;
    wait_until("every organisation is a member", LATER, || Ok(members(&manager, &id)?.len() == expected))?;
    Ok(id)
}

/// The node's number two admits an agent as soon as the node is in the community; the agent signed in.
fn admit(fixture: &Fixture, id: &str, node: &str, (two, agent): (&str, &str)) -> Result<Client> {
    let (two, agent) = (fixture.client(node, two)?, fixture.client(node, agent)?);
    let asked = json!({ "agent": agent.agent_id()? });
    wait_until(&format!("the community at {node}"), LATER, || {
        let reply = two.post(&format!("/api/v1/communities/{id}/agents"), &asked)?;
        if reply.code() == "NOT_FOUND" { Ok(false) } else { reply.expect_success().map(|_| true) }
    })?;
    Ok(agent)
}

/// Short names of the members that the client's node knows of, those that are leaving included.
fn members(client: &Client, id: &str) -> Result<Vec<String>> {
    let seen = client.get(&format!("/api/v1/communities/{id}"))?.expect(200)?;
    let all = seen["organisations"].as_array().context("organisations")?;
    let inside = all.iter().filter(|one| one["state"] == "member" || one["state"] == "leaving");
    Ok(inside.filter_map(|one| one["node"].as_str()).map(str::to_owned).collect())
}

pub(super) fn post(client: &Client, id: &str, level: &str) -> Result<String> {
    let word = marker();
    let post = json!({ "label": label(level), "body": word });
    client.post(&format!("/api/v1/communities/{id}/posts"), &post)?.expect(201)?;
    Ok(word)
}

pub(super) fn await_word(reader: &Client, word: &str, where_: &str) -> Result<()> {
    wait_until(&format!("the post at {where_}"), LATER, || Ok(total(reader, &format!("q={word}"))? == 1))
}

/// Epoch, transcript and voters of each compartment of a community, as `valise verify` tells them.
fn state(fixture: &mut Fixture, node: &str, id: &str) -> Result<Vec<Value>> {
    let report = fixture.verify(node)?;
    let all = report["compartments"].as_array().context("compartments")?;
    let ours = all.iter().filter(|one| one["space"] == id && one["active"] == true);
    let brief = |one: &Value| json!([one["level"], one["epoch"], one["transcript"], one["voters"]]);
    let mut brief: Vec<Value> = ours.map(brief).collect();
    brief.sort_by_key(Value::to_string);
    Ok(brief)
}

pub(super) fn agree(fixture: &mut Fixture, id: &str, nodes: &[&str]) -> Result<Vec<Value>> {
    let states = nodes.iter().map(|node| state(fixture, node, id)).collect::<Result<Vec<_>>>()?;
    for (node, state) in nodes.iter().zip(&states) {
        assert_eq!(state, &states[0], "{node} and {} agree", nodes[0]);
    }
    states.into_iter().next().context("at least one node")
}

#[test]
fn without_their_founder_the_others_talk_and_admit_and_agree_when_it_is_back() -> Result<()> {
    let cast = [cast::mae(), cast::sante(), cast::transports(), cast::conakry()];
    let mut fixture = Fixture::start(&cast)?;
    let id = three_ministries(&fixture, &[])?;
    let seen = fixture.client("mae", "p.garnier")?.get(&format!("/api/v1/communities/{id}"))?.expect(200)?;
    assert_eq!(seen["membership_depends_on"], "", "three ministries vote");
    fixture.federation.kill("mae")?;

    let (renard, roux) = (fixture.client("sante", "l.renard")?, fixture.client("transports", "e.roux")?);
    await_word(&roux, &post(&renard, &id, "DR")?, "transports")?;
    let asked = json!({ "node": "conakry" });
    renard.post(&format!("/api/v1/communities/{id}/organisations"), &asked)?.expect_success()?;
    let camara = admit(&fixture, &id, "conakry", ("f.lemoine", "o.camara"))?;
    for (reader, at) in [(&renard, "sante"), (&roux, "transports")] {
        wait_until(&format!("Conakry is a member at {at}"), LATER, || {
            Ok(members(reader, &id)?.iter().any(|node| node == "conakry"))
        })?;
    }
    let word = post(&camara, &id, "DR")?;
    await_word(&renard, &word, "sante")?;

    fixture.federation.start("mae")?;
    let garnier = fixture.client("mae", "p.garnier")?;
    await_word(&garnier, &word, "mae")?;
    await_word(&camara, &post(&garnier, &id, "DR")?, "conakry")?;
    let agreed = agree(&mut fixture, &id, &["mae", "sante", "transports", "conakry"])?;
    assert_eq!(agreed.len(), 2, "NP and DR: {agreed:?}");
    for compartment in agreed {
        assert_eq!(compartment[3].as_array().map(Vec::len), Some(3), "the ministries vote: {compartment}");
    }
    Ok(())
}

#[test]
fn a_founder_killed_while_it_admits_and_removes_leaves_no_fork() -> Result<()> {
    let cast = [cast::mae(), cast::sante(), cast::transports(), cast::conakry()];
    let mut fixture = Fixture::start(&cast)?;
    let id = three_ministries(&fixture, &[])?;
    let path = format!("/api/v1/communities/{id}/organisations");
    for round in 0..3 {
        let garnier = fixture.client("mae", "p.garnier")?;
        let asked = json!({ "node": "conakry" });
        // Answered means that the wish is on disk; whatever is under way then, it dies in the middle.
        garnier.post(&path, &asked)?.expect_success()?;
        fixture.federation.kill("mae")?;
        fixture.federation.start("mae")?;
        let garnier = fixture.client("mae", "p.garnier")?;
        let holds = |wanted: bool| {
            let here = members(&garnier, &id)?.iter().any(|node| node == "conakry");
            Ok(here == wanted)
        };
        wait_until(&format!("Conakry is a member, round {round}"), LATER, || holds(true))?;
        std::thread::scope(|scope| {
            // The call may be cut off by the kill: the wish counts, not the answer.
            let expelling = scope.spawn(|| drop(garnier.delete(&format!("{path}/conakry"))));
            fixture.federation.kill("mae")?;
            expelling.join().map_err(|_| anyhow::anyhow!("the expelling thread panicked"))
        })?;
        fixture.federation.start("mae")?;
        let garnier = fixture.client("mae", "p.garnier")?;
        garnier.delete(&format!("{path}/conakry"))?;
        wait_until(&format!("Conakry is out, round {round}"), LATER, || {
            Ok(!members(&garnier, &id)?.iter().any(|node| node == "conakry"))
        })?;
    }
    let garnier = fixture.client("mae", "p.garnier")?;
    let word = post(&garnier, &id, "DR")?;
    await_word(&fixture.client("sante", "l.renard")?, &word, "sante")?;
    await_word(&fixture.client("transports", "e.roux")?, &word, "transports")?;
    agree(&mut fixture, &id, &["mae", "sante", "transports"])?;
    Ok(())
}

#[test]
fn a_revoked_guest_is_out_of_every_group_without_a_person() -> Result<()> {
    let cast = [cast::mae(), cast::sante(), cast::transports(), cast::ong()];
    let mut fixture = Fixture::start(&cast)?;
    let id = three_ministries(&fixture, &["ong"])?;
    let moreau = admit(&fixture, &id, "ong", ("d.petit", "i.moreau"))?;
    let renard = fixture.client("sante", "l.renard")?;
    await_word(&moreau, &post(&renard, &id, "NP")?, "ong")?;

    orders(&fixture, &["revoke", "ong"])?;
    accepts(&fixture, "mae", "federation.list")?;
    let garnier = fixture.client("mae", "p.garnier")?;
    for (reader, at) in [(&garnier, "mae"), (&renard, "sante")] {
        wait_until(&format!("the guest is out at {at}"), LATER, || {
            Ok(!members(reader, &id)?.iter().any(|node| node == "ong"))
        })?;
    }
    let word = post(&renard, &id, "NP")?;
    await_word(&garnier, &word, "mae")?;
    assert_eq!(total(&moreau, &format!("q={word}"))?, 0, "it receives nothing more");
    let peers = garnier.get("/api/v1/federation")?.expect(200)?;
    let ong = peers["peers"].as_array().context("peers")?.iter().find(|peer| peer["name"] == "ong");
    let ong = ong.context("the guest stays on record")?;
    assert_eq!((&ong["accreditation"], &ong["reachable"]), (&json!("revoked"), &json!(false)));
    wait_until("the rest agrees", SOON, || {
        Ok(members(&garnier, &id)?.len() == 3 && members(&renard, &id)?.len() == 3)
    })?;
    agree(&mut fixture, &id, &["mae", "sante", "transports"])?;
    Ok(())
}
