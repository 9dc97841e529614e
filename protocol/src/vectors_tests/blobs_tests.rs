//! Attachments: shapes, chunks and their proofs, sealed chunks, references.

use super::bytes::refusal;
use super::{Area, Outcome, invalid, valid};
use crate::blob::{Attachment, ChunkKey, Proof, Sha512, Shape, Tree, leaf};
use crate::codec;
use crate::ids::{BlobId, CompartmentId, hex};
use crate::limits::{ATTACHMENTS_MAX, BLOB_BYTES_MAX, BLOB_FRAME_BYTES_MAX};
use crate::refusal::Code;
use crate::signature::Digest;
use crate::wire::{BlobAnswer, BlobRequest};
use minicbor::{Decode, Encode};

const MALFORMED: &str = "FED_MALFORMED malformed";

fn shape_of(bytes: &[u8]) -> Outcome {
    let size: u64 = codec::decode(bytes, BLOB_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let shape = Shape::of(size).ok_or_else(|| Code::AttachmentTooLarge.as_str().to_owned())?;
    let last = shape.chunk_bytes(shape.chunks() - 1).expect("a last chunk");
    Ok(format!("{} chunks, the last of {last} bytes, {} in all", shape.chunks(), shape.sealed_bytes()))
}

pub(super) fn shape() -> Area {
    let size = |size: u64| codec::encode(&size);
    let cases = vec![
        valid("empty", size(0)),
        valid("one byte", size(1)),
        valid("one full chunk", size(262_128)),
        valid("one byte more", size(262_129)),
        valid("2 GiB", size(BLOB_BYTES_MAX)),
        invalid("2 GiB and a byte", size(BLOB_BYTES_MAX + 1), "ATT_TOO_LARGE"),
    ];
    let input = "bytes of a file, as a CBOR integer; expect: its sealed chunks";
    Area { name: "blob-shape", input, judge: shape_of, cases }
}

/// A chunk with the place that it is claimed to have.
#[derive(Encode, Decode)]
struct Claim {
    #[n(0)]
    root: BlobId,
    #[n(1)]
    chunks: u32,
    #[n(2)]
    index: u32,
    #[cbor(n(3), with = "minicbor::bytes")]
    chunk: Vec<u8>,
    #[n(4)]
    proof: Proof,
}

fn claim_of(bytes: &[u8]) -> Outcome {
    let claim: Claim = codec::decode(bytes, BLOB_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let Claim { root, chunks, index, chunk, proof } = claim;
    let holds = proof.holds(leaf(&chunk), index, chunks, root);
    holds.then(|| format!("chunk {index} of {chunks}")).ok_or_else(|| Code::ChunkInvalid.as_str().to_owned())
}

fn claim(chunks: u32, index: u32, change: impl Fn(&mut Claim)) -> Vec<u8> {
    let bytes = |index: u32| format!("chunk {index}").into_bytes();
    let tree = Tree::of((0..chunks).map(|index| leaf(&bytes(index))).collect()).expect("chunks");
    let proof = tree.proof(index).expect("a chunk of the tree");
    let mut claim = Claim { root: tree.root(), chunks, index, chunk: bytes(index), proof };
    change(&mut claim);
    codec::encode(&claim)
}

pub(super) fn tree() -> Area {
    let plain = |chunks, index| claim(chunks, index, |_| {});
    let bad = "FED_CHUNK_INVALID";
    let forged = claim(2, 0, |claim| {
        // The two leaves as one chunk: only the first byte of a leaf tells it from a node.
        let right = claim.proof.0[0];
        claim.chunk = [leaf(b"chunk 0").0, right.0].concat();
        (claim.chunks, claim.proof) = (1, Proof(vec![]));
    });
    let cases = vec![
        valid("the only chunk", plain(1, 0)),
        valid("first of two", plain(2, 0)),
        valid("last of three, which rises", plain(3, 2)),
        valid("middle of seven", plain(7, 3)),
        valid("last of seven", plain(7, 6)),
        valid("last of 8193", plain(8_193, 8_192)),
        invalid("another place", claim(7, 3, |claim| claim.index = 4), bad),
        invalid("past the end", claim(7, 6, |claim| claim.index = 7), bad),
        invalid("fewer chunks", claim(7, 3, |claim| claim.chunks = 4), bad),
        invalid("changed chunk", claim(7, 3, |claim| claim.chunk[0] ^= 1), bad),
        invalid("changed root", claim(7, 3, |claim| claim.root = BlobId::from_bytes([0; 32])), bad),
        invalid("proof cut", claim(7, 3, |claim| claim.proof.0.truncate(claim.proof.0.len() - 1)), bad),
        invalid("proof too long", claim(7, 3, |claim| claim.proof.0.push(Digest([0; 32]))), bad),
        invalid("proof turned round", claim(7, 3, |claim| claim.proof.0.reverse()), bad),
        invalid("two leaves as one chunk", forged, bad),
        invalid("hash of 31 bytes", short_hash(), MALFORMED),
    ];
    let input =
        "[blob-id, chunks, index, bstr, proof] of blobs.cddl, chunks of any length; expect: its place";
    Area { name: "blob-tree", input, judge: claim_of, cases }
}

fn short_hash() -> Vec<u8> {
    let mut bytes = claim(2, 0, |_| {});
    let head = bytes.len() - 33;
    bytes[head] = 31;
    bytes.pop();
    bytes
}

#[derive(Encode, Decode)]
struct SealedChunk {
    #[cbor(n(0), with = "minicbor::bytes")]
    key: [u8; 32],
    #[n(1)]
    index: u32,
    #[n(2)]
    last: bool,
    #[cbor(n(3), with = "minicbor::bytes")]
    chunk: Vec<u8>,
}

fn opened(bytes: &[u8]) -> Outcome {
    let sealed: SealedChunk = codec::decode(bytes, BLOB_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let SealedChunk { key, index, last, mut chunk } = sealed;
    let opened = ChunkKey::new(&key).open(index, last, &mut chunk);
    opened.map_err(|_| Code::AttachmentDamaged.as_str().to_owned())?;
    Ok(hex(&chunk))
}

pub(super) fn seal() -> Area {
    let sealed = |change: fn(&mut SealedChunk)| {
        let mut chunk = b"Sept cas suspects.".to_vec();
        ChunkKey::new(&[7; 32]).seal(258, false, &mut chunk);
        let mut sealed = SealedChunk { key: [7; 32], index: 258, last: false, chunk };
        change(&mut sealed);
        codec::encode(&sealed)
    };
    let empty = {
        let mut chunk = Vec::new();
        ChunkKey::new(&[7; 32]).seal(0, true, &mut chunk);
        codec::encode(&SealedChunk { key: [7; 32], index: 0, last: true, chunk })
    };
    let bad = "ATT_DAMAGED";
    let cases = vec![
        valid("chunk 258", sealed(|_| {})),
        valid("an empty file", empty),
        invalid("another number", sealed(|chunk| chunk.index = 259), bad),
        invalid("cut off after it", sealed(|chunk| chunk.last = true), bad),
        invalid("another key", sealed(|chunk| chunk.key = [8; 32]), bad),
        invalid("changed byte", sealed(|chunk| chunk.chunk[0] ^= 1), bad),
        invalid("shorter than a tag", sealed(|chunk| chunk.chunk.truncate(15)), bad),
    ];
    let input = "[key, index, last, bstr] of blobs.cddl; expect: the file's bytes in this chunk";
    Area { name: "blob-seal", input, judge: opened, cases }
}

fn references(bytes: &[u8]) -> Outcome {
    let all: Vec<Attachment> = codec::decode(bytes, BLOB_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    Attachment::check_all(&all).map_err(|flaw| format!("{} {}", flaw.code(), reason(flaw)))?;
    let each = all.iter().map(|one| format!("{} {} {}", one.size, one.media_type, one.name));
    Ok(each.collect::<Vec<_>>().join(", "))
}

fn reason(flaw: crate::blob::AttachmentFlaw) -> &'static str {
    use crate::blob::AttachmentFlaw as Flaw;
    match flaw {
        Flaw::Count { .. } => "count",
        Flaw::Size { .. } => "size",
        Flaw::Name => "name",
        Flaw::MediaType => "media-type",
        Flaw::Twice => "twice",
    }
}

pub(super) fn file(seed: u8, name: &str) -> Attachment {
    Attachment {
        root: BlobId::from_bytes([seed; 32]),
        size: 1_048_576,
        key: [2; 32],
        sha512: Sha512([3; 64]),
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
    }
}

pub(super) fn attachment() -> Area {
    let of = |files: &[Attachment]| codec::encode(&files.to_vec());
    let many = |count: usize| -> Vec<Attachment> {
        (0..count).map(|n| file(u8::try_from(n).expect("few"), "plan.pdf")).collect()
    };
    let plan = || file(1, "plan.pdf");
    let typed = |media_type: &str| Attachment { media_type: media_type.to_owned(), ..plan() };
    let sized = |size| Attachment { size, ..plan() };
    let (name, media_type) = ("FIELD_INVALID name", "FIELD_INVALID media-type");
    let cases = vec![
        valid("none", of(&[])),
        valid("one", of(&[plan()])),
        valid("20", of(&many(ATTACHMENTS_MAX))),
        valid("an empty file", of(&[sized(0)])),
        valid("2 GiB", of(&[sized(BLOB_BYTES_MAX)])),
        invalid("21", of(&many(ATTACHMENTS_MAX + 1)), "ATT_TOO_MANY count"),
        invalid("2 GiB and a byte", of(&[sized(BLOB_BYTES_MAX + 1)]), "ATT_TOO_LARGE size"),
        invalid("one root twice", of(&[plan(), file(1, "copie.pdf")]), "FED_ID_CONFLICT twice"),
        invalid("no name", of(&[file(1, "")]), name),
        invalid("a path", of(&[file(1, "../plan.pdf")]), name),
        invalid("a line break in the name", of(&[file(1, "plan\n.pdf")]), name),
        invalid("text turned round", of(&[file(1, "cod\u{202e}exe.doc")]), name),
        invalid("a parameter in the type", of(&[typed("text/html; charset=utf-8")]), media_type),
        invalid("a type in upper case", of(&[typed("Text/Plain")]), media_type),
    ];
    let input = "array of attachment of blobs.cddl, all of one item; expect: sizes, types and names";
    Area { name: "attachment", input, judge: references, cases }
}

fn exchanged(bytes: &[u8]) -> Outcome {
    let request = codec::decode::<BlobRequest>(bytes, BLOB_FRAME_BYTES_MAX);
    match request {
        Ok(BlobRequest::Get { root, index, .. }) => Ok(format!("get {index} of {root}")),
        Err(error) => Err(refusal(&error)),
    }
}

pub(super) fn request() -> Area {
    let (compartment, root) = (CompartmentId::from_bytes([5; 16]), BlobId::from_bytes([1; 32]));
    let get = codec::encode(&BlobRequest::Get { compartment, root, index: 4_000 });
    let mut unknown = get.clone();
    unknown[1] = 3;
    let cases = vec![
        valid("get", get.clone()),
        invalid("unknown request", unknown, MALFORMED),
        invalid("without index", get[..get.len() - 3].to_vec(), MALFORMED),
        invalid("trailing byte", [&get[..], &[0]].concat(), "FED_MALFORMED not-deterministic"),
    ];
    Area {
        name: "blob-request",
        input: "blob-request of blobs.cddl; expect: its fields",
        judge: exchanged,
        cases,
    }
}

#[test]
fn an_answer_goes_through_its_bytes() {
    let proof = Proof(vec![Digest([4; 32])]);
    let answer = BlobAnswer::Chunk { chunk: vec![1, 2], proof };
    let bytes = codec::encode(&answer);
    assert_eq!(hex(&bytes[..6]), "820082420102");
    assert_eq!(codec::decode::<BlobAnswer>(&bytes, BLOB_FRAME_BYTES_MAX), Ok(answer));
}
