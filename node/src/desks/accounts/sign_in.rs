//! Signing in and out, and proving a password again for an act of signing.
//!
//! A wrong name and a wrong password get the same answer after the same work.

use super::throttle::Source;
use super::{Session, find_login, normal, password, token_key};
use crate::clock;
use crate::desks::Desks;
use crate::desks::problem::Problem;
use crate::desks::records::{SESSIONS, SessionRecord, Terminal};
use crate::limits::{PASSWORD_CHARS_MAX, SESSION_SECONDS, SESSIONS_SWEPT};
use protocol::ids::hex;
use protocol::refusal::Code;
use protocol::time::Timestamp;
use store::{Order, Read, Slot, StoreError, Tx};

/// A session that has just begun.
#[derive(Clone)]
pub struct SignedIn {
    /// To be shown with each request; the node keeps only its hash.
    pub token: String,
    /// The session.
    pub session: Session,
}

impl Desks {
    /// Begins a session. `address` is where the request came from.
    ///
    /// # Errors
    /// `AUTH_BAD_CREDENTIALS`, `AUTH_TOO_MANY_ATTEMPTS`, or the store's.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        terminal: Terminal,
        address: &str,
    ) -> Result<SignedIn, Problem> {
        let login = normal(login);
        let found = find_login(&self.snapshot()?, &login)?;
        let hash = found.as_ref().map(|(_, account)| account.password.clone());
        self.prove(&login, password, hash, Some(address)).await?;
        let (agent, _) = found.ok_or_else(wrong)?;
        let token = hex(&clock::random::<32>());
        let key = token_key(&token);
        let now = self.now();
        let session = SessionRecord { agent, terminal, expires: now.plus_seconds(SESSION_SECONDS) };
        self.act(move |tx, _| {
            sweep(tx, &key, now)?;
            Ok(tx.put(SESSIONS, &key, &Slot::System, &session)?)
        })
        .await?;
        Ok(SignedIn { session: self.session(&token)?, token })
    }

    /// Ends a session; one that has ended stays so.
    pub async fn sign_out(&self, token: &str) {
        let key = token_key(token);
        // A store that fails has said so in the log; the session then lapses by itself.
        let _ = self.act(move |tx, _| Ok(tx.remove(SESSIONS, &key)?)).await;
    }

    /// Whether `password` is the asker's: the fresh proof that an act of signing needs.
    pub(in crate::desks) async fn verify_password(
        &self,
        session: &Session,
        password: &str,
    ) -> Result<(), Problem> {
        let found = find_login(&self.snapshot()?, &session.login)?;
        let hash = found.map(|(_, account)| account.password);
        self.prove(&session.login, password, hash, None).await
    }

    async fn prove(
        &self,
        login: &str,
        password: &str,
        hash: Option<String>,
        address: Option<&str>,
    ) -> Result<(), Problem> {
        let throttle = &self.inner.throttle;
        let mut sources = vec![Source::Account(login)];
        sources.extend(address.filter(|address| !address.is_empty()).map(Source::Address));
        throttle.check(&sources, self.now())?;
        let place = throttle.place().await?;
        // Others may have failed while this one waited.
        throttle.check(&sources, self.now())?;
        // No password is longer: what is longer costs the same and matches nothing.
        let hash = hash.filter(|_| password.chars().count() <= PASSWORD_CHARS_MAX);
        let tried: String = password.chars().take(PASSWORD_CHARS_MAX).collect();
        let compared = tokio::task::spawn_blocking(move || password::matches(&tried, hash.as_deref()));
        let right = compared.await.unwrap_or(false);
        let change = match right {
            true => throttle.forgive(Source::Account(login)),
            false => throttle.count(&sources, self.now()),
        };
        drop(place);
        if change != super::throttle::Change::default() {
            self.act(move |tx, _| Ok(change.write(tx)?)).await?;
        }
        if right { Ok(()) } else { Err(wrong()) }
    }

    /// Hashes a password in one of the places for it.
    pub(super) async fn hashed(&self, password: String) -> Result<String, Problem> {
        let _place = self.inner.throttle.place().await?;
        let made = tokio::task::spawn_blocking(move || password::hash(&password)).await;
        made.unwrap_or_else(|_| Err(Problem::new(Code::Internal, "an internal error; nothing was stored")))
    }
}

fn wrong() -> Problem {
    Problem::new(Code::BadCredentials, "the name or the password is wrong")
}

/// Removes some lapsed sessions. Keys are random, so that beginning at a new one reaches all of them
/// in time.
fn sweep(tx: &Tx<'_>, from: &Vec<u8>, now: Timestamp) -> Result<(), StoreError> {
    let end = vec![u8::MAX; from.len() + 1];
    for (key, session) in tx.range(SESSIONS, from, &end, Order::Ascending, SESSIONS_SWEPT)? {
        if session.expires <= now {
            tx.remove(SESSIONS, &key)?;
        }
    }
    Ok(())
}
