//! The desks: what the node does, one file per act. They are the only callers of the policy
//! decision and of the tools; doors show only what a desk has [`Cleared`].

mod accounts;
mod attachments;
mod backup;
mod cleared;
mod community;
mod correspondence;
mod directory;
mod error;
mod federation;
mod filing;
mod find;
mod import;
mod ledger;
mod life;
mod open;
pub mod problem;
mod records;
mod teleprinter;
mod verify;
pub mod view;

pub use accounts::{NewAccount, Session, SignedIn};
pub use attachments::Download;
pub(crate) use backup::BackupReport;
pub use cleared::Cleared;
pub use community::CommunityForm;
pub use correspondence::Proof;
pub use directory::NewGroup;
pub(crate) use federation::SUSPENSIONS_FILE;
pub use import::{ImportReport, ImportRequest, Mapping};
pub use open::{OpenError, Settings};
pub use problem::Problem;
pub use records::Terminal;
pub use verify::VerifyReport;

use crate::clock;
use crate::metrics::Metrics;
use error::ActError;
use mls::Groups;
use protocol::federation::{AuthorityKeys, Entry, Trusted};
use protocol::ids::NodeId;
use protocol::label::Level;
use protocol::refusal::Code;
use protocol::signature::SecretKey;
use protocol::time::Timestamp;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, RwLock};
use store::{Snapshot, Store, Tx, Writer};
use tokio::sync::{Notify, broadcast, oneshot, watch};

/// All desks of one node. Cheap to clone.
#[derive(Clone)]
pub struct Desks {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    me: NodeId,
    identity: SecretKey,
    store: Store,
    writer: Writer<Groups>,
    authority: AuthorityKeys,
    list: RwLock<Arc<Trusted>>,
    shelves: find::Shelves,
    throttle: accounts::Throttle,
    peers: federation::Peers,
    orders: community::Orders,
    attachments: attachments::Attachments,
    /// Which life of the node this is.
    incarnation: AtomicU32,
    /// Wakes open pages: something may have fallen.
    live: broadcast::Sender<()>,
    /// Wakes the indexer.
    filed: Notify,
    metrics: Metrics,
    /// Set once the list names other keys of this node, which it has.
    rekeyed: watch::Sender<bool>,
}

impl Desks {
    /// The node's counters.
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Whether the node can store.
    pub fn healthy(&self) -> bool {
        self.inner.store.is_open()
    }

    /// The node's short name, the part after `@`: as listed, and until then as configured.
    pub fn node_name(&self) -> String {
        let listed = self.list().entry(self.inner.me).map(|entry| entry.name.clone());
        listed.unwrap_or_else(|| self.inner.settings.name.clone())
    }

    /// The organisation's full name.
    pub fn organisation(&self) -> String {
        let listed = self.list().entry(self.inner.me).map(|entry| entry.organisation.clone());
        listed.unwrap_or_else(|| self.inner.settings.organisation.clone())
    }

    /// Wakes whoever watches a teleprinter.
    pub fn live(&self, _session: &Session) -> broadcast::Receiver<()> {
        self.inner.live.subscribe()
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn own_node(&self) -> NodeId {
        self.inner.me
    }

    /// The federation list in force.
    fn list(&self) -> Arc<Trusted> {
        Arc::clone(&self.inner.list.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// A node's accreditation in force now.
    fn active(&self, node: NodeId) -> Option<Entry> {
        self.list().active(node, self.now())
    }

    /// What this node may hold: NP while it is not accredited.
    fn ceiling(&self) -> Level {
        self.active(self.inner.me).map_or(Level::NP, |entry| entry.ceiling)
    }

    /// A short name for a node, for pages and logs.
    fn name_of(&self, node: NodeId) -> String {
        self.list().entry(node).map_or_else(|| node.to_string(), |entry| entry.name.clone())
    }

    fn snapshot(&self) -> Result<Snapshot, Problem> {
        self.inner.store.snapshot().map_err(Problem::from)
    }

    /// Runs an act on the writer and waits until it is durable (law 2).
    async fn act<T: Send + 'static>(
        &self,
        act: impl Fn(&Tx<'_>, &mut Groups) -> Result<T, ActError> + Send + 'static,
    ) -> Result<T, Problem> {
        let (reply, answer) = oneshot::channel();
        self.inner.writer.submit(act, move |result| {
            // The asker may have gone; the act stands all the same.
            let _ = reply.send(result);
        });
        match answer.await {
            Ok(result) => result.map_err(Problem::from),
            Err(_) => Err(Problem::new(Code::StoreUnavailable, "the node is stopping; nothing was accepted")),
        }
    }

    /// Tells open pages and the indexer that something was filed.
    fn fell(&self) {
        // No open page is no error.
        let _ = self.inner.live.send(());
        self.inner.filed.notify_one();
    }
}
