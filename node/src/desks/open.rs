//! Opening a node: its store, its identity and the federation list in force.
//!
//! Decides which list is in force at the start: the newest that the authority signed, of those held
//! and the one that the operator put beside the configuration. Starts nothing but the writer.

use super::accounts::Throttle;
use super::attachments::Attachments;
use super::community::Orders;
use super::error::ActError;
use super::federation::{Peers, accept_list, with_suspensions};
use super::find::Shelves;
use super::records::LISTS;
use super::{Desks, Inner};
use crate::clock;
use crate::keys::Keys;
use crate::metrics::Metrics;
use minicbor::bytes::ByteVec;
use mls::{Groups, Identity};
use protocol::federation::{AuthorityKeys, Kind, ListError, SignedList, Trusted};
use protocol::label::Level;
use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, RwLock, mpsc};
use store::{Order, Read, SealError, Snapshot, Store, StoreError, Vault, Writer};
use tokio::sync::{Notify, broadcast, watch};

/// Wakes that an open page may miss; one is as good as many.
const WAKES_MAX: usize = 16;

/// What the desks know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The node's short name, the part after `@`.
    pub name: String,
    /// The organisation's full name, until the list says it.
    pub organisation: String,
    /// What kind of organisation it is, until the list says it.
    pub kind: Kind,
    /// The node's folder; the store is in it.
    pub dir: PathBuf,
    /// The folder of the indexes.
    pub index_dir: PathBuf,
    /// Where the operator puts a federation list.
    pub list_file: PathBuf,
    /// Invitations into communities are accepted from nodes of these kinds.
    pub accept_from: Vec<Kind>,
    /// And up to this level.
    pub accept_up_to: Level,
}

/// Why a node could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The keys of the store.
    #[error("cannot derive the keys of the store")]
    Keys(#[from] SealError),
    /// The store.
    #[error("cannot open the store {}; is the node running? stop it first", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What failed.
        #[source]
        source: StoreError,
    },
    /// Something in the open store.
    #[error("cannot read the store")]
    Read(#[from] StoreError),
    /// There are no keys.
    #[error("the node has no keys")]
    NoKeys,
    /// The search indexes.
    #[error("cannot open the search indexes; rebuild them with `valise reindex`")]
    Shelves(#[source] search::SearchError),
    /// No list, neither held nor given.
    #[error(
        "no federation list: send {}/request.cbor to the authority, and run `valise join INVITATION --dir {}` \
         with the file that comes back",
        dir.display(), dir.display()
    )]
    NoList {
        /// The node's folder.
        dir: PathBuf,
    },
    /// The given list is refused and none is held.
    #[error("the federation list is refused; copy the one of your authority again")]
    List(#[from] ListError),
    /// The list could not be kept.
    #[error("cannot keep the federation list: nothing was stored")]
    KeepList,
}

/// A list and its signed bytes.
type Signed = (SignedList, Trusted);

impl Desks {
    /// Opens the node of `settings`. `list` is what the operator put beside the configuration.
    pub(crate) fn open(
        settings: Settings,
        keys: Keys,
        authority: AuthorityKeys,
        list: Option<Vec<u8>>,
    ) -> Result<Self, OpenError> {
        let path = settings.dir.join("node.store");
        let opened = Store::open(&path, Vault::new(&keys.master)?);
        let store = opened.map_err(|source| OpenError::Store { path, source })?;
        let read = store.snapshot()?;
        let held = held_list(&read, &authority)?;
        let newer = given_list(list, &authority, held.as_ref().map(|(_, trusted)| trusted))?;
        let in_force = newer.as_ref().or(held.as_ref()).map(|(_, trusted)| trusted.clone());
        let in_force = in_force.ok_or_else(|| OpenError::NoList { dir: settings.dir.clone() })?;
        let in_force = with_suspensions(&read, &authority, in_force)?;
        let me = keys.node().ok_or(OpenError::NoKeys)?;
        let (present, others, _) = keys.in_force(in_force.entry(me)).ok_or(OpenError::NoKeys)?;
        let identities = others.into_iter().map(|key| Identity::new(me, key)).collect();
        let groups = Groups::new(Identity::new(me, present.mls)).also(identities);
        let throttle = Throttle::load(&read)?;
        let shelves = Shelves::open(&settings.index_dir).map_err(OpenError::Shelves)?;
        // The writer's thread ends when the desks do; every act was waited for by then.
        let (writer, _thread) = Writer::start(store.clone(), groups)?;
        if let Some((signed, trusted)) = newer {
            keep_list(&writer, signed, trusted)?;
        }
        let inner = Inner {
            settings,
            me,
            identity: present.identity,
            store,
            writer,
            authority,
            list: RwLock::new(Arc::new(in_force)),
            shelves,
            throttle,
            peers: Peers::default(),
            orders: Orders::default(),
            attachments: Attachments::default(),
            incarnation: AtomicU32::new(0),
            live: broadcast::channel(WAKES_MAX).0,
            filed: Notify::new(),
            metrics: Metrics::default(),
            rekeyed: watch::channel(false).0,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether the list in force names this node, and its accreditation stands.
    pub(crate) fn accredited(&self) -> bool {
        self.active(self.inner.me).is_some()
    }
}

/// The newest list that was in force here; checked again, in case the authority file changed.
fn held_list(read: &Snapshot, authority: &AuthorityKeys) -> Result<Option<Signed>, StoreError> {
    let newest = read.list(LISTS, &(), Order::Descending, 1)?.pop();
    let Some((version, bytes)): Option<(u64, ByteVec)> = newest else { return Ok(None) };
    let signed = SignedList(bytes.into());
    match signed.verify(authority) {
        Ok(trusted) => Ok(Some((signed, trusted))),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, list.version = version, "list.held_one_does_not_verify");
            Ok(None)
        }
    }
}

/// The given list when it is to replace the one held. A refused one stops the start only when there
/// is no other.
fn given_list(
    bytes: Option<Vec<u8>>,
    authority: &AuthorityKeys,
    held: Option<&Trusted>,
) -> Result<Option<Signed>, ListError> {
    let Some(signed) = bytes.map(SignedList) else { return Ok(None) };
    let checked = signed.verify(authority).and_then(|trusted| match held {
        Some(held) if held.hash() == trusted.hash() => Ok(None),
        Some(held) => held.accepts(&trusted).map(|()| Some(trusted)),
        None => Ok(Some(trusted)),
    });
    match (checked, held) {
        (Ok(trusted), _) => Ok(trusted.map(|trusted| (signed, trusted))),
        // Peers have brought a newer one since the operator copied this.
        (Err(ListError::Rollback { .. }), Some(_)) => Ok(None),
        (Err(error), Some(held)) => {
            let version = held.list().version;
            let code = error.code().as_str();
            tracing::error!(
                error = &error as &dyn std::error::Error,
                refusal.code = code,
                list.held = version,
                "list.refused"
            );
            Ok(None)
        }
        (Err(error), None) => Err(error),
    }
}

/// Stores a list and waits until it is durable.
fn keep_list(writer: &Writer<Groups>, signed: SignedList, trusted: Trusted) -> Result<(), OpenError> {
    let (reply, answer) = mpsc::channel();
    let now = clock::now();
    writer.submit(
        move |tx, _: &mut Groups| accept_list(tx, now, &signed, &trusted),
        move |result: Result<(), store::Failed<ActError>>| {
            // The receiver waits below.
            let _ = reply.send(result.is_ok());
        },
    );
    match answer.recv() {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(OpenError::KeepList),
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
