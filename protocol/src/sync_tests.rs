use super::*;
use crate::codec;
use crate::limits::PAGE_FRAME_BYTES_MAX;
use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, proptest};
use std::collections::BTreeSet;

fn ranges(set: &BTreeSet<u64>) -> Ranges {
    let mut ranges = Ranges::new();
    set.iter().for_each(|n| assert!(ranges.insert(*n)));
    ranges
}

proptest! {
    #[test]
    fn ranges_behave_as_sets(a: BTreeSet<u8>, b: BTreeSet<u8>) {
        let wide = |set: &BTreeSet<u8>| set.iter().map(|n| u64::from(*n) + 1).collect::<BTreeSet<u64>>();
        let (a, b) = (wide(&a), wide(&b));
        let (left, right) = (ranges(&a), ranges(&b));
        prop_assert_eq!(left.iter().collect::<BTreeSet<_>>(), a.clone());
        prop_assert_eq!(left.minus(&right).iter().collect::<BTreeSet<_>>(), &a - &b);
        prop_assert!(left.0.len() > RANGES_MAX || left.is_sound());
        prop_assert!(a.iter().all(|n| left.contains(*n)));
    }
}

#[test]
fn a_peer_may_not_send_unsorted_adjacent_or_too_many_ranges() {
    assert!(!Ranges(vec![(5, 6), (1, 2)]).is_sound());
    assert!(!Ranges(vec![(1, 2), (3, 4)]).is_sound());
    assert!(!Ranges(vec![(0, 2)]).is_sound());
    assert!(!Ranges(vec![(u64::MAX, u64::MAX), (1, 1)]).is_sound());
    let many = |n: u64| Ranges((1..=n).map(|i| (i * 3, i * 3)).collect());
    assert!(many(RANGES_MAX as u64).is_sound());
    assert!(!many(RANGES_MAX as u64 + 1).is_sound());
}

/// A sender's chain: what each of `1..=last` says of the one before, and its own commitment.
fn chain(last: u8) -> Vec<(u64, Digest, Digest)> {
    let of = |n: u8| Digest([n; 32]);
    (1..=last).map(|n| (u64::from(n), of(n - 1), of(n))).collect()
}

proptest! {
    #[test]
    fn a_chain_fits_in_any_order(order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let (mut held, mut links, chain) = (Ranges::new(), Links::default(), chain(12));
        for at in order {
            let (sequence, previous, own) = chain[at];
            prop_assert!(links.join(&held, sequence, previous, own));
            held.insert(sequence);
        }
        prop_assert_eq!((links.wanted.len(), links.given.len()), (1, 1));
    }

    #[test]
    fn another_message_shows_whenever_it_comes(
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
        other in 0..11_usize,
    ) {
        let (mut held, mut links, mut chain) = (Ranges::new(), Links::default(), chain(12));
        chain[other].2 = Digest([99; 32]);
        let mut fitted = 0;
        for at in order {
            let (sequence, previous, own) = chain[at];
            fitted += usize::from(links.join(&held, sequence, previous, own));
            held.insert(sequence);
        }
        prop_assert_eq!(fitted, 11);
    }
}

fn holding(compartment: u8) -> Holding {
    let sender = |n: u8| (NodeId::from_bytes([n; 32]), Ranges::up_to(3));
    Holding {
        compartment: CompartmentId::from_bytes([compartment; 16]),
        epoch: 1,
        transcript: vec![7; TRANSCRIPT_BYTES],
        held: vec![sender(1), sender(2)],
        mark: None,
    }
}

#[test]
fn holdings_say_each_thing_once_and_in_order() {
    let sound = || vec![holding(1), holding(2)];
    assert_eq!(check_holdings(&sound()), Ok(()));
    let with = |change: fn(&mut Vec<Holding>)| {
        let mut holdings = sound();
        change(&mut holdings);
        check_holdings(&holdings).map_err(|(code, _)| code)
    };
    assert_eq!(with(|h| h.swap(0, 1)), Err(Code::Malformed));
    assert_eq!(with(|h| h[1].compartment = h[0].compartment), Err(Code::Malformed));
    assert_eq!(with(|h| h[0].transcript.clear()), Err(Code::Malformed));
    assert_eq!(with(|h| h[0].transcript.push(0)), Err(Code::Malformed));
    assert_eq!(with(|h| h[1].held.swap(0, 1)), Err(Code::Malformed));
    assert_eq!(with(|h| h[1].held[1].1 = Ranges(vec![(3, 2)])), Err(Code::Malformed));
}

#[test]
fn holdings_at_the_limit_and_one_past() {
    let many = |count: usize| {
        let number = |n: usize| u16::try_from(n).expect("few").to_be_bytes();
        let at = |n: usize| {
            let mut id = [0; 16];
            id[..2].copy_from_slice(&number(n));
            Holding { compartment: CompartmentId::from_bytes(id), ..holding(0) }
        };
        (0..count).map(at).collect::<Vec<_>>()
    };
    assert_eq!(check_holdings(&many(SHARED_COMPARTMENTS_MAX)), Ok(()));
    assert!(check_holdings(&many(SHARED_COMPARTMENTS_MAX + 1)).is_err());
    let senders = |count: usize| {
        let sender = |n: usize| {
            let mut id = [0; 32];
            id[..2].copy_from_slice(&u16::try_from(n).expect("few").to_be_bytes());
            (NodeId::from_bytes(id), Ranges::up_to(1))
        };
        vec![Holding { held: (0..count).map(sender).collect(), ..holding(0) }]
    };
    assert_eq!(check_holdings(&senders(HOLDING_SENDERS_MAX)), Ok(()));
    assert!(check_holdings(&senders(HOLDING_SENDERS_MAX + 1)).is_err());
}

#[test]
fn the_largest_holding_fits_a_page() {
    let worst = Ranges((1..=RANGES_MAX as u64).map(|n| (u64::MAX - 4 * n, u64::MAX - 4 * n + 1)).collect());
    let held = vec![(NodeId::from_bytes([1; 32]), worst); HOLDING_SENDERS_MAX];
    let bytes = codec::encode(&Holding { held, ..holding(1) }).len();
    assert!(Page::new(PAGE_FRAME_BYTES_MAX).take(bytes), "{bytes}");
}

#[test]
fn a_page_is_full_at_its_last_byte() {
    let mut page = Page::new(PAGE_FRAMING_BYTES + 10);
    assert!(page.take(4) && page.take(6) && !page.take(1) && page.take(0));
}

#[test]
fn nothing_is_left_up_to_the_highest_number() {
    let last = Ranges(vec![(u64::MAX - 1, u64::MAX)]);
    assert_eq!(last.minus(&last), Ranges::new());
    assert_eq!(last.minus(&Ranges(vec![(u64::MAX, u64::MAX)])), Ranges(vec![(u64::MAX - 1, u64::MAX - 1)]));
}

#[test]
fn contiguous_stops_at_the_first_gap() {
    let held = ranges(&BTreeSet::from([1, 2, 3, 5]));
    assert_eq!((held.contiguous(), held.last()), (3, 5));
    assert_eq!(ranges(&BTreeSet::from([2])).contiguous(), 0);
}
