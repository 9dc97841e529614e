//! Membership of an open community: inviting and expelling nodes, admitting agents of this node.

use super::open::admit;
use super::{intent, managed, may_invite, parse_space};
use crate::desks::cleared::{self, Cleared};
use crate::desks::error::ActError;
use crate::desks::federation::room;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    ACCOUNTS, ADMITTED, COMMUNITIES, COMPARTMENTS, CommunityRecord, CommunityState, CompartmentRecord, Goal,
    INVITED, Invited, InvitedState, LedgerAct, ROOMS,
};
use crate::desks::view::CommunityView;
use crate::desks::{Desks, Session};
use protocol::decide::Role;
use protocol::ids::{AgentId, CompartmentId, ItemId, NodeId, SpaceId};
use protocol::label::Level;
use protocol::refusal::Code;
use std::time::Duration;
use store::{Order, Read, Slot, Tx};

/// How long an expulsion waits for its decision before it answers that it is under way.
const EXPEL_WAIT_MAX: Duration = Duration::from_secs(5);

impl Desks {
    /// The manager invites another node.
    pub async fn invite(
        &self,
        session: &Session,
        id: &str,
        node: &str,
    ) -> Result<Cleared<CommunityView>, Problem> {
        let space = parse_space(id)?;
        let node = self.node_named(node)?;
        let (desks, actor) = (self.clone(), session.clone());
        self.act(move |tx, groups| {
            let community = may_invite(&desks, tx, &actor, space)?;
            let before: Option<Invited> = tx.get(INVITED, &(space, node))?;
            let np = room(tx, space, &Level::NP)?;
            let member = np.is_some_and(|(_, compartment)| compartment.members.contains(&node));
            if member || before.is_some_and(|before| before.state == InvitedState::Adding) {
                return Err(Problem::new(Code::AlreadyDecided, "the node is a member").into());
            }
            super::invite::send(&desks, tx, groups, &community.charter, node)
        })
        .await?;
        self.inner.peers.wake(node);
        self.seen(session, space)
    }

    /// The manager expels a node from every compartment of the community.
    pub async fn expel(
        &self,
        session: &Session,
        id: &str,
        node: &str,
    ) -> Result<Cleared<CommunityView>, Problem> {
        let space = parse_space(id)?;
        let node = self.node_named(node)?;
        let (desks, actor) = (self.clone(), session.clone());
        let wanted = self.act(move |tx, _| {
            managed(tx, &actor, space)?;
            expel(&desks, tx, space, node)
        });
        let compartments = wanted.await?;
        let mut live = self.inner.live.subscribe();
        for id in &compartments {
            self.pursue(*id).await;
        }
        // With other voters the decision takes their answers. Whoever asked sees it, unless a majority
        // is out of reach: then the page says that the node is leaving.
        let decided = async {
            while self.holds(&compartments, node)? {
                // Missing a wake is no harm: another follows.
                let _ = live.recv().await;
            }
            Ok::<(), Problem>(())
        };
        if let Ok(failed) = tokio::time::timeout(EXPEL_WAIT_MAX, decided).await {
            failed?;
        }
        self.fell();
        self.seen(session, space)
    }

    fn holds(&self, compartments: &[CompartmentId], node: NodeId) -> Result<bool, Problem> {
        let snapshot = self.snapshot()?;
        for id in compartments {
            let record: Option<CompartmentRecord> = snapshot.get(COMPARTMENTS, id)?;
            if record.is_some_and(|record| record.active && record.members.contains(&node)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The manager, or a number two of this node, admits an agent of this node.
    pub async fn admit(
        &self,
        session: &Session,
        id: &str,
        agent: &str,
    ) -> Result<Cleared<CommunityView>, Problem> {
        let space = parse_space(id)?;
        let agent: AgentId = agent
            .parse()
            .map_err(|_| Problem::field("agent", Code::FieldInvalid, "no such agent on this node"))?;
        let (desks, actor) = (self.clone(), session.clone());
        self.act(move |tx, _| {
            let community: CommunityRecord = tx.get(COMMUNITIES, &space)?.ok_or_else(Problem::not_found)?;
            if !may_admit(&actor, &community) || community.state == CommunityState::Left {
                let admitted = tx.has(ADMITTED, &(space, actor.subject.agent))?;
                let refused = Problem::new(Code::RoleMissing, "a number two or the manager admits agents");
                return Err(if admitted { refused } else { Problem::not_found() }.into());
            }
            if !tx.has(ACCOUNTS, &agent)? {
                return Err(Problem::field("agent", Code::FieldInvalid, "no such agent on this node").into());
            }
            admit(&desks, tx, space, agent)?;
            let note = Note {
                subject: Some(ItemId::from_bytes(*space.as_bytes())),
                agent: Some(actor.subject.agent),
                detail: Some(format!("admitted {agent}")),
                ..Note::default()
            };
            ledger::append(tx, desks.now(), LedgerAct::CommunityChanged, note)?;
            Ok(())
        })
        .await?;
        self.fell();
        self.seen(session, space)
    }

    fn node_named(&self, name: &str) -> Result<NodeId, Problem> {
        let node = self.list().named(name).map(|entry| entry.node);
        node.ok_or_else(|| Problem::field("node", Code::FieldInvalid, "no such node on the federation list"))
    }

    fn seen(&self, session: &Session, space: SpaceId) -> Result<Cleared<CommunityView>, Problem> {
        let view = self.community_view(&self.snapshot()?, session, space)?;
        Ok(cleared::trimmed(&session.subject, view))
    }
}

/// The manager, or a number two of any group of this node.
pub(super) fn may_admit(session: &Session, community: &CommunityRecord) -> bool {
    let number_two = session.subject.groups.values().any(|role| *role == Role::NumberTwo);
    number_two || community.charter.manager_id == session.subject.agent
}

/// Wants a node out of every compartment of a community. Those that it is in.
fn expel(desks: &Desks, tx: &Tx<'_>, space: SpaceId, node: NodeId) -> Result<Vec<CompartmentId>, ActError> {
    if node == desks.own_node() {
        return Err(
            Problem::field("node", Code::FieldInvalid, "the manager's node cannot expel itself").into()
        );
    }
    let invited: Option<Invited> = tx.get(INVITED, &(space, node))?;
    let mut compartments = Vec::new();
    for (_, id) in tx.list(ROOMS, &space, Order::Ascending, usize::MAX)? {
        let held: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &id)?;
        if held.is_some_and(|held| held.active && held.members.contains(&node)) {
            intent::want(desks, tx, id, Goal::Remove(node))?;
            compartments.push(id);
        }
    }
    if invited.is_none() && compartments.is_empty() {
        return Err(Problem::not_found().into());
    }
    let at = invited.as_ref().map_or_else(|| desks.now(), |invited| invited.at);
    let removed = Invited { at, state: InvitedState::Removed, refused: None };
    tx.put(INVITED, &(space, node), &Slot::System, &removed)?;
    Ok(compartments)
}
