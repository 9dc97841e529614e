//! The node's secrets on disk: one file each, readable by its owner alone.
//!
//! Decides how they are made, kept and refused. Does not decide what they sign or seal.

use crate::clock;
use protocol::ids::{NodeId, hex, unhex};
use protocol::signature::{Digest, PublicKey, SecretKey};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const IDENTITY: &str = "identity.seed";
const MLS: &str = "mls.seed";
const MASTER: &str = "master.key";
/// 32 bytes as hexadecimal text.
const SECRET_DIGITS: usize = 64;
/// Group and others.
const FOREIGN_BITS: u32 = 0o077;

/// All secrets of a node.
pub(crate) struct Keys {
    /// Identity: libp2p peer, votes and item signatures.
    pub(crate) identity: SecretKey,
    /// MLS signatures.
    pub(crate) mls: SecretKey,
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
        for name in [IDENTITY, MLS, MASTER] {
            write_secret(&folder.join(name), &clock::random())?;
        }
        sync_folder(folder)?;
        Self::load(folder)
    }

    /// Reads them, unless anybody else may.
    pub(crate) fn load(folder: &Path) -> Result<Self, KeyError> {
        let metadata = folder.metadata().map_err(|source| io_error("read", folder, source))?;
        refuse_exposed(folder, &metadata)?;
        let key = |name| read_key(&folder.join(name));
        Ok(Self { identity: key(IDENTITY)?, mls: key(MLS)?, master: read_secret(&folder.join(MASTER))? })
    }
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
        assert_eq!(read.identity.public(), made.identity.public());
        assert!(matches!(Keys::create(&keys), Err(KeyError::Io { step: "create", .. })));
        assert_eq!(Keys::load(&keys).unwrap().mls.public(), made.mls.public());
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
