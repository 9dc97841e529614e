use super::*;
use crate::ids::{NodeId, SpaceId};
use crate::label::Level;
use crate::limits::{
    FORMER_KEYS_MAX, GUEST_VALIDITY_SECONDS_MAX, LIST_BYTES_MAX, LIST_ENTRIES_MAX, SCOPE_COMMUNITIES_MAX,
    SUSPENSION_BYTES_MAX, SUSPENSION_REASON_CHARS_MAX,
};
use crate::refusal::Code;
use crate::signature::{Digest, SecretKey};
use crate::time::Timestamp;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32]).expect("a seed of 32 bytes")
}

fn node(seed: u8) -> NodeId {
    NodeId::from_bytes([seed; 32])
}

fn entry(seed: u8, name: &str, kind: Kind, ceiling: Level) -> Entry {
    Entry {
        node: node(seed),
        name: name.into(),
        organisation: format!("Organisation {name}"),
        kind,
        ceiling,
        identity: key(seed).public(),
        mls: key(seed + 100).public(),
        addresses: vec!["/ip4/127.0.0.1/udp/4001/quic-v1".into()],
        not_before: Timestamp(0),
        not_after: Timestamp(10_000),
        sponsor: (kind == Kind::Guest).then_some(node(1)),
        status: Status::Active,
        ca: None,
        former: Vec::new(),
        keys_from: None,
        scope: None,
        incarnation_min: 0,
        settled: None,
    }
}

fn list(version: u64, previous: Option<Digest>) -> FederationList {
    FederationList {
        format: 1,
        version,
        previous,
        issued: Timestamp(0),
        expires: Timestamp(5_000),
        entries: vec![
            entry(1, "mae", Kind::Ministry, Level::DR),
            entry(2, "conakry", Kind::Embassy, Level::DR),
            entry(3, "ong", Kind::Guest, Level::NP),
        ],
    }
}

fn authority(threshold: u32) -> (Vec<SecretKey>, AuthorityKeys) {
    let keys: Vec<_> = (50..53).map(key).collect();
    let public = keys.iter().map(SecretKey::public).collect();
    (keys, AuthorityKeys { threshold, keys: public })
}

fn trusted(list: &FederationList) -> Trusted {
    let (keys, authority) = authority(1);
    sign_list(list, &keys[..1]).expect("sound list").verify(&authority).expect("signed")
}

fn with(change: impl FnOnce(&mut FederationList)) -> FederationList {
    let mut list = list(1, None);
    change(&mut list);
    list
}

fn sound(list: &FederationList) -> bool {
    sign_list(list, &authority(1).0).is_ok()
}

#[test]
fn threshold_of_distinct_keys_is_needed() {
    let (keys, authority) = authority(2);
    let one = sign_list(&list(1, None), &keys[..1]).expect("sound list");
    assert_eq!(one.verify(&authority), Err(ListError::Signatures { expected: 2, got: 1 }));
    let other = sign_list(&list(1, None), &keys[1..2]).expect("sound list");
    assert!(one.merged(&other).expect("same list").verify(&authority).is_ok());
    let twice = sign_list(&list(1, None), &[key(50), key(50)]).expect("sound list");
    assert_eq!(twice.verify(&authority), Err(ListError::Signatures { expected: 2, got: 1 }));
}

#[test]
fn any_flipped_byte_is_refused() {
    let (keys, authority) = authority(2);
    let signed = sign_list(&list(1, None), &keys[..2]).expect("sound list");
    for at in 0..signed.0.len() {
        let mut bytes = signed.0.clone();
        bytes[at] ^= 1;
        assert!(SignedList(bytes).verify(&authority).is_err(), "byte {at}");
    }
}

#[test]
fn a_lists_hash_does_not_depend_on_who_signed_it() {
    let (keys, authority) = authority(2);
    let hashes: Vec<_> = [&keys[..2], &keys[1..], &keys[..]]
        .into_iter()
        .map(|keys| {
            sign_list(&list(1, None), keys).expect("sound").verify(&authority).expect("signed").hash()
        })
        .collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
}

#[test]
fn rollback_split_and_broken_chain_are_told_apart() {
    let first = trusted(&list(1, None));
    let second = trusted(&list(2, Some(first.hash())));
    let other = trusted(&FederationList { expires: Timestamp(6_000), ..list(2, Some(first.hash())) });
    let foreign = Some(Digest::plain(b"another first"));
    assert_eq!(first.accepts(&second), Ok(()));
    assert_eq!(second.accepts(&first), Err(ListError::Rollback { held: 2, got: 1 }));
    assert_eq!(second.accepts(&other), Err(ListError::Split { version: 2 }));
    assert_eq!(first.accepts(&trusted(&list(2, foreign))), Err(ListError::Chain { version: 2 }));
    assert_eq!(first.accepts(&trusted(&list(3, foreign))), Ok(()), "a gap: the signatures speak");
    assert!(ListError::Chain { version: 2 }.is_evidence() && ListError::Split { version: 2 }.is_evidence());
    assert!(!ListError::Rollback { held: 2, got: 1 }.is_evidence());
}

#[test]
fn with_an_expired_list_guests_fail_closed_and_embassies_keep_to_np() {
    let trusted = trusted(&list(1, None));
    let stands = |seed, now| trusted.standing(node(seed), Timestamp(now)).map(|entry| entry.ceiling);
    assert_eq!(stands(2, 4_999), Ok(Level::DR));
    assert_eq!(stands(2, 5_000), Ok(Level::NP));
    assert_eq!(stands(1, 5_000), Ok(Level::DR));
    assert_eq!(stands(3, 4_999), Ok(Level::NP));
    assert_eq!(stands(3, 5_000), Err(Code::ListExpired));
    assert_eq!(stands(1, 9_999), Ok(Level::DR));
    assert_eq!(stands(1, 10_000), Err(Code::AccreditationLapsed));
    assert_eq!(stands(9, 1), Err(Code::UnknownPeer));
    assert!(!trusted.is_expired(Timestamp(4_999)) && trusted.is_expired(Timestamp(5_000)));
    assert_eq!(trusted.next_change(Timestamp(0)), Some(Timestamp(5_000)));
    assert_eq!(trusted.next_change(Timestamp(5_000)), Some(Timestamp(10_000)));
    assert_eq!(trusted.next_change(Timestamp(10_000)), None);
}

#[test]
fn a_suspended_node_keeps_its_seat_and_nothing_else() {
    let suspended = trusted(&with(|list| list.entries[1].status = Status::Suspended));
    assert_eq!(suspended.standing(node(2), Timestamp(1)), Err(Code::NodeSuspended));
    assert!(suspended.seated(node(2), Timestamp(1)).is_some());
    let revoked = trusted(&with(|list| list.entries[1].status = Status::Revoked));
    assert_eq!(revoked.standing(node(2), Timestamp(1)), Err(Code::NodeRevoked));
    assert!(revoked.withdrawn(node(2), Timestamp(1)) && revoked.seated(node(2), Timestamp(1)).is_none());
    let stale = trusted(&list(1, None));
    assert!(stale.seated(node(3), Timestamp(5_000)).is_some(), "the list's age takes no seat");
    assert!(stale.withdrawn(node(3), Timestamp(10_000)), "its own end does");
}

#[test]
fn a_guest_goes_with_its_sponsor() {
    let revoked = trusted(&with(|list| list.entries[0].status = Status::Revoked));
    assert_eq!(revoked.standing(node(3), Timestamp(1)), Err(Code::AccreditationLapsed));
    assert!(revoked.withdrawn(node(3), Timestamp(1)));
    let suspended = trusted(&with(|list| list.entries[0].status = Status::Suspended));
    assert_eq!(suspended.standing(node(3), Timestamp(1)), Err(Code::AccreditationLapsed));
    assert!(!suspended.withdrawn(node(3), Timestamp(1)), "a suspension takes no seat");
}

#[test]
fn a_guest_has_a_sponsor_a_ceiling_an_end_and_a_scope_within_bounds() {
    assert!(!sound(&with(|list| list.entries[2].ceiling = Level::DR)));
    assert!(!sound(&with(|list| list.entries[2].sponsor = None)));
    assert!(!sound(&with(|list| list.entries[2].sponsor = Some(node(2)))), "an embassy answers for nobody");
    let until = |seconds| with(|list| list.entries[2].not_after = Timestamp::from_seconds(seconds));
    assert!(sound(&until(GUEST_VALIDITY_SECONDS_MAX)));
    assert!(!sound(&until(GUEST_VALIDITY_SECONDS_MAX + 1)));
    let scope = |count: usize| {
        let ids = (0..count).map(|n| SpaceId::from_bytes((n as u128).to_be_bytes()));
        with(|list| list.entries[2].scope = Some(Scope { communities: ids.collect() }))
    };
    assert!(sound(&scope(SCOPE_COMMUNITIES_MAX)) && !sound(&scope(SCOPE_COMMUNITIES_MAX + 1)));
    let guest = &scope(2).entries[2];
    assert!(guest.may_join(SpaceId::from_bytes([0; 16])) && !guest.may_join(SpaceId::from_bytes([9; 16])));
    assert!(entry(3, "ong", Kind::Guest, Level::NP).may_join(SpaceId::from_bytes([9; 16])));
}

#[test]
fn keys_of_another_time_verify_what_they_signed_then() {
    let mut mae = entry(1, "mae", Kind::Ministry, Level::DR);
    let (old, new) = (key(1), key(30));
    mae.former = vec![FormerKeys {
        identity: mae.identity,
        mls: mae.mls,
        ca: None,
        from: Timestamp(0),
        until: Timestamp(2_000),
    }];
    (mae.identity, mae.mls, mae.keys_from) = (new.public(), key(130).public(), Some(Timestamp(2_000)));
    assert!(sound(&with(|list| list.entries[0] = mae.clone())));
    let verifies =
        |at, by: &SecretKey| mae.verifies(Timestamp(at), "item", b"text", &by.sign("item", b"text"));
    assert!(verifies(1_999, &old) && !verifies(2_000, &old));
    assert!(verifies(1_999, &new) && verifies(2_000, &new));
    assert!(!verifies(1_000, &key(77)));
    assert!(mae.had_mls(&key(101).public()) && mae.had_mls(&key(130).public()));
    let keys = |n: u8| FormerKeys {
        identity: key(150 + n).public(),
        mls: key(200 + n).public(),
        ca: None,
        from: Timestamp(i64::from(n)),
        until: Timestamp(i64::from(n) + 1),
    };
    let many = |count: usize| {
        let former = (0..count as u8).map(keys).collect();
        with(|list| (list.entries[0].former, list.entries[0].keys_from) = (former, Some(Timestamp(2_000))))
    };
    assert!(sound(&many(FORMER_KEYS_MAX)) && !sound(&many(FORMER_KEYS_MAX + 1)));
}

#[test]
fn five_hundred_nodes_fit_a_list_and_one_past_the_thousand_does_not() {
    let many = |count: usize| {
        let entries = (0..count).map(|n| {
            let seed = |of: u8| {
                let mut seed = [of; 32];
                seed[..8].copy_from_slice(&(n as u64).to_be_bytes());
                SecretKey::from_seed(&seed).expect("a seed").public()
            };
            let mut id = [0; 32];
            id[..8].copy_from_slice(&(n as u64).to_be_bytes());
            Entry {
                node: NodeId::from_bytes(id),
                name: format!("n{n}"),
                identity: seed(1),
                mls: seed(2),
                ..entry(1, "", Kind::Embassy, Level::DR)
            }
        });
        with(|list| list.entries = entries.collect())
    };
    let keys = authority(1).0;
    let five_hundred = sign_list(&many(500), &keys).expect("sound");
    assert!(five_hundred.0.len() > 64 * 1024 && five_hundred.0.len() <= LIST_BYTES_MAX);
    assert!(five_hundred.verify(&authority(1).1).is_ok());
    assert!(sound(&many(LIST_ENTRIES_MAX)) && !sound(&many(LIST_ENTRIES_MAX + 1)));
    let padded = SignedList(vec![0; LIST_BYTES_MAX + 1]);
    assert_eq!(padded.verify(&authority(1).1).map_err(|error| error.code()), Err(Code::FrameTooLarge));
}

fn suspension(of: u8, at: i64) -> Suspension {
    Suspension {
        format: 1,
        node: node(of),
        list_version: 1,
        list_hash: trusted(&list(1, None)).hash(),
        number: 1,
        previous: None,
        at: Timestamp(at),
        reason: "poste perdu".into(),
    }
}

fn said(statement: &Suspension) -> Suspended {
    let signed = SignedSuspension::sign(statement, &key(51)).expect("sound");
    signed.verify(&authority(2).1).expect("one key is enough")
}

#[test]
fn one_key_suspends_at_once_and_only_a_list_ends_it() {
    let mut held = trusted(&list(1, None));
    assert_eq!(held.suspensions(), None);
    assert!(held.suspend(&said(&suspension(2, 1_000))));
    assert_eq!(held.standing(node(2), Timestamp(1_000)), Err(Code::NodeSuspended));
    assert_eq!(held.suspended_since(node(2)), Some(Timestamp(1_000)));
    assert!(!held.suspend(&said(&suspension(2, 1_100))), "suspended already");
    assert!(!held.suspend(&said(&suspension(9, 1_000))), "not on the list");
    let first = held.suspensions();
    assert!(held.suspend(&said(&suspension(3, 1_000))) && first.is_some() && held.suspensions() != first);

    let settling = with(|list| list.entries[1].settled = Some(Timestamp(1_000)));
    let mut later = trusted(&FederationList { version: 2, previous: Some(held.hash()), ..settling });
    assert!(!later.suspend(&said(&suspension(2, 1_000))), "the list has settled it");
    assert!(later.standing(node(2), Timestamp(1_000)).is_ok());
    assert!(later.suspend(&said(&suspension(2, 1_001))), "a later statement counts again");
}

#[test]
fn a_suspension_admits_nobody() {
    let mut held = trusted(&with(|list| list.entries[1].status = Status::Revoked));
    held.suspend(&said(&suspension(2, 1_000)));
    assert_eq!(held.standing(node(2), Timestamp(1_000)), Err(Code::NodeRevoked));
}

#[test]
fn a_suspension_of_another_list_of_this_version_shows() {
    let held = trusted(&list(1, None));
    assert!(!held.contradicts(&said(&suspension(2, 1_000))));
    let other = Suspension { list_hash: Digest::plain(b"another"), ..suspension(2, 1_000) };
    assert!(held.contradicts(&said(&other)));
    assert!(!held.contradicts(&said(&Suspension { list_version: 2, ..other })));
}

#[test]
fn a_suspension_is_short_and_signed_by_the_authority() {
    let reason = |chars: usize| Suspension { reason: "é".repeat(chars), ..suspension(2, 1) };
    let longest = SignedSuspension::sign(&reason(SUSPENSION_REASON_CHARS_MAX), &key(50)).expect("sound");
    assert!(longest.statement.len() <= SUSPENSION_BYTES_MAX);
    assert!(SignedSuspension::sign(&reason(SUSPENSION_REASON_CHARS_MAX + 1), &key(50)).is_err());
    let foreign = SignedSuspension::sign(&suspension(2, 1), &key(60)).expect("sound");
    assert_eq!(foreign.verify(&authority(1).1), Err(ListError::SuspensionSignature));
    let mut bent = longest.clone();
    bent.statement[5] ^= 1;
    assert_eq!(bent.verify(&authority(1).1), Err(ListError::SuspensionSignature));
}

#[test]
fn an_invitation_names_a_listed_node_under_the_keys_it_brings() {
    let (keys, authority) = authority(2);
    let signed = sign_list(&list(1, None), &keys).expect("sound");
    let bytes = sign_invitation(&authority, node(3), &signed, &keys[..2]).expect("an invitation");
    let invited = Invited::read(&bytes).expect("sound");
    assert_eq!((invited.entry().node, invited.authority()), (node(3), &authority));
    assert_eq!(invited.signed_list(), &signed);
    assert!(sign_invitation(&authority, node(9), &signed, &keys).is_err());
    assert!(sign_invitation(&authority, node(3), &signed, &keys[..1]).is_err());
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        assert!(Invited::read(&bent).is_err(), "byte {at}");
    }
}
