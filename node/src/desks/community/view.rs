//! Communities as an agent may see them: those that admitted the agent and, by name, those to which
//! a number two may admit.

use super::membership::may_admit;
use super::parse_space;
use crate::desks::cleared::{self, Cleared};
use crate::desks::problem::Problem;
use crate::desks::records::{
    ACCOUNTS, ADMITTED, Account, COMMUNITIES, COMPARTMENTS, CommunityRecord, CommunityState,
    CompartmentRecord, Goal, INTENTS, INVITED, Intent, Invited, InvitedState, ROOMS, level_tag,
};
use crate::desks::view::{AgentView, CommunityBrief, CommunityView, OrganisationView};
use crate::desks::{Desks, Session};
use protocol::ids::{AgentId, CompartmentId, ItemId, NodeId, SpaceId};
use protocol::label::Level;
use store::{Order, Read};

/// Voters with whom no one of them can stop a change of membership.
const VOTERS_ENOUGH: usize = 3;

impl Desks {
    /// The communities that the asker may know of, by name.
    pub fn communities(&self, session: &Session) -> Cleared<Vec<CommunityBrief>> {
        let mut briefs = self.briefs(session).unwrap_or_default();
        briefs.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        cleared::trimmed(&session.subject, briefs)
    }

    fn briefs(&self, session: &Session) -> Result<Vec<CommunityBrief>, Problem> {
        let snapshot = self.snapshot()?;
        let mut briefs = Vec::new();
        for (id, record) in snapshot.all(COMMUNITIES)? {
            let admitted = snapshot.has(ADMITTED, &(id, session.subject.agent))?;
            let standing = matches!(record.state, CommunityState::Open | CommunityState::AwaitingManager);
            if standing && (admitted || may_admit(session, &record)) {
                briefs.push(CommunityBrief {
                    id: id.to_string(),
                    name: record.charter.name.clone(),
                    state: state(record.state).to_owned(),
                    ceiling: (&record.charter.ceiling.meet(&session.subject.clearance).label()).into(),
                    admitted,
                });
            }
        }
        Ok(briefs)
    }

    /// A community's page.
    pub fn community(&self, session: &Session, id: &str) -> Result<Cleared<CommunityView>, Problem> {
        let view = self.community_view(&self.snapshot()?, session, parse_space(id)?)?;
        Ok(cleared::trimmed(&session.subject, view))
    }

    /// The page, for whoever was admitted or may admit.
    pub(super) fn community_view(
        &self,
        read: &impl Read,
        session: &Session,
        space: SpaceId,
    ) -> Result<CommunityView, Problem> {
        let record: CommunityRecord = read.get(COMMUNITIES, &space)?.ok_or_else(Problem::not_found)?;
        let admitted = read.has(ADMITTED, &(space, session.subject.agent))?;
        let admits = may_admit(session, &record);
        if !admitted && !admits || record.state == CommunityState::Joining {
            return Err(Problem::not_found());
        }
        let charter = &record.charter;
        let manages = charter.manager_id == session.subject.agent;
        let open = record.state == CommunityState::Open;
        let voters = match read.get(ROOMS, &(space, level_tag(&Level::NP)))? {
            Some(np) => read.get(COMPARTMENTS, &np)?.map(|np: CompartmentRecord| np.policy.voters),
            None => None,
        };
        let voters = voters.unwrap_or_default();
        let votes = voters.contains(&self.own_node());
        let acts = [
            ("post", open && admitted),
            ("share", open && admitted),
            ("invite", open && admitted && votes && (manages || session.manager)),
            ("expel", open && manages),
            ("admit", open && admits),
            ("accept", manages && record.state == CommunityState::AwaitingManager),
        ];
        let depends =
            if voters.len() < VOTERS_ENOUGH { self.organisation_names(&voters) } else { String::new() };
        Ok(CommunityView {
            id: space.to_string(),
            name: charter.name.clone(),
            state: state(record.state).to_owned(),
            project: charter.project.clone(),
            manager: charter.manager.clone(),
            tags: charter.tags.clone(),
            ceiling: (&charter.ceiling.meet(&session.subject.clearance).label()).into(),
            organisations: self.organisations(read, &record)?,
            agents: agents(read, space)?,
            membership_depends_on: depends,
            acts: acts.into_iter().filter(|(_, may)| *may).map(|(act, _)| act.to_owned()).collect(),
        })
    }

    /// Members of the NP compartment, which every member is in, and on the founder's node who else
    /// was invited.
    fn organisations(
        &self,
        read: &impl Read,
        record: &CommunityRecord,
    ) -> Result<Vec<OrganisationView>, Problem> {
        let space = record.charter.community;
        let np = read.get(ROOMS, &(space, level_tag(&Level::NP)))?;
        let compartment: Option<CompartmentRecord> = match np {
            Some(id) => read.get(COMPARTMENTS, &id)?,
            None => None,
        };
        let members = compartment.map(|compartment| compartment.members).unwrap_or_default();
        let leaving = leaving(read, np)?;
        let state_of = |node: NodeId| if leaving.contains(&node) { "leaving" } else { "member" };
        let mut views: Vec<_> =
            members.iter().map(|node| self.organisation_view(*node, state_of(*node), None)).collect();
        for ((_, node), invited) in read.list(INVITED, &space, Order::Ascending, usize::MAX)? {
            let invited: Invited = invited;
            let state = match invited.state {
                InvitedState::Asked | InvitedState::Adding => "invited",
                InvitedState::Refused => "refused",
                InvitedState::Member | InvitedState::Removed => continue,
            };
            if !members.contains(&node) {
                views.push(self.organisation_view(node, state, invited.refused));
            }
        }
        for node in &record.pending {
            views.push(self.organisation_view(*node, "invited", None));
        }
        Ok(views)
    }

    fn organisation_names(&self, nodes: &[NodeId]) -> String {
        let list = self.list();
        let name = |node: &NodeId| list.entry(*node).map(|entry| entry.organisation.clone());
        nodes.iter().filter_map(name).collect::<Vec<_>>().join(", ")
    }

    fn organisation_view(&self, node: NodeId, state: &str, refused: Option<String>) -> OrganisationView {
        let list = self.list();
        let entry = list.entry(node);
        OrganisationView {
            node: entry.map_or_else(|| node.to_string(), |entry| entry.name.clone()),
            organisation: entry.map(|entry| entry.organisation.clone()).unwrap_or_default(),
            kind: entry.map(|entry| entry.kind.as_str().to_owned()).unwrap_or_default(),
            state: state.to_owned(),
            refused,
        }
    }
}

/// Members whose removal this node wants and that is not decided yet.
fn leaving(read: &impl Read, np: Option<CompartmentId>) -> Result<Vec<NodeId>, Problem> {
    let Some(np) = np else { return Ok(Vec::new()) };
    let wanted: Vec<((CompartmentId, ItemId), Intent)> =
        read.list(INTENTS, &np, Order::Ascending, usize::MAX)?;
    let removed = |(_, intent): ((CompartmentId, ItemId), Intent)| match intent.goal {
        Goal::Remove(node) => Some(node),
        Goal::Add(..) | Goal::Voters | Goal::Return => None,
    };
    Ok(wanted.into_iter().filter_map(removed).collect())
}

fn state(state: CommunityState) -> &'static str {
    match state {
        CommunityState::AwaitingManager => "awaiting-manager",
        CommunityState::Open => "open",
        CommunityState::Joining => "joining",
        CommunityState::Left => "left",
    }
}

fn agents(read: &impl Read, space: SpaceId) -> Result<Vec<AgentView>, Problem> {
    let mut views = Vec::new();
    for ((_, agent), _) in read.list(ADMITTED, &space, Order::Ascending, usize::MAX)? {
        let agent: AgentId = agent;
        let account: Option<Account> = read.get(ACCOUNTS, &agent)?;
        if let Some(account) = account {
            views.push(AgentView {
                id: agent.to_string(),
                login: account.login,
                name: account.name,
                manager: account.manager,
            });
        }
    }
    Ok(views)
}
