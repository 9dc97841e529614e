//! Following the decisions of a compartment without its keys: one certified commit after the other, each
//! naming who votes on the next.

use super::{Certificate, CertificateError, Electorate, Value, Voice};
use crate::ids::{CompartmentId, NodeId};
use crate::limits::CERTIFICATE_VOTES_MAX;

/// Where the decisions of a compartment stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The compartment.
    pub compartment: CompartmentId,
    /// The present epoch.
    pub epoch: u64,
    /// Its confirmed transcript hash (RFC 9420 §8.2).
    pub transcript: Vec<u8>,
    /// Who votes in it.
    pub electorate: Electorate,
}

/// Why a decision does not follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// It leaves another epoch, or another history of this one.
    #[error("the decision leaves epoch {got}, or another history of epoch {expected}")]
    Follows {
        /// The epoch that it leaves.
        got: u64,
        /// The present one.
        expected: u64,
    },
    /// The voters that it names are none, unsorted, or too many.
    #[error("the voters of the next epoch must be sorted, each once, from 1 to {CERTIFICATE_VOTES_MAX}")]
    Voters,
    /// Its certificate proves nothing.
    #[error(transparent)]
    Proof(#[from] CertificateError),
}

impl Head {
    /// COM-022: the head after this decision of voters whose keys `voice` knows.
    pub fn follow(
        &self,
        voice: &dyn Voice,
        value: &Value,
        certificate: &Certificate,
    ) -> Result<Head, ChainError> {
        let follows = value.compartment == self.compartment
            && value.epoch == self.epoch
            && value.parent == self.transcript;
        if !follows {
            return Err(ChainError::Follows { got: value.epoch, expected: self.epoch });
        }
        if !are_voters(&value.voters) {
            return Err(ChainError::Voters);
        }
        certificate.check(voice, value, &self.electorate)?;
        Ok(Head {
            compartment: self.compartment,
            epoch: value.epoch.saturating_add(1),
            transcript: value.next.clone(),
            electorate: Electorate::majority(value.voters.clone()),
        })
    }
}

fn are_voters(nodes: &[NodeId]) -> bool {
    !nodes.is_empty() && nodes.len() <= CERTIFICATE_VOTES_MAX && nodes.is_sorted_by(|a, b| a < b)
}
