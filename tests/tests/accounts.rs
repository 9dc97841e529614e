//! Who comes in, and what an agent may ask for.

use anyhow::{Context, Result};
use serde_json::json;
use testnet::cast;
use testnet::client::Client;
use tests::fixture::Fixture;

#[test]
fn a_number_two_lets_a_registration_in_or_not() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let url = fixture.federation.node("mae")?.url.clone();
    let door = Client::anonymous(&url);
    let ask = |login: &str, name: &str| {
        let asked =
            json!({ "login": login, "name": name, "group": "cdc@mae", "password": "un-long-mot-de-passe" });
        door.post("/api/v1/registrations", &asked)
    };
    let wanted = ask("v.adam", "Véronique Adam")?.expect(201)?;
    let unwanted = ask("x.inconnu", "Xavier Inconnu")?.expect(201)?;
    assert!(
        Client::sign_in(&url, "v.adam", "un-long-mot-de-passe").is_err(),
        "not before the number two decides"
    );

    let agent = fixture.drafter("mae")?;
    let waiting = agent.get("/api/v1/registrations")?;
    assert!(waiting.code() == "ROLE_MISSING" || waiting.body.as_array().is_some_and(Vec::is_empty));
    let two = fixture.client("mae", "h.delorme")?;
    let listed = two.get("/api/v1/registrations")?.expect(200)?;
    assert_eq!(listed.as_array().context("a list")?.len(), 2);
    let decide = |registration: &serde_json::Value, what: &str| {
        let id = registration["id"].as_str().unwrap_or_default();
        two.post(&format!("/api/v1/registrations/{id}/{what}"), &json!({}))
    };
    decide(&wanted, "accept")?.expect_success()?;
    decide(&unwanted, "refuse")?.expect_success()?;
    assert_eq!(decide(&unwanted, "accept")?.code(), "ALREADY_DECIDED");

    let adam = Client::sign_in(&url, "v.adam", "un-long-mot-de-passe")?;
    let me = adam.get("/api/v1/me")?.expect(200)?;
    assert_eq!(me["groups"][0]["address"], "cdc@mae");
    assert_eq!(me["groups"][0]["role"], "agent");
    assert!(Client::sign_in(&url, "x.inconnu", "un-long-mot-de-passe").is_err());
    Ok(())
}

#[test]
fn a_session_ends_when_its_agent_says_so() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let agent = fixture.drafter("mae")?;
    assert_eq!(agent.get("/api/v1/me")?.status, 200);
    agent.delete("/api/v1/sessions")?.expect(204)?;
    let after = agent.get("/api/v1/me")?;
    assert_eq!((after.status, after.code()), (401, "AUTH_REQUIRED"));
    Ok(())
}

#[test]
fn clearance_is_the_lowest_of_agent_terminal_and_node() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let clearance = |client: &Client| -> Result<String> {
        let me = client.get("/api/v1/me")?.expect(200)?;
        Ok(me["clearance"]["classification"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(clearance(&fixture.drafter("mae")?)?, "DR");
    assert_eq!(clearance(&fixture.client("mae", "exploitation")?)?, "NP", "the agent's");
    let node = fixture.federation.node("mae")?;
    let account = node.accounts.first().context("an account")?;
    let mobile = Client::sign_in_from(&node.url, &account.login, &account.password, "mobile")?;
    assert_eq!(clearance(&mobile)?, "NP", "the terminal's");
    Ok(())
}
