//! What a node holds of one sender in one compartment, as ranges of sequence numbers; what it wants; how
//! much of either fits a frame.

use crate::ids::{CompartmentId, NodeId};
use crate::limits::{HOLDING_SENDERS_MAX, RANGES_MAX, SHARED_COMPARTMENTS_MAX};
use crate::refusal::Code;
use crate::resync::Mark;
use crate::signature::Digest;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// Room for the frames' own heads beside what a page counts.
const PAGE_FRAMING_BYTES: usize = 64;
/// Bytes of a transcript hash that two nodes compare.
pub const TRANSCRIPT_BYTES: usize = 16;

/// WIR-033: what still fits one frame, in bytes of what is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    left: usize,
}

impl Page {
    /// An empty page of a plane with frames of `frame_bytes_max`.
    pub const fn new(frame_bytes_max: usize) -> Self {
        Self { left: frame_bytes_max.saturating_sub(PAGE_FRAMING_BYTES) }
    }

    /// Takes room for an element of so many bytes; false when it does not fit.
    pub const fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

/// What a node holds of one compartment.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Holding {
    /// The compartment.
    #[n(0)]
    pub compartment: CompartmentId,
    /// Its current epoch.
    #[n(2)]
    pub epoch: u64,
    /// First [`TRANSCRIPT_BYTES`] of its confirmed transcript hash.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub transcript: Vec<u8>,
    /// Messages held, per sender, ascending.
    #[n(6)]
    pub held: Vec<(NodeId, Ranges)>,
    /// The highest vote of the other one in this epoch that the speaker holds (RSY-002).
    #[n(8)]
    pub mark: Option<Mark>,
}

/// WIR-026: whether holdings are such as a peer must send them: compartments and senders ascending, each once,
/// sound ranges, a transcript hash that can be compared, and no more than the limits.
pub fn check_holdings(holdings: &[Holding]) -> Result<(), (Code, &'static str)> {
    let ascending = holdings.windows(2).all(|pair| pair[0].compartment < pair[1].compartment);
    if holdings.len() > SHARED_COMPARTMENTS_MAX
        || holdings.iter().any(|holding| holding.held.len() > HOLDING_SENDERS_MAX)
    {
        return Err((Code::FrameTooLarge, "holdings over their limits"));
    }
    if !ascending {
        return Err((Code::Malformed, "compartments not ascending"));
    }
    for holding in holdings {
        // One that says nothing could not differ from any.
        if holding.transcript.len() != TRANSCRIPT_BYTES {
            return Err((Code::Malformed, "transcript hash of another length"));
        }
        if !holding.held.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return Err((Code::Malformed, "senders not ascending"));
        }
        if !holding.held.iter().all(|(_, ranges)| ranges.is_sound()) {
            return Err((Code::Malformed, "ranges"));
        }
    }
    Ok(())
}

/// The ends of what is held of one sender, by which a message proves to stand where it says: each carries the
/// commitment to the one before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Links {
    /// What the first message after a gap says of the one before it.
    #[n(0)]
    wanted: BTreeMap<u64, Digest>,
    /// The commitment to the last message before a gap, and to the last of all.
    #[n(2)]
    given: BTreeMap<u64, Digest>,
}

impl Links {
    /// WIR-021: takes note of a message that is not in `held` yet: `previous` is what it says of the one before
    /// it, `own` the commitment to itself. False when a neighbour held says otherwise, whichever came first.
    pub fn join(&mut self, held: &Ranges, sequence: u64, previous: Digest, own: Digest) -> bool {
        let mut fits = true;
        match sequence.checked_sub(1).filter(|before| held.contains(*before)) {
            Some(before) => fits &= self.given.remove(&before).is_none_or(|given| given == previous),
            None => drop(self.wanted.insert(sequence, previous)),
        }
        match sequence.checked_add(1).filter(|after| held.contains(*after)) {
            Some(after) => fits &= self.wanted.remove(&after).is_none_or(|wanted| wanted == own),
            None => drop(self.given.insert(sequence, own)),
        }
        fits
    }
}

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

    /// Whether a number stands beside or in a range: adding it makes no further one.
    pub fn touches(&self, sequence: u64) -> bool {
        [sequence.checked_sub(1), Some(sequence), sequence.checked_add(1)]
            .into_iter()
            .flatten()
            .any(|n| self.contains(n))
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
            // None: nothing is left, up to the highest number there is.
            let mut from = Some(*low);
            for (other_low, other_high) in other.0.iter().filter(|(l, h)| l <= high && h >= low) {
                let Some(start) = from else { break };
                if *other_low > start {
                    rest.push((start, other_low - 1));
                }
                from = other_high.checked_add(1).map(|next| next.max(start));
            }
            if let Some(start) = from.filter(|start| start <= high) {
                rest.push((start, *high));
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
#[path = "sync_tests.rs"]
mod tests;
