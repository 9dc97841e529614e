//! Adding an account from the command line, by whoever runs the node.

use super::{normal, note, password};
use crate::clock;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::{ACCOUNTS, Account, HANDLES, LOGINS};
use protocol::correspondence::{FieldError, is_handle};
use protocol::decide::Role;
use protocol::ids::{AgentId, GroupId};
use protocol::label::Level;
use protocol::limits::NAME_CHARS_MAX;
use protocol::refusal::Code;
use store::{Read, Slot, StoreError, Tx};

/// An account to be.
pub struct NewAccount {
    /// Sign-in name: lower-case letters, digits, `-` and `.`.
    pub login: String,
    /// Name shown.
    pub name: String,
    /// 12 to 128 characters.
    pub password: String,
    /// What the agent may hold.
    pub clearance: Level,
    /// Handles of groups of this node, and the role in each.
    pub groups: Vec<(String, Role)>,
    /// Runs the node.
    pub operator: bool,
    /// Entitled to manage communities.
    pub manager: bool,
}

impl Desks {
    /// Adds an account.
    ///
    /// # Errors
    /// By field what cannot be accepted, `NAME_TAKEN`, or the store's.
    pub async fn add_account(&self, new: NewAccount) -> Result<AgentId, Problem> {
        let login = normal(&new.login);
        let name = new.name.trim().to_owned();
        let mut errors = identity_rules(&login, &name);
        errors.extend(password::rule(&new.password));
        if let Some(problem) = Problem::from_fields(errors) {
            return Err(problem);
        }
        let groups = self.named_groups(&new.groups)?;
        let password = self.hashed(new.password).await?;
        let (operator, manager, clearance) = (new.operator, new.manager, new.clearance);
        let account = Account { login, name, password, clearance, groups, operator, manager };
        let agent = AgentId::from_bytes(clock::fresh_id());
        let now = self.now();
        self.act(move |tx, _| {
            open(tx, agent, &account)?;
            note(tx, now, *agent.as_bytes(), None, "account added").map_err(ActError::from)
        })
        .await?;
        Ok(agent)
    }

    fn named_groups(&self, named: &[(String, Role)]) -> Result<Vec<(GroupId, Role)>, Problem> {
        let read = self.snapshot()?;
        let mut groups = Vec::<(GroupId, Role)>::new();
        for (handle, role) in named {
            let unknown = || {
                let message = format!("there is no group {handle:?} here; add it with `valise group add`");
                Problem::field("group", Code::FieldInvalid, message)
            };
            let own = handle.strip_suffix(&format!("@{}", self.node_name())).unwrap_or(handle);
            let group = read.get(HANDLES, &own.to_owned())?.ok_or_else(unknown)?;
            match groups.iter_mut().find(|(held, _)| *held == group) {
                Some((_, held)) => *held = (*held).max(*role),
                None => groups.push((group, *role)),
            }
        }
        Ok(groups)
    }
}

/// Writes a new account, unless its login is taken.
pub(super) fn open(tx: &Tx<'_>, agent: AgentId, account: &Account) -> Result<(), ActError> {
    if tx.has(LOGINS, &account.login)? {
        let message = format!("the sign-in name {:?} is taken; choose another", account.login);
        return Err(Problem::field("login", Code::Taken, message).into());
    }
    tx.put(LOGINS, &account.login, &Slot::System, &agent)?;
    replace(tx, agent, account)?;
    Ok(())
}

/// Writes an account that stands.
pub(super) fn replace(tx: &Tx<'_>, agent: AgentId, account: &Account) -> Result<(), StoreError> {
    tx.put(ACCOUNTS, &agent, &Slot::System, account)
}

/// What is wrong with a login and a name.
pub(super) fn identity_rules(login: &str, name: &str) -> Vec<FieldError> {
    let login_code = match login {
        "" => Some(Code::FieldMissing),
        login if !is_handle(login) => Some(Code::FieldInvalid),
        _ => None,
    };
    let name_code = match name.chars().count() {
        0 => Some(Code::FieldMissing),
        count if count > NAME_CHARS_MAX => Some(Code::FieldTooLong),
        _ if name.chars().any(char::is_control) => Some(Code::FieldInvalid),
        _ => None,
    };
    let login = login_code.map(|code| FieldError {
        field: "login",
        code,
        message: "1 to 40 lower-case letters, digits, - and .".to_owned(),
    });
    let name = name_code.map(|code| FieldError {
        field: "name",
        code,
        message: format!("a name of 1 to {NAME_CHARS_MAX} characters"),
    });
    login.into_iter().chain(name).collect()
}
