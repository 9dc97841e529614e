//! Sharing a correspondence into a community: sealed again there, label and signature unchanged.

use super::{admitted, parse_space};
use crate::desks::attachments::refer;
use crate::desks::cleared::{self, Cleared, permit};
use crate::desks::correspondence::{find_item, parse_item};
use crate::desks::error::ActError;
use crate::desks::federation::{Effect, room, seal};
use crate::desks::filing;
use crate::desks::problem::Problem;
use crate::desks::records::{Content, FeedRole, ItemRecord, LedgerAct, SharedIn, community_scope};
use crate::desks::view::ItemView;
use crate::desks::{Desks, Session};
use mls::Groups;
use protocol::decide::{Act, Audience, Object};
use protocol::ids::{ItemId, SpaceId};
use protocol::message::Payload;
use protocol::refusal::Code;
use store::Tx;

impl Desks {
    /// Shares an item that the asker may read into a community that admitted them.
    pub async fn share(
        &self,
        session: &Session,
        id: &str,
        community: &str,
    ) -> Result<Cleared<ItemView>, Problem> {
        let (item, space) = (parse_item(id)?, parse_space(community)?);
        let (desks, actor) = (self.clone(), session.clone());
        let record = self.act(move |tx, groups| share(&desks, &actor, tx, groups, item, space)).await?;
        self.carry_out(vec![Effect::Fell]);
        self.inner.peers.wake_all();
        let view = self.item_view(&self.snapshot()?, session, &record, false)?;
        Ok(cleared::trimmed(&session.subject, view))
    }
}

fn share(
    desks: &Desks,
    session: &Session,
    tx: &Tx<'_>,
    groups: &mut Groups,
    item: ItemId,
    space: SpaceId,
) -> Result<ItemRecord, ActError> {
    let mut record = find_item(tx, session, item)?;
    let Content::Correspondence(signed) = record.content.clone() else {
        return Err(Problem::field("id", Code::FieldInvalid, "a post stays in its community").into());
    };
    let community = admitted(tx, session, space)?;
    let audience =
        Audience { communities: [(space, community.charter.ceiling.clone())].into(), ..Audience::default() };
    let object = Object { label: &signed.item.label, audience: &audience };
    permit(&session.subject, Act::Share(space), &object)?;
    if record.communities.iter().any(|shared| shared.community == space) {
        return Err(Problem::new(Code::AlreadyDecided, "the item stands in this community").into());
    }
    let level = signed.item.label.level().map_err(|e| Problem::new(Code::LabelUnknown, e.to_string()))?;
    let Some((id, compartment)) = room(tx, space, &level)? else {
        return Err(
            Problem::new(Code::AboveCommunity, "the community has no compartment at this level").into()
        );
    };
    super::commit::check_sealable(desks, &compartment)?;
    let now = desks.now();
    let by = session.name.clone();
    let urgency = signed.item.urgency().number();
    refer(tx, now, space, &level, urgency, &signed.item.attachments)?;
    let payload = Payload::Share { item: signed, by: by.clone(), at: now };
    seal(desks, tx, groups, id, &compartment, urgency, payload)?;
    record.communities.push(SharedIn { community: space, by, node: desks.own_node(), at: now });
    let rows = [(community_scope(space), FeedRole::Community)];
    filing::file(tx, now, &record, &level, LedgerAct::Shared, Some(session.subject.agent), &rows)?;
    Ok(record)
}
