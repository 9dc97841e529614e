//! A number two entitles an agent of his group to manage communities.

use super::{Session, add, is_number_two, note};
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::ACCOUNTS;
use protocol::ids::AgentId;
use protocol::refusal::Code;
use store::Read;

impl Desks {
    /// Entitles an agent. Doing it again changes nothing.
    ///
    /// # Errors
    /// `ROLE_MISSING` for whoever is no number two, `NOT_FOUND` for an agent of none of the groups
    /// that the asker is number two of.
    pub async fn entitle_manager(&self, session: &Session, agent: &str) -> Result<(), Problem> {
        if !session.number_two {
            return Err(Problem::new(Code::RoleMissing, "only a number two entitles managers"));
        }
        let agent: AgentId = agent.parse().map_err(|_| Problem::not_found())?;
        let subject = session.subject.clone();
        let now = self.now();
        self.act(move |tx, _| {
            let found = tx.get(ACCOUNTS, &agent)?;
            let own =
                found.filter(|account| account.groups.iter().any(|(id, _)| is_number_two(&subject, *id)));
            let mut account = own.ok_or_else(Problem::not_found)?;
            if account.manager {
                return Ok(());
            }
            account.manager = true;
            add::replace(tx, agent, &account)?;
            note(tx, now, *agent.as_bytes(), Some(subject.agent), "manager entitled").map_err(ActError::from)
        })
        .await
    }
}
