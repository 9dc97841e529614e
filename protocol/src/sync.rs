//! What a node holds of one sender in one compartment, as ranges of sequence numbers; what it wants.

use crate::limits::RANGES_MAX;
use minicbor::{Decode, Encode};

/// Sorted, disjoint, non-adjacent inclusive ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Ranges(#[n(0)] Vec<(u64, u64)>);

impl Ranges {
    /// Nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Everything from 1 to `last`; nothing for 0.
    pub fn up_to(last: u64) -> Self {
        Self(if last == 0 { Vec::new() } else { vec![(1, last)] })
    }

    /// Everything from `first` to `last`; nothing if there is none.
    pub fn between(first: u64, last: u64) -> Self {
        Self(if first > last || first == 0 { Vec::new() } else { vec![(first, last)] })
    }

    /// The ranges.
    pub fn as_slice(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// WIR-026: whether the ranges are sorted, disjoint and not adjacent, as a peer must send them, and not
    /// more than [`RANGES_MAX`].
    pub fn is_sound(&self) -> bool {
        self.0.len() <= RANGES_MAX
            && self.0.iter().all(|(low, high)| *low >= 1 && low <= high)
            && self.0.windows(2).all(|pair| pair[0].1.checked_add(1).is_some_and(|next| next < pair[1].0))
    }

    /// Whether `sequence` is held.
    pub fn contains(&self, sequence: u64) -> bool {
        let at = self.0.partition_point(|(_, high)| *high < sequence);
        self.0.get(at).is_some_and(|(low, _)| *low <= sequence)
    }

    /// Adds one; false when it was there.
    pub fn insert(&mut self, sequence: u64) -> bool {
        if self.contains(sequence) {
            return false;
        }
        let at = self.0.partition_point(|(_, high)| *high < sequence);
        let joins_left = at > 0 && self.0[at - 1].1.checked_add(1) == Some(sequence);
        let joins_right = self.0.get(at).is_some_and(|(low, _)| sequence.checked_add(1) == Some(*low));
        match (joins_left, joins_right) {
            (true, true) => {
                self.0[at - 1].1 = self.0[at].1;
                self.0.remove(at);
            }
            (true, false) => self.0[at - 1].1 = sequence,
            (false, true) => self.0[at].0 = sequence,
            (false, false) => self.0.insert(at, (sequence, sequence)),
        }
        true
    }

    /// The last number up to which nothing is missing.
    pub fn contiguous(&self) -> u64 {
        self.0.first().filter(|(low, _)| *low == 1).map_or(0, |(_, high)| *high)
    }

    /// The highest number held.
    pub fn last(&self) -> u64 {
        self.0.last().map_or(0, |(_, high)| *high)
    }

    /// What `self` holds and `other` does not.
    pub fn minus(&self, other: &Ranges) -> Ranges {
        let mut rest = Vec::new();
        for (low, high) in &self.0 {
            let mut from = *low;
            for (other_low, other_high) in other.0.iter().filter(|(l, h)| l <= high && h >= low) {
                if *other_low > from {
                    rest.push((from, other_low - 1));
                }
                from = from.max(other_high.saturating_add(1));
            }
            if from <= *high {
                rest.push((from, *high));
            }
        }
        Ranges(rest)
    }

    /// The first `count` ranges: what fits a message. Lower numbers first, so that gaps close.
    pub fn first(&self, count: usize) -> Ranges {
        Ranges(self.0.iter().take(count).copied().collect())
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().flat_map(|(low, high)| *low..=*high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
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

    #[test]
    fn contiguous_stops_at_the_first_gap() {
        let held = ranges(&BTreeSet::from([1, 2, 3, 5]));
        assert_eq!((held.contiguous(), held.last()), (3, 5));
        assert_eq!(ranges(&BTreeSet::from([2])).contiguous(), 0);
    }
}
