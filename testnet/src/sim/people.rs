//! Who is on the federation list, and how each signs.

use protocol::commit::{Keys, Voice};
use protocol::federation::{Entry, Kind, Status};
use protocol::ids::NodeId;
use protocol::label::Level;
use protocol::signature::{PublicKey, SecretKey, Signature};
use protocol::time::Timestamp;
use std::collections::BTreeMap;

/// The nodes, and whether their signatures are real.
#[derive(Debug)]
pub(super) struct Federation {
    entries: BTreeMap<NodeId, Entry>,
    secrets: BTreeMap<NodeId, [u8; 32]>,
    real: bool,
}

pub(super) fn node(number: usize) -> NodeId {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    NodeId::from_bytes(bytes)
}

/// The number in the node's id.
pub(super) fn number(node: NodeId) -> usize {
    let (head, _) = node.as_bytes().split_at(8);
    head.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Of five nodes three are ministries, one an embassy, one a guest that holds NP only.
fn kind(number: usize) -> Kind {
    match number % 5 {
        3 => Kind::Embassy,
        4 => Kind::Guest,
        _ => Kind::Ministry,
    }
}

impl Federation {
    pub(super) fn new(nodes: usize, real: bool) -> Self {
        let mut federation = Federation { entries: BTreeMap::new(), secrets: BTreeMap::new(), real };
        for number in 0..nodes {
            let (node, mut seed) = (node(number), [7; 32]);
            seed[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let public = SecretKey::from_seed(&seed).map_or(PublicKey([0; 32]), |key| key.public());
            let kind = kind(number);
            let ceiling = if kind == Kind::Guest { Level::NP } else { Level::DR };
            let entry = Entry {
                node,
                name: format!("n{number}"),
                organisation: format!("Node {number}"),
                kind,
                ceiling,
                identity: public,
                mls: public,
                addresses: Vec::new(),
                not_before: Timestamp(0),
                not_after: Timestamp(i64::MAX),
                sponsor: None,
                status: Status::Active,
                ca: None,
                former: Vec::new(),
                keys_from: None,
                scope: None,
                incarnation_min: 0,
                settled: None,
            };
            federation.entries.insert(node, entry);
            federation.secrets.insert(node, seed);
        }
        federation
    }

    pub(super) fn is_real(&self) -> bool {
        self.real
    }

    pub(super) fn entry(&self, node: NodeId) -> Option<&Entry> {
        self.entries.get(&node)
    }

    pub(super) fn key(&self, node: NodeId) -> PublicKey {
        self.entry(node).map_or(PublicKey([0; 32]), |entry| entry.identity)
    }

    pub(super) fn seed(&self, node: NodeId) -> [u8; 32] {
        self.secrets.get(&node).copied().unwrap_or_default()
    }

    pub(super) fn is_ministry(&self, node: NodeId) -> bool {
        self.entry(node).is_some_and(|entry| entry.kind == Kind::Ministry)
    }

    pub(super) fn is_guest(&self, node: NodeId) -> bool {
        self.entry(node).is_none_or(|entry| entry.kind == Kind::Guest)
    }

    /// The identity key, with which approvals are signed even where votes cost nothing.
    pub(super) fn secret(&self, node: NodeId) -> Option<SecretKey> {
        SecretKey::from_seed(&self.seed(node)).ok()
    }

    /// Whoever may hold this level.
    pub(super) fn cleared<'a>(&'a self, level: &'a Level) -> impl Iterator<Item = NodeId> + 'a {
        self.entries.values().filter(|entry| entry.ceiling.dominates(level)).map(|entry| entry.node)
    }

    /// Speaks with this node's voice.
    pub(super) fn speak<T>(&self, me: NodeId, with: impl FnOnce(&dyn Voice) -> T) -> T {
        match SecretKey::from_seed(&self.seed(me)) {
            Ok(own) if self.real => {
                with(&Keys { own: &own, key_of: |node| self.entry(node).map(|entry| entry.identity) })
            }
            _ => with(&Cheap(me)),
        }
    }
}

/// A signature that costs nothing, where hundreds of nodes vote on thousands of commits. It is as long
/// as a real one, and no node makes another's.
struct Cheap(NodeId);

impl Voice for Cheap {
    fn sign(&self, domain: &str, bytes: &[u8]) -> Signature {
        // FNV-1a.
        let parts = self.0.as_bytes()[..8].iter().chain(domain.as_bytes()).chain(bytes);
        let hash = parts.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut signature = [0; 64];
        signature[..8].copy_from_slice(&hash.to_be_bytes());
        Signature(signature)
    }

    fn verifies(&self, node: NodeId, domain: &str, bytes: &[u8], signature: &Signature) -> bool {
        Cheap(node).sign(domain, bytes) == *signature
    }
}
