//! Issuing a new version of the federation list: chained to the one before, signed by every key at
//! hand, and checked as a node would before it is written.

use super::statements;
use crate::clock;
use crate::doors::cli::files;
use crate::keys::read_key;
use crate::limits::LIST_DAYS;
use crate::run::{read_authority, read_bounded};
use anyhow::{Context, Result, bail, ensure};
use protocol::federation::{
    AuthorityKeys, Entry, FederationList, SignedList, Trusted, sign_invitation, sign_list,
};
use protocol::limits::LIST_BYTES_MAX;
use protocol::signature::SecretKey;
use protocol::time::Timestamp;
use std::path::{Path, PathBuf};

/// The authority's public keys.
pub(super) const KEYS_FILE: &str = "authority.cbor";
/// The list in force.
pub(super) const LIST_FILE: &str = "federation.list";
/// Seconds in a day.
pub(super) const DAY: i64 = 86_400;

/// The file of the authority's key with this number.
pub(super) fn secret_file(number: u32) -> String {
    format!("key-{number}.secret")
}

/// An authority with enough of its keys at hand to sign.
pub(super) struct Authority {
    dir: PathBuf,
    keys: AuthorityKeys,
    secrets: Vec<SecretKey>,
    held: Option<(SignedList, Trusted)>,
}

impl Authority {
    /// Reads the authority's folder.
    pub(super) fn load(dir: &Path) -> Result<Self> {
        let keys = read_authority(&dir.join(KEYS_FILE))?;
        let mut secrets = read_secrets(dir)?;
        secrets.retain(|secret| keys.keys.contains(&secret.public()));
        secrets.sort_by_key(SecretKey::public);
        if secrets.len() < keys.threshold as usize {
            let (got, need) = (secrets.len(), keys.threshold);
            bail!(
                "{got} of the {need} keys that must sign are in {}; bring the key-*.secret files there",
                dir.display()
            );
        }
        let path = dir.join(LIST_FILE);
        let bytes =
            read_bounded(&path, LIST_BYTES_MAX).with_context(|| format!("cannot read {}", path.display()))?;
        let signed = SignedList(bytes);
        let held = signed.verify(&keys).context("the list in this folder is not the authority's")?;
        Ok(Self { dir: dir.to_owned(), keys, secrets, held: Some((signed, held)) })
    }

    /// Issues version 1, without nodes, of a new authority.
    pub(super) fn first_list(dir: &Path, keys: AuthorityKeys, secrets: Vec<SecretKey>) -> Result<String> {
        Self { dir: dir.to_owned(), keys, secrets, held: None }.issue(Vec::new(), clock::now(), LIST_DAYS)
    }

    /// The nodes of the list in force.
    pub(super) fn entries(&self) -> &[Entry] {
        self.held.as_ref().map_or(&[], |(_, held)| &held.list().entries)
    }

    /// A copy of them, to be changed; where the named one stands.
    pub(super) fn with(&self, name: &str) -> Result<(Vec<Entry>, usize)> {
        let at = self.entries().iter().position(|entry| entry.name == name);
        Ok((self.entries().to_vec(), at.with_context(|| format!("{name:?} is not on the list"))?))
    }

    /// Issues the next version with these nodes; what to tell the operator. Suspensions that were signed
    /// since the last version become part of it, unless the entry settles them already.
    pub(super) fn issue(&self, mut entries: Vec<Entry>, now: Timestamp, days: i64) -> Result<String> {
        ensure!((1..=LIST_DAYS).contains(&days), "--list-days: a list lasts 1 to {LIST_DAYS} days");
        statements::settle(&self.dir, &self.keys, &mut entries)?;
        entries.sort_by_key(|entry| entry.node);
        let list = FederationList {
            format: 1,
            version: self.held.as_ref().map_or(1, |(_, held)| held.list().version + 1),
            previous: self.held.as_ref().map(|(_, held)| held.hash()),
            issued: now,
            expires: now.plus_seconds(days * DAY),
            entries,
        };
        let signed = sign_list(&list, &self.secrets)?;
        let trusted = signed.verify(&self.keys)?;
        if let Some((_, held)) = &self.held {
            held.accepts(&trusted)?;
        }
        let path = self.dir.join(LIST_FILE);
        files::replace(&path, &signed.0)?;
        Ok(format!("federation list version {} is {}", list.version, path.display()))
    }

    /// Writes a listed node's invitation: the authority's keys and the list in force. Its path.
    pub(super) fn invite(&self, name: &str) -> Result<PathBuf> {
        let (signed, held) = self.held.as_ref().context("there is no list yet")?;
        let entry = held.named(name).with_context(|| format!("{name:?} is not on the list"))?;
        let bytes = sign_invitation(&self.keys, entry.node, signed, &self.secrets)?;
        let path = self.dir.join(format!("{name}.invitation"));
        files::replace(&path, &bytes)?;
        Ok(path)
    }

    /// The authority's public keys.
    pub(super) fn keys(&self) -> &AuthorityKeys {
        &self.keys
    }

    /// The fingerprint that a joining operator compares, as people read it to each other.
    pub(super) fn fingerprint(&self) -> String {
        files::spoken(&self.keys.fingerprint())
    }
}

/// Every secret in the folder.
pub(super) fn read_secrets(dir: &Path) -> Result<Vec<SecretKey>> {
    let listing = std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut secrets = Vec::new();
    for file in listing {
        let path = file.with_context(|| format!("cannot read {}", dir.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("key-") && name.ends_with(".secret") {
            secrets.push(read_key(&path)?);
        }
    }
    Ok(secrets)
}
