//! The community desk: opening, inviting, joining, admitting agents, posting and sharing.

mod commit;
mod intent;
mod invite;
mod membership;
mod open;
mod order;
mod post;
mod receive;
mod recovery;
mod seats;
mod share;
mod view;

pub(in crate::desks) use invite::{answered, invited, welcomed};
pub use open::CommunityForm;
pub(in crate::desks) use receive::{receive_post, receive_share};
pub(in crate::desks) use recovery::lose_keys;
pub(super) use seats::Orders;

use super::error::ActError;
use super::federation::room;
use super::problem::Problem;
use super::records::{ADMITTED, COMMUNITIES, CommunityRecord, CommunityState};
use super::{Desks, Session};
use protocol::ids::SpaceId;
use protocol::label::Level;
use protocol::refusal::Code;
use store::Read;

fn parse_space(text: &str) -> Result<SpaceId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// An open community that admitted the asker. Any other does not exist for them.
fn admitted(read: &impl Read, session: &Session, id: SpaceId) -> Result<CommunityRecord, ActError> {
    let record = read.get(COMMUNITIES, &id)?.ok_or_else(Problem::not_found)?;
    if !read.has(ADMITTED, &(id, session.subject.agent))? {
        return Err(Problem::not_found().into());
    }
    if record.state != CommunityState::Open {
        return Err(Problem::new(
            Code::NotOpen,
            "the community waits for its manager, or this node has left it",
        )
        .into());
    }
    Ok(record)
}

/// An open community whose accountable manager is the asker.
fn managed(read: &impl Read, session: &Session, id: SpaceId) -> Result<CommunityRecord, ActError> {
    let record = admitted(read, session, id)?;
    if record.charter.manager_id != session.subject.agent {
        return Err(Problem::new(Code::NotManager, "only the community's manager may do this").into());
    }
    Ok(record)
}

/// An open community into which the asker may invite: its manager, or an agent of another member
/// ministry who is entitled to manage communities, so that no node in particular is needed.
fn may_invite(
    desks: &Desks,
    read: &impl Read,
    session: &Session,
    id: SpaceId,
) -> Result<CommunityRecord, ActError> {
    let record = admitted(read, session, id)?;
    if record.charter.manager_id != session.subject.agent && !session.manager {
        return Err(Problem::new(Code::NotManager, "only an entitled manager may invite").into());
    }
    let np = room(read, id, &Level::NP)?;
    if !np.is_some_and(|(_, compartment)| compartment.policy.voters.contains(&desks.own_node())) {
        return Err(Problem::new(Code::NotVoter, "only a member ministry's node may invite").into());
    }
    Ok(record)
}
