//! What a peer may not do with files: give out false chunks, sign one file and send another, ask for those of
//! others.

use anyhow::{Context, Result};
use net::Plane;
use protocol::blob::{Attachment, ChunkKey, Sha512, Tree, leaf};
use protocol::codec;
use protocol::correspondence::Correspondence;
use protocol::ids::BlobId;
use protocol::limits::BLOB_FRAME_BYTES_MAX;
use protocol::wire::{BlobAnswer, BlobRequest};
use serde_json::json;
use testnet::cast;
use testnet::client::Client;
use testnet::wait::wait_until;
use tests::compose::telegram;
use tests::fixture::{Fixture, SOON};
use tests::hostile::{Hostile, refusals};

const KEY: [u8; 32] = [5; 32];
const TEXT: &[u8] = b"Dix octets";

fn file(root: BlobId) -> Attachment {
    Attachment {
        root,
        size: TEXT.len() as u64,
        key: KEY,
        sha512: Sha512([6; 64]),
        name: "plan.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
    }
}

fn await_refusal(fixture: &Fixture, code: &str) -> Result<()> {
    wait_until(code, SOON, || Ok(refusals(fixture, "mae")?.contains_key(code)))
}

/// Files it as any item is; the one file's state.
fn received(hostile: &Hostile, reader: &Client, item: &Correspondence) -> Result<String> {
    let id = item.id.to_string();
    assert_eq!(hostile.send(hostile.signed(item.clone()))?, None, "the item itself is sound");
    let filed = reader.get(&format!("/api/v1/correspondence/{id}"))?.expect(200)?;
    Ok(filed["attachments"][0]["state"].as_str().context("a state")?.to_owned())
}

/// Attack 8 and 13, on files: what is not proved is not kept, what is not what was signed is not shown.
#[test]
fn a_false_chunk_is_not_kept_and_another_file_than_signed_not_shown() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::ong()])?;
    fixture.federation.start("mae")?;
    let hostile = Hostile::in_channel(&fixture, "ong", "mae")?;
    let (reader, cdc) = (fixture.drafter("mae")?, hostile.group("cdc")?);

    hostile.serve_chunk(vec![7; TEXT.len() + 16]);
    let unproved = file(BlobId::from_bytes([1; 32]));
    let item = Correspondence { attachments: vec![unproved], ..hostile.item(1, cdc, "Texte.") };
    assert_eq!(received(&hostile, &reader, &item)?, "arriving");
    await_refusal(&fixture, "FED_CHUNK_INVALID")?;

    let mut chunk = TEXT.to_vec();
    ChunkKey::new(&KEY).seal(0, true, &mut chunk);
    let root = Tree::of(vec![leaf(&chunk)]).context("a tree")?.root();
    hostile.serve_chunk(chunk);
    let item = Correspondence { attachments: vec![file(root)], ..hostile.item(2, cdc, "Texte.") };
    received(&hostile, &reader, &item)?;
    await_refusal(&fixture, "ATT_DAMAGED")?;
    let path = format!("/api/v1/correspondence/{}/attachments/{root}", item.id);
    assert_eq!(reader.get(&path)?.code(), "ATT_DAMAGED");
    Ok(())
}

/// Attack 8: through its own channel a guest gets no chunk of a file of another level, nor learns that it exists.
#[test]
fn a_file_of_another_level_does_not_exist() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::ong()])?;
    fixture.federation.start("mae")?;
    let hostile = Hostile::in_channel(&fixture, "ong", "mae")?;
    let writer = fixture.drafter("mae")?;
    let draft = writer.draft(&telegram("cdc@mae", "cdc@mae", "DR", "Objet", "Texte."))?;
    writer.attach(&draft, "plan.pdf", TEXT.len() as u64, TEXT)?;
    let proof = json!({ "password": fixture.drafter_password("mae")? });
    let released =
        writer.post(&format!("/api/v1/correspondence/{draft}/release"), &proof)?.expect_success()?;
    let known = released["attachments"][0]["id"].as_str().context("a root")?.parse::<BlobId>()?;
    let compartment = hostile.member().channel().context("a channel")?;
    for root in [known, BlobId::from_bytes([9; 32])] {
        let asked = codec::encode(&BlobRequest::Get { compartment, root, index: 0 });
        let answer: BlobAnswer = codec::decode(&hostile.ask(Plane::Blob, asked)?, BLOB_FRAME_BYTES_MAX)?;
        assert_eq!(answer, BlobAnswer::Refused("NOT_FOUND".to_owned()), "{root}");
    }
    Ok(())
}
