//! As a ministry in a community of the target's: it joins as asked, and then hands over and certifies what it
//! likes.

use super::Hostile;
use anyhow::{Context, Result};
use net::Plane;
use protocol::commit::{Ballot, Certificate, Keys, Promise, Value, Vote};
use protocol::ids::{CompartmentId, NodeId};
use protocol::message::{KeyPackageFor, Payload};
use protocol::order::{Body, Message, Reason};
use protocol::signature::SecretKey;

impl Hostile {
    /// Accepts the target's invitation, and joins the community at every level.
    pub fn join_community(&self) -> Result<()> {
        let charter = self.await_payload("an invitation", |payload| match payload {
            Payload::Invitation { charter } => Some(charter.clone()),
            _ => None,
        })?;
        let levels = charter.levels();
        let packages = levels.iter().map(|level| {
            Ok(KeyPackageFor { level: level.clone(), key_package: self.member().key_package()? })
        });
        let key_packages = packages.collect::<Result<Vec<_>>>()?;
        let answer = Payload::InvitationAnswer { community: charter.community, key_packages, refused: None };
        let refused = self.send(answer)?;
        anyhow::ensure!(refused.is_none(), "the answer was refused: {refused:?}");
        for level in levels {
            let welcome = self.await_payload("a Welcome", |payload| match payload {
                Payload::Welcome { welcome } if welcome.charter.as_ref()?.ceiling == level => {
                    Some(welcome.clone())
                }
                _ => None,
            })?;
            self.member().join(&welcome)?;
        }
        Ok(())
    }

    /// Says something about the order of commits, and nothing about having been heard.
    pub fn say(&self, compartment: CompartmentId, epoch: u64, body: Body) -> Result<()> {
        self.inner.heard().votes.clear();
        self.ask(Plane::Order, Message { compartment, epoch, body }.to_bytes()).map(|_| ())
    }

    /// Waits for what the target says about the order of commits, and fits.
    pub fn await_said<T>(&self, what: &str, fits: impl Fn(&Body) -> Option<T>) -> Result<T> {
        self.wait(what, |heard| heard.votes.iter().any(|said| fits(&said.body).is_some()))?;
        self.inner.heard().votes.iter().find_map(|said| fits(&said.body)).context("something said")
    }

    /// Hands a commit over to be proposed; the code by which the target's dry run refuses it, or `taken` as soon
    /// as it is put to the vote.
    pub fn submit(&self, value: &Value) -> Result<String> {
        let body = Body::Submit { value: Box::new(value.clone()), urgent: false };
        self.say(value.compartment, value.epoch, body)?;
        self.await_said("a word about the commit", |said| match said {
            Body::Nack { reason: Reason::Policy { code }, .. } => Some(code.clone()),
            Body::Nack { reason, .. } => Some(format!("{reason:?}")),
            Body::Prepare { .. } | Body::Accept { .. } | Body::Decided { .. } => Some("taken".to_owned()),
            _ => None,
        })
    }

    /// Shows a decision to the target.
    pub fn show(&self, value: &Value, certificate: &Certificate) -> Result<()> {
        let (value, certificate) = (Box::new(value.clone()), Box::new(certificate.clone()));
        self.say(value.compartment, value.epoch, Body::Decided { value, certificate })
    }

    /// A ballot of its own.
    pub fn ballot(&self, round: u64) -> Ballot {
        Ballot { round, node: self.node(), incarnation: 0 }
    }
}

/// The certificate that these voters together can make for any value, without asking anybody else.
pub fn conspire(value: &Value, ballot: Ballot, voters: &[(NodeId, &SecretKey)]) -> Certificate {
    let votes = voters.iter().map(|(node, key)| vote(value, ballot, *node, key));
    let promises = voters.iter().map(|(node, key)| promise(value, ballot, *node, key));
    Certificate::assemble(value, ballot, votes.collect(), promises.collect())
}

/// A promise for the ballot that names nothing accepted before.
pub fn promise(value: &Value, ballot: Ballot, node: NodeId, key: &SecretKey) -> Promise {
    Promise::sign(&Keys { own: key, key_of: |_| None }, node, value.instance(), ballot, None)
}

fn vote(value: &Value, ballot: Ballot, node: NodeId, key: &SecretKey) -> Vote {
    Vote::sign(&Keys { own: key, key_of: |_| None }, node, value.instance(), ballot, value.hash())
}
