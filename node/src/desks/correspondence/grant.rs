//! Proof for acts that an open session is not enough for: the password again, or a grant that one
//! such proof gave for named items.

use super::item::parse_item;
use crate::clock;
use crate::desks::problem::Problem;
use crate::desks::records::{GRANTS, GrantRecord};
use crate::desks::{Desks, Session};
use protocol::ids::{ItemId, hex, unhex};
use protocol::limits::{GRANT_ITEMS_MAX, GRANT_SECONDS};
use protocol::refusal::Code;
use protocol::signature::Digest;
use store::{Read, Slot};

/// What a signing act is shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// The agent's password, typed for this act.
    Password(String),
    /// A grant.
    Grant(String),
}

impl Desks {
    /// Gives a grant for these items: five minutes, the asker only.
    pub async fn signing_grant(
        &self,
        session: &Session,
        password: &str,
        ids: &[String],
    ) -> Result<String, Problem> {
        if ids.is_empty() {
            return Err(Problem::field("ids", Code::FieldMissing, "name at least one item"));
        }
        if ids.len() > GRANT_ITEMS_MAX {
            let message = format!("{} items, at most {GRANT_ITEMS_MAX}", ids.len());
            return Err(Problem::field("ids", Code::FieldTooLong, message));
        }
        let items = ids.iter().map(|id| parse_item(id)).collect::<Result<Vec<_>, _>>()?;
        self.verify_password(session, password).await?;
        let token: [u8; 32] = clock::random();
        let expires = self.now().plus_seconds(GRANT_SECONDS);
        let record = GrantRecord { agent: session.subject.agent, items, expires };
        let now = self.now();
        self.act(move |tx, _| {
            for (key, grant) in tx.all(GRANTS)? {
                if grant.expires <= now {
                    tx.remove(GRANTS, &key)?;
                }
            }
            Ok(tx.put(GRANTS, &key(&token), &Slot::System, &record)?)
        })
        .await?;
        Ok(hex(&token))
    }

    /// Whether the proof covers a signing act on this item now.
    pub(super) async fn check_proof(
        &self,
        session: &Session,
        proof: &Proof,
        item: ItemId,
    ) -> Result<(), Problem> {
        let grant = match proof {
            Proof::Password(password) => return self.verify_password(session, password).await,
            Proof::Grant(token) => unhex(token).and_then(|token| <[u8; 32]>::try_from(token).ok()),
        };
        let record = match grant {
            Some(token) => self.snapshot()?.get(GRANTS, &key(&token))?,
            None => None,
        };
        let covers = record.is_some_and(|grant| {
            grant.agent == session.subject.agent && grant.expires > self.now() && grant.items.contains(&item)
        });
        if covers {
            return Ok(());
        }
        Err(Problem::new(Code::GrantInvalid, "the grant has lapsed or does not name this item; prove again"))
    }
}

fn key(token: &[u8; 32]) -> Vec<u8> {
    Digest::of("signing-grant", &[token]).0.to_vec()
}
