//! The federation as an agent of this node may see it.

use crate::desks::cleared::{self, Cleared};
use crate::desks::error::ActError;
use crate::desks::records::{
    COMMUNITIES, COMPARTMENTS, MESSAGES, ROOMS, SENDING, Sending, WAITING, level_tag,
};
use crate::desks::view::{FederationView, LagView, PeerView};
use crate::desks::{Desks, Session};
use protocol::decide::Subject;
use protocol::federation::{Entry, Status};
use protocol::ids::NodeId;
use protocol::space::{SpaceKind, channel_id};
use store::{Order, Read};

/// More is "many": a page need not count a long queue to the last.
const COUNTED_MAX: usize = 10_000;

impl Desks {
    /// Peers, accreditations, reachability, and lag per space that the asker may know of.
    pub fn federation(&self, session: &Session) -> Cleared<FederationView> {
        let list = self.list();
        let others = list.list().entries.iter().filter(|entry| entry.node != self.own_node());
        let view = FederationView {
            node: self.node_name().to_owned(),
            organisation: self.organisation(),
            list_version: list.list().version,
            list_expires: list.list().expires.to_string(),
            peers: others.map(|entry| self.peer_view(&session.subject, entry)).collect(),
            returns: self.returns(session).unwrap_or_default(),
        };
        cleared::trimmed(&session.subject, view)
    }

    fn peer_view(&self, subject: &Subject, entry: &Entry) -> PeerView {
        let accreditation = match (entry.status, entry.is_active(self.now())) {
            (Status::Revoked, _) => "revoked",
            (Status::Active, true) => "active",
            (Status::Active, false) => "lapsed",
        };
        PeerView {
            name: entry.name.clone(),
            organisation: entry.organisation.clone(),
            kind: entry.kind.as_str().to_owned(),
            ceiling: (&entry.ceiling.meet(&subject.clearance).label()).into(),
            accreditation: accreditation.to_owned(),
            valid_until: entry.not_after.to_string(),
            reachable: self.inner.peers.is_connected(entry.node),
            lag: self.lag(subject, entry.node).unwrap_or_default(),
        }
    }

    fn lag(&self, subject: &Subject, node: NodeId) -> Result<Vec<LagView>, ActError> {
        let snapshot = self.snapshot()?;
        let channel = channel_id(self.own_node(), node);
        let mut lag = Vec::new();
        for level in subject.clearance.below() {
            let room = snapshot.get(ROOMS, &(channel, level_tag(&level)))?;
            let waiting =
                snapshot.list(WAITING, &(channel, level_tag(&level)), Order::Ascending, COUNTED_MAX)?.len();
            let sealed = match room {
                Some(id) => {
                    snapshot.list(MESSAGES, &(id, self.own_node()), Order::Ascending, COUNTED_MAX)?.len()
                }
                None => 0,
            };
            if room.is_some() || waiting > 0 {
                let messages = (waiting + sealed) as u64;
                lag.push(LagView { space: "channel".to_owned(), level: level.to_string(), messages });
            }
        }
        for (id, record) in snapshot.all(COMPARTMENTS)? {
            let seen = record.active
                && record.kind == SpaceKind::Community
                && record.members.contains(&node)
                && subject.communities.contains(&record.space)
                && subject.clearance.dominates(&record.level);
            let Some(community) = snapshot.get(COMMUNITIES, &record.space)?.filter(|_| seen) else {
                continue;
            };
            let sent = snapshot.get(SENDING, &id)?.map(|sending: Sending| sending.ranges());
            let lacking = sent.unwrap_or_default().minus(&self.peer(node).holds(id));
            lag.push(LagView {
                space: community.charter.name,
                level: record.level.to_string(),
                messages: lacking.as_slice().iter().map(|(low, high)| high - low + 1).sum(),
            });
        }
        Ok(lag)
    }
}
