//! Every bad input through the API: a stable code, the field named, and nothing half done.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testnet::cast;
use testnet::client::{Client, Reply, label};
use tests::compose::{telegram, with};
use tests::fixture::Fixture;

const BODY_BYTES_MAX: usize = 256 * 1024;
const SUBJECT_CHARS_MAX: usize = 250;

#[test]
fn a_correspondence_with_a_fault_is_refused_by_name() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae(), cast::conakry(), cast::ong()])?;
    let conakry = fixture.drafter("conakry")?;
    let good = telegram("chancellerie@conakry", "cdc@mae", "DR", "Objet", "Texte.");
    let unknown_policy = json!({ "policy": "XX", "classification": "DR", "categories": [] });
    let unknown_level = json!({ "policy": "FR", "classification": "TS", "categories": [] });
    for (what, draft, code, field) in [
        ("no addressee", with(good.clone(), "action", json!([])), "FIELD_MISSING", "action"),
        ("an empty subject", with(good.clone(), "subject", json!("  ")), "FIELD_MISSING", "subject"),
        ("an empty text", with(good.clone(), "body", json!("")), "FIELD_MISSING", "body"),
        ("an unknown policy", with(good.clone(), "label", unknown_policy), "LBL_UNKNOWN", "label"),
        ("an unknown level", with(good.clone(), "label", unknown_level), "LBL_UNKNOWN", "label"),
        (
            "above the guest",
            with(good.clone(), "action", json!(["urgences@ong"])),
            "LBL_ABOVE_ADDRESSEE",
            "action",
        ),
        ("above the agent", with(good.clone(), "label", label("DR+SF")), "LBL_ABOVE_CLEARANCE", "label"),
        ("nobody", with(good.clone(), "action", json!(["personne@mae"])), "COR_ADDRESSEE_UNKNOWN", "action"),
        ("no address", with(good.clone(), "action", json!(["cdc at mae"])), "FIELD_INVALID", "action"),
        (
            "an unknown precedence",
            with(good.clone(), "precedence", json!({ "action": "now", "info": "routine" })),
            "FIELD_INVALID",
            "precedence",
        ),
        ("an unknown kind", with(good.clone(), "kind", json!("poème")), "FIELD_INVALID", "kind"),
    ] {
        let refused = refusal(&fixture, &conakry, &draft).with_context(|| what.to_owned())?;
        assert_eq!(refused.code(), code, "{what}: {}", refused.text);
        assert!(names(&refused, field), "{what} names {field}: {}", refused.text);
    }
    let others = with(good, "from", json!("cdc@mae"));
    let refused = refusal(&fixture, &conakry, &others)?;
    assert!((400..500).contains(&refused.status), "in the name of another node's group: {}", refused.text);
    Ok(())
}

#[test]
fn limits_hold_at_the_limit_and_one_past() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let conakry = fixture.drafter("conakry")?;
    let password = fixture.drafter_password("conakry")?;
    let good = telegram("chancellerie@conakry", "cdc@mae", "NP", "Objet", "Texte.");
    for (field, limit, letter) in [("body", BODY_BYTES_MAX, "b"), ("subject", SUBJECT_CHARS_MAX, "é")] {
        let at = with(good.clone(), field, json!(letter.repeat(limit)));
        let id = conakry.draft(&at).with_context(|| format!("{field} at its limit"))?;
        conakry.release(&id, &password).with_context(|| format!("{field} at its limit, released"))?;
        let past = with(good.clone(), field, json!(letter.repeat(limit + 1)));
        let refused = conakry.post("/api/v1/correspondence", &past)?;
        assert_eq!(refused.code(), "FIELD_TOO_LONG", "{field}: {}", refused.text);
        assert!(names(&refused, field), "{}", refused.text);
    }
    let huge = with(good, "body", json!("b".repeat(8 * 1024 * 1024)));
    if let Ok(refused) = conakry.post("/api/v1/correspondence", &huge) {
        assert_eq!(refused.status, 413, "a request over the limit of requests");
    }
    assert_eq!(conakry.get("/api/v1/me")?.status, 200, "and the node goes on");
    Ok(())
}

#[test]
fn without_a_session_nothing_is_said() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let url = &fixture.federation.node("mae")?.url;
    let door = Client::anonymous(url);
    for path in [
        "/api/v1/me",
        "/api/v1/directory",
        "/api/v1/correspondence",
        "/api/v1/teleprinter",
        "/api/v1/teleprinter/stream",
        "/api/v1/search?q=ebola",
        "/api/v1/communities",
        "/api/v1/registrations",
        "/api/v1/federation",
        "/api/v1/correspondence/00000000000000000000000000000000",
    ] {
        let refused = door.get(path)?;
        assert_eq!((refused.status, refused.code()), (401, "AUTH_REQUIRED"), "{path}");
    }
    let wrong = json!({ "login": "c.mercier", "password": "faux", "terminal": "desktop" });
    let nobody = json!({ "login": "personne", "password": "faux", "terminal": "desktop" });
    let (wrong, nobody) = (door.post("/api/v1/sessions", &wrong)?, door.post("/api/v1/sessions", &nobody)?);
    assert_eq!(wrong.code(), "AUTH_BAD_CREDENTIALS");
    assert_eq!(wrong.text, nobody.text, "a wrong name and a wrong password look the same");
    Ok(())
}

#[test]
fn guessing_a_password_is_slowed_down() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let door = Client::anonymous(&fixture.federation.node("mae")?.url);
    let guess = |n: usize| {
        let asked = json!({ "login": "c.mercier", "password": format!("essai-{n}"), "terminal": "desktop" });
        door.post("/api/v1/sessions", &asked)
    };
    for n in 0..50 {
        let refused = guess(n)?;
        if refused.code() == "AUTH_TOO_MANY_ATTEMPTS" {
            assert_eq!(refused.status, 429);
            return Ok(());
        }
        assert_eq!(refused.code(), "AUTH_BAD_CREDENTIALS");
    }
    anyhow::bail!("fifty guesses and no limit")
}

#[test]
fn a_request_from_another_site_is_refused() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let conakry = fixture.drafter("conakry")?;
    let draft = telegram("chancellerie@conakry", "cdc@mae", "NP", "Objet", "Texte.");
    for headers in [&[("origin", "https://ailleurs.example")][..], &[("sec-fetch-site", "cross-site")]] {
        let refused = conakry.send("POST", "/api/v1/correspondence", headers, Some(&draft))?;
        assert_eq!((refused.status, refused.code()), (403, "AUTH_CROSS_ORIGIN"), "{headers:?}");
    }
    let listed = conakry.get("/api/v1/correspondence?state=draft")?.expect(200)?;
    assert_eq!(listed, json!([]), "nothing was written");
    let own = [("origin", conakry.url())];
    conakry.send("POST", "/api/v1/correspondence", &own, Some(&draft))?.expect(201)?;
    Ok(())
}

#[test]
fn what_is_not_json_or_not_there_is_a_problem_too() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let mae = fixture.drafter("mae")?;
    for (kind, text) in [("application/json", "{"), ("text/plain", "bonjour"), ("application/json", "[]")] {
        let refused = mae.send_text("POST", "/api/v1/correspondence", &[], Some((kind, text.to_owned())))?;
        assert!((400..500).contains(&refused.status), "{text}: {}", refused.status);
        assert!(!refused.code().is_empty(), "{text}: {}", refused.text);
    }
    let unknown = mae.post(
        "/api/v1/sessions",
        &json!({ "login": "x", "password": "y", "terminal": "desktop", "zèle": 1 }),
    )?;
    assert_eq!(unknown.code(), "FIELD_INVALID");
    let absent = mae.get("/api/v1/rien")?;
    assert_eq!((absent.status, absent.code()), (404, "NOT_FOUND"));
    let cursor = mae.get("/api/v1/teleprinter?after=ceci-n-est-pas-un-curseur")?;
    assert!((400..500).contains(&cursor.status), "{}", cursor.text);
    let lines = mae.get("/api/v1/teleprinter?limit=1001")?;
    assert_eq!(lines.code(), "FIELD_INVALID");
    Ok(())
}

/// The refusal of a draft, whether it comes at once or at release; a refused release leaves the draft.
fn refusal(fixture: &Fixture, client: &Client, draft: &Value) -> Result<Reply> {
    let drafted = client.post("/api/v1/correspondence", draft)?;
    if drafted.status != 201 {
        return Ok(drafted);
    }
    let id = drafted.body["id"].as_str().context("a draft has an id")?;
    let path = format!("/api/v1/correspondence/{id}");
    let proof = json!({ "password": fixture.drafter_password("conakry")? });
    let released = client.post(&format!("{path}/release"), &proof)?;
    anyhow::ensure!(released.status >= 400, "it was released: {}", released.text);
    let kept = client.get(&path)?.expect(200)?;
    assert_eq!(kept["state"], "draft", "what was typed is kept");
    Ok(released)
}

fn names(refused: &Reply, field: &str) -> bool {
    let fields = refused.body["fields"].as_array().cloned().unwrap_or_default();
    fields.iter().any(|one| one["field"].as_str().is_some_and(|name| name.split('.').next() == Some(field)))
}
