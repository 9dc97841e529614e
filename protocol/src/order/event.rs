//! What goes into the machine and what comes out of it.

use super::Message;
use crate::commit::{Certificate, CertificateError, Electorate, Guilt, Value};
use crate::ids::NodeId;
use crate::refusal::Code;
use crate::signature::Digest;
use crate::time::Timestamp;

/// What happens to an [`super::Order`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// This node wants this commit, which it built on the present epoch.
    Propose {
        /// The commit.
        value: Value,
        /// It removes a revoked node: it goes before others and waits less.
        urgent: bool,
    },
    /// A message from a member, whom the transport has authenticated.
    Received {
        /// Who sent it.
        from: NodeId,
        /// The message.
        message: Message,
    },
    /// A decision came through the log.
    Learned {
        /// The commit.
        value: Value,
        /// Its proof.
        certificate: Certificate,
    },
    /// The node has merged a commit, or joined: it is in this epoch now.
    Advanced {
        /// The epoch.
        epoch: u64,
        /// Its confirmed transcript hash.
        transcript: Vec<u8>,
        /// Its voters.
        electorate: Electorate,
    },
    /// The node was restored and must not vote, or may vote again.
    Recovery(
        /// Whether it is in recovery.
        bool,
    ),
    /// Time has passed.
    Tick,
}

/// What the caller is to do, after it has stored [`super::Order::durable`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this to that node. It may be lost, repeated or late.
    Send {
        /// The node.
        to: NodeId,
        /// The message.
        message: Message,
    },
    /// The present epoch's commit is decided: log it, merge it, advance.
    Decided {
        /// The commit.
        value: Box<Value>,
        /// Its proof.
        certificate: Box<Certificate>,
    },
    /// This node's own commit will not be: build another from its intent, never from these bytes.
    Lost {
        /// The commit that lost.
        mine: Box<Value>,
        /// What was decided instead; `None` if it was built on another epoch than the present one.
        winner: Option<Digest>,
    },
    /// This node's own commit was refused by its own judge, or by too many voters.
    Refused {
        /// The commit.
        mine: Box<Value>,
        /// Why.
        code: Code,
    },
    /// That node is further: fetch its log, or another's, from this epoch on, and feed it as
    /// [`Input::Learned`]. A newcomer's log does not go back so far.
    CatchUp {
        /// The node that is ahead.
        from: NodeId,
        /// The first epoch whose commit is missing.
        epoch: u64,
    },
    /// That node is behind: send it [`super::Body::Decided`] of this epoch out of the log, if it is there.
    Tell {
        /// The node that is behind.
        to: NodeId,
        /// The epoch.
        epoch: u64,
    },
    /// Somebody shows a decision of a past epoch. If the log holds another for it, that is a fork:
    /// see [`crate::commit::guilt`].
    Past {
        /// Who shows it.
        from: NodeId,
        /// The commit.
        value: Box<Value>,
        /// Its proof, not checked: the voters of that epoch are in the log.
        certificate: Box<Certificate>,
    },
    /// Two certified commits for the present epoch. Freeze the compartment, keep both, tell people.
    Fork {
        /// The one held, and its proof.
        ours: Box<(Value, Certificate)>,
        /// The other.
        theirs: Box<(Value, Certificate)>,
        /// Who is to blame.
        guilt: Guilt,
    },
    /// Something that no honest node with our history does.
    Alarm {
        /// Who did it.
        from: NodeId,
        /// What.
        alarm: Alarm,
    },
    /// Give a [`Input::Tick`] at that time; replaces what was asked before.
    Wake(
        /// When.
        Timestamp,
    ),
}

/// What is wrong with another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// It is in the same epoch with another history: the group has forked.
    Parent {
        /// Our transcript hash.
        ours: Vec<u8>,
        /// Its own, if it told it.
        theirs: Option<Vec<u8>>,
    },
    /// It shows a certificate or promises that prove nothing.
    Proof(CertificateError),
    /// It proposes two values in one ballot.
    TwoValues,
}
