//! Issuing a new version of the federation list: chained to the one before, signed by every key at
//! hand, and checked as a node would before it is written.

use crate::clock;
use crate::doors::cli::files;
use crate::keys::read_key;
use crate::limits::LIST_DAYS;
use crate::run::{read_authority, read_bounded};
use anyhow::{Context, Result, bail};
use protocol::federation::{AuthorityKeys, Entry, FederationList, SignedList, Trusted, sign_list};
use protocol::limits::LIST_BYTES_MAX;
use protocol::signature::SecretKey;
use protocol::time::Timestamp;
use std::path::{Path, PathBuf};

/// The authority's public keys.
pub(super) const KEYS_FILE: &str = "authority.cbor";
const LIST_FILE: &str = "federation.list";
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
    held: Option<Trusted>,
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
        let held =
            SignedList(bytes).verify(&keys).context("the list in this folder is not the authority's")?;
        Ok(Self { dir: dir.to_owned(), keys, secrets, held: Some(held) })
    }

    /// Issues version 1, without nodes, of a new authority.
    pub(super) fn first_list(dir: &Path, keys: AuthorityKeys, secrets: Vec<SecretKey>) -> Result<String> {
        Self { dir: dir.to_owned(), keys, secrets, held: None }.issue(Vec::new(), clock::now())
    }

    /// The nodes of the list in force.
    pub(super) fn entries(&self) -> &[Entry] {
        self.held.as_ref().map_or(&[], |held| &held.list().entries)
    }

    /// Issues the next version with these nodes; what to tell the operator.
    pub(super) fn issue(&self, mut entries: Vec<Entry>, now: Timestamp) -> Result<String> {
        entries.sort_by_key(|entry| entry.node);
        let list = FederationList {
            format: 1,
            version: self.held.as_ref().map_or(1, |held| held.list().version + 1),
            previous: self.held.as_ref().map(Trusted::hash),
            issued: now,
            expires: now.plus_seconds(LIST_DAYS * DAY),
            entries,
        };
        let signed = sign_list(&list, &self.secrets)?;
        let trusted = signed.verify(&self.keys)?;
        if let Some(held) = &self.held {
            held.accepts(&trusted)?;
        }
        let path = self.dir.join(LIST_FILE);
        files::replace(&path, &signed.0)?;
        Ok(format!("federation list version {} is {}", list.version, path.display()))
    }
}

/// Every secret in the folder.
fn read_secrets(dir: &Path) -> Result<Vec<SecretKey>> {
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
