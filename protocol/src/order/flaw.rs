//! Bugs to plant, so that the model checker and the simulator show that they would find them.
//!
//! They are a type parameter of [`Order`]: the node's is [`Sound`], which has none and leaves no trace in
//! the compiled code. A floor test keeps the node from naming [`Planted`].

use super::Order;
use std::fmt::Debug;
use std::hash::Hash;

/// A rule taken out, wherever it is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// A proposer proposes its own value whatever the promises name, and voters let it (COM-009).
    NoAdoption,
    /// A voter takes what is about an epoch it has left for the present one (COM-003).
    VoteAcrossEpochs,
    /// A promise for an earlier ballot counts for the present one (COM-011).
    StalePromise,
    /// Accepting in a ballot does not promise it (COM-010).
    KeepPromise,
    /// A crash loses what was durable (COM-001). Carried out by whoever keeps it.
    Amnesia,
}

impl Flaw {
    /// Every one.
    pub const ALL: [Flaw; 5] =
        [Flaw::NoAdoption, Flaw::VoteAcrossEpochs, Flaw::StalePromise, Flaw::KeepPromise, Flaw::Amnesia];
}

/// Which rules a machine keeps.
pub trait Rules: Debug + Clone + PartialEq + Eq + Hash {
    /// Whether it has this flaw.
    fn has(&self, flaw: Flaw) -> bool;
}

/// Keeps all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sound;

impl Rules for Sound {
    fn has(&self, _: Flaw) -> bool {
        false
    }
}

/// Breaks one, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Planted(pub Option<Flaw>);

impl Rules for Planted {
    fn has(&self, flaw: Flaw) -> bool {
        self.0 == Some(flaw)
    }
}

impl<R: Rules> Order<R> {
    pub(super) fn has(&self, flaw: Flaw) -> bool {
        self.rules.has(flaw)
    }
}
