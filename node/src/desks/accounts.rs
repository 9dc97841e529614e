//! Accounts: who an agent is, and what a session of his may see.
//!
//! Decides who is signed in and with which clearance, from what stands in the store at each request:
//! a changed clearance, group or admission takes effect at once. Does not decide what a subject may
//! do with a thing; that is `protocol::decide`.

mod add;
mod entitle;
mod password;
mod register;
mod sign_in;
mod throttle;

pub use add::NewAccount;
pub use sign_in::SignedIn;
pub(super) use throttle::Throttle;

use super::Desks;
use super::cleared::{Cleared, trimmed};
use super::ledger::{self, Note};
use super::problem::Problem;
use super::records::{
    ACCOUNTS, ADMITTED_TO, Account, GROUPS, GroupRecord, LOGINS, LedgerAct, SESSIONS, Terminal,
};
use super::view::{AgentView, LabelView, MeView, MembershipView};
use protocol::decide::{Role, Subject, clearance};
use protocol::ids::{AgentId, GroupId, ItemId};
use protocol::label::{Category, Classification, Level};
use protocol::refusal::Code;
use protocol::signature::Digest;
use protocol::time::Timestamp;
use std::collections::BTreeMap;
use store::{Order, Read, StoreError, Tx};

/// A session as of the request that it was read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who asks, with the clearance of agent, terminal and node together.
    pub subject: Subject,
    /// Sign-in name.
    pub login: String,
    /// Name shown.
    pub name: String,
    /// Entitled by a number two to manage communities.
    pub manager: bool,
    /// The agent's groups.
    pub memberships: Vec<MembershipView>,
    /// Number two of at least one of them.
    pub number_two: bool,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

impl Terminal {
    /// Reads the device class of a sign-in.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "desktop" => Some(Terminal::Desktop),
            "tablet" => Some(Terminal::Tablet),
            "mobile" => Some(Terminal::Mobile),
            _ => None,
        }
    }

    /// The highest level that a device of this class may show.
    fn ceiling(self) -> Level {
        match self {
            Terminal::Desktop => Level::new(Classification::Dr, vec![Category::SpecialFrance]),
            Terminal::Tablet => Level::DR,
            Terminal::Mobile => Level::NP,
        }
    }
}

impl Desks {
    /// The session that a token stands for.
    ///
    /// # Errors
    /// `AUTH_REQUIRED` when there is none, or when it has ended.
    pub fn session(&self, token: &str) -> Result<Session, Problem> {
        let read = self.snapshot()?;
        let found = read.get(SESSIONS, &token_key(token))?.filter(|session| self.now() < session.expires);
        let ended = || Problem::new(Code::Unauthenticated, "no session, or one that has ended; sign in");
        let session = found.ok_or_else(ended)?;
        let account = read.get(ACCOUNTS, &session.agent)?.ok_or_else(ended)?;
        let level = clearance(&account.clearance, &session.terminal.ceiling(), &self.ceiling());
        Ok(self.described(&read, session.agent, account, level, session.expires)?)
    }

    fn described(
        &self,
        read: &impl Read,
        agent: AgentId,
        account: Account,
        clearance: Level,
        expires_at: Timestamp,
    ) -> Result<Session, StoreError> {
        let mut groups = BTreeMap::new();
        let mut memberships = Vec::new();
        for (group, role) in &account.groups {
            let Some(GroupRecord { entry }) = read.get(GROUPS, group)? else { continue };
            groups.insert(*group, *role);
            let address = format!("{}@{}", entry.handle, self.node_name());
            memberships.push(MembershipView { address, name: entry.name, role: role_name(*role).to_owned() });
        }
        let admitted = read.list(ADMITTED_TO, &agent, Order::Ascending, usize::MAX)?;
        let communities = admitted.into_iter().map(|((_, community), _)| community).collect();
        let number_two = groups.values().any(|role| *role == Role::NumberTwo);
        let subject = Subject { agent, clearance, groups, communities, operator: account.operator };
        let Account { login, name, manager, .. } = account;
        Ok(Session { subject, login, name, manager, memberships, number_two, expires_at })
    }

    /// Who the asker is, what he may see and do.
    pub fn me(&self, session: &Session) -> Cleared<MeView> {
        let roles = [(session.subject.operator, "operator"), (session.manager, "manager")];
        let me = MeView {
            agent: AgentView {
                id: session.subject.agent.to_string(),
                login: session.login.clone(),
                name: session.name.clone(),
                manager: session.manager,
            },
            clearance: LabelView::from(&session.subject.clearance.label()),
            groups: session.memberships.clone(),
            roles: roles.iter().filter(|(held, _)| *held).map(|(_, role)| (*role).to_owned()).collect(),
        };
        trimmed(&session.subject, me)
    }

    /// The agents of the asker's groups on this node, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn agents(&self, session: &Session) -> Result<Cleared<Vec<AgentView>>, Problem> {
        let accounts = self.snapshot()?.all(ACCOUNTS)?;
        let shared = accounts.into_iter().filter(|(_, account)| shares_group(account, &session.subject));
        let view = |(id, account): (AgentId, Account)| AgentView {
            id: id.to_string(),
            login: account.login,
            name: account.name,
            manager: account.manager,
        };
        let mut agents: Vec<_> = shared.map(view).collect();
        agents.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        Ok(trimmed(&session.subject, agents))
    }
}

/// The role's name in the API.
fn role_name(role: Role) -> &'static str {
    match role {
        Role::Agent => "agent",
        Role::NumberTwo => "number-two",
    }
}

fn shares_group(account: &Account, subject: &Subject) -> bool {
    account.groups.iter().any(|(group, _)| subject.groups.contains_key(group))
}

fn is_number_two(subject: &Subject, group: GroupId) -> bool {
    subject.groups.get(&group) == Some(&Role::NumberTwo)
}

/// Where a token's record stands: whoever reads the store learns no token.
fn token_key(token: &str) -> Vec<u8> {
    Digest::plain(token.as_bytes()).0.to_vec()
}

/// Sign-in names are written small; people and browsers capitalise them.
fn normal(login: &str) -> String {
    login.trim().to_lowercase()
}

fn find_login(read: &impl Read, login: &str) -> Result<Option<(AgentId, Account)>, StoreError> {
    let Some(agent) = read.get(LOGINS, &login.to_owned())? else { return Ok(None) };
    Ok(read.get(ACCOUNTS, &agent)?.map(|account| (agent, account)))
}

/// Notes in the ledger that something about an account or a request changed, and by whom.
fn note(
    tx: &Tx<'_>,
    at: Timestamp,
    subject: [u8; 16],
    by: Option<AgentId>,
    change: &str,
) -> Result<(), StoreError> {
    let subject = Some(ItemId::from_bytes(subject));
    let note = Note { subject, agent: by, detail: Some(change.to_owned()), ..Note::default() };
    ledger::append(tx, at, LedgerAct::AccountChanged, note).map(|_| ())
}
