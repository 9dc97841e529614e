use super::*;
use crate::signature::SecretKey;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32]).expect("a seed of 32 bytes")
}

const NODE: NodeId = NodeId::from_bytes([1; 32]);
const OTHER: NodeId = NodeId::from_bytes([2; 32]);

fn value() -> Value {
    Value {
        compartment: CompartmentId::from_bytes([5; 16]),
        epoch: 3,
        parent: vec![1; 32],
        author: NODE,
        intent: ItemId::from_bytes([6; 16]),
        commit: vec![9; 100],
        next: vec![2; 32],
        welcome: None,
        voters: vec![NODE],
    }
}

fn check(certificate: &Certificate, value: &Value, voters: &[NodeId]) -> Result<(), CertificateError> {
    let voice = Keys { own: &key(1), key_of: |node: NodeId| Some(key(node.as_bytes()[0]).public()) };
    certificate.check(&voice, value, &Electorate::majority(voters.to_vec()))
}

#[test]
fn a_single_voter_decides_alone_and_only_for_this_value() {
    let certificate = Certificate::alone(&value(), NODE, 0, &key(1));
    assert_eq!(check(&certificate, &value(), &[NODE]), Ok(()));
    let other = Value { commit: vec![8; 100], ..value() };
    assert_eq!(check(&certificate, &other, &[NODE]), Err(CertificateError::Mismatch("value")));
    let later = Value { epoch: 4, ..value() };
    assert_eq!(check(&certificate, &later, &[NODE]), Err(CertificateError::Mismatch("compartment or epoch")));
}

#[test]
fn quorum_membership_and_signatures_are_checked() {
    let certificate = Certificate::alone(&value(), NODE, 0, &key(1));
    let short = CertificateError::Short { what: "accepts", expected: 2, got: 1 };
    assert_eq!(check(&certificate, &value(), &[NODE, OTHER]), Err(short));
    assert_eq!(check(&certificate, &value(), &[OTHER]), Err(CertificateError::Voter(NODE)));
    let mut twice = certificate.clone();
    twice.accepts.push(twice.accepts[0].clone());
    assert_eq!(check(&twice, &value(), &[NODE]), Err(CertificateError::Voter(NODE)));
    let forged = Certificate::alone(&value(), NODE, 0, &key(7));
    assert_eq!(check(&forged, &value(), &[NODE]), Err(CertificateError::Signature(NODE)));
    let mut bare = certificate;
    bare.promises.clear();
    assert!(matches!(check(&bare, &value(), &[NODE]), Err(CertificateError::Short { what: "promises", .. })));
}

#[test]
fn a_promise_that_names_another_value_unjustifies() {
    let mut certificate = Certificate::alone(&value(), NODE, 0, &key(1));
    let before = Ballot { round: 0, node: OTHER, incarnation: 0 };
    let accepted = Some((before, Digest::plain(b"another")));
    let key = key(1);
    let voice = Keys { own: &key, key_of: |_| None };
    certificate.promises =
        vec![Promise::sign(&voice, NODE, value().instance(), certificate.ballot, accepted)];
    assert_eq!(check(&certificate, &value(), &[NODE]), Err(CertificateError::Unjustified));
}

const THIRD: NodeId = NodeId::from_bytes([3; 32]);

/// A certificate of nodes 1, 2 and 3 by these accepts and promises; signatures do not matter for
/// guilt, which presumes that both certificates have passed their check.
fn proof(
    value: &Value,
    round: u64,
    accepts: &[NodeId],
    promises: &[(NodeId, Option<(u64, &Value)>)],
) -> Certificate {
    let ballot = |round| Ballot { round, node: NODE, incarnation: 0 };
    let signature = key(1).sign_raw(b"");
    let accepts = accepts.iter().map(|voter| Vote { voter: *voter, signature }).collect();
    let promises = promises.iter().map(|(voter, accepted)| {
        let accepted = accepted.map(|(round, value)| (ballot(round), value.hash()));
        Promise { voter: *voter, accepted, signature }
    });
    Certificate::assemble(value, ballot(round), accepts, promises.collect())
}

#[test]
fn two_accepts_in_one_ballot_convict() {
    let other = Value { commit: vec![8; 100], ..value() };
    let one = proof(&value(), 1, &[NODE, OTHER], &[]);
    let two = proof(&other, 1, &[OTHER, THIRD], &[]);
    let expected = Guilt { voters: [OTHER].into(), elsewhere: None };
    assert_eq!(guilt(&one, &two), Some(expected.clone()));
    assert_eq!(guilt(&two, &one), Some(expected));
    assert_eq!(guilt(&one, &one), None);
}

#[test]
fn a_promise_that_denies_an_accept_convicts_and_an_honest_one_does_not() {
    let other = Value { commit: vec![8; 100], ..value() };
    let low = proof(&value(), 1, &[NODE, OTHER], &[]);
    let denied = proof(&other, 3, &[NODE, THIRD], &[(NODE, None), (THIRD, None)]);
    assert_eq!(guilt(&low, &denied), Some(Guilt { voters: [NODE].into(), elsewhere: None }));
    let swapped = proof(&other, 3, &[NODE, THIRD], &[(NODE, Some((1, &other)))]);
    assert_eq!(guilt(&swapped, &low), Some(Guilt { voters: [NODE].into(), elsewhere: None }));
    // Node 1 says what it accepted, node 3 accepted in ballot 2 on the strength of somebody's lie.
    let first = value();
    let told = [(NODE, Some((1, &first))), (THIRD, Some((2, &other)))];
    let between = Ballot { round: 2, node: NODE, incarnation: 0 };
    let expected = Guilt { voters: [].into(), elsewhere: Some(between) };
    assert_eq!(guilt(&low, &proof(&other, 3, &[NODE, THIRD], &told)), Some(expected));
}

fn head() -> Head {
    let Value { compartment, epoch, parent, .. } = value();
    Head { compartment, epoch, transcript: parent, electorate: Electorate::majority(vec![NODE]) }
}

fn follow(head: &Head, value: &Value) -> Result<Head, ChainError> {
    let certificate = Certificate::alone(value, NODE, 0, &key(1));
    let voice = Keys { own: &key(1), key_of: |node: NodeId| Some(key(node.as_bytes()[0]).public()) };
    head.follow(&voice, value, &certificate)
}

#[test]
fn decisions_are_followed_by_the_voters_that_each_names() {
    let second = NodeId::from_bytes([2; 32]);
    let handed_over = follow(&head(), &Value { voters: vec![second], ..value() }).unwrap();
    assert_eq!((handed_over.epoch, &handed_over.transcript), (4, &vec![2; 32]));
    assert_eq!(handed_over.electorate, Electorate::majority(vec![second]));
    // The first voter has no say in the epoch that it handed over.
    let next = Value { epoch: 4, parent: vec![2; 32], next: vec![3; 32], ..value() };
    let refused = follow(&handed_over, &next);
    assert!(matches!(refused, Err(ChainError::Proof(CertificateError::Voter(NODE)))), "{refused:?}");
}

#[test]
fn a_decision_of_another_epoch_or_history_or_without_voters_does_not_follow() {
    for other in [Value { epoch: 4, ..value() }, Value { parent: vec![7; 32], ..value() }] {
        assert!(matches!(follow(&head(), &other), Err(ChainError::Follows { expected: 3, .. })));
    }
    let crowd = |count: u8| (1..=count).map(|n| NodeId::from_bytes([n; 32])).collect::<Vec<_>>();
    assert!(follow(&head(), &Value { voters: crowd(200), ..value() }).is_ok());
    for wrong in [vec![], crowd(201), vec![NODE, NODE]] {
        assert_eq!(follow(&head(), &Value { voters: wrong, ..value() }), Err(ChainError::Voters));
    }
}
