//! Drafts: written, saved, submitted, dropped. A draft belongs to its sending group.

use super::item::parse_item;
use super::own_group;
use crate::clock;
use crate::desks::attachments::{drop_uploads, uploads_of};
use crate::desks::cleared::{self, Cleared, permit};
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::{DRAFTS, DraftRecord, ITEMS};
use crate::desks::view::{DraftState, DraftView, PrecedenceView};
use crate::desks::{Desks, Session};
use protocol::correspondence::{DraftContent, ItemKind, Precedence, Precedences, State, Step, check_draft};
use protocol::decide::{Act, Audience, Object};
use protocol::ids::{GroupId, ItemId};
use protocol::label::Level;
use protocol::refusal::Code;
use store::{Read, Slot, Tx};

impl Desks {
    /// Begins a draft.
    pub async fn create_draft(&self, session: &Session, draft: DraftView) -> Result<DraftState, Problem> {
        let id = ItemId::from_bytes(clock::fresh_id());
        self.put_draft(session, id, draft, true).await
    }

    /// Replaces a draft's content.
    pub async fn save_draft(
        &self,
        session: &Session,
        id: &str,
        draft: DraftView,
    ) -> Result<DraftState, Problem> {
        self.put_draft(session, parse_item(id)?, draft, false).await
    }

    async fn put_draft(
        &self,
        session: &Session,
        id: ItemId,
        draft: DraftView,
        new: bool,
    ) -> Result<DraftState, Problem> {
        let content = content(draft)?;
        if let Some(problem) = Problem::from_fields(check_draft(&content, false)) {
            return Err(problem);
        }
        let (desks, session) = (self.clone(), session.clone());
        self.act(move |tx, _| {
            let group = own_group(&desks, tx, &content.from)?.ok_or_else(|| {
                Problem::field("from", Code::AddresseeUnknown, "no such group on this node")
            })?;
            allowed(&session, group, &content.label)?;
            let state = if new {
                State::Draft
            } else {
                let before = find(tx, &session, id)?;
                before.state.after(Step::Edit, before.visas_due as usize).map_err(Problem::from)?
            };
            let record = DraftRecord {
                content: content.clone(),
                state,
                author: session.subject.agent,
                author_name: session.name.clone(),
                group,
                saved_at: desks.now(),
                visas_due: 0,
            };
            put(tx, id, &record)?;
            desks.draft_view(tx, id, &record)
        })
        .await
    }

    /// Drops a draft.
    pub async fn discard_draft(&self, session: &Session, id: &str) -> Result<(), Problem> {
        let (id, session) = (parse_item(id)?, session.clone());
        let files = self
            .act(move |tx, _| {
                let draft = find(tx, &session, id)?;
                draft.state.after(Step::Discard, draft.visas_due as usize).map_err(Problem::from)?;
                tx.remove(DRAFTS, &id)?;
                drop_uploads(tx, id)
            })
            .await?;
        self.remove_files(files);
        Ok(())
    }

    /// Hands a draft to its circuit.
    pub async fn submit(&self, session: &Session, id: &str) -> Result<DraftState, Problem> {
        let (id, session, desks) = (parse_item(id)?, session.clone(), self.clone());
        self.act(move |tx, _| {
            let mut draft = find(tx, &session, id)?;
            draft.state = draft.state.after(Step::Submit, draft.visas_due as usize).map_err(Problem::from)?;
            if let Some(problem) = Problem::from_fields(check_draft(&draft.content, true)) {
                return Err(problem.into());
            }
            put(tx, id, &draft)?;
            desks.draft_view(tx, id, &draft)
        })
        .await
    }

    /// One draft.
    pub fn draft(&self, session: &Session, id: &str) -> Result<Cleared<DraftState>, Problem> {
        let id = parse_item(id)?;
        let snapshot = self.snapshot()?;
        let draft = find(&snapshot, session, id)?;
        Ok(cleared::trimmed(&session.subject, self.draft_view(&snapshot, id, &draft)?))
    }

    /// The drafts of the asker's groups that the asker is cleared for, last saved first.
    pub fn drafts(
        &self,
        session: &Session,
        state: Option<&str>,
    ) -> Result<Cleared<Vec<DraftState>>, Problem> {
        let snapshot = self.snapshot()?;
        let mut drafts: Vec<(ItemId, DraftRecord)> = snapshot.all(DRAFTS)?;
        drafts.retain(|(_, draft)| {
            allowed(session, draft.group, &draft.content.label).is_ok()
                && state.is_none_or(|state| draft.state.as_str() == state)
        });
        drafts.sort_by_key(|(id, draft)| (std::cmp::Reverse(draft.saved_at), *id));
        let views = drafts.iter().map(|(id, draft)| self.draft_view(&snapshot, *id, draft));
        Ok(cleared::trimmed(&session.subject, views.collect::<Result<_, _>>()?))
    }

    fn draft_view(&self, read: &impl Read, id: ItemId, draft: &DraftRecord) -> Result<DraftState, ActError> {
        let content = &draft.content;
        let attachments = self.upload_views(&uploads_of(read, id)?);
        Ok(DraftState {
            attachments,
            id: id.to_string(),
            state: draft.state.as_str().to_owned(),
            content: DraftView {
                kind: content.kind.as_str().to_owned(),
                from: content.from.clone(),
                action: content.action.clone(),
                info: content.info.clone(),
                precedence: PrecedenceView {
                    action: content.precedence.action.as_str().to_owned(),
                    info: content.precedence.info.as_str().to_owned(),
                },
                label: (&content.label).into(),
                subject: content.subject.clone(),
                tags: content.tags.clone(),
                body: content.body.clone(),
                references: content.references.iter().map(ToString::to_string).collect(),
            },
            author: draft.author_name.clone(),
            saved_at: draft.saved_at.to_string(),
            legal: draft.state.legal(draft.visas_due as usize).into_iter().map(str::to_owned).collect(),
        })
    }
}

/// Whether the session may write in the group's name at this label.
pub(super) fn allowed(
    session: &Session,
    group: GroupId,
    label: &protocol::label::Label,
) -> Result<(), Problem> {
    let audience = Audience { groups: [group].into(), ..Audience::default() };
    let object = Object { label, audience: &audience };
    permit(&session.subject, Act::Draft(group), &object).map_err(|problem| match problem.code {
        Code::AboveClearance | Code::LabelUnknown => {
            let message = "the label is above your clearance, or not known here";
            Problem { rule: problem.rule, ..Problem::field("label", problem.code, message) }
        }
        _ => problem,
    })
}

/// A draft that the session may see. One that was released answers which steps are legal then.
pub(in crate::desks) fn find(
    read: &impl Read,
    session: &Session,
    id: ItemId,
) -> Result<DraftRecord, ActError> {
    let Some(draft) = read.get(DRAFTS, &id)? else {
        let Some(record) = read.get(ITEMS, &id)? else { return Err(Problem::not_found().into()) };
        super::item::check_readable(read, session, &record)?;
        let refused = State::Released.after(Step::Release, 0);
        return Err(refused.err().map_or_else(Problem::not_found, Problem::from).into());
    };
    allowed(session, draft.group, &draft.content.label).map_err(|_| Problem::not_found())?;
    Ok(draft)
}

fn put(tx: &Tx<'_>, id: ItemId, draft: &DraftRecord) -> Result<(), ActError> {
    let level = draft.content.label.level().unwrap_or(Level::DR);
    Ok(tx.put(DRAFTS, &id, &Slot::Level(level), draft)?)
}

fn content(draft: DraftView) -> Result<DraftContent, Problem> {
    let invalid = |field, got: &str| {
        Problem::field(
            field,
            Code::FieldInvalid,
            format!("{:?} is not known", got.chars().take(40).collect::<String>()),
        )
    };
    let precedence = |field, text: &str| Precedence::parse(text).ok_or_else(|| invalid(field, text));
    let references =
        draft.references.iter().map(|id| id.parse::<ItemId>().map_err(|_| invalid("references", id)));
    Ok(DraftContent {
        kind: ItemKind::parse(&draft.kind).ok_or_else(|| invalid("kind", &draft.kind))?,
        from: draft.from,
        action: draft.action,
        info: draft.info,
        precedence: Precedences {
            action: precedence("precedence.action", &draft.precedence.action)?,
            info: precedence("precedence.info", &draft.precedence.info)?,
        },
        label: draft.label.into(),
        subject: draft.subject,
        tags: draft.tags,
        body: draft.body.replace("\r\n", "\n"),
        references: references.collect::<Result<_, _>>()?,
    })
}
