use super::*;
use crate::ids::NodeId;
use crate::label::Level;
use crate::signature::SecretKey;
use crate::time::Timestamp;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32]).expect("a seed of 32 bytes")
}

fn entry(seed: u8, name: &str, kind: Kind, ceiling: Level) -> Entry {
    Entry {
        node: NodeId::from_bytes([seed; 32]),
        name: name.into(),
        organisation: format!("Organisation {name}"),
        kind,
        ceiling,
        identity: key(seed).public(),
        mls: key(seed + 100).public(),
        addresses: vec!["/ip4/127.0.0.1/udp/4001/quic-v1".into()],
        not_before: Timestamp(0),
        not_after: Timestamp(10_000),
        sponsor: (kind == Kind::Guest).then_some(NodeId::from_bytes([1; 32])),
        status: Status::Active,
    }
}

fn list(version: u64, previous: Option<crate::signature::Digest>) -> FederationList {
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
fn rollback_split_and_broken_chain_are_told_apart() {
    let (keys, authority) = authority(1);
    let trusted = |list: &FederationList| {
        sign_list(list, &keys[..1]).expect("sound list").verify(&authority).expect("signed")
    };
    let first = trusted(&list(1, None));
    let second = trusted(&list(2, Some(first.hash())));
    let mut other = list(2, Some(first.hash()));
    other.expires = Timestamp(6_000);
    let other = trusted(&other);
    assert_eq!(first.accepts(&second), Ok(()));
    assert_eq!(second.accepts(&first), Err(ListError::Rollback { held: 2, got: 1 }));
    assert_eq!(second.accepts(&other), Err(ListError::Split { version: 2 }));
    assert_eq!(first.accepts(&trusted(&list(2, None))), Err(ListError::Chain { version: 2 }));
}

#[test]
fn with_an_expired_list_guests_fail_closed_and_embassies_keep_to_np() {
    let (keys, authority) = authority(1);
    let trusted = sign_list(&list(1, None), &keys).expect("sound").verify(&authority).expect("signed");
    let ceiling =
        |seed, now| trusted.active(NodeId::from_bytes([seed; 32]), Timestamp(now)).map(|e| e.ceiling);
    assert_eq!(ceiling(2, 4_999), Some(Level::DR));
    assert_eq!(ceiling(2, 5_000), Some(Level::NP));
    assert_eq!(ceiling(1, 5_000), Some(Level::DR));
    assert_eq!(ceiling(3, 4_999), Some(Level::NP));
    assert_eq!(ceiling(3, 5_000), None);
    assert_eq!(ceiling(1, 10_000), None);
}

#[test]
fn a_guest_above_np_or_without_sponsor_is_refused() {
    let (keys, _) = authority(1);
    let mut bad = list(1, None);
    bad.entries[2].ceiling = Level::DR;
    assert!(matches!(sign_list(&bad, &keys), Err(ListError::Entry { .. })));
    let mut bad = list(1, None);
    bad.entries[2].sponsor = None;
    assert!(matches!(sign_list(&bad, &keys), Err(ListError::Entry { .. })));
}
