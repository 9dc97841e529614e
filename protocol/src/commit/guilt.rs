//! Who broke the rules, when one epoch has two certificates.
//!
//! Honest voters may well accept different commits in different ballots, so that having signed both
//! sides is no guilt. Two things no honest voter signs: two accepts in one ballot, and a promise that
//! denies an accept which it had signed in a lower ballot.

use super::{Ballot, Certificate};
use crate::ids::NodeId;
use std::collections::BTreeSet;

/// What two certificates of one epoch prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guilt {
    /// Voters whose own signatures convict them.
    pub voters: BTreeSet<NodeId>,
    /// A ballot between the two in which the second value was first accepted. If nobody is convicted
    /// yet, the false promise is among those that justified that ballot: whoever accepted in it can
    /// show them.
    pub elsewhere: Option<Ballot>,
}

/// COM-019: names the guilty. Both certificates must have passed their check, against the same voters.
/// `None` when they are not in conflict: other instances, or one value.
pub fn guilt(one: &Certificate, other: &Certificate) -> Option<Guilt> {
    let same_instance = (one.compartment, one.epoch) == (other.compartment, other.epoch);
    if !same_instance || one.value == other.value {
        return None;
    }
    let (low, high) = if one.ballot <= other.ballot { (one, other) } else { (other, one) };
    let accepted_low: BTreeSet<NodeId> = low.accepts.iter().map(|vote| vote.voter).collect();
    if low.ballot == high.ballot {
        let both = high.accepts.iter().map(|vote| vote.voter).filter(|voter| accepted_low.contains(voter));
        return Some(Guilt { voters: both.collect(), elsewhere: None });
    }
    let denies = |accepted: Option<(Ballot, _)>| match accepted {
        None => true,
        Some((before, value)) => before < low.ballot || (before == low.ballot && value != low.value),
    };
    let lied = high.promises.iter().filter(|promise| accepted_low.contains(&promise.voter));
    let voters = lied.filter(|promise| denies(promise.accepted)).map(|promise| promise.voter).collect();
    let named = high.promises.iter().filter_map(|promise| promise.accepted).map(|(ballot, _)| ballot);
    let elsewhere = named.max().filter(|ballot| *ballot > low.ballot);
    Some(Guilt { voters, elsewhere })
}
