//! Asking for an account, and the number two's answer.
//!
//! Whoever asks is unknown: he learns nothing about which logins exist. A taken name shows to the
//! number two who wants to accept it.

use super::throttle::Source;
use super::{Session, add, is_number_two, normal, note, password};
use crate::clock;
use crate::desks::Desks;
use crate::desks::cleared::{Cleared, trimmed};
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::{ACCOUNTS, Account, GROUPS, HANDLES, REGISTRATIONS, Registration};
use crate::desks::view::RegistrationView;
use crate::limits::{REGISTRATIONS_MAX, REGISTRATIONS_WAITING_MAX};
use protocol::correspondence::{Address, FieldError};
use protocol::decide::{Role, Subject};
use protocol::ids::{AgentId, GroupId, ItemId};
use protocol::label::Level;
use protocol::refusal::Code;
use store::{Read, Slot, StoreError, Tx};

impl Desks {
    /// Asks for an account in a group of this node. Without a password, one is made when the number
    /// two accepts.
    ///
    /// # Errors
    /// By field what cannot be accepted; `AUTH_TOO_MANY_ATTEMPTS`.
    pub async fn register(
        &self,
        login: &str,
        name: &str,
        group: &str,
        password: Option<&str>,
        address: &str,
    ) -> Result<RegistrationView, Problem> {
        let throttle = &self.inner.throttle;
        let source = [Source::Asking(address)];
        throttle.check(&source, self.now())?;
        let (login, name) = (normal(login), name.trim().to_owned());
        let password = password.filter(|password| !password.is_empty());
        let group_id = self.own_group(group)?;
        let mut errors = add::identity_rules(&login, &name);
        errors.extend(group_id.is_none().then(unknown_group));
        errors.extend(password.and_then(password::rule));
        let group = match (group_id, Problem::from_fields(errors)) {
            (Some(group), None) => group,
            (_, problem) => return Err(problem.unwrap_or_else(Problem::not_found)),
        };
        let password = match password {
            Some(password) => Some(self.hashed(password.to_owned()).await?),
            None => None,
        };
        let change = throttle.count(&source, self.now());
        let now = self.now();
        let asked = Registration { login, name, group, password, asked_at: now, accepted: None };
        let id = ItemId::from_bytes(clock::fresh_id());
        let view = self.registration_view(&self.snapshot()?, id, &asked)?;
        self.act(move |tx, _| {
            make_room(tx, group)?;
            tx.put(REGISTRATIONS, &id, &Slot::System, &asked)?;
            change.write(tx)?;
            note(tx, now, *id.as_bytes(), None, "account asked for").map_err(ActError::from)
        })
        .await?;
        Ok(view)
    }

    /// The requests for the groups that the asker is number two of, oldest first.
    ///
    /// # Errors
    /// `ROLE_MISSING` for whoever is no number two.
    pub fn registrations(&self, session: &Session) -> Result<Cleared<Vec<RegistrationView>>, Problem> {
        if !session.number_two {
            return Err(Problem::new(Code::RoleMissing, "only a number two sees requests for accounts"));
        }
        let read = self.snapshot()?;
        let mut views = Vec::new();
        for (id, asked) in read.all(REGISTRATIONS)? {
            if is_number_two(&session.subject, asked.group) {
                views.push(self.registration_view(&read, id, &asked)?);
            }
        }
        Ok(trimmed(&session.subject, views))
    }

    /// Accepts or refuses a request. An accepted one becomes an account; the answer holds its
    /// password when the asker had chosen none, and nothing else ever does.
    ///
    /// # Errors
    /// `NOT_FOUND` for whoever is not the group's number two, `ALREADY_DECIDED`, `NAME_TAKEN`.
    pub async fn decide_registration(
        &self,
        session: &Session,
        id: &str,
        accept: bool,
    ) -> Result<RegistrationView, Problem> {
        let id: ItemId = id.parse().map_err(|_| Problem::not_found())?;
        let asked = waiting(&self.snapshot()?, id, &session.subject)?;
        let made = (accept && asked.password.is_none()).then(password::made);
        let hash = match &made {
            Some(password) => Some(self.hashed(password.clone()).await?),
            None => None,
        };
        let subject = session.subject.clone();
        let agent = AgentId::from_bytes(clock::fresh_id());
        let now = self.now();
        let decided = self
            .act(move |tx, _| {
                let mut asked = waiting(tx, id, &subject)?;
                let password = asked.password.take().or_else(|| hash.clone());
                if let Some(password) = password.filter(|_| accept) {
                    let account = newcomer(tx, &asked, &subject, password)?;
                    add::open(tx, agent, &account)?;
                    note(tx, now, *agent.as_bytes(), Some(subject.agent), "account added")?;
                }
                asked.accepted = Some(accept);
                tx.put(REGISTRATIONS, &id, &Slot::System, &asked)?;
                let change = if accept { "request accepted" } else { "request refused" };
                note(tx, now, *id.as_bytes(), Some(subject.agent), change)?;
                Ok(asked)
            })
            .await?;
        let view = self.registration_view(&self.snapshot()?, id, &decided)?;
        Ok(RegistrationView { password: made, ..view })
    }

    fn own_group(&self, address: &str) -> Result<Option<GroupId>, Problem> {
        let own = address.parse::<Address>().ok().filter(|address| address.node == self.node_name());
        match own {
            Some(address) => Ok(self.snapshot()?.get(HANDLES, &address.handle)?),
            None => Ok(None),
        }
    }

    fn registration_view(
        &self,
        read: &impl Read,
        id: ItemId,
        asked: &Registration,
    ) -> Result<RegistrationView, StoreError> {
        let handle = read.get(GROUPS, &asked.group)?.map(|group| group.entry.handle).unwrap_or_default();
        let state = match asked.accepted {
            None => "waiting",
            Some(true) => "accepted",
            Some(false) => "refused",
        };
        Ok(RegistrationView {
            id: id.to_string(),
            login: asked.login.clone(),
            name: asked.name.clone(),
            group: format!("{handle}@{}", self.node_name()),
            asked_at: asked.asked_at.to_string(),
            state: state.to_owned(),
            password: None,
        })
    }
}

fn unknown_group() -> FieldError {
    let message = "no group of this node; an address like cdc@mae".to_owned();
    FieldError { field: "group", code: Code::FieldInvalid, message }
}

/// The request, when `subject` may decide on it and nobody has.
fn waiting(read: &impl Read, id: ItemId, subject: &Subject) -> Result<Registration, ActError> {
    let found = read.get(REGISTRATIONS, &id)?.filter(|asked| is_number_two(subject, asked.group));
    let asked = found.ok_or_else(Problem::not_found)?;
    match asked.accepted {
        None => Ok(asked),
        Some(_) => Err(Problem::new(Code::AlreadyDecided, "this request was decided before").into()),
    }
}

/// The account of an accepted request. It holds what its group may receive and who accepts may hold;
/// a restrictive category is for whoever runs the node to give.
fn newcomer(tx: &Tx<'_>, asked: &Registration, by: &Subject, password: String) -> Result<Account, ActError> {
    let group = tx.get(GROUPS, &asked.group)?.ok_or_else(Problem::not_found)?;
    let decider = tx.get(ACCOUNTS, &by.agent)?.ok_or_else(Problem::not_found)?;
    Ok(Account {
        login: asked.login.clone(),
        name: asked.name.clone(),
        password,
        clearance: group.entry.ceiling.meet(&decider.clearance).meet(&Level::DR),
        groups: vec![(asked.group, Role::Agent)],
        operator: false,
        manager: false,
    })
}

/// Refuses when too many wait; removes the oldest decided one when too many are kept.
fn make_room(tx: &Tx<'_>, group: GroupId) -> Result<(), ActError> {
    let kept = tx.all(REGISTRATIONS)?;
    let waits = kept.iter().filter(|(_, asked)| asked.group == group && asked.accepted.is_none()).count();
    let decided = kept.iter().find(|(_, asked)| asked.accepted.is_some()).map(|(id, _)| *id);
    let full = kept.len() >= REGISTRATIONS_MAX;
    if waits >= REGISTRATIONS_WAITING_MAX || (full && decided.is_none()) {
        let detail = "too many requests wait for this group; its number two must decide first";
        return Err(Problem::new(Code::TooManyAttempts, detail).into());
    }
    if let Some(oldest) = decided.filter(|_| full) {
        tx.remove(REGISTRATIONS, &oldest)?;
    }
    Ok(())
}
