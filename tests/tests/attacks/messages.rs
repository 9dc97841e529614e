//! What a member may not do with messages: hand on changed ones, seal false ones, say two things at once.

use anyhow::{Context, Result};
use protocol::codec;
use protocol::commit::Value;
use protocol::correspondence::Correspondence;
use protocol::ids::{ItemId, NodeId, SpaceId};
use protocol::label::Level;
use protocol::message::{Authenticated, CertifiedWelcome, Envelope, Payload, Plaintext};
use protocol::signature::Digest;
use testnet::cast;
use testnet::client::Client;
use tests::compose::marker;
use tests::fixture::Fixture;
use tests::hostile::{Hostile, Sealing};
use tests::lists::total;

/// mae, and a guest that means harm, in their channel.
fn attacked() -> Result<(Fixture, Hostile, Client)> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::ong()])?;
    fixture.federation.start("mae")?;
    let hostile = Hostile::in_channel(&fixture, "ong", "mae")?;
    let reader = fixture.drafter("mae")?;
    Ok((fixture, hostile, reader))
}

fn found(reader: &Client, word: &str) -> Result<u64> {
    testnet::wait::wait_until("the index", tests::fixture::SOON, || {
        Ok(total(reader, &format!("q={word}"))? > 0)
    })?;
    total(reader, &format!("q={word}"))
}

/// The code as text, `taken` for none.
fn said(refused: Option<String>) -> String {
    refused.unwrap_or_else(|| "taken".to_owned())
}

/// A message like the sealed one, sealed with other authenticated data.
fn with(hostile: &Hostile, payload: Payload, change: impl FnOnce(&mut Sealing)) -> Result<Envelope> {
    let mut sealing = hostile.member().next(1, payload)?;
    change(&mut sealing);
    hostile.member().seal(&sealing)
}

/// Attacks 4 and 12: whoever carries a message and changes it burns no key of its author's, and a replay is
/// neither filed twice nor an error.
#[test]
fn a_changed_envelope_spends_nothing_and_a_replay_files_nothing() -> Result<()> {
    let (_fixture, hostile, reader) = attacked()?;
    let (cdc, word) = (hostile.group("cdc")?, marker());
    let sealing = hostile.member().next(1, hostile.signed(hostile.item(1, cdc, &word)))?;
    let right = hostile.member().seal(&sealing)?;
    let changed = [
        (Envelope { sequence: 2, ..right.clone() }, "MLS_AAD_MISMATCH"),
        (Envelope { epoch: right.epoch + 1, ..right.clone() }, "MLS_AAD_MISMATCH"),
        (Envelope { epoch: 0, ..right.clone() }, "MLS_AAD_MISMATCH"),
        (Envelope { precedence: 5, ..right.clone() }, "MLS_AAD_MISMATCH"),
        (Envelope { sender: NodeId::from_bytes([0; 32]), ..right.clone() }, "FED_IDENTITY_MISMATCH"),
        (Envelope { sequence: 0, ..right.clone() }, "FED_MALFORMED"),
        (Envelope { ciphertext: vec![], ..right.clone() }, "FED_MALFORMED"),
    ];
    for (envelope, code) in changed {
        assert_eq!(said(hostile.push(&envelope)?), code);
    }
    // Every byte of the message itself, so that what is sealed and what is clear are both hit.
    for at in (0..right.ciphertext.len()).step_by(7) {
        let mut envelope = right.clone();
        envelope.ciphertext[at] ^= 1;
        let code = said(hostile.push(&envelope)?);
        let named = ["FED_MALFORMED", "MLS_AAD_MISMATCH", "MLS_UNDECRYPTABLE", "MLS_COMMIT_POLICY"];
        assert!(named.contains(&code.as_str()), "byte {at}: {code}");
    }
    assert_eq!(said(hostile.push(&right)?), "taken", "its key was not spent");
    assert_eq!(said(hostile.push(&right)?), "taken", "a replay is acknowledged");
    let again = with(&hostile, hostile.signed(hostile.item(1, cdc, &word)), |_| ())?;
    assert_eq!(said(hostile.push(&again)?), "taken", "the same item under a new key and number");
    assert_eq!(found(&reader, &word)?, 1, "and filed once");
    Ok(())
}

/// Attack 12: the numbers and the chain in the signed data; one author tells everybody one story.
#[test]
fn an_author_that_says_two_things_is_named() -> Result<()> {
    let (_fixture, hostile, reader) = attacked()?;
    let cdc = hostile.group("cdc")?;
    let item = |id: u8| hostile.signed(hostile.item(id, cdc, "Texte."));
    assert_eq!(said(hostile.send(item(1))?), "taken");

    let zeros = with(&hostile, item(2), |s| s.authenticated.previous = Digest([0; 32]))?;
    assert_eq!(said(hostile.push(&zeros)?), "FED_ID_CONFLICT", "zeros are for the first");
    let other = with(&hostile, item(3), |s| s.authenticated.previous = Digest([7; 32]))?;
    assert_eq!(said(hostile.push(&other)?), "FED_ID_CONFLICT", "another before it");

    // Two messages of one number; the one after them follows the first, and arrives before the second.
    let third = hostile.member().next(1, item(4))?;
    let first = hostile.member().seal(&third)?;
    let after = hostile.member().seal(&hostile.member().next(1, item(5))?)?;
    let second = Sealing {
        group: third.group,
        plaintext: codec::encode(&Plaintext { salt: [0; 16], payload: item(6) }),
        authenticated: third.authenticated.clone(),
    };
    let second = hostile.member().seal(&second)?;
    assert_eq!(first.sequence, second.sequence);
    assert_eq!(said(hostile.push(&after)?), "taken");
    assert_eq!(said(hostile.push(&second)?), "FED_ID_CONFLICT", "the later one said otherwise");

    let word = marker();
    let conflict = hostile.signed(hostile.item(1, cdc, &word));
    let next = Sealing {
        authenticated: Authenticated { sequence: 7, ..third.authenticated },
        ..third_of(&hostile, conflict)?
    };
    assert_eq!(said(hostile.push(&hostile.member().seal(&next)?)?), "FED_ID_CONFLICT", "one id, two items");
    assert_eq!(total(&reader, &format!("q={word}"))?, 0);
    Ok(())
}

fn third_of(hostile: &Hostile, payload: Payload) -> Result<Sealing> {
    hostile.member().next(1, payload)
}

/// Attack 8: nothing above the compartment's level comes in through it, in the data or in the label.
#[test]
fn nothing_restricted_comes_through_an_open_channel() -> Result<()> {
    let (_fixture, hostile, reader) = attacked()?;
    let (cdc, word) = (hostile.group("cdc")?, marker());
    let item = hostile.item(1, cdc, &word);
    let restricted = Correspondence { label: Level::DR.label(), ..item.clone() };
    assert_eq!(said(hostile.send(hostile.signed(restricted))?), "FED_LABEL_EXCEEDS_CLEARANCE");
    let raised = with(&hostile, hostile.signed(item.clone()), |s| s.authenticated.level = Level::DR)?;
    assert_eq!(said(hostile.push(&raised)?), "FED_LABEL_EXCEEDS_CLEARANCE");
    let mut foreign = item;
    foreign.label.policy = "UK".to_owned();
    assert_eq!(said(hostile.send(hostile.signed(foreign))?), "LBL_UNKNOWN");
    assert_eq!(total(&reader, &format!("q={word}"))?, 0, "none of it is found");
    Ok(())
}

/// Attack 2 in its small form, and abuse case 3: a false origin, a false signature, a form over its limits.
#[test]
fn an_item_is_its_origins_and_within_its_form() -> Result<()> {
    let (_fixture, hostile, reader) = attacked()?;
    let (cdc, word) = (hostile.group("cdc")?, marker());
    let with = |change: fn(&mut Correspondence)| {
        let mut item = hostile.item(1, cdc, &word);
        change(&mut item);
        said(hostile.send(hostile.signed(item)).unwrap_or_else(|error| Some(error.to_string())))
    };
    assert_eq!(with(|i| i.subject = "a\nFrom: b".to_owned()), "FIELD_INVALID");
    assert_eq!(with(|i| i.tags = vec!["t".to_owned(); 9]), "FIELD_TOO_LONG");
    assert_eq!(with(|i| i.action = vec![i.action[0].clone(); 101]), "FIELD_TOO_LONG");
    assert_eq!(with(|i| i.references = vec![i.id; 51]), "FIELD_TOO_LONG");
    assert_eq!(with(|i| i.from.node = NodeId::from_bytes([0; 32])), "FED_IDENTITY_MISMATCH");
    assert_eq!(with(|i| i.action[0].group = i.from.group), "COR_ADDRESSEE_UNKNOWN");
    let Payload::Correspondence { mut item, number } = hostile.signed(hostile.item(2, cdc, &word)) else {
        anyhow::bail!("an item")
    };
    item.item.body.push('.');
    assert_eq!(said(hostile.send(Payload::Correspondence { item, number })?), "SIG_ITEM_INVALID");
    assert_eq!(total(&reader, &format!("q={word}"))?, 0);
    Ok(())
}

/// Attack 15: a Welcome that nobody asked for, and an answer to no invitation.
#[test]
fn welcomes_and_answers_that_nobody_asked_for_are_refused() -> Result<()> {
    let (_fixture, hostile, _) = attacked()?;
    let community = SpaceId::from_bytes([8; 16]);
    let answer = Payload::InvitationAnswer { community, key_packages: vec![], refused: None };
    assert_eq!(said(hostile.send(answer)?), "MLS_WELCOME_UNSOLICITED");
    let value = Value {
        compartment: hostile.member().channel().context("the channel")?,
        epoch: 0,
        parent: vec![],
        author: hostile.node(),
        intent: ItemId::from_bytes([1; 16]),
        commit: vec![],
        next: vec![1; 32],
        welcome: None,
        voters: vec![hostile.node()],
    };
    let certificate = protocol::commit::Certificate::alone(&value, hostile.node(), 0, hostile.key());
    let welcome = CertifiedWelcome { welcome: vec![1], value, certificate, voters: vec![], charter: None };
    let sealed = Payload::Welcome { welcome: Box::new(welcome) };
    assert_eq!(said(hostile.send(sealed)?), "MLS_WELCOME_UNSOLICITED");
    Ok(())
}
