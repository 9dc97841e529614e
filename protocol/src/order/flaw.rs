//! Bugs to seed, so that the tests show that they would be found. Outside of tests no [`Order`] has any.

use super::Order;

/// A rule taken out, wherever it is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Flaw {
    /// A proposer proposes its own value whatever the promises name, and voters let it (COM-009).
    NoAdoption,
    /// A voter takes what is about an epoch it has left for the present one (COM-003).
    VoteAcrossEpochs,
    /// A promise for an earlier ballot counts for the present one (COM-011).
    StalePromise,
    /// Accepting in a ballot does not promise it (COM-010).
    KeepPromise,
    /// A crash loses what was durable (COM-001).
    #[cfg(test)]
    Amnesia,
}

impl Order {
    #[cfg(test)]
    pub(super) fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    #[cfg(not(test))]
    pub(super) const fn has(&self, _: Flaw) -> bool {
        false
    }
}
