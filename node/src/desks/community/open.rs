//! Opening a community: a project, an accountable manager whom his number two has entitled and who
//! accepts, and the nodes to invite.

use super::parse_space;
use crate::clock;
use crate::desks::cleared::{self, Cleared};
use crate::desks::error::ActError;
use crate::desks::federation::record;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    ACCOUNTS, ADMITTED, ADMITTED_TO, Account, COMMUNITIES, CommunityRecord, CommunityState, LedgerAct,
};
use crate::desks::view::{CommunityView, LabelView};
use crate::desks::{Desks, Session};
use mls::Groups;
use protocol::correspondence::FieldError;
use protocol::federation::Kind;
use protocol::ids::{AgentId, CompartmentId, ItemId, NodeId, SpaceId};
use protocol::label::{Label, Level};
use protocol::refusal::Code;
use protocol::space::{Charter, CompartmentPolicy, Quorum, SpaceKind};
use store::{Read, Slot, Tx};

/// What it takes to open a community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityForm {
    /// Its name.
    pub name: String,
    /// The transverse project it serves.
    pub project: String,
    /// The accountable manager's agent id.
    pub manager: String,
    /// Themes.
    pub tags: Vec<String>,
    /// The highest level.
    pub ceiling: LabelView,
    /// Short names of the nodes to invite.
    pub organisations: Vec<String>,
}

impl Desks {
    /// Opens a community, or proposes it to its manager when that is somebody else.
    pub async fn open_community(
        &self,
        session: &Session,
        form: CommunityForm,
    ) -> Result<Cleared<CommunityView>, Problem> {
        let (desks, actor) = (self.clone(), session.clone());
        let (space, salt) = (SpaceId::from_bytes(clock::fresh_id()), clock::random());
        let invited = self
            .act(move |tx, groups| {
                let (charter, pending) = charter(&desks, tx, &actor, &form, space, salt)?;
                let mut community = CommunityRecord {
                    charter,
                    state: CommunityState::AwaitingManager,
                    pending,
                    invited_by: None,
                };
                admit(&desks, tx, space, actor.subject.agent)?;
                admit(&desks, tx, space, community.charter.manager_id)?;
                if community.charter.manager_id == actor.subject.agent {
                    return open(&desks, tx, groups, community);
                }
                tx.put(COMMUNITIES, &space, &Slot::System, &community)?;
                community.pending.clear();
                Ok(community.pending)
            })
            .await?;
        invited.into_iter().for_each(|node| self.inner.peers.wake(node));
        let view = self.community_view(&self.snapshot()?, session, space)?;
        Ok(cleared::trimmed(&session.subject, view))
    }

    /// The manager accepts the charge: the community opens and its nodes are invited.
    pub async fn accept_community(
        &self,
        session: &Session,
        id: &str,
    ) -> Result<Cleared<CommunityView>, Problem> {
        let space = parse_space(id)?;
        let (desks, actor) = (self.clone(), session.clone());
        let invited = self
            .act(move |tx, groups| {
                let community = tx.get(COMMUNITIES, &space)?;
                let community: CommunityRecord = community
                    .filter(|c: &CommunityRecord| c.charter.manager_id == actor.subject.agent)
                    .ok_or_else(Problem::not_found)?;
                if community.state != CommunityState::AwaitingManager {
                    return Err(Problem::new(Code::AlreadyDecided, "the charge was accepted before").into());
                }
                entitled(tx, actor.subject.agent)?;
                open(&desks, tx, groups, community)
            })
            .await?;
        invited.into_iter().for_each(|node| self.inner.peers.wake(node));
        let view = self.community_view(&self.snapshot()?, session, space)?;
        Ok(cleared::trimmed(&session.subject, view))
    }
}

fn charter(
    desks: &Desks,
    tx: &Tx<'_>,
    session: &Session,
    form: &CommunityForm,
    community: SpaceId,
    salt: [u8; 16],
) -> Result<(Charter, Vec<NodeId>), ActError> {
    let label = Label::from(form.ceiling.clone());
    let ceiling = label.level().map_err(|e| Problem::field("ceiling", Code::LabelUnknown, e.to_string()))?;
    if !session.subject.clearance.dominates(&ceiling) {
        let message = "the community's ceiling is above your clearance";
        return Err(Problem::field("ceiling", Code::AboveClearance, message).into());
    }
    let (manager_id, manager) = required(tx, form)?;
    let decides = desks.active(desks.own_node()).is_some_and(|entry| entry.kind == Kind::Ministry);
    if !decides {
        let message = "a community is founded on a ministry's node, whose vote decides on membership";
        return Err(Problem::new(Code::NotVoter, message).into());
    }
    let charter = Charter {
        community,
        name: form.name.trim().to_owned(),
        project: form.project.trim().to_owned(),
        manager: manager.name,
        manager_id,
        founder: desks.own_node(),
        tags: form.tags.clone(),
        ceiling,
        salt,
    };
    if let Some((field, code)) = charter.check().first() {
        return Err(Problem::field(field, *code, format!("{field} is missing or too long")).into());
    }
    Ok((charter, organisations(desks, &form.organisations)?))
}

/// Project, manager and name: all that is missing is said at once. The manager.
fn required(read: &impl Read, form: &CommunityForm) -> Result<(AgentId, Account), Problem> {
    let manager = form.manager.parse().ok().and_then(|id| Some((id, entitled(read, id).ok()?)));
    let absent = [
        ("project", Code::ProjectMissing, form.project.trim().is_empty(), "a community needs a project"),
        (
            "manager",
            Code::ManagerNotEntitled,
            manager.is_none(),
            "a community needs a manager of this node whom a number two has entitled",
        ),
        ("name", Code::FieldMissing, form.name.trim().is_empty(), "a name is needed"),
    ];
    let absent = absent.into_iter().filter(|(_, _, is, _)| *is);
    let wrong =
        absent.map(|(field, code, _, message)| FieldError { field, code, message: message.to_owned() });
    match (Problem::from_fields(wrong.collect()), manager) {
        (None, Some(manager)) => Ok(manager),
        (problem, _) => Err(problem.unwrap_or_else(Problem::not_found)),
    }
}

fn entitled(read: &impl Read, agent: AgentId) -> Result<Account, Problem> {
    let account: Option<Account> = read.get(ACCOUNTS, &agent)?;
    let message = "the manager must be entitled by a number two";
    account.filter(|account| account.manager).ok_or_else(|| Problem::new(Code::ManagerNotEntitled, message))
}

fn organisations(desks: &Desks, names: &[String]) -> Result<Vec<NodeId>, Problem> {
    let list = desks.list();
    let mut nodes = Vec::new();
    for name in names {
        let entry = list.named(name).and_then(|entry| desks.active(entry.node));
        let unknown =
            || Problem::field("organisations", Code::FieldInvalid, format!("{name:?} is no accredited node"));
        let node = entry.ok_or_else(unknown)?.node;
        if node != desks.own_node() && !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    Ok(nodes)
}

/// Admits an agent of this node.
pub(super) fn admit(desks: &Desks, tx: &Tx<'_>, space: SpaceId, agent: AgentId) -> Result<(), ActError> {
    tx.put(ADMITTED, &(space, agent), &Slot::System, &desks.now())?;
    Ok(tx.put(ADMITTED_TO, &(agent, space), &Slot::System, &desks.now())?)
}

/// Founds the compartments and invites. Whom it invited.
fn open(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    mut community: CommunityRecord,
) -> Result<Vec<NodeId>, ActError> {
    let space = community.charter.community;
    let mut sibling = None;
    for level in community.charter.levels() {
        let policy = policy(desks, &community.charter, &level, sibling);
        let id = CompartmentId::from_bytes(clock::fresh_id());
        let state = groups.found(tx, id, &policy)?;
        record(tx, id, &state, Vec::new())?;
        if level == Level::NP {
            sibling = Some(id);
        }
    }
    let pending = std::mem::take(&mut community.pending);
    community.state = CommunityState::Open;
    tx.put(COMMUNITIES, &space, &Slot::System, &community)?;
    let subject = Some(ItemId::from_bytes(*space.as_bytes()));
    let note = Note { subject, detail: Some("opened".to_owned()), ..Note::default() };
    ledger::append(tx, desks.now(), LedgerAct::CommunityChanged, note)?;
    for node in &pending {
        super::invite::send(desks, tx, groups, &community.charter, *node)?;
    }
    Ok(pending)
}

fn policy(
    desks: &Desks,
    charter: &Charter,
    level: &Level,
    sibling: Option<CompartmentId>,
) -> CompartmentPolicy {
    CompartmentPolicy {
        format: 1,
        space: charter.community,
        kind: SpaceKind::Community,
        level: level.clone(),
        // Alone at first; each ministry that joins votes from then on.
        voters: vec![desks.own_node()],
        quorum: Quorum::Majority,
        charter: Some(charter.hash_at(level)),
        sibling: sibling.filter(|_| *level != Level::NP),
        predecessor: None,
    }
}
