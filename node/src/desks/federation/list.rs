//! The federation list as this node holds it: replaced only by a newer one that is signed and
//! chained, kept for ever, and applied to the transport.

use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::ledger::{self, Note};
use crate::desks::problem::Problem;
use crate::desks::records::{LISTS, LedgerAct};
use minicbor::bytes::ByteVec;
use protocol::federation::{SignedList, Trusted};
use protocol::ids::NodeId;
use protocol::refusal::Code;
use protocol::time::Timestamp;
use protocol::wire::{ControlAnswer, ControlRequest};
use std::sync::{Arc, PoisonError};
use store::{Read, Slot, Tx};

/// Keeps an accepted list.
pub(in crate::desks) fn accept_list(
    tx: &Tx<'_>,
    now: Timestamp,
    signed: &SignedList,
    trusted: &Trusted,
) -> Result<(), ActError> {
    let version = trusted.list().version;
    tx.put(LISTS, &version, &Slot::System, &ByteVec::from(signed.0.clone()))?;
    let note = Note {
        content: Some(trusted.hash()),
        detail: Some(format!("federation list {version}")),
        ..Note::default()
    };
    ledger::append(tx, now, LedgerAct::ListAccepted, note)?;
    Ok(())
}

impl Desks {
    /// The bytes of the list in force, for a peer that has an older one.
    pub(super) fn stored_list(&self) -> Result<Vec<u8>, Problem> {
        let version = self.list().list().version;
        let bytes: Option<ByteVec> = self.snapshot()?.get(LISTS, &version)?;
        bytes.map(Vec::from).ok_or_else(|| Problem::new(Code::Internal, "the list in force is not stored"))
    }

    /// Fetches a peer's newer list and, if it holds, puts it in force.
    pub(super) async fn fetch_list(&self, peer: NodeId) -> Result<(), Problem> {
        let ControlAnswer::List(bytes) = self.control(peer, &ControlRequest::ListGet).await? else {
            return Err(Problem::new(Code::Malformed, "no list"));
        };
        let signed = SignedList(bytes);
        let accepted = signed.verify(&self.inner.authority).and_then(|newer| {
            self.list().accepts(&newer)?;
            Ok(newer)
        });
        let trusted = accepted.map_err(|error| {
            self.refuse(peer, error.code(), &error.to_string());
            Problem::new(error.code(), error.to_string())
        })?;
        let (desks, kept) = (self.clone(), trusted.clone());
        self.act(move |tx, _| accept_list(tx, desks.now(), &signed, &kept)).await?;
        *self.inner.list.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trusted);
        self.apply_list().await;
        Ok(())
    }

    /// Tells the transport who may connect: every other node in force, with its listed key.
    pub(super) async fn apply_list(&self) {
        let (list, now) = (self.list(), self.now());
        let active = list.list().entries.iter().filter_map(|entry| list.active(entry.node, now));
        let peers = active.filter(|entry| entry.node != self.own_node()).map(|entry| net::Peer {
            node: entry.node,
            key: entry.identity.0,
            addresses: entry.addresses,
        });
        let peers: Vec<_> = peers.collect();
        if let Some(net) = self.net() {
            net.set_peers(peers).await;
        }
        self.remove_unlisted().await;
    }
}
