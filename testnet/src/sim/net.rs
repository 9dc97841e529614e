//! The network: how long a parcel takes, and whether it comes at all.

use super::chance::Chance;
use super::faults::Faults;

/// A class of link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Between ministries: 100 Mbit/s.
    Wire,
    /// To a guest, over the Internet: 10 Mbit/s.
    Internet,
    /// To a post: 600 ms there, 2 % lost, 2 Mbit/s.
    Satellite,
}

impl Link {
    fn of(node: usize) -> Link {
        match node % 5 {
            3 => Link::Satellite,
            4 => Link::Internet,
            _ => Link::Wire,
        }
    }

    /// One way, in microseconds, and how much of that more or less.
    fn delay(self) -> (u64, u64) {
        match self {
            Link::Wire => (5_000, 5_000),
            Link::Internet => (30_000, 40_000),
            Link::Satellite => (280_000, 60_000),
        }
    }

    fn bytes_per_second(self) -> u64 {
        match self {
            Link::Wire => 12_500_000,
            Link::Internet => 1_250_000,
            Link::Satellite => 250_000,
        }
    }

    fn loss(self) -> f64 {
        if self == Link::Satellite { 0.02 } else { 0.0 }
    }
}

/// Who is cut off from whom.
#[derive(Debug, Clone, Default)]
pub(super) struct Net {
    /// On the far side of the present partition; empty for none.
    pub(super) far: Vec<bool>,
    /// Whether links lose what their class loses. A stream would send it again: off for measurements.
    pub(super) lossless: bool,
}

impl Net {
    fn cut(&self, one: usize, other: usize) -> bool {
        let side = |node: usize| self.far.get(node).copied().unwrap_or(false);
        side(one) != side(other)
    }

    /// How long the sender's uplink is taken, in microseconds.
    pub(super) fn sending(&self, from: usize, bytes: usize) -> u64 {
        bytes as u64 * 1_000_000 / Link::of(from).bytes_per_second()
    }

    /// The delays after which copies arrive, in microseconds; none if it is lost.
    pub(super) fn delays(
        &self,
        (from, to): (usize, usize),
        bytes: usize,
        faults: &Faults,
        chance: &mut Chance,
    ) -> Vec<u64> {
        let ends = [Link::of(from), Link::of(to)];
        let natural = if self.lossless { 0.0 } else { ends[0].loss() + ends[1].loss() };
        let copies = 1 + usize::from(chance.happens(faults.duplication));
        let mut delays = Vec::new();
        for _ in 0..copies {
            if self.cut(from, to) || chance.happens(natural + faults.loss) {
                continue;
            }
            let way: u64 = ends.iter().map(|link| link.delay().0 + chance.below(link.delay().1)).sum();
            let held = if chance.happens(faults.reordering) { chance.below(30_000_000) } else { 0 };
            let receiving = bytes as u64 * 1_000_000 / ends[1].bytes_per_second();
            delays.push(way + held + receiving);
        }
        delays
    }
}
