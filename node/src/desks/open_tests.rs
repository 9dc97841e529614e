use super::*;
use protocol::federation::{FederationList, sign_list};
use protocol::signature::{Digest, SecretKey};
use protocol::time::Timestamp;

fn key(byte: u8) -> SecretKey {
    SecretKey::from_seed(&[byte; 32]).unwrap()
}

fn authority() -> AuthorityKeys {
    AuthorityKeys { threshold: 1, keys: vec![key(9).public()] }
}

fn list(version: u64, previous: Option<Digest>, issued: i64, by: u8) -> SignedList {
    let (issued, expires) = (Timestamp(issued), Timestamp(i64::MAX));
    sign_list(
        &FederationList { format: 1, version, previous, issued, expires, entries: Vec::new() },
        &[key(by)],
    )
    .unwrap()
}

fn given(bytes: &SignedList, held: Option<&Trusted>) -> Result<Option<u64>, ListError> {
    let taken = given_list(Some(bytes.0.clone()), &authority(), held)?;
    Ok(taken.map(|(_, trusted)| trusted.list().version))
}

#[test]
fn a_given_list_is_taken_when_it_is_newer_and_the_authoritys() {
    let first = list(1, None, 1, 9);
    let held = first.verify(&authority()).unwrap();
    assert_eq!(given(&first, None), Ok(Some(1)));
    assert_eq!(given(&first, Some(&held)), Ok(None));
    assert_eq!(given(&list(2, Some(held.hash()), 2, 9), Some(&held)), Ok(Some(2)));
    assert_eq!(given_list(None, &authority(), None).map(|taken| taken.is_none()), Ok(true));
}

#[test]
fn a_refused_list_changes_nothing_when_one_is_held_and_stops_the_start_otherwise() {
    let first = list(1, None, 1, 9);
    let held = first.verify(&authority()).unwrap();
    let foreign = list(2, Some(held.hash()), 2, 8);
    let split = list(1, None, 2, 9);
    let unchained = list(2, Some(Digest([7; 32])), 2, 9);
    for refused in [&foreign, &split, &unchained] {
        assert_eq!(given(refused, Some(&held)), Ok(None));
    }
    assert!(matches!(given(&foreign, None), Err(ListError::Signatures { .. })));
}
