//! One scene per rule, with real keys where several nodes play, and one machine alone where only its
//! answer matters.

use super::cast::{COMPARTMENT, Cheap, FORBIDDEN, commit, judge, node, nodes};
use super::stage::Stage;
use crate::commit::{Ballot, Certificate, CertificateError, Electorate, Instance, Promise, Value, Vote};
use crate::limits::{COMMIT_BYTES_MAX, ORDER_ROUNDS_AHEAD_MAX, ORDER_URGENT_RETRY_MS_MIN};
use crate::order::{Alarm, Body, Durable, Input, Message, Order, Output, Reason, World};
use crate::refusal::Code;
use crate::time::Timestamp;

const AT: Instance = Instance { compartment: COMPARTMENT, epoch: 0 };

fn ballot(round: u64, by: u8) -> Ballot {
    Ballot { round, node: node(by), incarnation: 0 }
}

/// The machine of node 3, in epoch 0, with voters 1, 2 and 3.
fn third() -> Order {
    Order::load(node(3), COMPARTMENT, Durable::new(0, vec![0], 0), Electorate::majority(nodes(&[1, 2, 3])))
}

fn act(order: &mut Order, input: Input) -> Vec<Output> {
    let voice = Cheap(order.me);
    order.step(input, World { now: Timestamp(0), noise: 0, voice: &voice, judge: &mut judge })
}

fn hear_in(order: &mut Order, from: u8, epoch: u64, body: Body) -> Vec<Output> {
    let message = Message { compartment: COMPARTMENT, epoch, body };
    let mut out = act(order, Input::Received { from: node(from), message });
    out.retain(|output| !matches!(output, Output::Wake(_)));
    out
}

fn hear(order: &mut Order, from: u8, body: Body) -> Vec<Output> {
    hear_in(order, from, 0, body)
}

fn prepare(ballot: Ballot) -> Body {
    Body::Prepare { ballot, parent: vec![0] }
}

fn promise(by: u8, ballot: Ballot, accepted: Option<(Ballot, &Value)>) -> Promise {
    let named = accepted.map(|(before, value)| (before, value.hash()));
    Promise::sign(&Cheap(node(by)), node(by), AT, ballot, named)
}

fn vote(by: u8, ballot: Ballot, value: &Value) -> Vote {
    Vote::sign(&Cheap(node(by)), node(by), AT, ballot, value.hash())
}

fn wanted(by: u8) -> Value {
    commit(0, &[0], by, &[1, 2, 3])
}

fn accept(ballot: Ballot, value: &Value, promises: Vec<Promise>) -> Body {
    Body::Accept { ballot, value: Box::new(value.clone()), promises }
}

fn nack(ballot: Option<Ballot>, reason: Reason) -> Body {
    Body::Nack { ballot, reason }
}

/// The one message that was sent, and to whom.
fn said(out: &[Output]) -> (u8, &Body) {
    match out {
        [Output::Send { to, message }] => (to.as_bytes()[0], &message.body),
        other => panic!("one message expected: {other:?}"),
    }
}

#[test]
fn a_voter_promises_only_higher_ballots() {
    let mut order = third();
    let out = hear(&mut order, 2, prepare(ballot(1, 2)));
    let body = Body::Promised { ballot: ballot(1, 2), promise: promise(3, ballot(1, 2), None), value: None };
    assert_eq!(said(&out), (2, &body));
    let outbid = |asked| nack(Some(asked), Reason::Outbid { promised: ballot(1, 2) });
    assert_eq!(said(&hear(&mut order, 1, prepare(ballot(1, 1)))), (1, &outbid(ballot(1, 1))));
    assert_eq!(said(&hear(&mut order, 2, prepare(ballot(1, 2)))), (2, &outbid(ballot(1, 2))));
    assert_eq!(hear(&mut order, 1, prepare(ballot(ORDER_ROUNDS_AHEAD_MAX + 2, 1))), []);
    assert_eq!(order.durable().promised, Some(ballot(1, 2)));
    hear(&mut order, 1, prepare(ballot(ORDER_ROUNDS_AHEAD_MAX + 1, 1)));
    assert_eq!(order.durable().promised, Some(ballot(ORDER_ROUNDS_AHEAD_MAX + 1, 1)));
}

#[test]
fn a_voter_accepts_what_a_quorum_of_promises_allows_and_names_it_later() {
    let (mut order, low, high) = (third(), ballot(1, 1), ballot(1, 2));
    let value = wanted(1);
    let out = hear(&mut order, 1, accept(low, &value, vec![promise(1, low, None), promise(2, low, None)]));
    let body = Body::Accepted { ballot: low, value: value.hash(), vote: vote(3, low, &value) };
    assert_eq!(said(&out), (1, &body));
    assert_eq!(order.durable().promised, Some(low), "to accept is to promise");
    let out = hear(&mut order, 2, prepare(high));
    let promise = promise(3, high, Some((low, &value)));
    let body = Body::Promised { ballot: high, promise, value: Some(Box::new(value)) };
    assert_eq!(said(&out), (2, &body));
}

#[test]
fn an_unjustified_accept_is_refused_and_alarms() {
    let (low, high) = (ballot(1, 1), ballot(1, 2));
    let (value, other) = (wanted(2), wanted(1));
    let cases = [
        (vec![promise(2, high, None)], CertificateError::Short { what: "promises", expected: 2, got: 1 }),
        (vec![promise(2, high, None), promise(2, high, None)], CertificateError::Voter(node(2))),
        (vec![promise(2, high, None), promise(4, high, None)], CertificateError::Voter(node(4))),
        (vec![promise(2, high, None), promise(1, low, None)], CertificateError::Signature(node(1))),
        (vec![promise(2, high, None), promise(1, high, Some((low, &other)))], CertificateError::Unjustified),
        (vec![promise(2, high, None), promise(1, high, Some((high, &value)))], CertificateError::Unjustified),
    ];
    for (promises, error) in cases {
        let mut order = third();
        let alarm = Output::Alarm { from: node(2), alarm: Alarm::Proof(error) };
        assert_eq!(hear(&mut order, 2, accept(high, &value, promises)), [alarm]);
        assert_eq!(order, third());
    }
}

#[test]
fn two_values_in_one_ballot_get_one_accept() {
    let (mut order, at) = (third(), ballot(1, 2));
    let promises = || vec![promise(1, at, None), promise(2, at, None)];
    hear(&mut order, 2, accept(at, &wanted(2), promises()));
    let again = hear(&mut order, 2, accept(at, &wanted(2), promises()));
    assert!(matches!(said(&again), (2, Body::Accepted { .. })), "the same again is harmless");
    let out = hear(&mut order, 2, accept(at, &wanted(1), promises()));
    assert_eq!(out, [Output::Alarm { from: node(2), alarm: Alarm::TwoValues }]);
    assert_eq!(order.durable().accepted, Some((at, wanted(2))));
}

#[test]
fn who_may_not_vote_or_ask_is_told_so() {
    let at = ballot(1, 2);
    let stranger = ballot(1, 4);
    let out = hear(&mut third(), 4, prepare(stranger));
    assert_eq!(said(&out), (4, &nack(Some(stranger), Reason::NotVoter)));
    let out = hear(&mut third(), 1, prepare(at));
    assert_eq!(said(&out), (1, &nack(Some(at), Reason::NotVoter)), "a ballot is its node's own");
    let mut restored = third();
    act(&mut restored, Input::Recovery(true));
    assert_eq!(said(&hear(&mut restored, 2, prepare(at))), (2, &nack(Some(at), Reason::Recovery)));
    let mut restored = Order::load(node(3), COMPARTMENT, restored.durable, third().electorate);
    let out = act(&mut restored, Input::Propose { value: wanted(3), urgent: false });
    assert!(
        matches!(&out[..], [Output::Send { message, .. }, Output::Wake(_)]
        if matches!(message.body, Body::Submit { .. })),
        "it hands its commit to a voter"
    );
    act(&mut restored, Input::Recovery(false));
    assert!(matches!(said(&hear(&mut restored, 2, prepare(at))), (2, Body::Promised { .. })));
}

#[test]
fn nothing_is_voted_but_in_the_present_epoch() {
    let mut order = third();
    let electorate = order.electorate.clone();
    act(&mut order, Input::Advanced { epoch: 1, transcript: vec![1], electorate });
    let before = order.clone();
    let at = ballot(1, 2);
    assert_eq!(hear(&mut order, 2, prepare(at)), [Output::Tell { to: node(2), epoch: 0 }]);
    let out = hear(&mut order, 2, accept(at, &wanted(2), vec![]));
    assert_eq!(out, [Output::Tell { to: node(2), epoch: 0 }]);
    let out = hear_in(&mut order, 2, 2, prepare(at));
    assert_eq!(out[0], Output::CatchUp { from: node(2), epoch: 1 });
    assert_eq!(said(&out[1..]), (2, &nack(Some(at), Reason::Behind { epoch: 1 })));
    assert_eq!(order, before);
    let told = hear_in(&mut order, 2, 1, nack(Some(at), Reason::Behind { epoch: 0 }));
    assert_eq!(told, [Output::Tell { to: node(2), epoch: 0 }]);
}

#[test]
fn another_history_in_the_same_epoch_alarms_both_sides() {
    let (mut order, at) = (third(), ballot(1, 2));
    let out = hear(&mut order, 2, Body::Prepare { ballot: at, parent: vec![7] });
    let alarm = Alarm::Parent { ours: vec![0], theirs: Some(vec![7]) };
    assert_eq!(out[0], Output::Alarm { from: node(2), alarm });
    assert_eq!(said(&out[1..]), (2, &nack(Some(at), Reason::ParentMismatch)));
    let out = hear(&mut order, 2, nack(Some(at), Reason::ParentMismatch));
    let alarm = Alarm::Parent { ours: vec![0], theirs: None };
    assert_eq!(out, [Output::Alarm { from: node(2), alarm }]);
}

#[test]
fn a_commit_is_judged_before_it_is_accepted() {
    let (mut order, at) = (third(), ballot(1, 2));
    let promises = vec![promise(1, at, None), promise(2, at, None)];
    let out = hear(&mut order, 2, accept(at, &wanted(FORBIDDEN), promises.clone()));
    let policy = |code: Code| Reason::Policy { code: code.to_string() };
    assert_eq!(said(&out), (2, &nack(Some(at), policy(Code::CommitPolicy))));
    let huge = Value { commit: vec![1; COMMIT_BYTES_MAX + 1], ..wanted(2) };
    let out = hear(&mut order, 2, accept(at, &huge, promises));
    assert_eq!(said(&out), (2, &nack(Some(at), policy(Code::FrameTooLarge))));
    assert_eq!(order, third(), "a refusal leaves nothing behind");
    let out = hear(&mut order, 2, Body::Submit { value: Box::new(wanted(FORBIDDEN)), urgent: false });
    assert_eq!(said(&out), (2, &nack(None, policy(Code::CommitPolicy))));
}

#[test]
fn its_author_is_told_of_a_commit_that_too_many_refuse() {
    let mut order = third();
    act(&mut order, Input::Propose { value: wanted(3), urgent: false });
    let at = ballot(1, 3);
    hear(&mut order, 1, Body::Promised { ballot: at, promise: promise(1, at, None), value: None });
    let no = || nack(Some(at), Reason::Policy { code: "MLS_COMMIT_POLICY".to_owned() });
    assert_eq!(hear(&mut order, 1, no()), []);
    assert_eq!(hear(&mut order, 1, no()), [], "one voter refuses once");
    let refused = Output::Refused { mine: Box::new(wanted(3)), code: Code::CommitPolicy };
    assert_eq!(hear(&mut order, 2, no()), [refused]);
}

#[test]
fn a_proposer_adopts_what_was_accepted_in_the_highest_ballot() {
    let mut order = third();
    act(&mut order, Input::Propose { value: wanted(3), urgent: false });
    let (before, at) = (ballot(0, 1), ballot(1, 3));
    let promised = |value: Option<&Value>| Body::Promised {
        ballot: at,
        promise: promise(1, at, Some((before, &wanted(1)))),
        value: value.cloned().map(Box::new),
    };
    assert_eq!(hear(&mut order, 1, promised(None)), [], "the value must come along");
    assert_eq!(hear(&mut order, 1, promised(Some(&wanted(2)))), [], "and be the one named");
    let out = hear(&mut order, 1, promised(Some(&wanted(1))));
    assert!(matches!(&out[0], Output::Send { message: Message { body: Body::Accept { value, .. }, .. }, .. }
        if **value == wanted(1)));
    let body = Body::Accepted { ballot: at, value: wanted(1).hash(), vote: vote(1, at, &wanted(1)) };
    let out = hear(&mut order, 1, body);
    assert!(matches!(&out[0], Output::Decided { value, .. } if **value == wanted(1)));
    let lost = Output::Lost { mine: Box::new(wanted(3)), winner: Some(wanted(1).hash()) };
    assert_eq!(out[1], lost);
}

#[test]
fn two_certified_commits_are_a_fork_and_name_the_guilty() {
    let mut order = third();
    let proof = |at, value: &Value| {
        let promises = vec![promise(1, at, None), promise(2, at, None)];
        Certificate::assemble(value, at, vec![vote(1, at, value), vote(2, at, value)], promises)
    };
    let decided = |value: Value, certificate| Body::Decided {
        value: Box::new(value),
        certificate: Box::new(certificate),
    };
    let (one, other) = (proof(ballot(1, 1), &wanted(1)), proof(ballot(2, 2), &wanted(2)));
    assert!(matches!(&hear(&mut order, 1, decided(wanted(1), one.clone()))[..], [Output::Decided { .. }]));
    assert_eq!(hear(&mut order, 2, decided(wanted(1), one)), [], "known");
    let out = hear(&mut order, 2, decided(wanted(2), other.clone()));
    assert!(
        matches!(&out[..], [Output::Fork { guilt, .. }] if guilt.voters == nodes(&[1, 2]).into_iter().collect())
    );
    let bare = Certificate { accepts: Vec::new(), ..other };
    let out = hear(&mut order, 2, decided(wanted(2), bare));
    assert!(matches!(&out[..], [Output::Alarm { alarm: Alarm::Proof(_), .. }]));
}

#[test]
fn one_voter_decides_in_one_step_without_a_word() {
    let electorate = Electorate::majority(nodes(&[3]));
    let mut order = Order::load(node(3), COMPARTMENT, Durable::new(0, vec![0], 0), electorate.clone());
    let out = act(&mut order, Input::Propose { value: wanted(3), urgent: false });
    let [Output::Decided { value, certificate }] = &out[..] else { panic!("{out:?}") };
    assert_eq!(certificate.check(&Cheap(node(3)), value, &electorate), Ok(()));
}

#[test]
fn silence_follows_a_decision() {
    let mut stage = Stage::new(&[1, 2, 3, 4, 5], &[]);
    stage.propose(2, &[2, 3, 4, 5], false);
    stage.deliver_all();
    stage.check();
    assert!(stage.members().all(|seat| seat.epoch() == 1 && seat.me != node(1)), "the founder is gone");
    assert!(stage.members().all(|seat| seat.order.as_ref().is_some_and(|order| order.pace.due().is_none())));
    stage.propose(5, &[2, 3, 4, 5, 9], false);
    stage.deliver_all();
    stage.check();
    assert_eq!(stage.members().filter(|seat| seat.epoch() == 2).count(), 5, "and node 9 is in");
}

#[test]
fn an_embassy_hands_its_commit_to_a_voter_and_hears_of_it() {
    let mut stage = Stage::new(&[1, 2, 3], &[8]);
    stage.propose(8, &[1, 2, 3], false);
    stage.deliver_all();
    assert_eq!(stage.seat(8).log[&0].0.author, node(8));
    assert_eq!(stage.members().filter(|seat| seat.epoch() == 1).count(), 4);
    stage.check();
}

#[test]
fn a_commit_outlives_its_author_once_it_was_accepted() {
    let mut stage = Stage::new(&[1, 2, 3], &[]);
    stage.propose(1, &[1, 2, 3], false);
    let accepted = |stage: &Stage| {
        let order = stage.seat(3).order.as_ref();
        order.is_some_and(|order| order.durable.accepted.is_some())
    };
    while !accepted(&stage) {
        stage.deliver(0);
    }
    stage.seats.remove(&node(1));
    stage.restart(2);
    stage.restart(3);
    stage.calm();
    assert_eq!((stage.seat(2).epoch(), stage.seat(3).epoch()), (1, 1));
    assert_eq!(stage.seat(3).log[&0].0.author, node(1));
    stage.check();
}

#[test]
fn removals_of_the_revoked_go_first_and_soon() {
    let mut order = third();
    act(&mut order, Input::Propose { value: wanted(3), urgent: false });
    for _ in 0..9 {
        let now = order.pace.due().expect("it tries again");
        let voice = Cheap(node(3));
        order.step(Input::Tick, World { now, noise: 0, voice: &voice, judge: &mut judge });
    }
    let submitted = Body::Submit { value: Box::new(wanted(1)), urgent: true };
    hear(&mut order, 1, submitted);
    assert_eq!(order.pace.due(), Some(Timestamp(ORDER_URGENT_RETRY_MS_MIN as i64)));
    let at = ballot(order.durable().round_used, 3);
    assert_eq!(at.round, 10, "each try is a new round");
    let out = hear(&mut order, 1, Body::Promised { ballot: at, promise: promise(1, at, None), value: None });
    assert!(matches!(&out[0], Output::Send { message: Message { body: Body::Accept { value, .. }, .. }, .. }
        if **value == wanted(1)));
}

#[test]
fn a_commit_built_on_another_epoch_has_lost() {
    let value = commit(4, &[0], 3, &[1, 2, 3]);
    let lost = Output::Lost { mine: Box::new(value.clone()), winner: None };
    assert_eq!(act(&mut third(), Input::Propose { value, urgent: false }), [lost]);
}
