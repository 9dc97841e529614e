use super::*;
use crate::identity::public_key;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const QUIC: &str = "/ip4/192.0.2.1/udp/4001/quic-v1";
const TCP: &str = "/ip4/192.0.2.1/tcp/4001";

fn peer(seed: u8, addresses: &[&str]) -> Peer {
    Peer {
        node: NodeId::from_bytes([seed; 32]),
        key: public_key(&[seed; 32]),
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
    }
}

fn name(seed: u8) -> PeerId {
    identity::peer_id(&public_key(&[seed; 32])).unwrap()
}

/// A pair of which the first name sorts before the second.
fn ordered() -> (u8, u8) {
    if name(1) < name(2) { (1, 2) } else { (2, 1) }
}

fn ways(actions: &[Action]) -> Vec<Way> {
    actions
        .iter()
        .filter_map(|action| match action {
            Action::Dial { way, .. } => Some(*way),
            Action::Close(_) => None,
        })
        .collect()
}

fn link(number: usize) -> ConnectionId {
    ConnectionId::new_unchecked(number)
}

#[test]
fn quic_comes_first_then_tcp_at_once_then_both_again_later() {
    let (own, other) = ordered();
    let mut roster = Roster::new(name(own));
    let now = Instant::now();
    roster.replace(&[peer(other, &[TCP, QUIC, "/dns4/example.org/udp/1", "nonsense"])], now);
    assert_eq!(ways(&roster.due(now)), [Way::Quic]);
    let next = roster.dial_failed(name(other), now, 0).unwrap();
    assert_eq!(ways(&[next]), [Way::Tcp]);
    assert_eq!(roster.dial_failed(name(other), now, 0), None);
    assert!(roster.due(now).is_empty());
    assert_eq!(ways(&roster.due(now + SECOND)), [Way::Quic]);
}

#[test]
fn one_of_two_nodes_dials_first() {
    let (low, high) = ordered();
    let now = Instant::now();
    let mut first = Roster::new(name(low));
    first.replace(&[peer(high, &[QUIC])], now);
    assert_eq!(first.due(now).len(), 1);
    let mut second = Roster::new(name(high));
    second.replace(&[peer(low, &[QUIC])], now);
    assert!(second.due(now).is_empty());
    assert!(second.opened(name(low), link(1), now).unwrap().first);
    assert!(second.due(now + SECOND).is_empty(), "connected meanwhile");
}

#[test]
fn only_the_first_connection_and_the_last_count() {
    let (own, other) = ordered();
    let mut roster = Roster::new(name(own));
    let now = Instant::now();
    roster.replace(&[peer(other, &[])], now);
    assert!(roster.opened(name(other), link(1), now).unwrap().first);
    assert!(!roster.opened(name(other), link(2), now).unwrap().first);
    assert_eq!(roster.closed(name(other), link(1), now, 0), None);
    assert_eq!(roster.closed(name(other), link(1), now, 0), None, "closes once");
    assert!(roster.closed(name(other), link(2), now, 0).is_some());
    assert!(roster.opened(name(3), link(3), now).is_none(), "not listed");
}

#[test]
fn an_old_connection_gives_way_to_a_new_one() {
    let (own, other) = ordered();
    let mut roster = Roster::new(name(own));
    let now = Instant::now();
    roster.replace(&[peer(other, &[])], now);
    roster.opened(name(other), link(1), now);
    let later = now + limits::SIMULTANEOUS_DIAL_TIME_MAX + SECOND;
    assert_eq!(roster.opened(name(other), link(2), later).unwrap().replaced, [link(1)]);
}

#[test]
fn of_two_connections_one_side_gives_up_the_older_at_once_when_idle() {
    let (low, high) = ordered();
    for (own, other, expected) in [(low, high, vec![Action::Close(link(1))]), (high, low, vec![])] {
        let (mut roster, now) = doubled(own, other);
        assert_eq!(roster.due(now + limits::SIMULTANEOUS_DIAL_TIME_MAX), expected);
    }
}

#[test]
fn a_busy_or_forgotten_older_connection_is_cut_in_the_end() {
    let (low, high) = ordered();
    for (own, other, looks) in [(low, high, 2), (high, low, 3)] {
        let (mut roster, now) = doubled(own, other);
        let _slot = roster.entry(&name(other)).unwrap().outbound.try_acquire(crate::Plane::Log);
        for look in 1..looks {
            assert_eq!(roster.due(now + limits::SIMULTANEOUS_DIAL_TIME_MAX * look), [], "look {look}");
        }
        let cut = roster.due(now + limits::SIMULTANEOUS_DIAL_TIME_MAX * looks);
        assert_eq!(cut, [Action::Close(link(1))]);
    }
}

/// A roster with two connections to one peer, opened at the same moment.
fn doubled(own: u8, other: u8) -> (Roster, Instant) {
    let mut roster = Roster::new(name(own));
    let now = Instant::now();
    roster.replace(&[peer(other, &[])], now);
    roster.opened(name(other), link(1), now);
    assert!(roster.opened(name(other), link(2), now).unwrap().replaced.is_empty());
    (roster, now)
}

#[test]
fn the_delay_falls_back_only_after_a_connection_that_lasted() {
    let (own, other) = ordered();
    let mut roster = Roster::new(name(own));
    let start = Instant::now();
    roster.replace(&[peer(other, &[QUIC])], start);
    let mut now = start;
    let mut delay_after = |lifetime: Duration| {
        roster.opened(name(other), link(1), now);
        now += lifetime;
        roster.closed(name(other), link(1), now, 0);
        let due = roster.entry(&name(other)).unwrap().due.unwrap();
        due - now
    };
    let first = delay_after(SECOND);
    let second = delay_after(SECOND);
    assert_eq!((first, second), (limits::REDIAL_DELAY_MIN / 2, limits::REDIAL_DELAY_MIN));
    assert_eq!(delay_after(limits::STABLE_TIME_MIN), limits::REDIAL_DELAY_MIN / 2);
}

#[test]
fn a_new_list_removes_adds_keeps_and_follows_new_keys_and_addresses() {
    let (own, other) = ordered();
    let mut roster = Roster::new(name(own));
    let now = Instant::now();
    let changes = roster.replace(&[peer(own, &[]), peer(other, &[]), peer(3, &[]), peer(3, &[QUIC])], now);
    assert_eq!(changes.added, [name(other), name(3)]);
    roster.opened(name(3), link(1), now);
    assert!(roster.due(now).is_empty(), "no addresses");
    let rotated = Peer { key: public_key(&[4; 32]), ..peer(3, &[]) };
    let changes = roster.replace(&[peer(other, &[QUIC]), rotated.clone()], now);
    assert_eq!(changes.added, [name(4)]);
    assert_eq!(changes.removed, [(name(3), rotated.node, true)]);
    assert_eq!(roster.peer_of(rotated.node), Some(name(4)));
    assert_eq!(ways(&roster.due(now)), [Way::Quic], "new addresses are tried at once");
    assert_eq!(roster.closed(name(3), link(1), now, 0), None, "no longer ours");
}
