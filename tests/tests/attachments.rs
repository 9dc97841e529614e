//! Files that go with correspondence: sent in chunks, sealed once, fetched by members, whole or not
//! there.

use super::membership::three_ministries;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use testnet::cast;
use testnet::client::Client;
use testnet::metrics::Metrics;
use testnet::wait::wait_until;
use tests::compose::telegram;
use tests::fixture::{Fixture, LATER};

const CHUNK: usize = 262_128;

/// Bytes that do not repeat within a chunk.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(length).collect()
}

fn files(client: &Client, item: &str) -> Result<Vec<Value>> {
    let item = client.get(&format!("/api/v1/correspondence/{item}"))?.expect(200)?;
    item["attachments"].as_array().cloned().context("an item has attachments")
}

fn await_whole(client: &Client, item: &str, where_: &str) -> Result<Vec<Value>> {
    wait_until(&format!("the item at {where_}"), LATER, || {
        Ok(client.get(&format!("/api/v1/correspondence/{item}"))?.status == 200)
    })?;
    wait_until(&format!("its files at {where_}"), LATER, || {
        Ok(files(client, item)?.iter().all(|file| file["state"] == "whole"))
    })?;
    files(client, item)
}

fn read(client: &Client, item: &str, file: &Value, range: &str) -> Result<Vec<u8>> {
    let id = file["id"].as_str().context("a file has an id")?;
    let mut all = Vec::new();
    let (headers, mut body) =
        client.download(&format!("/api/v1/correspondence/{item}/attachments/{id}"), range)?;
    body.read_to_end(&mut all)?;
    assert_eq!(headers["content-type"], "application/octet-stream", "never rendered here");
    assert!(headers["content-disposition"].to_str()?.starts_with("attachment;"));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    Ok(all)
}

#[test]
fn a_file_goes_with_its_item_and_to_nobody_else() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae(), cast::sante(), cast::transports()])?;
    let community = three_ministries(&fixture, &[])?;
    let mae = fixture.drafter("mae")?;
    let draft = mae.draft(&telegram("cdc@mae", "dgs@sante", "DR", "Carte", "Voir la carte jointe."))?;
    let map = bytes(3 * CHUNK + 17);
    let path = format!("/api/v1/correspondence/{draft}/attachments");

    for (name, size, code) in
        [("../carte.pdf", 5, "FIELD_INVALID"), ("film.mp4", (2_u64 << 30) + 1, "ATT_TOO_LARGE")]
    {
        assert_eq!(mae.post(&path, &json!({ "name": name, "size": size }))?.code(), code, "{name}");
    }
    let id = mae.post(&path, &json!({ "name": "Carte n° 2.pdf", "size": map.len() }))?.expect(201)?;
    let id = id["id"].as_str().context("an id")?.to_owned();
    let chunk = |index: usize| map.chunks(CHUNK).nth(index).unwrap_or_default();
    for index in [2, 0, 3] {
        mae.put_chunk(&format!("{path}/{id}/chunks/{index}"), chunk(index))?.expect(200)?;
    }
    for (index, wrong) in [(1, &map[..5]), (4, &map[..5]), (3, chunk(0))] {
        let refused = mae.put_chunk(&format!("{path}/{id}/chunks/{index}"), wrong)?;
        assert_eq!(refused.code(), "FIELD_INVALID", "chunk {index}");
    }
    let proof = json!({ "password": fixture.drafter_password("mae")? });
    let early = mae.post(&format!("/api/v1/correspondence/{draft}/release"), &proof)?;
    assert_eq!(early.code(), "ATT_INCOMPLETE");
    let whole = mae.put_chunk(&format!("{path}/{id}/chunks/1"), chunk(1))?.expect(200)?;
    assert_eq!((&whole["state"], &whole["held"]), (&json!("whole"), &json!(map.len())));
    let dropped = mae.attach(&draft, "erreur.txt", 3, &b"non"[..])?;
    assert_eq!(mae.delete(&format!("{path}/{dropped}"))?.status, 204);
    mae.attach(&draft, "vide.txt", 0, &b""[..])?;
    mae.attach(&draft, "plan.pdf", 6, &b"MZ\x90\0\x03\0"[..])?;
    mae.post(&format!("/api/v1/correspondence/{draft}/release"), &proof)?.expect_success()?;

    let laurent = fixture.drafter("sante")?;
    let there = await_whole(&laurent, &draft, "sante")?;
    let names: Vec<_> = there.iter().map(|file| file["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["Carte n° 2.pdf", "vide.txt", "plan.pdf"]);
    assert!(there[2]["media_type"].as_str().is_some_and(|kind| kind.contains("executable")), "{}", there[2]);
    assert_eq!(read(&laurent, &draft, &there[0], "")?, map);
    assert_eq!(read(&laurent, &draft, &there[0], "bytes=262120-262135")?, map[262_120..262_136]);
    assert_eq!(read(&laurent, &draft, &there[1], "")?, b"");
    let text = laurent.get(&format!("/api/v1/correspondence/{draft}/content"))?.text;
    assert!(
        text.contains(&format!("Attachment-SHA-512: {}", there[0]["sha512"].as_str().unwrap_or_default()))
    );

    // Who has no part in the item learns nothing of its files; once it is shared, its members have them.
    let roux = fixture.client("transports", "e.roux")?;
    let file = format!("{path}/{}", there[0]["id"].as_str().unwrap_or_default());
    assert_eq!(roux.get(&file)?.code(), "NOT_FOUND");
    let renard = fixture.client("sante", "l.renard")?;
    let shared =
        laurent.post(&format!("/api/v1/correspondence/{draft}/share"), &json!({ "community": community }))?;
    let shared = if shared.status == 404 {
        renard.post(&format!("/api/v1/correspondence/{draft}/share"), &json!({ "community": community }))?
    } else {
        shared
    };
    shared.expect_success()?;
    let there = await_whole(&roux, &draft, "transports")?;
    assert_eq!(read(&roux, &draft, &there[0], "")?, map);
    Ok(())
}

#[test]
fn a_file_is_fetched_on_where_a_crash_has_cut_it_off() -> Result<()> {
    let mut fixture = Fixture::start(&[cast::mae(), cast::sante()])?;
    let mae = fixture.drafter("mae")?;
    let draft = mae.draft(&telegram("cdc@mae", "dgs@sante", "DR", "Film", "Voir le film."))?;
    let film = bytes(400 * CHUNK);
    mae.attach(&draft, "film.mp4", film.len() as u64, &film[..])?;
    mae.release(&draft, &fixture.drafter_password("mae")?)?;
    let fetched = |fixture: &Fixture| -> Result<u64> {
        let metrics = Metrics::read(&fixture.federation.node("sante")?.metrics_url)?;
        Ok(metrics.sum("valise_attachment_chunks_total")? as u64)
    };
    wait_until("some chunks", LATER, || Ok(fetched(&fixture)? > 20))?;
    let before = fetched(&fixture)?;
    fixture.federation.kill("sante")?;
    fixture.federation.start("sante")?;
    let laurent = fixture.drafter("sante")?;
    let there = await_whole(&laurent, &draft, "sante")?;
    assert_eq!(read(&laurent, &draft, &there[0], "")?, film);
    let after = fetched(&fixture)?;
    assert!(before + after <= 400 + 8, "{before} before the crash and {after} after it, of 400");
    assert_eq!(fixture.verify("sante")?["attachments"], 1);
    let dir = fixture.federation.node("sante")?.dir.join("attachments");
    let largest = std::fs::read_dir(dir)?
        .filter_map(Result::ok)
        .max_by_key(|file| file.metadata().map_or(0, |m| m.len()));
    flip(&largest.context("the film's chunks")?.path(), 5_000_000)?;
    let damaged = fixture.on_stopped("sante", &["verify", "--json"])?;
    let said = String::from_utf8_lossy(&damaged.stdout).into_owned();
    assert!(
        !damaged.status.success() && said.contains("chunk 19 is not there, or not what it was"),
        "{said}"
    );
    Ok(())
}

/// Turns one bit of a file.
fn flip(path: &Path, at: u64) -> Result<()> {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at)?;
    file.write_all_at(&[byte[0] ^ 1], at)?;
    Ok(())
}
