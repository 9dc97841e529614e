//! What the authority says beside its list: suspensions by one key, and invitations.

use super::authority::{document, list_refusal, signed};
use super::bytes::refusal;
use super::signed::{key, node};
use super::{Area, Outcome, invalid, valid};
use crate::codec;
use crate::federation::{
    AuthorityKeys, FederationList, Invited, SignedList, SignedSuspension, Suspension, sign_invitation,
};
use crate::limits::PAGE_FRAME_BYTES_MAX;
use crate::signature::{Digest, SecretKey};
use crate::time::Timestamp;
use minicbor::bytes::ByteVec;

type Said = (AuthorityKeys, ByteVec, SignedSuspension, Timestamp);

fn suspended(bytes: &[u8]) -> Outcome {
    let read: Said = codec::decode(bytes, 2 * PAGE_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let (authority, held, statement, now) = read;
    let mut list = SignedList(held.into()).verify(&authority).map_err(|error| list_refusal(&error))?;
    let statement = statement.verify(&authority).map_err(|error| list_refusal(&error))?;
    let node = statement.statement().node;
    let changes = if list.suspend(&statement) { "suspends" } else { "changes nothing" };
    let said = list
        .standing(node, now)
        .map_or_else(|code| code.as_str().to_owned(), |entry| entry.ceiling.to_string());
    Ok(format!("{} {changes}; {said}", statement.hash()))
}

fn sign(statement: &Suspension, seed: u8) -> SignedSuspension {
    SignedSuspension::sign(statement, &key(seed)).expect("sound")
}

fn say(list: &FederationList, statement: SignedSuspension) -> Vec<u8> {
    let authority = AuthorityKeys { threshold: 2, keys: (50..53).map(|seed| key(seed).public()).collect() };
    let held = ByteVec::from(signed(list, &[50, 51]).0);
    codec::encode(&(authority, held, statement, Timestamp(1_300)))
}

pub(super) fn suspension() -> Area {
    let list = document(1, None);
    let mut settled = document(1, None);
    settled.entries[1].settled = Some(Timestamp(1_200));
    let first = Suspension {
        format: 1,
        node: node(2),
        list_version: 1,
        list_hash: signed(&list, &[50, 51]).hash().expect("a list"),
        number: 1,
        previous: None,
        at: Timestamp(1_200),
        reason: "poste perdu".to_owned(),
    };
    // A statement that breaks a rule, signed all the same.
    let unruly = |change: fn(&mut Suspension)| {
        let mut statement = first.clone();
        change(&mut statement);
        let statement = codec::encode(&statement);
        let signature = key(50).sign("suspension", &statement);
        SignedSuspension { statement, key: key(50).public(), signature }
    };
    let stranger = Suspension { node: node(9), ..first.clone() };
    let second =
        Suspension { number: 2, previous: Some(Digest::plain(&sign(&first, 50).statement)), ..first.clone() };
    let mut forged = sign(&first, 50);
    forged.key = key(51).public();
    let signature = "FED_LIST_SIGNATURE signature";
    let cases = vec![
        valid("one key is enough", say(&list, sign(&first, 51))),
        valid("the key's second", say(&list, sign(&second, 50))),
        valid("settled by the list", say(&settled, sign(&first, 50))),
        valid(
            "after what the list settles",
            say(&settled, sign(&Suspension { at: Timestamp(1_201), ..first.clone() }, 50)),
        ),
        valid("of nobody on the list", say(&list, sign(&stranger, 50))),
        invalid("no key of the authority", say(&list, sign(&first, 60)), signature),
        invalid("another's signature", say(&list, forged), signature),
        invalid("another format", say(&list, unruly(|s| s.format = 2)), "FED_MALFORMED unknown format"),
        invalid("number zero", say(&list, unruly(|s| s.number = 0)), "FED_MALFORMED numbers start at 1"),
        invalid(
            "a second without the first",
            say(&list, unruly(|s| s.number = 2)),
            "FED_MALFORMED all but number 1 name the one before",
        ),
        invalid(
            "version zero",
            say(&list, unruly(|s| s.list_version = 0)),
            "FED_MALFORMED versions of the list start at 1",
        ),
        invalid(
            "a long reason",
            say(&list, unruly(|s| s.reason = "é".repeat(101))),
            "FED_MALFORMED the reason is too long, or holds control characters",
        ),
    ];
    let input = "[authority, signed list, signed suspension, now]; expect: the statement's hash, what it changes, and how its node stands";
    Area { name: "suspension", input, judge: suspended, cases }
}

fn invited(bytes: &[u8]) -> Outcome {
    let invited = Invited::read(bytes).map_err(|error| list_refusal(&error))?;
    let (entry, list) = (invited.entry(), invited.list().list());
    Ok(format!("{} on version {} of {}", entry.name, list.version, invited.authority().fingerprint()))
}

pub(super) fn invitation() -> Area {
    let authority = AuthorityKeys { threshold: 2, keys: (50..53).map(|seed| key(seed).public()).collect() };
    let list = signed(&document(1, None), &[50, 51]);
    let made = |node, seeds: &[u8]| {
        let keys: Vec<SecretKey> = seeds.iter().copied().map(key).collect();
        sign_invitation(&authority, node, &list, &keys)
    };
    let sound = made(node(3), &[50, 51]).expect("an invitation");
    assert!(made(node(9), &[50, 51]).is_err() && made(node(3), &[50]).is_err(), "never made");
    let mut weakened = sound.clone();
    // The threshold inside the signed bytes: {0: 1, 2: {0: 2, …
    let at = weakened.windows(4).position(|four| four == [0x02, 0xa2, 0x00, 0x02]).expect("the threshold");
    weakened[at + 3] = 1;
    let mut bent = sound.clone();
    let last = bent.len() - 1;
    bent[last] ^= 1;
    let cases = vec![
        valid("of a guest", sound.clone()),
        invalid("a lower threshold", weakened, "FED_LIST_SIGNATURE signatures"),
        invalid("wrong signature", bent, "FED_LIST_SIGNATURE signatures"),
        invalid("a list", list.0.clone(), "FED_MALFORMED malformed"),
        invalid("trailing byte", [&sound[..], &[0]].concat(), "FED_MALFORMED envelope"),
    ];
    let input = "the invitation; expect: who is invited, by which list of whom";
    Area { name: "invitation", input, judge: invited, cases }
}
