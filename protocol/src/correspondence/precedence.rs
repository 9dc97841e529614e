//! Precedence (RFC 6477 §2.1.6, `MMHS-Primary-Precedence`).

use minicbor::{Decode, Encode};

/// How urgent an item is for its addressees. The order is the urgency; numbers are RFC 6477's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Precedence {
    /// *Différé*.
    #[n(0)]
    Deferred,
    /// *Routine*.
    #[n(1)]
    Routine,
    /// *Urgent*.
    #[n(2)]
    Priority,
    /// *Immédiat*.
    #[n(3)]
    Immediate,
    /// *Flash*.
    #[n(4)]
    Flash,
    /// *Priorité absolue*.
    #[n(5)]
    Override,
}

impl Precedence {
    /// All, least urgent first.
    pub const ALL: [Precedence; 6] = [
        Precedence::Deferred,
        Precedence::Routine,
        Precedence::Priority,
        Precedence::Immediate,
        Precedence::Flash,
        Precedence::Override,
    ];

    /// The RFC's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Precedence::Deferred => "deferred",
            Precedence::Routine => "routine",
            Precedence::Priority => "priority",
            Precedence::Immediate => "immediate",
            Precedence::Flash => "flash",
            Precedence::Override => "override",
        }
    }

    /// Reads the RFC's word.
    pub fn parse(text: &str) -> Option<Precedence> {
        Precedence::ALL.into_iter().find(|precedence| precedence.as_str() == text)
    }

    /// The RFC's number.
    pub const fn number(self) -> u8 {
        self as u8
    }
}
