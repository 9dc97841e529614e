//! A telegram's life between two nodes.

use anyhow::Result;
use serde_json::json;
use std::time::Duration;
use testnet::cast;
use testnet::client::IdText;
use testnet::stream::Stream;
use testnet::wait::wait_until;
use tests::compose::{marker, telegram};
use tests::fixture::{Fixture, SOON};
use tests::lists::{delivery, ids, teleprinter, total};

#[test]
fn a_telegram_is_released_received_found_and_acknowledged() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let (conakry, mae) = (fixture.drafter("conakry")?, fixture.client("mae", "y.benali")?);
    let live = Stream::open(&mae, None)?;
    let word = marker();
    let body = format!("Le préfet de Macenta <confirme> {word} ce matin.");
    let draft = telegram("chancellerie@conakry", "cdc@mae", "DR", "Situation à Macenta", &body);
    let id = conakry.draft(&draft)?;
    let released = conakry.release(&id, &fixture.drafter_password("conakry")?)?;
    assert_eq!(released["state"], "released");
    assert_eq!(released["number"], "000001");

    let fallen =
        live.find("the telegram on mae's live teleprinter", SOON, |item| item["id"] == id.as_str())?;
    assert_eq!(fallen.item["subject"], "Situation à Macenta");
    assert_eq!(fallen.item["unread"], true);
    assert!(ids(&teleprinter(&mae)?).contains(&id));

    let search = format!("/api/v1/search?q={word}");
    wait_until("the telegram in mae's search", SOON, || Ok(total(&mae, &format!("q={word}"))? == 1))?;
    let hit = mae.get(&search)?.expect(200)?["hits"][0].clone();
    let snippet = hit["snippet"].as_str().unwrap_or_default();
    assert!(snippet.contains(&format!("<mark>{word}</mark>")), "{snippet}");
    assert!(snippet.contains("&lt;confirme&gt;"), "what was typed is escaped: {snippet}");

    wait_until("Conakry sees it delivered", SOON, || Ok(delivery(&conakry, &id, "cdc@mae")? == "delivered"))?;
    let read = mae.get(&format!("/api/v1/correspondence/{id}"))?.expect(200)?;
    assert_eq!(read["body"], body.as_str());
    assert_eq!(read["signatures"][0]["valid"], true);
    wait_until("Conakry sees it displayed", SOON, || Ok(delivery(&conakry, &id, "cdc@mae")? == "displayed"))?;
    mae.post(&format!("/api/v1/correspondence/{id}/acknowledge"), &json!({}))?.expect(200)?;
    wait_until("Conakry sees it acknowledged", SOON, || {
        Ok(delivery(&conakry, &id, "cdc@mae")? == "acknowledged")
    })?;
    let content =
        |client: &testnet::client::Client| client.get(&format!("/api/v1/correspondence/{id}/content"));
    assert_eq!(content(&conakry)?.text, content(&mae)?.text, "the signed bytes are the same on both nodes");
    Ok(())
}

#[test]
fn a_grant_covers_the_named_drafts_only() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let conakry = fixture.drafter("conakry")?;
    let password = fixture.drafter_password("conakry")?;
    let draft =
        |subject: &str| conakry.draft(&telegram("chancellerie@conakry", "cdc@mae", "NP", subject, "Texte."));
    let (first, second, third) = (draft("Un")?, draft("Deux")?, draft("Trois")?);
    let grant = conakry.grant(&password, &[first.clone(), second.clone()])?;
    assert_eq!(conakry.release_granted(&first, &grant)?["number"], "000001");
    assert_eq!(conakry.release_granted(&second, &grant)?["number"], "000002");

    let step = format!("/api/v1/correspondence/{third}/release");
    assert_eq!(conakry.post(&step, &json!({ "grant": grant }))?.code(), "SIG_GRANT_INVALID");
    assert_eq!(conakry.post(&step, &json!({}))?.code(), "SIG_PROOF_MISSING");
    assert_eq!(conakry.post(&step, &json!({ "password": "faux" }))?.code(), "AUTH_BAD_CREDENTIALS");
    assert_eq!(conakry.release(&third, &password)?["number"], "000003", "no number was lost to a refusal");
    let again = conakry.post(&step, &json!({ "password": password }))?;
    assert_eq!(again.code(), "COR_ILLEGAL_STEP", "what is released does not change");
    let too_many: Vec<String> = (0..201).map(|_| third.clone()).collect();
    let refused = conakry.post("/api/v1/signing", &json!({ "password": password, "ids": too_many }))?;
    assert!((400..500).contains(&refused.status), "201 ids: {}", refused.status);
    Ok(())
}

#[test]
fn drafts_are_edited_listed_and_dropped() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let conakry = fixture.drafter("conakry")?;
    let draft = telegram("chancellerie@conakry", "cdc@mae", "DR", "Premier jet", "Texte.");
    let id = conakry.post("/api/v1/correspondence", &draft)?.expect(201)?.id_text()?;
    let path = format!("/api/v1/correspondence/{id}");
    let edited = telegram("chancellerie@conakry", "cdc@mae", "DR", "Deuxième jet", "Texte revu.");
    conakry.put(&path, &edited)?.expect(200)?;
    let listed = conakry.get("/api/v1/correspondence?state=draft")?.expect(200)?;
    assert_eq!(listed[0]["subject"], "Deuxième jet");

    let colleague = fixture.client("conakry", "j.martin")?;
    assert_eq!(colleague.get(&path)?.expect(200)?["body"], "Texte revu.", "a group shares its drafts");
    let stranger = fixture.client("conakry", "o.camara")?;
    assert_eq!(stranger.get(&path)?.code(), "NOT_FOUND", "and shows them to nobody else");
    conakry.delete(&path)?.expect(204)?;
    assert_eq!(conakry.get(&path)?.code(), "NOT_FOUND");
    Ok(())
}

#[test]
fn the_stream_resumes_where_it_was_left() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let (conakry, mae) = (fixture.drafter("conakry")?, fixture.drafter("mae")?);
    let password = fixture.drafter_password("conakry")?;
    let send = |subject: &str| -> Result<String> {
        let id = conakry.draft(&telegram("chancellerie@conakry", "cdc@mae", "NP", subject, "Texte."))?;
        conakry.release(&id, &password)?;
        Ok(id)
    };
    let live = Stream::open(&mae, None)?;
    let first = send("Un")?;
    let cursor = live.find("the first", SOON, |item| item["id"] == first.as_str())?.item["cursor"].clone();
    drop(live);
    let (second, third) = (send("Deux")?, send("Trois")?);
    let resumed = Stream::open(&mae, cursor.as_str())?;
    let mut fell = Vec::new();
    while fell.len() < 2 {
        let next = resumed.find("what was missed", SOON, |_| true)?;
        fell.push(next.item["id"].as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(fell, [second, third], "nothing twice, nothing missed, in order");
    assert!(resumed.next_within(Duration::from_millis(300)).is_none(), "and nothing else");
    Ok(())
}

#[test]
fn who_is_not_of_an_addressed_group_sees_nothing() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let conakry = fixture.drafter("conakry")?;
    let word = marker();
    let id = conakry.draft(&telegram(
        "chancellerie@conakry",
        "cdc@mae",
        "DR",
        "Pour le centre de crise",
        &word,
    ))?;
    conakry.release(&id, &fixture.drafter_password("conakry")?)?;
    let (reader, operator) = (fixture.drafter("mae")?, fixture.client("mae", "exploitation")?);
    wait_until("the telegram in mae's search", SOON, || Ok(total(&reader, &format!("q={word}"))? == 1))?;
    assert_eq!(total(&operator, &format!("q={word}"))?, 0);
    assert!(teleprinter(&operator)?.is_empty());
    let hidden = operator.get(&format!("/api/v1/correspondence/{id}"))?;
    let absent = operator.get(&format!("/api/v1/correspondence/{}", "0".repeat(id.len())))?;
    assert_eq!(hidden.status, 404);
    assert_eq!(hidden.text, absent.text, "what one may not see and what is not there look the same");
    Ok(())
}
