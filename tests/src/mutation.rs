//! Seeded mutations of bytes: what a link, a careless program or an attacker makes of a message.

/// A generator of numbers that look random and are always the same (SplitMix64).
#[derive(Debug, Clone)]
pub struct Seed(u64);

impl Seed {
    /// From a number.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 for 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.number() % bound).unwrap_or(0)
    }
}

/// One mutation of `bytes`; `other` is spliced in by some.
pub fn mutate(bytes: &[u8], other: &[u8], seed: &mut Seed) -> Vec<u8> {
    let mut mutated = bytes.to_vec();
    for _ in 0..=seed.below(3) {
        let at = seed.below(mutated.len());
        match seed.below(8) {
            // A flipped bit.
            0 | 1 => mutated.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << seed.below(8)),
            // Another head: lengths, types, the reserved and the indefinite ones.
            2 => mutated.iter_mut().skip(at).take(1).for_each(|byte| {
                *byte = (*byte & 0xe0) | [0, 1, 23, 24, 25, 26, 27, 28, 31][seed.below(9)];
            }),
            3 => mutated.iter_mut().skip(at).take(1).for_each(|byte| *byte = seed.number().to_le_bytes()[0]),
            4 => mutated.truncate(at),
            // A piece of another, of itself, or of nothing.
            5 => {
                let from = seed.below(other.len());
                let piece = other[from..(from + seed.below(40)).min(other.len())].to_vec();
                drop(mutated.splice(at..at, piece));
            }
            6 => {
                let piece = mutated[at..(at + seed.below(40)).min(mutated.len())].to_vec();
                drop(mutated.splice(at..at, piece));
            }
            _ => drop(mutated.drain(at..(at + seed.below(20)).min(mutated.len()))),
        }
    }
    mutated
}
