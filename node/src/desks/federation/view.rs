//! The federation as an agent of this node may see it.

use crate::clock;
use crate::desks::cleared::{self, Cleared};
use crate::desks::error::ActError;
use crate::desks::records::{
    ALARMS, Alarm, AlarmKind, COMMUNITIES, COMPARTMENTS, EVIDENCE, Evidence, HELLOS, LastHello, MESSAGES,
    ROOMS, SENDING, Sending, WAITING, level_tag,
};
use crate::desks::view::{EvidenceView, FederationView, LagView, PeerView, RefusalView};
use crate::desks::{Desks, Session};
use crate::limits::EXPIRING_DAYS;
use protocol::decide::Subject;
use protocol::federation::{Entry, Trusted};
use protocol::ids::{AgentId, CompartmentId, ItemId, NodeId};
use protocol::refusal::Code;
use protocol::signature::Digest;
use protocol::space::{SpaceKind, channel_id};
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use store::{Order, Read};

/// More is "many": a page need not count a long queue to the last.
const COUNTED_MAX: usize = 10_000;
const DAY: i64 = 86_400;

impl Desks {
    /// Peers, accreditations, reachability, and lag per space that the asker may know of; for an
    /// operator what was refused, and the evidence.
    pub fn federation(&self, session: &Session) -> Cleared<FederationView> {
        let view = FederationView {
            returns: self.returns(session).unwrap_or_default(),
            ..self.federation_seen_by(&session.subject)
        };
        cleared::trimmed(&session.subject, view)
    }

    /// The same for whoever holds the node's folder: all that the node is cleared for.
    pub(crate) fn federation_of_operator(&self) -> Cleared<FederationView> {
        let communities = self.snapshot().and_then(|snapshot| Ok(snapshot.all(COMMUNITIES)?));
        let subject = Subject {
            agent: AgentId::from_bytes([0; AgentId::LEN]),
            clearance: self.ceiling(),
            groups: BTreeMap::new(),
            communities: communities.unwrap_or_default().into_iter().map(|(id, _)| id).collect(),
            operator: true,
        };
        cleared::trimmed(&subject, self.federation_seen_by(&subject))
    }

    /// Since when a newer federation list must have come, RFC 3339: a banner on every page.
    pub fn list_expired(&self) -> Option<String> {
        let list = self.list();
        list.is_expired(self.now()).then(|| list.list().expires.to_string())
    }

    fn federation_seen_by(&self, subject: &Subject) -> FederationView {
        let (list, now) = (self.list(), clock::now());
        let own = list.entry(self.own_node());
        let others = list.list().entries.iter().filter(|entry| entry.node != self.own_node());
        let document = list.list();
        FederationView {
            node: self.node_name(),
            id: self.own_node().to_string(),
            organisation: self.organisation(),
            accreditation: accreditation(&list, self.own_node(), now).to_owned(),
            valid_until: own.map(|entry| entry.not_after.to_string()).unwrap_or_default(),
            list_version: document.version,
            list_hash: list.hash().to_string(),
            list_issued: document.issued.to_string(),
            list_expires: document.expires.to_string(),
            list_state: state(document.expires, now).to_owned(),
            peers: others.map(|entry| self.peer_view(subject, &list, entry, now)).collect(),
            returns: Vec::new(),
            evidence: subject.operator.then(|| self.evidence().unwrap_or_default()),
            refusals: subject.operator.then(|| self.refusals()),
        }
    }

    fn peer_view(&self, subject: &Subject, list: &Trusted, entry: &Entry, now: Timestamp) -> PeerView {
        let hello: Option<LastHello> =
            self.snapshot().ok().and_then(|snapshot| snapshot.get(HELLOS, &entry.node).ok()?);
        PeerView {
            id: entry.node.to_string(),
            name: entry.name.clone(),
            organisation: entry.organisation.clone(),
            kind: entry.kind.as_str().to_owned(),
            ceiling: (&entry.ceiling.meet(&subject.clearance).label()).into(),
            accreditation: accreditation(list, entry.node, now).to_owned(),
            valid_until: entry.not_after.to_string(),
            expiring: state(entry.not_after, now) == "expiring",
            sponsor: entry.sponsor.map(|sponsor| self.name_of(sponsor)),
            keys_changed: entry.former.len() as u64,
            reachable: self.inner.peers.is_connected(entry.node),
            last_contact: hello.as_ref().map(|hello| hello.at.to_string()),
            list_version: hello.map(|hello| hello.list_version),
            lag: self.lag(subject, entry.node).unwrap_or_default(),
        }
    }

    fn refusals(&self) -> Vec<RefusalView> {
        let view = |refusal: crate::refusals::Refusal| RefusalView {
            code: refusal.code.as_str().to_owned(),
            peer: refusal.peer,
            count: refusal.count,
            last: refusal.last.to_string(),
            detail: refusal.detail,
        };
        self.inner.metrics.refusals().into_iter().map(view).collect()
    }

    fn evidence(&self) -> Result<Vec<EvidenceView>, ActError> {
        let snapshot = self.snapshot()?;
        let mut found = Vec::new();
        let alarms: Vec<((u64, ItemId), Alarm)> = snapshot.all(ALARMS)?;
        for (_, alarm) in alarms {
            found.push(EvidenceView {
                kind: alarm_word(alarm.kind).to_owned(),
                nodes: alarm.peer.map(|peer| self.name_of(peer)).into_iter().collect(),
                number: alarm.version,
                at: alarm.at.to_string(),
                hashes: [&alarm.ours, &alarm.theirs].map(|bytes| shown_hash(bytes)).to_vec(),
            });
        }
        let forks: Vec<((CompartmentId, u64), Evidence)> = snapshot.all(EVIDENCE)?;
        for ((_, epoch), fork) in forks {
            found.push(EvidenceView {
                kind: "fork".to_owned(),
                nodes: fork.guilty.iter().map(|node| self.name_of(*node)).collect(),
                number: epoch,
                at: String::new(),
                hashes: [&fork.ours, &fork.theirs].map(|one| one.value.hash().to_string()).to_vec(),
            });
        }
        Ok(found)
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

/// The hash by which people name a list; for anything else that of its bytes.
fn shown_hash(bytes: &[u8]) -> String {
    let list = protocol::federation::SignedList(bytes.to_vec()).hash();
    list.unwrap_or_else(|_| Digest::plain(bytes)).to_string()
}

fn alarm_word(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::SplitList => "split-list",
        AlarmKind::BrokenChain => "broken-chain",
        AlarmKind::RolledBackPeer => "rolled-back-peer",
        AlarmKind::TwoSuspensions => "two-suspensions",
    }
}

fn accreditation(list: &Trusted, node: NodeId, now: Timestamp) -> &'static str {
    let Some(entry) = list.entry(node) else { return "unlisted" };
    match list.standing(node, now) {
        Ok(_) => "active",
        Err(Code::NodeRevoked) => "revoked",
        Err(Code::NodeSuspended) => "suspended",
        Err(Code::ListExpired) => "list-expired",
        Err(_) if now < entry.not_before => "not-yet",
        Err(_) if now >= entry.not_after => "lapsed",
        Err(_) => "sponsor-gone",
    }
}

fn state(end: Timestamp, now: Timestamp) -> &'static str {
    if now >= end {
        "expired"
    } else if now.plus_seconds(EXPIRING_DAYS * DAY) >= end {
        "expiring"
    } else {
        "valid"
    }
}
