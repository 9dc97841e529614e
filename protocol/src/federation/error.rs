//! Why a list, a suspension or an invitation was not accepted.

use crate::codec::CodecError;
use crate::refusal::Code;

/// Why a list, a suspension or an invitation was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The bytes are not what they claim to be.
    #[error("the federation list is malformed: {0}")]
    Codec(#[from] CodecError),
    /// The COSE envelope is not readable, or not in its one form.
    #[error("the federation list's COSE envelope is malformed")]
    Envelope,
    /// Too few valid signatures.
    #[error("the federation list has {got} valid signatures, expected {expected}")]
    Signatures {
        /// The threshold.
        expected: u32,
        /// How many distinct authority keys signed it.
        got: u32,
    },
    /// The authority file itself makes no sense.
    #[error("an authority of {keys} keys cannot have threshold {threshold}")]
    Authority {
        /// The threshold.
        threshold: u32,
        /// Number of keys.
        keys: usize,
    },
    /// Older than the one held.
    #[error("federation list version {got} is older than version {held} held here")]
    Rollback {
        /// Version held.
        held: u64,
        /// Version offered.
        got: u64,
    },
    /// Same version, another content: somebody shows different lists to different nodes.
    #[error("two different federation lists of version {version}")]
    Split {
        /// The version.
        version: u64,
    },
    /// The next version does not name the one held as its predecessor.
    #[error("federation list version {version} does not follow the one held")]
    Chain {
        /// The version offered.
        version: u64,
    },
    /// A rule of the list's content is broken.
    #[error("federation list entry {name:?}: {rule}")]
    Entry {
        /// The entry's short name; empty for a rule about the whole list.
        name: String,
        /// What is wrong.
        rule: &'static str,
    },
    /// A rule about suspensions is broken.
    #[error("suspension: {0}")]
    Suspension(&'static str),
    /// A suspension that no key of the authority signed.
    #[error("the suspension is not signed by a key of the authority")]
    SuspensionSignature,
    /// The invitation says one thing and its list another.
    #[error("invitation: {0}")]
    Invitation(&'static str),
}

impl ListError {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            ListError::Codec(error) => error.code(),
            ListError::Envelope
            | ListError::Entry { .. }
            | ListError::Suspension(_)
            | ListError::Invitation(_) => Code::Malformed,
            ListError::Signatures { .. } | ListError::Authority { .. } | ListError::SuspensionSignature => {
                Code::ListSignature
            }
            ListError::Rollback { .. } | ListError::Chain { .. } => Code::ListRollback,
            ListError::Split { .. } => Code::ListSplit,
        }
    }

    /// Whether it proves that the authority signed two views of the federation: worth keeping.
    pub fn is_evidence(&self) -> bool {
        matches!(self, ListError::Split { .. } | ListError::Chain { .. })
    }
}
