//! Membership of an open community: inviting and expelling nodes, admitting agents of this node.

use super::open::admit;
use super::{managed, parse_space};
use crate::desks::cleared::{self, Cleared};
use crate::desks::error::ActError;
use crate::desks::federation::{Effect, decide_alone, record};
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{
    ACCOUNTS, ADMITTED, COMMITS, COMMUNITIES, COMPARTMENTS, CommunityRecord, CommunityState,
    CompartmentRecord, INVITED, Invited, InvitedState, LedgerAct, ROOMS,
};
use crate::desks::view::CommunityView;
use crate::desks::{Desks, Session};
use mls::{Change, Groups};
use protocol::decide::Role;
use protocol::ids::{AgentId, CompartmentId, ItemId, NodeId, SpaceId};
use protocol::refusal::Code;
use store::{Order, Read, Slot, Tx};

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
            let community = managed(&desks, tx, &actor, space)?;
            let before: Option<Invited> = tx.get(INVITED, &(space, node))?;
            if node == desks.own_node() || before.is_some_and(|before| before.state == InvitedState::Member) {
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
        let changed = self
            .act(move |tx, groups| {
                managed(&desks, tx, &actor, space)?;
                expel(&desks, tx, groups, space, node)
            })
            .await?;
        self.carry_out(changed.into_iter().map(Effect::Announce).collect());
        self.fell();
        self.seen(session, space)
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

/// Removes a node. The compartments that changed.
fn expel(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    space: SpaceId,
    node: NodeId,
) -> Result<Vec<CompartmentId>, ActError> {
    if node == desks.own_node() {
        return Err(
            Problem::field("node", Code::FieldInvalid, "the founder's node cannot expel itself").into()
        );
    }
    let invited: Option<Invited> = tx.get(INVITED, &(space, node))?;
    let Some(invited) = invited else { return Err(Problem::not_found().into()) };
    tx.put(INVITED, &(space, node), &Slot::System, &Invited { state: InvitedState::Removed, ..invited })?;
    let mut changed = Vec::new();
    for (_, id) in tx.list(ROOMS, &space, Order::Ascending, usize::MAX)? {
        let Some(held) = tx.get(COMPARTMENTS, &id)?.filter(|held| held.members.contains(&node)) else {
            continue;
        };
        let held: CompartmentRecord = held;
        let prepared = groups.prepare(tx, id, &Change { remove: vec![node], ..Change::default() })?;
        let state = groups.merge_own(tx, id)?;
        tx.put(COMMITS, &(id, prepared.epoch), &Slot::System, &decide_alone(desks, id, &prepared))?;
        let former = held.former.iter().copied().filter(|former| *former != node).chain([node]);
        record(tx, id, &state, former.collect())?;
        let note = Note {
            subject: Some(ItemId::from_bytes(*space.as_bytes())),
            detail: Some(format!("removed {node} at {}", held.level)),
            ..Note::default()
        };
        ledger::append(tx, desks.now(), LedgerAct::Decided, note)?;
        changed.push(id);
    }
    Ok(changed)
}
