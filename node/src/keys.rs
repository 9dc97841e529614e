//! The node's secrets on disk: one file each, readable by its owner alone.
//!
//! Decides how they are made, kept and refused. Does not decide what they sign or seal.

use crate::clock;
use protocol::federation::{CaKey, Entry};
use protocol::ids::{NodeId, hex, unhex};
use protocol::signature::{Digest, PublicKey, SecretKey};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const IDENTITY: &str = "identity.seed";
const MLS: &str = "mls.seed";
const CA: &str = "ca.key";
const MASTER: &str = "master.key";
/// 32 bytes as hexadecimal text.
const SECRET_DIGITS: usize = 64;
/// Group and others.
const FOREIGN_BITS: u32 = 0o077;

/// The keys that the federation list names, of one time.
pub(crate) struct Generation {
    /// Identity: libp2p peer, votes and item signatures.
    pub(crate) identity: SecretKey,
    /// MLS signatures.
    pub(crate) mls: SecretKey,
    /// The certification authority's P-256 key, as the list names it; nodes made before it existed
    /// have none until they change their keys.
    pub(crate) ca: Option<CaKey>,
}

/// All secrets of a node.
pub(crate) struct Keys {
    /// From the first on; the federation list says which are in force.
    generations: Vec<Generation>,
    /// Seals the store.
    pub(crate) master: [u8; 32],
}

/// Why the secrets could not be made or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// The system refused.
    #[error("cannot {step} {}", path.display())]
    Io {
        /// What was being done.
        step: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others may read it.
    #[error("{} can be read by others (mode {mode:03o}); run: chmod {} {}", path.display(), right(path), path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not the text that was written.
    #[error("{} does not hold {SECRET_DIGITS} hexadecimal digits; put the right file back", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

/// The mode that a path should have.
fn right(path: &Path) -> &'static str {
    if path.is_dir() { "700" } else { "600" }
}

/// The id of the node whose first identity key this is. It stays when the key changes.
pub(crate) fn node_id(first_identity: &PublicKey) -> NodeId {
    NodeId::from_bytes(Digest::plain(&first_identity.0).0)
}

impl Keys {
    /// Makes the secrets of a new node in `folder`, which must not hold any.
    pub(crate) fn create(folder: &Path) -> Result<Self, KeyError> {
        private_folder(folder)?;
        write_generation(folder)?;
        write_secret(&folder.join(MASTER), &clock::random())?;
        sync_folder(folder)?;
        Self::load(folder)
    }

    /// Reads them, unless anybody else may.
    pub(crate) fn load(folder: &Path) -> Result<Self, KeyError> {
        let metadata = folder.metadata().map_err(|source| io_error("read", folder, source))?;
        refuse_exposed(folder, &metadata)?;
        let mut generations = vec![read_generation(folder)?];
        loop {
            let next = later(folder, generations.len());
            if !next.is_dir() {
                return Ok(Self { generations, master: read_secret(&folder.join(MASTER))? });
            }
            generations.push(read_generation(&next)?);
        }
    }

    /// Makes the next generation beside the present ones. It is used once the list names it.
    pub(crate) fn renew(&mut self, folder: &Path) -> Result<(), KeyError> {
        let next = later(folder, self.generations.len());
        // Written under another name, so that half of one is never taken for a generation.
        let unfinished = folder.join("unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished).map_err(|source| io_error("remove", &unfinished, source))?;
        }
        private_folder(&unfinished)?;
        write_generation(&unfinished)?;
        sync_folder(&unfinished)?;
        std::fs::rename(&unfinished, &next).map_err(|source| io_error("create", &next, source))?;
        sync_folder(folder)?;
        self.generations.push(read_generation(&next)?);
        Ok(())
    }

    /// The node's id: it comes of its first identity key, and stays.
    pub(crate) fn node(&self) -> Option<NodeId> {
        self.generations.first().map(|first| node_id(&first.identity.public()))
    }

    /// The newest keys, in force or not.
    pub(crate) fn newest(&self) -> Option<&Generation> {
        self.generations.last()
    }

    /// Whether this node has the secret of a listed identity key.
    pub(crate) fn has(&self, identity: &PublicKey) -> bool {
        self.named(identity).is_some()
    }

    /// The secret of an identity key.
    pub(crate) fn secret_of(&self, identity: &PublicKey) -> Option<&SecretKey> {
        self.named(identity).map(|at| &self.generations[at].identity)
    }

    /// The keys that the list names; the first ones while it names none. Beside them the MLS keys of
    /// other times, under which this node may still stand in groups, and the key of the store.
    pub(crate) fn in_force(
        mut self,
        entry: Option<&Entry>,
    ) -> Option<(Generation, Vec<SecretKey>, [u8; 32])> {
        let at = entry.and_then(|entry| self.named(&entry.identity)).unwrap_or(0);
        if at >= self.generations.len() {
            return None;
        }
        let present = self.generations.remove(at);
        let others = self.generations.into_iter().map(|generation| generation.mls).collect();
        Some((present, others, self.master))
    }

    fn named(&self, identity: &PublicKey) -> Option<usize> {
        self.generations.iter().position(|generation| generation.identity.public() == *identity)
    }
}

/// Where the generation after the first `count` ones stands.
fn later(folder: &Path, count: usize) -> PathBuf {
    folder.join((count + 1).to_string())
}

fn write_generation(folder: &Path) -> Result<(), KeyError> {
    for name in [IDENTITY, MLS] {
        write_secret(&folder.join(name), &clock::random())?;
    }
    // All but one in 2^32 random numbers are private keys of the curve.
    let mut scalar = clock::random();
    while p256::SecretKey::from_slice(&scalar).is_err() {
        scalar = clock::random();
    }
    write_secret(&folder.join(CA), &scalar)
}

fn read_generation(folder: &Path) -> Result<Generation, KeyError> {
    let key = |name| read_key(&folder.join(name));
    let path = folder.join(CA);
    let ca = if path.exists() { Some(read_ca(&path)?) } else { None };
    Ok(Generation { identity: key(IDENTITY)?, mls: key(MLS)?, ca })
}

fn read_ca(path: &Path) -> Result<CaKey, KeyError> {
    let secret = p256::SecretKey::from_slice(&read_secret(path)?).ok();
    let point = secret.map(|secret| secret.public_key().to_sec1_bytes());
    let point = point.and_then(|point| <[u8; 65]>::try_from(&point[..]).ok());
    point.map(CaKey).ok_or_else(|| KeyError::Malformed { path: path.to_owned() })
}

/// A folder for its owner alone.
pub(crate) fn private_folder(path: &Path) -> Result<(), KeyError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| io_error("create", path, source))
}

/// Writes a secret to a file that must not exist, durably.
pub(crate) fn write_secret(path: &Path, secret: &[u8; 32]) -> Result<(), KeyError> {
    let failed = |source| io_error("create", path, source);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(format!("{}\n", hex(secret)).as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Reads a signing key from a secret file.
pub(crate) fn read_key(path: &Path) -> Result<SecretKey, KeyError> {
    SecretKey::from_seed(&read_secret(path)?).map_err(|_| KeyError::Malformed { path: path.to_owned() })
}

fn read_secret(path: &Path) -> Result<[u8; 32], KeyError> {
    let failed = |source| io_error("read", path, source);
    let file = File::open(path).map_err(failed)?;
    // The open file's own mode: nobody can exchange it in between.
    refuse_exposed(path, &file.metadata().map_err(failed)?)?;
    let mut text = String::new();
    file.take(SECRET_DIGITS as u64 + 2).read_to_string(&mut text).map_err(failed)?;
    let secret = unhex(text.trim_end()).and_then(|bytes| bytes.try_into().ok());
    secret.ok_or_else(|| KeyError::Malformed { path: path.to_owned() })
}

fn refuse_exposed(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyError> {
    let mode = metadata.permissions().mode() & 0o777;
    if mode & FOREIGN_BITS == 0 { Ok(()) } else { Err(KeyError::Exposed { path: path.to_owned(), mode }) }
}

fn sync_folder(path: &Path) -> Result<(), KeyError> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|source| io_error("sync", path, source))
}

fn io_error(step: &'static str, path: &Path, source: io::Error) -> KeyError {
    KeyError::Io { step, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions};

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn secrets_are_private_stay_the_same_and_are_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let made = Keys::create(&keys).unwrap();
        assert_eq!(mode(&keys), 0o700);
        assert_eq!(mode(&keys.join(MASTER)), 0o600);
        let read = Keys::load(&keys).unwrap();
        assert_eq!(read.master, made.master);
        let identity = |keys: &Keys| keys.newest().unwrap().identity.public();
        assert_eq!(identity(&read), identity(&made));
        assert_eq!(read.newest().unwrap().ca, made.newest().unwrap().ca);
        assert!(made.newest().unwrap().ca.is_some_and(|point| point.0[0] == 4));
        assert!(matches!(Keys::create(&keys), Err(KeyError::Io { step: "create", .. })));
        assert_eq!(identity(&Keys::load(&keys).unwrap()), identity(&made));
    }

    #[test]
    fn a_change_of_keys_keeps_the_id_and_the_old_keys() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        let mut keys = Keys::create(&folder).unwrap();
        let (node, first) = (keys.node().unwrap(), keys.newest().unwrap().identity.public());
        let first_mls = keys.newest().unwrap().mls.public();
        // What an interrupted change leaves behind is no generation.
        std::fs::create_dir(folder.join("unfinished")).unwrap();
        keys.renew(&folder).unwrap();
        let second = keys.newest().unwrap().identity.public();
        let read = Keys::load(&folder).unwrap();
        assert_eq!((read.node(), read.newest().unwrap().identity.public()), (Some(node), second));
        assert!(first != second && read.has(&first) && read.has(&second));
        let (present, others, master) = read.in_force(None).unwrap();
        assert_eq!((present.identity.public(), master, others.len()), (first, keys.master, 1));
        let mut entry = Entry {
            node,
            name: "mae".to_owned(),
            organisation: "MAE".to_owned(),
            kind: protocol::federation::Kind::Ministry,
            ceiling: protocol::label::Level::NP,
            identity: second,
            mls: second,
            addresses: Vec::new(),
            not_before: protocol::time::Timestamp(0),
            not_after: protocol::time::Timestamp(1),
            sponsor: None,
            status: protocol::federation::Status::Active,
            ca: None,
            former: Vec::new(),
            keys_from: None,
            scope: None,
            incarnation_min: 0,
            settled: None,
        };
        let (present, others, _) = Keys::load(&folder).unwrap().in_force(Some(&entry)).unwrap();
        assert_eq!((present.identity.public(), others[0].public()), (second, first_mls));
        entry.identity = PublicKey([9; 32]);
        let (present, ..) = Keys::load(&folder).unwrap().in_force(Some(&entry)).unwrap();
        assert_eq!(present.identity.public(), first, "not listed: the request still stands");
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        Keys::create(&keys).unwrap();
        for (path, mode) in [(keys.join(MLS), 0o640), (keys.join(MLS), 0o604), (keys.clone(), 0o750)] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refused = Keys::load(&keys).err().unwrap();
            assert!(matches!(&refused, KeyError::Exposed { mode: got, .. } if *got == mode), "{refused}");
            assert!(refused.to_string().contains("run: chmod "));
            set_permissions(&path, Permissions::from_mode(if path == keys { 0o700 } else { 0o600 })).unwrap();
        }
        assert!(Keys::load(&keys).is_ok());
    }

    #[test]
    fn a_damaged_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        Keys::create(&keys).unwrap();
        for text in ["", "00", &"zz".repeat(32), &"00".repeat(33)] {
            std::fs::write(keys.join(MASTER), text).unwrap();
            assert!(matches!(Keys::load(&keys), Err(KeyError::Malformed { .. })), "{text}");
        }
    }
}
