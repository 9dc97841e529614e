//! Posts: written into the compartment of their label's level, read by whom the community admitted.

use super::{admitted, parse_space};
use crate::clock;
use crate::desks::cleared::{self, Cleared, permit};
use crate::desks::correspondence::find_item;
use crate::desks::error::ActError;
use crate::desks::federation::{Effect, room, seal};
use crate::desks::filing;
use crate::desks::problem::Problem;
use crate::desks::records::{
    Content, FEED, FeedRole, FeedRow, ITEMS, ItemRecord, LedgerAct, READ, SharedIn, community_scope,
    level_tag,
};
use crate::desks::view::{LabelView, PostView};
use crate::desks::{Desks, Session};
use mls::Groups;
use protocol::correspondence::Precedence;
use protocol::decide::{Act, Audience, Object};
use protocol::ids::{ItemId, SpaceId};
use protocol::label::{Label, Level};
use protocol::limits::POST_BYTES_MAX;
use protocol::message::{Payload, Post};
use protocol::refusal::Code;
use store::{Order, Read, Slot, Tx};

/// Posts on one page.
const PAGE_MAX: usize = 200;

impl Desks {
    /// Posts into a community.
    pub async fn post(
        &self,
        session: &Session,
        id: &str,
        label: LabelView,
        body: &str,
    ) -> Result<Cleared<PostView>, Problem> {
        let space = parse_space(id)?;
        let label = Label::from(label);
        if body.trim().is_empty() {
            return Err(Problem::field("body", Code::FieldMissing, "a text is needed"));
        }
        if body.len() > POST_BYTES_MAX {
            let message = format!("{} bytes, at most {POST_BYTES_MAX}", body.len());
            return Err(Problem::field("body", Code::FieldTooLong, message));
        }
        let level = label.level().map_err(|e| Problem::field("label", Code::LabelUnknown, e.to_string()))?;
        let post = Post {
            id: ItemId::from_bytes(clock::fresh_id()),
            author: session.name.clone(),
            author_id: session.subject.agent,
            at: self.now(),
            label,
            body: body.replace("\r\n", "\n"),
            attachments: Vec::new(),
        };
        let (desks, actor) = (self.clone(), session.clone());
        let (record, position) =
            self.act(move |tx, groups| put(&desks, &actor, tx, groups, space, &post, &level)).await?;
        self.carry_out(vec![Effect::Fell]);
        self.inner.peers.wake_all();
        let view = self.post_view(space, position, &record, false)?;
        Ok(cleared::trimmed(&session.subject, view))
    }

    /// Notes that the asker has seen these items. What may not be read is passed over.
    pub async fn saw_posts(&self, session: &Session, ids: Vec<String>) -> Result<(), Problem> {
        let (desks, actor) = (self.clone(), session.clone());
        self.act(move |tx, _| {
            for id in ids.iter().take(PAGE_MAX).filter_map(|id| id.parse::<ItemId>().ok()) {
                if find_item(tx, &actor, id).is_ok() && !tx.has(READ, &(actor.subject.agent, id))? {
                    tx.put(READ, &(actor.subject.agent, id), &Slot::System, &desks.now())?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Posts and shared items of a community, newest last.
    pub fn posts(
        &self,
        session: &Session,
        id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Cleared<Vec<PostView>>, Problem> {
        let space = parse_space(id)?;
        let snapshot = self.snapshot()?;
        let community = admitted(&snapshot, session, space)?;
        let position = match after {
            Some(text) => {
                text.parse::<u64>().map_err(|_| Problem::field("after", Code::FieldInvalid, "no cursor"))?
            }
            None => 0,
        };
        let limit = limit.clamp(1, PAGE_MAX);
        let (order, scope) =
            if after.is_some() { (Order::Ascending, position + 1) } else { (Order::Descending, 0) };
        let mut rows = Vec::new();
        let cleared_for = session.subject.clearance.meet(&community.charter.ceiling);
        for level in cleared_for.below() {
            let key = |position| (community_scope(space), level_tag(&level), position);
            let found = snapshot.range(FEED, &key(scope), &key(u64::MAX), order, limit)?;
            rows.extend(found.into_iter().map(|((_, _, position), row): (_, FeedRow)| (position, row.item)));
        }
        rows.sort_unstable();
        if order == Order::Descending {
            rows.drain(..rows.len().saturating_sub(limit));
        }
        rows.truncate(limit);
        let mut views = Vec::new();
        for (position, item) in rows {
            let Some(record) = snapshot.get(ITEMS, &item)? else { continue };
            let unread = !snapshot.has(READ, &(session.subject.agent, item))?;
            views.push(self.post_view(space, position, &record, unread)?);
        }
        Ok(cleared::trimmed(&session.subject, views))
    }

    fn post_view(
        &self,
        space: SpaceId,
        position: u64,
        record: &ItemRecord,
        unread: bool,
    ) -> Result<PostView, Problem> {
        let shared = record.communities.iter().find(|shared| shared.community == space);
        let shared = shared.ok_or_else(Problem::not_found)?;
        let (kind, subject, body) = match &record.content {
            Content::Correspondence(signed) => {
                (signed.item.kind.as_str(), Some(signed.item.subject.clone()), signed.item.body.clone())
            }
            Content::Post(post) => ("post", None, post.body.clone()),
        };
        let organisation = self.list().entry(shared.node).map(|entry| entry.organisation.clone());
        Ok(PostView {
            cursor: position.to_string(),
            id: record.content.id().to_string(),
            kind: kind.to_owned(),
            author: shared.by.clone(),
            organisation: organisation.unwrap_or_default(),
            at: shared.at.to_string(),
            dtg: shared.at.dtg(),
            label: record.content.label().into(),
            subject,
            body,
            unread,
        })
    }
}

fn put(
    desks: &Desks,
    session: &Session,
    tx: &Tx<'_>,
    groups: &mut Groups,
    space: SpaceId,
    post: &Post,
    level: &Level,
) -> Result<(ItemRecord, u64), ActError> {
    let community = admitted(tx, session, space)?;
    let audience =
        Audience { communities: [(space, community.charter.ceiling.clone())].into(), ..Audience::default() };
    permit(&session.subject, Act::Post(space), &Object { label: &post.label, audience: &audience })?;
    let Some((id, compartment)) = room(tx, space, level)? else {
        return Err(
            Problem::new(Code::AboveCommunity, "the community has no compartment at this level").into()
        );
    };
    super::commit::check_sealable(desks, &compartment)?;
    let payload = Payload::Post { post: Box::new(post.clone()) };
    seal(desks, tx, groups, id, &compartment, Precedence::Routine.number(), payload)?;
    let record = ItemRecord {
        content: Content::Post(Box::new(post.clone())),
        origin: desks.own_node(),
        received_at: post.at,
        groups: Vec::new(),
        communities: vec![SharedIn {
            community: space,
            by: post.author.clone(),
            node: desks.own_node(),
            at: post.at,
        }],
    };
    let rows = [(community_scope(space), FeedRole::Community)];
    let agent = Some(session.subject.agent);
    let position = filing::file(tx, desks.now(), &record, level, LedgerAct::Posted, agent, &rows)?;
    // Who wrote it has read it.
    tx.put(READ, &(session.subject.agent, post.id), &Slot::System, &post.at)?;
    Ok((record, position))
}
