//! A node that is started from an old copy of its folder (law 3): it notices at the first contact, before
//! it seals, and no key is used twice.

use super::membership::{agree, await_word, post, three_ministries};
use anyhow::{Context, Result};
use serde_json::json;
use std::path::Path;
use testnet::cast;
use testnet::client::{Client, label};
use testnet::metrics::Metrics;
use testnet::wait::wait_until;
use tests::compose::telegram;
use tests::fixture::{Fixture, LATER};
use tests::lists::{delivery, ids, teleprinter};

fn send(fixture: &Fixture, from: (&str, &str), to: &str, subject: &str) -> Result<String> {
    let sender = fixture.drafter(from.0)?;
    let id = sender.draft(&telegram(from.1, to, "DR", subject, "Texte."))?;
    sender.release(&id, &fixture.drafter_password(from.0)?)?;
    Ok(id)
}

fn await_delivery(sender: &Client, id: &str, address: &str) -> Result<()> {
    wait_until(&format!("delivery of {id}"), LATER, || Ok(delivery(sender, id, address)? != "sent"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    // Keys are used only where others cannot read them.
    std::fs::set_permissions(to, from.metadata()?.permissions())?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).with_context(|| format!("copy {}", target.display()))?;
        }
    }
    Ok(())
}

#[test]
fn a_node_started_from_an_old_copy_seals_under_fresh_keys() -> Result<()> {
    let conakry = ("conakry", "chancellerie@conakry");
    let mut fixture = Fixture::start(&cast::pair())?;
    let first = send(&fixture, conakry, "cdc@mae", "Avant la copie")?;
    await_delivery(&fixture.drafter("conakry")?, &first, "cdc@mae")?;
    fixture.federation.stop("conakry")?;
    let dir = fixture.federation.node("conakry")?.dir.clone();
    let old = fixture.federation.dir.join("old-copy");
    copy(&dir, &old)?;
    fixture.federation.start("conakry")?;
    let second = send(&fixture, conakry, "cdc@mae", "Après la copie")?;
    await_delivery(&fixture.drafter("conakry")?, &second, "cdc@mae")?;
    fixture.federation.kill("conakry")?;
    std::fs::remove_dir_all(&dir)?;
    copy(&old, &dir)?;
    fixture.federation.start("conakry")?;

    let third = send(&fixture, conakry, "cdc@mae", "Après la restauration")?;
    let sender = fixture.drafter("conakry")?;
    await_delivery(&sender, &third, "cdc@mae")?;
    let fourth = send(&fixture, ("mae", "cdc@mae"), "chancellerie@conakry", "Réponse")?;
    await_delivery(&fixture.drafter("mae")?, &fourth, "chancellerie@conakry")?;
    let arrived: Vec<_> = ids(&teleprinter(&fixture.drafter("mae")?)?);
    assert_eq!(arrived, [first, second, third, fourth.clone()], "each once, in order");
    assert!(ids(&teleprinter(&sender)?).contains(&fourth));

    let noticed = Metrics::read(&fixture.federation.node("conakry")?.metrics_url)?;
    assert!(noticed.text.contains("NODE_ROLLED_BACK"), "it knows: {}", noticed.text);
    let met = Metrics::read(&fixture.federation.node("mae")?.metrics_url)?;
    assert!(!met.text.contains("MLS_UNDECRYPTABLE"), "no key was used twice: {}", met.text);
    for node in ["mae", "conakry"] {
        fixture.verify(node)?;
    }
    Ok(())
}

#[test]
fn a_restored_ministry_comes_back_when_another_one_says_so() -> Result<()> {
    let cast = [cast::mae(), cast::sante(), cast::transports()];
    let mut fixture = Fixture::start(&cast)?;
    let id = three_ministries(&fixture, &[])?;
    let posts = format!("/api/v1/communities/{id}/posts");
    fixture.federation.stop("sante")?;
    let store = fixture.federation.node("sante")?.dir.join("node.store");
    let old = fixture.federation.dir.join("old.store");
    std::fs::copy(&store, &old)?;
    fixture.federation.start("sante")?;
    let lost = post(&fixture.client("sante", "l.renard")?, &id, "DR")?;
    await_word(&fixture.client("mae", "p.garnier")?, &lost, "mae")?;
    fixture.federation.kill("sante")?;
    std::fs::copy(&old, &store)?;
    fixture.federation.start("sante")?;

    let renard = fixture.client("sante", "l.renard")?;
    let refused = renard.post(&posts, &json!({ "label": label("DR"), "body": "Trop tôt." }))?;
    assert_eq!(refused.code(), "NODE_RECOVERING", "it seals nothing");
    let operator = fixture.client("mae", "exploitation")?;
    wait_until("sante asks at mae", LATER, || {
        let seen = operator.get("/api/v1/federation")?.expect(200)?;
        Ok(seen["returns"].as_array().is_some_and(|all| all.iter().any(|one| one["node"] == "sante")))
    })?;
    let drafter = fixture.drafter("mae")?;
    let seen = drafter.get("/api/v1/federation")?.expect(200)?;
    assert_eq!(seen["returns"], json!([]), "it is an operator's business");
    let approve = "/api/v1/federation/returns/sante/approve";
    assert_eq!(drafter.post(approve, &json!({}))?.code(), "ROLE_MISSING");
    // The others go on meanwhile, and so does the epoch that it left.
    let roux = fixture.client("transports", "e.roux")?;
    let garnier = fixture.client("mae", "p.garnier")?;
    await_word(&roux, &post(&garnier, &id, "DR")?, "transports")?;

    operator.post(approve, &json!({}))?.expect_success()?;
    let mut word = None;
    wait_until("sante is back", LATER, || {
        let body = tests::compose::marker();
        let reply = renard.post(&posts, &json!({ "label": label("DR"), "body": body }))?;
        let back = reply.code() != "NODE_RECOVERING";
        if back {
            reply.expect(201)?;
            word = Some(body);
        }
        Ok(back)
    })?;
    let word = word.context("posted")?;
    await_word(&garnier, &word, "mae")?;
    await_word(&roux, &word, "transports")?;
    await_word(&renard, &post(&roux, &id, "DR")?, "sante")?;
    assert_eq!(operator.post(approve, &json!({}))?.code(), "ALREADY_DECIDED");
    let agreed = agree(&mut fixture, &id, &["mae", "sante", "transports"])?;
    assert_eq!(agreed.len(), 2, "NP and DR: {agreed:?}");
    Ok(())
}

#[test]
fn a_node_started_from_a_backup_has_its_correspondence_and_none_of_its_keys() -> Result<()> {
    let (mae, conakry) = (("mae", "cdc@mae"), ("conakry", "chancellerie@conakry"));
    let mut fixture = Fixture::start(&cast::pair())?;
    let sender = fixture.drafter("conakry")?;
    let first = sender.draft(&telegram(conakry.1, "cdc@mae", "DR", "Objet", "Avant la sauvegarde"))?;
    sender.attach(&first, "note.txt", 5, &b"Texte"[..])?;
    sender.release(&first, &fixture.drafter_password("conakry")?)?;
    let reader = fixture.drafter("mae")?;
    wait_until("the first and its file", LATER, || {
        let item = reader.get(&format!("/api/v1/correspondence/{first}"))?;
        Ok(item.status == 200 && item.body["attachments"][0]["state"] == "whole")
    })?;
    let dir = fixture.federation.node("mae")?.dir.clone();
    let copy_dir = fixture.federation.dir.join("backup");
    let to = copy_dir.display().to_string();
    let backed_up = fixture.on_stopped("mae", &["backup", "--to", &to])?;
    assert!(backed_up.status.success(), "{}", String::from_utf8_lossy(&backed_up.stderr));
    let twice = fixture.on_stopped("mae", &["backup", "--to", &to])?;
    assert!(
        String::from_utf8_lossy(&twice.stderr).contains("must be a new folder"),
        "nothing is overwritten"
    );
    assert!(!copy_dir.join("keys").exists() && !copy_dir.join("boots").exists());

    // The machine is lost, and the keys come from where they are kept.
    fixture.federation.kill("mae")?;
    copy(&dir.join("keys"), &copy_dir.join("keys"))?;
    std::fs::remove_dir_all(&dir)?;
    copy(&copy_dir, &dir)?;
    fixture.federation.start("mae")?;
    let reader = fixture.drafter("mae")?;
    let item = reader.get(&format!("/api/v1/correspondence/{first}"))?.expect(200)?;
    assert_eq!(item["attachments"][0]["state"], "whole");
    let second = send(&fixture, conakry, "cdc@mae", "Après la restauration")?;
    await_delivery(&fixture.drafter("conakry")?, &second, "cdc@mae")?;
    let third = send(&fixture, mae, "chancellerie@conakry", "Réponse")?;
    await_delivery(&reader, &third, "chancellerie@conakry")?;
    let met = Metrics::read(&fixture.federation.node("conakry")?.metrics_url)?;
    assert!(!met.text.contains("MLS_UNDECRYPTABLE"), "no key was used twice: {}", met.text);
    for node in ["mae", "conakry"] {
        fixture.verify(node)?;
    }
    Ok(())
}
