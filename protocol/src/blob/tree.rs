//! The hash tree over sealed chunks: the Merkle tree of RFC 9162 §2.1 with SHA-256, whose leaves and
//! nodes are hashed under different first bytes.

use crate::ids::BlobId;
use crate::signature::Digest;
use minicbor::{Decode, Encode};
use ring::digest::{Context, SHA256};

/// BLB-004: before the bytes of a chunk.
const LEAF: u8 = 0;
/// BLB-004: before the hashes of two subtrees.
const NODE: u8 = 1;

/// The leaf of a sealed chunk: SHA-256 of a zero byte and the chunk.
pub fn leaf(chunk: &[u8]) -> Digest {
    hash(LEAF, &[chunk])
}

fn node(left: &Digest, right: &Digest) -> Digest {
    hash(NODE, &[&left.0, &right.0])
}

fn hash(first: u8, parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(&[first]);
    parts.iter().for_each(|part| context.update(part));
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Digest(bytes)
}

/// The whole tree, level by level from the leaves. At its limit it has 16,386 hashes, 512 KiB.
///
/// Pairing neighbours and letting an odd last one rise unchanged gives the tree of RFC 9162: its left
/// subtree is always the largest complete one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// From the leaves of all chunks, in order; `None` without any.
    pub fn of(leaves: Vec<Digest>) -> Option<Self> {
        if leaves.is_empty() {
            return None;
        }
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let above = below.chunks(2).map(|pair| match pair {
                [left, right] => node(left, right),
                odd => odd[0],
            });
            let above = above.collect();
            levels.push(above);
        }
        Some(Self { levels })
    }

    /// The address of the file.
    pub fn root(&self) -> BlobId {
        // There is a last level, and it has one hash.
        BlobId::from_bytes(self.levels[self.levels.len() - 1][0].0)
    }

    /// The leaves.
    pub fn leaves(&self) -> &[Digest] {
        &self.levels[0]
    }

    /// The proof of chunk `index`; `None` when there is no such chunk.
    pub fn proof(&self, index: u32) -> Option<Proof> {
        let mut at = usize::try_from(index).ok()?;
        self.levels[0].get(at)?;
        let mut path = Vec::new();
        for level in &self.levels {
            // The odd last one has no sibling and rises.
            path.extend(level.get(at ^ 1));
            at >>= 1;
        }
        Some(Proof(path))
    }
}

/// The way from a chunk to the root: the siblings on it, lowest first (RFC 9162 §2.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Proof(#[n(0)] pub Vec<Digest>);

impl Proof {
    /// Whether this proves that the chunk with `leaf` is number `index` of `chunks` under `root`
    /// (BLB-005). Every hash must be used.
    pub fn holds(&self, leaf: Digest, index: u32, chunks: u32, root: BlobId) -> bool {
        if index >= chunks {
            return false;
        }
        let (mut hash, mut at, mut last) = (leaf, index, chunks - 1);
        let mut siblings = self.0.iter();
        while last > 0 {
            if at % 2 == 1 || at < last {
                let Some(sibling) = siblings.next() else { return false };
                hash = if at % 2 == 1 { node(sibling, &hash) } else { node(&hash, sibling) };
            }
            at /= 2;
            last /= 2;
        }
        siblings.next().is_none() && hash.0 == *root.as_bytes()
    }
}
