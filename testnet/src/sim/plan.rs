//! What is asked of a simulation.

use super::faults::Faults;
use super::mind::Planting;
use protocol::order::Flaw;
use std::fmt;

/// Nodes up to which groups are real.
pub(super) const REAL_NODES_MAX: usize = 20;

/// A bug to plant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Bug {
    /// A proposer adopts nothing that was accepted before.
    NoAdoption,
    /// A voter votes on an epoch that it has left.
    VoteAcrossEpochs,
    /// A promise for an earlier ballot counts.
    StalePromise,
    /// Accepting in a ballot does not promise it.
    KeepPromise,
    /// A crash loses the vote, and the node does not ask after its start.
    Amnesia,
    /// A node sends before its step is on disk.
    SendFirst,
    /// A node does not ask after its start whether its store is the last one.
    TrustStore,
}

impl Bug {
    pub(super) fn planting(self) -> Planting {
        let machine = match self {
            Bug::NoAdoption => Some(Flaw::NoAdoption),
            Bug::VoteAcrossEpochs => Some(Flaw::VoteAcrossEpochs),
            Bug::StalePromise => Some(Flaw::StalePromise),
            Bug::KeepPromise => Some(Flaw::KeepPromise),
            Bug::Amnesia => Some(Flaw::Amnesia),
            Bug::SendFirst | Bug::TrustStore => None,
        };
        // Whoever hears others after its start would notice that it has forgotten.
        let trust_store = matches!(self, Bug::TrustStore | Bug::Amnesia);
        Planting { machine, send_first: self == Bug::SendFirst, trust_store }
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = clap::ValueEnum::to_possible_value(self);
        f.write_str(name.as_ref().map_or("", |value| value.get_name()))
    }
}

/// One simulation; with the code, it says all that happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// From 5 to 200; up to 20 with real groups.
    pub nodes: usize,
    /// Communities, some at NP and some at DR.
    pub communities: u64,
    /// Things that people do.
    pub beats: u32,
    /// What goes wrong.
    pub faults: Faults,
    /// The bug that is planted.
    pub flaw: Option<Bug>,
    /// Symbolic groups even where there could be real ones.
    pub symbolic: bool,
}

impl Plan {
    pub(super) fn is_real(&self) -> bool {
        self.nodes <= REAL_NODES_MAX && !self.symbolic
    }

    /// The command that does the same again.
    pub fn replay(&self) -> String {
        let Plan { seed, nodes, communities, beats, faults, .. } = self;
        let flaw = self.flaw.map(|flaw| format!(" --flaw {flaw}")).unwrap_or_default();
        let symbolic = if self.symbolic { " --symbolic" } else { "" };
        format!(
            "cargo run --release -p testnet -- sim --seed {seed} --nodes {nodes} --communities {communities} \
             --beats {beats} --faults {faults}{flaw}{symbolic}"
        )
    }
}
