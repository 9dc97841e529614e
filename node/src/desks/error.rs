//! Failures inside an act, before they become problems.

use super::problem::Problem;
use mls::MlsError;
use protocol::refusal::Code;
use store::{Failed, StoreError};

/// Why an act did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ActError {
    /// Refused, with a code for the asker.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// MLS failed or refused.
    #[error(transparent)]
    Mls(#[from] MlsError),
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Refused(problem) => problem,
            ActError::Store(error) => Problem::from(error),
            ActError::Mls(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "act.mls_failed");
                Problem::new(mls_code(&error), "a sealed exchange failed; nothing was stored")
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "act.store_failed");
        Problem::new(Code::StoreUnavailable, "the node cannot store at this moment; nothing was accepted")
    }
}

impl From<Failed<ActError>> for Problem {
    fn from(failed: Failed<ActError>) -> Self {
        match failed {
            Failed::Act(error) => error.into(),
            Failed::Store | Failed::Busy => Problem::new(
                Code::StoreUnavailable,
                "the node cannot store at this moment; nothing was accepted",
            ),
            Failed::Panicked => Problem::new(Code::Internal, "an internal error; nothing was stored"),
        }
    }
}

/// The stable code of an MLS failure.
pub(crate) fn mls_code(error: &MlsError) -> Code {
    match error {
        MlsError::NotMember(_) | MlsError::NoSuchMember(_) => Code::NotMember,
        MlsError::Malformed { .. } => Code::Malformed,
        MlsError::Peer { .. } | MlsError::Refused(_) => Code::CommitPolicy,
        MlsError::EpochAhead { .. } => Code::EpochAhead,
        MlsError::Undecryptable { .. } => Code::Undecryptable,
        MlsError::Library { .. } => Code::Internal,
        MlsError::Store(_) => Code::StoreUnavailable,
    }
}
