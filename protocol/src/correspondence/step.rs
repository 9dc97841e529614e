//! The legal steps of a correspondence: draft → visas in the circuit's order → release.
//!
//! What comes after release (delivered, displayed, acknowledged) is a state of each addressee and
//! not of the item, which never changes again.

use minicbor::{Decode, Encode};

/// Where an item stands before and at release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum State {
    /// Being written.
    #[n(0)]
    Draft,
    /// Submitted; the next visa of its circuit is awaited.
    #[n(1)]
    AwaitingVisa,
    /// Every visa is given; awaits release.
    #[n(2)]
    AwaitingRelease,
    /// Released: immutable.
    #[n(3)]
    Released,
}

/// An act that moves an item on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Change the text.
    Edit,
    /// Hand it to the circuit.
    Submit,
    /// Give one visa; `last` when no other is due.
    Visa {
        /// Whether the circuit ends with this visa.
        last: bool,
    },
    /// Release it.
    Release,
    /// Drop it.
    Discard,
}

impl Step {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Edit => "edit",
            Step::Submit => "submit",
            Step::Visa { .. } => "visa",
            Step::Release => "release",
            Step::Discard => "discard",
        }
    }
}

/// The step is not legal here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step} is not legal in state {state}; legal: {}", legal.join(", "))]
pub struct IllegalStep {
    /// What was asked.
    pub step: &'static str,
    /// Where the item stands.
    pub state: &'static str,
    /// What may be done instead.
    pub legal: Vec<&'static str>,
}

impl State {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::AwaitingVisa => "awaiting-visa",
            State::AwaitingRelease => "awaiting-release",
            State::Released => "released",
        }
    }

    /// The state after `step`, given how many visas the item's circuit asks for. A draft without a
    /// circuit may be released directly. `Discard` leaves no state: the result is the state that was
    /// left.
    pub fn after(self, step: Step, visas_due: usize) -> Result<State, IllegalStep> {
        match (self, step) {
            (State::Draft, Step::Edit | Step::Discard) => Ok(State::Draft),
            (State::Draft, Step::Submit) if visas_due > 0 => Ok(State::AwaitingVisa),
            (State::Draft, Step::Submit) => Ok(State::AwaitingRelease),
            (State::Draft, Step::Release) if visas_due == 0 => Ok(State::Released),
            (State::AwaitingVisa, Step::Visa { last: false }) => Ok(State::AwaitingVisa),
            (State::AwaitingVisa, Step::Visa { last: true }) => Ok(State::AwaitingRelease),
            (State::AwaitingRelease, Step::Release) => Ok(State::Released),
            // Taking it back for changes voids the visas given.
            (State::AwaitingVisa | State::AwaitingRelease, Step::Edit) => Ok(State::Draft),
            (state, step) => {
                Err(IllegalStep { step: step.as_str(), state: state.as_str(), legal: state.legal(visas_due) })
            }
        }
    }

    /// The steps that may follow.
    pub fn legal(self, visas_due: usize) -> Vec<&'static str> {
        match self {
            State::Draft if visas_due == 0 => vec!["edit", "submit", "release", "discard"],
            State::Draft => vec!["edit", "submit", "discard"],
            State::AwaitingVisa => vec!["visa", "edit"],
            State::AwaitingRelease => vec!["release", "edit"],
            State::Released => vec!["acknowledge", "share"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_cannot_be_skipped() {
        assert!(State::Draft.after(Step::Release, 1).is_err());
        let submitted = State::Draft.after(Step::Submit, 2);
        assert_eq!(submitted, Ok(State::AwaitingVisa));
        assert!(State::AwaitingVisa.after(Step::Release, 2).is_err());
        assert_eq!(State::AwaitingVisa.after(Step::Visa { last: false }, 2), Ok(State::AwaitingVisa));
        assert_eq!(State::AwaitingVisa.after(Step::Visa { last: true }, 1), Ok(State::AwaitingRelease));
        assert_eq!(State::AwaitingRelease.after(Step::Release, 0), Ok(State::Released));
    }

    #[test]
    fn nothing_follows_release_but_what_the_problem_names() {
        for step in [Step::Edit, Step::Submit, Step::Visa { last: true }, Step::Release, Step::Discard] {
            let refused = State::Released.after(step, 0);
            assert_eq!(refused.map_err(|e| e.legal), Err(vec!["acknowledge", "share"]));
        }
    }
}
