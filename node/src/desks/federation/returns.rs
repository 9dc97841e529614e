//! Other nodes that lost their keys and ask to be let back in: an operator of this ministry decides.

use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{COMPARTMENTS, CompartmentRecord, LedgerAct, RETURNS, ReturnAsked, ReturnState};
use crate::desks::view::ReturnView;
use crate::desks::{Desks, Session};
use mls::Groups;
use protocol::ids::{CompartmentId, NodeId};
use protocol::refusal::Code;
use protocol::resync::Approval;
use protocol::space::SpaceKind;
use protocol::wire::LogAnswer;
use store::{Read, Slot, Tx};

/// How long an approval lets a node back in: long enough for every compartment of a post with a bad
/// link, too short to be forgotten.
const APPROVAL_MS: i64 = 24 * 3_600_000;

impl Desks {
    /// Answers a node that asks to be let back in (RSY-006).
    pub(super) async fn answer_return(
        &self,
        from: NodeId,
        compartment: CompartmentId,
        epoch: u64,
        incarnation: u32,
    ) -> Result<LogAnswer, Problem> {
        let desks = self.clone();
        let (answer, new) = self
            .act(move |tx, groups| answer(&desks, tx, groups, from, compartment, (epoch, incarnation)))
            .await?;
        if new {
            self.fell();
        }
        Ok(answer)
    }

    /// An operator decides whether a node that lost its keys may come back.
    pub async fn decide_return(&self, session: &Session, node: &str, approve: bool) -> Result<(), Problem> {
        if !session.subject.operator {
            return Err(Problem::new(Code::RoleMissing, "only an operator of this node decides this"));
        }
        let node = self.list().named(node).map(|entry| entry.node).ok_or_else(Problem::not_found)?;
        let (desks, agent) = (self.clone(), session.subject.agent);
        self.act(move |tx, _| {
            let asked: ReturnAsked = tx.get(RETURNS, &node)?.ok_or_else(Problem::not_found)?;
            if waiting(&asked, desks.now()).is_none() {
                return Err(Problem::new(Code::AlreadyDecided, "it was decided before").into());
            }
            let now = desks.now();
            let state =
                if approve { ReturnState::Approved(now, agent) } else { ReturnState::Refused(now, agent) };
            tx.put(RETURNS, &node, &Slot::System, &ReturnAsked { state, ..asked })?;
            let word = if approve { "approved" } else { "refused" };
            let note = Note {
                agent: Some(agent),
                detail: Some(format!("return of {node}, incarnation {}: {word}", asked.incarnation)),
                ..Note::default()
            };
            ledger::append(tx, now, LedgerAct::ReturnDecided, note)?;
            Ok(())
        })
        .await?;
        self.fell();
        Ok(())
    }

    /// Nodes that wait for an operator's word; nothing for anybody else.
    pub(super) fn returns(&self, session: &Session) -> Result<Vec<ReturnView>, ActError> {
        if !session.subject.operator {
            return Ok(Vec::new());
        }
        let list = self.list();
        let mut views = Vec::new();
        for (node, asked) in self.snapshot()?.all(RETURNS)? {
            if let (Some(at), Some(entry)) = (waiting(&asked, self.now()), list.entry(node)) {
                views.push(ReturnView {
                    node: entry.name.clone(),
                    organisation: entry.organisation.clone(),
                    asked_at: at.to_string(),
                });
            }
        }
        Ok(views)
    }
}

/// Since when it waits for a decision, if it does.
fn waiting(asked: &ReturnAsked, now: protocol::time::Timestamp) -> Option<protocol::time::Timestamp> {
    match asked.state {
        ReturnState::Asked => Some(asked.at),
        ReturnState::Approved(at, _) if now.0 >= at.0.saturating_add(APPROVAL_MS) => Some(asked.at),
        ReturnState::Approved(..) | ReturnState::Refused(..) => None,
    }
}

/// The answer, and whether an operator has something new to decide.
fn answer(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    from: NodeId,
    id: CompartmentId,
    (epoch, incarnation): (u64, u32),
) -> Result<(LogAnswer, bool), ActError> {
    let held: Option<CompartmentRecord> = tx.get(COMPARTMENTS, &id)?;
    let member = |held: &CompartmentRecord| {
        held.stands() && held.kind == SpaceKind::Community && held.members.contains(&from)
    };
    let Some(held) = held.filter(member) else {
        return Err(Problem::new(Code::NotMember, "not in this compartment").into());
    };
    if !held.policy.voters.contains(&desks.own_node()) {
        return Err(Problem::new(Code::NotVoter, "only a ministry of the compartment lets back in").into());
    }
    if epoch != held.epoch {
        let code = if epoch < held.epoch { Code::EpochStale } else { Code::EpochAhead };
        return Err(Problem::new(code, "another epoch than the present one").into());
    }
    let asked: Option<ReturnAsked> = tx.get(RETURNS, &from)?;
    let known = asked.filter(|asked| asked.incarnation >= incarnation);
    let Some(asked) = known else {
        let asked = ReturnAsked { incarnation, at: desks.now(), state: ReturnState::Asked };
        tx.put(RETURNS, &from, &Slot::System, &asked)?;
        return Ok((LogAnswer::ResyncPending, true));
    };
    match asked.state {
        _ if asked.incarnation > incarnation => {
            Err(Problem::new(Code::RolledBack, "a later life of it has asked").into())
        }
        ReturnState::Refused(..) => Err(Problem::new(Code::NotApproved, "an operator has refused it").into()),
        ReturnState::Approved(..) if waiting(&asked, desks.now()).is_none() => {
            let on = (id, held.epoch, held.transcript.clone());
            let approval = Approval::sign(on, (from, incarnation), desks.own_node(), &desks.inner.identity);
            let group_info = groups.group_info(tx, id)?;
            Ok((LogAnswer::ResyncGranted { approval, group_info }, false))
        }
        ReturnState::Asked | ReturnState::Approved(..) => Ok((LogAnswer::ResyncPending, false)),
    }
}
