//! Release: the draft becomes an immutable, numbered, signed item, filed here and on its way to every
//! addressee, in one transaction.

use super::draft::find;
use super::grant::Proof;
use super::item::parse_item;
use super::{dispatch, own_group};
use crate::desks::attachments::{take_uploads, uploads_of};
use crate::desks::cleared::{self, Cleared};
use crate::desks::error::ActError;
use crate::desks::filing;
use crate::desks::problem::Problem;
use crate::desks::records::{
    Content, DRAFTS, DraftRecord, FeedRole, ItemRecord, LedgerAct, SERIALS, Scope, Upload, group_scope,
};
use crate::desks::view::ItemView;
use crate::desks::{Desks, Session};
use mls::Groups;
use protocol::correspondence::{
    Address, Correspondence, FieldError, Party, Person, Step, canonical_text, check_draft, check_item,
};
use protocol::ids::{GroupId, ItemId};
use protocol::label::Level;
use protocol::message::{ITEM_SIGNATURE, SignedItem};
use protocol::refusal::Code;
use protocol::time::Timestamp;
use store::{Read, Slot, Tx};

impl Desks {
    /// Whether a draft could be released now: everything is there, and every addressee is known and
    /// may receive the label. Says all that is wrong at once, and changes nothing.
    pub fn check_release(&self, session: &Session, id: &str) -> Result<(), Problem> {
        let snapshot = self.snapshot()?;
        let draft = find(&snapshot, session, parse_item(id)?)?;
        let level = complete(&draft)?;
        let mut wrong = unfinished(&uploads_of(&snapshot, parse_item(id)?)?);
        let lists = [("action", &draft.content.action), ("info", &draft.content.info)];
        for (field, addresses) in lists {
            wrong.extend(resolve_all(self, &snapshot, field, addresses, &level)?.1);
        }
        Problem::from_fields(wrong).map_or(Ok(()), Err)
    }

    /// Releases a draft.
    pub async fn release(
        &self,
        session: &Session,
        id: &str,
        proof: Proof,
    ) -> Result<Cleared<ItemView>, Problem> {
        let id = parse_item(id)?;
        // What is wrong with the draft is said before a proof is asked for or used up.
        find(&self.snapshot()?, session, id)?;
        self.check_proof(session, &proof, id).await?;
        let (desks, actor) = (self.clone(), session.clone());
        let record = self.act(move |tx, groups| release(&desks, &actor, tx, groups, id)).await?;
        self.inner.metrics.released.inc();
        self.fell();
        if let Content::Correspondence(signed) = &record.content {
            self.wake_addressees(&signed.item);
        }
        let view = self.item_view(&self.snapshot()?, session, &record, false)?;
        Ok(cleared::trimmed(&session.subject, view))
    }
}

fn release(
    desks: &Desks,
    session: &Session,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: ItemId,
) -> Result<ItemRecord, ActError> {
    let draft = find(tx, session, id)?;
    let level = complete(&draft)?;
    let now = desks.now();
    let item = build(desks, session, tx, id, &draft, &level, now)?;
    check_item(&item).map_err(|error| Problem::field(error.field, error.code, error.message))?;
    let signature = desks.inner.identity.sign(ITEM_SIGNATURE, canonical_text(&item).as_bytes());
    let signed = SignedItem { item, origin: desks.own_node(), signature };
    tx.put(SERIALS, &(draft.group, year(now)), &Slot::System, &signed.item.serial)?;
    tx.remove(DRAFTS, &id)?;
    let record = file_own(desks, tx, &signed, &level, now, LedgerAct::Released, session)?;
    dispatch(desks, tx, groups, &signed, &level)?;
    Ok(record)
}

/// Files that are not here as a whole.
fn unfinished(uploads: &[(ItemId, Upload)]) -> Vec<FieldError> {
    let open = uploads.iter().filter(|(_, upload)| upload.whole.is_none());
    let error = |(_, upload): &(ItemId, Upload)| FieldError {
        field: "attachments",
        code: Code::AttachmentIncomplete,
        message: format!("{} is not here as a whole yet", upload.name),
    };
    open.map(error).collect()
}

/// The level of a draft that has all that a release needs, as far as the draft alone can tell.
fn complete(draft: &DraftRecord) -> Result<Level, Problem> {
    draft.state.after(Step::Release, draft.visas_due as usize)?;
    if let Some(problem) = Problem::from_fields(check_draft(&draft.content, true)) {
        return Err(problem);
    }
    draft.content.label.level().map_err(|e| Problem::field("label", Code::LabelUnknown, e.to_string()))
}

fn year(at: Timestamp) -> u16 {
    u16::try_from(at.civil().year).unwrap_or(u16::MAX)
}

fn build(
    desks: &Desks,
    session: &Session,
    tx: &Tx<'_>,
    id: ItemId,
    draft: &DraftRecord,
    level: &Level,
    now: Timestamp,
) -> Result<Correspondence, ActError> {
    let content = &draft.content;
    let from = parties(desks, tx, "from", std::slice::from_ref(&content.from), level)?;
    let own = own_group(desks, tx, &content.from)?;
    let Some(from) = from.into_iter().next().filter(|party| own == Some(party.group)) else {
        return Err(Problem::field("from", Code::AddresseeUnknown, "no such group on this node").into());
    };
    let serial = tx.get(SERIALS, &(draft.group, year(now)))?.unwrap_or(0) + 1;
    let action = parties(desks, tx, "action", &content.action, level)?;
    let mut info = parties(desks, tx, "info", &content.info, level)?;
    // Told and asked to act is asked to act.
    info.retain(|party| action.iter().all(|other| other.group != party.group));
    Ok(Correspondence {
        id,
        kind: content.kind,
        serial,
        from,
        action,
        info,
        precedence: content.precedence,
        label: content.label.clone(),
        subject: content.subject.trim().to_owned(),
        tags: content.tags.clone(),
        body: content.body.clone(),
        references: content.references.clone(),
        author: Person { agent: draft.author, name: draft.author_name.clone() },
        releaser: Some(Person { agent: session.subject.agent, name: session.name.clone() }),
        released_at: now,
        import: None,
        attachments: take_uploads(tx, id, level)?,
    })
}

/// Resolves addresses; each must be known and cleared for the level, and stands once.
pub(in crate::desks) fn parties(
    desks: &Desks,
    read: &impl Read,
    field: &'static str,
    addresses: &[String],
    level: &Level,
) -> Result<Vec<Party>, ActError> {
    let (found, wrong) = resolve_all(desks, read, field, addresses, level)?;
    Problem::from_fields(wrong).map_or(Ok(found), |problem| Err(problem.into()))
}

/// Those that may receive the level, and what is wrong with the others.
fn resolve_all(
    desks: &Desks,
    read: &impl Read,
    field: &'static str,
    addresses: &[String],
    level: &Level,
) -> Result<(Vec<Party>, Vec<FieldError>), ActError> {
    let (mut found, mut wrong): (Vec<Party>, _) = (Vec::new(), Vec::new());
    for text in addresses {
        let resolved = match text.parse::<Address>() {
            Ok(address) => desks.resolve(read, &address)?,
            Err(_) => None,
        };
        match resolved {
            None => {
                let message = format!("no group has the address {text:?}");
                wrong.push(FieldError { field, code: Code::AddresseeUnknown, message });
            }
            Some(resolved) if !resolved.ceiling.dominates(level) => {
                let message = format!("{text} may not receive {level}");
                wrong.push(FieldError { field, code: Code::AboveAddressee, message });
            }
            Some(resolved) if found.iter().all(|party| party.group != resolved.party.group) => {
                found.push(resolved.party);
            }
            Some(_) => {}
        }
    }
    Ok((found, wrong))
}

fn file_own(
    desks: &Desks,
    tx: &Tx<'_>,
    signed: &SignedItem,
    level: &Level,
    now: Timestamp,
    act: LedgerAct,
    session: &Session,
) -> Result<ItemRecord, ActError> {
    let (groups, rows) = own_side(desks, signed);
    let record = ItemRecord {
        content: Content::Correspondence(Box::new(signed.clone())),
        origin: desks.own_node(),
        received_at: now,
        groups,
        communities: Vec::new(),
    };
    filing::file(tx, now, &record, level, act, Some(session.subject.agent), &rows)?;
    Ok(record)
}

/// Groups of this node that an item concerns, and where it falls.
pub(in crate::desks) fn own_side(
    desks: &Desks,
    signed: &SignedItem,
) -> (Vec<GroupId>, Vec<(Scope, FeedRole)>) {
    let item = &signed.item;
    let sent = std::iter::once((&item.from, FeedRole::Sent));
    let action = item.action.iter().map(|party| (party, FeedRole::Action));
    let info = item.info.iter().map(|party| (party, FeedRole::Info));
    let mut groups = Vec::new();
    let mut rows = Vec::new();
    for (party, role) in sent.chain(action).chain(info) {
        if party.node == desks.own_node() {
            rows.push((group_scope(party.group), role));
            if !groups.contains(&party.group) {
                groups.push(party.group);
            }
        }
    }
    (groups, rows)
}
