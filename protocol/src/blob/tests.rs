use super::{
    Attachment, AttachmentFlaw, ChunkKey, PLAIN_CHUNK_BYTES, Proof, Sha512, Shape, TAG_BYTES, Tree,
    is_attachment_name, leaf,
};
use crate::ids::BlobId;
use crate::limits::{
    ATTACHMENT_NAME_CHARS_MAX, ATTACHMENTS_MAX, BLOB_BYTES_MAX, BLOB_CHUNK_BYTES, BLOB_FRAME_BYTES_MAX,
    MEDIA_TYPE_CHARS_MAX,
};
use crate::signature::Digest;
use crate::wire::BlobAnswer;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

fn leaves(count: u32) -> Vec<Digest> {
    (0..count).map(|index| leaf(&index.to_be_bytes())).collect()
}

fn tree(count: u32) -> Tree {
    Tree::of(leaves(count)).expect("leaves")
}

/// The definition of RFC 9162 §2.1.1, word for word: split at the largest power of two below `n`.
fn by_definition(leaves: &[Digest]) -> Digest {
    match leaves {
        [one] => *one,
        many => {
            let split = many.len().next_power_of_two() / 2;
            let (left, right) = (by_definition(&many[..split]), by_definition(&many[split..]));
            Digest::plain(&[&[1][..], &left.0, &right.0].concat())
        }
    }
}

#[test]
fn the_shape_follows_from_the_size() {
    let shape = |size| Shape::of(size).expect("a legal size");
    let plain = PLAIN_CHUNK_BYTES as u64;
    for (size, chunks, last) in [
        (0, 1, TAG_BYTES),
        (1, 1, TAG_BYTES + 1),
        (plain - 1, 1, BLOB_CHUNK_BYTES - 1),
        (plain, 1, BLOB_CHUNK_BYTES),
        (plain + 1, 2, TAG_BYTES + 1),
        (2 * plain, 2, BLOB_CHUNK_BYTES),
    ] {
        let shape = shape(size);
        assert_eq!((shape.chunks(), shape.chunk_bytes(chunks - 1)), (chunks, Some(last)), "{size}");
        assert_eq!(shape.chunk_bytes(chunks), None);
        let all: u64 = (0..chunks).filter_map(|index| shape.chunk_bytes(index)).map(|n| n as u64).sum();
        assert_eq!(all, shape.sealed_bytes());
        assert_eq!(shape.offset(chunks - 1) + last as u64, shape.sealed_bytes());
    }
    assert_eq!(shape(BLOB_BYTES_MAX).chunks(), 8_193);
    assert_eq!(Shape::of(BLOB_BYTES_MAX + 1), None);
}

#[test]
fn the_tree_is_that_of_rfc_9162_and_every_proof_holds_for_its_place_only() {
    assert_eq!(Tree::of(Vec::new()), None);
    for count in (1..=33).chain([63, 64, 65, 127, 129]) {
        let tree = tree(count);
        assert_eq!(*tree.root().as_bytes(), by_definition(&leaves(count)).0, "{count}");
        assert_eq!(tree.proof(count), None);
        for index in 0..count {
            let (proof, leaf) = (tree.proof(index).expect("a proof"), tree.leaves()[index as usize]);
            assert!(proof.holds(leaf, index, count, tree.root()));
            assert!(!proof.holds(leaf, index + 1, count, tree.root()));
            assert!(!proof.holds(Digest([0; 32]), index, count, tree.root()));
            let longer = Proof([proof.0.as_slice(), &[leaf]].concat());
            assert!(!longer.holds(leaf, index, count, tree.root()), "every hash must be used");
            if let Some((_, shorter)) = proof.0.split_last() {
                assert!(!Proof(shorter.to_vec()).holds(leaf, index, count, tree.root()));
            }
        }
    }
}

#[test]
fn a_leaf_is_no_node() {
    let tree = tree(2);
    let [left, right] = [tree.leaves()[0], tree.leaves()[1]];
    let forged = leaf(&[left.0, right.0].concat());
    assert_ne!(BlobId::from_bytes(forged.0), tree.root());
}

#[test]
fn a_chunk_opens_in_its_place_only() {
    let (key, other) = (ChunkKey::new(&[7; 32]), ChunkKey::new(&[8; 32]));
    let mut sealed = b"sept cas suspects".to_vec();
    key.seal(3, false, &mut sealed);
    assert_eq!(sealed.len(), 17 + TAG_BYTES);
    let opens = |key: &ChunkKey, index, last, bytes: &[u8]| {
        let mut chunk = bytes.to_vec();
        key.open(index, last, &mut chunk).map(|()| chunk)
    };
    assert_eq!(opens(&key, 3, false, &sealed).expect("it opens"), b"sept cas suspects");
    assert!(opens(&key, 4, false, &sealed).is_err(), "moved");
    assert!(opens(&key, 3, true, &sealed).is_err(), "cut off after it");
    assert!(opens(&other, 3, false, &sealed).is_err(), "another key");
    sealed[0] ^= 1;
    assert!(opens(&key, 3, false, &sealed).is_err(), "changed");
    assert!(opens(&key, 3, false, &[0; TAG_BYTES - 1]).is_err(), "shorter than a tag");
}

#[test]
fn the_largest_answer_fits_its_frame() {
    let deepest = tree(Shape::of(BLOB_BYTES_MAX).map_or(0, Shape::chunks));
    let longest = (0..8_193).filter_map(|index| deepest.proof(index)).max_by_key(|proof| proof.0.len());
    let proof = longest.expect("proofs");
    assert_eq!(proof.0.len(), 14);
    let answer = BlobAnswer::Chunk { chunk: vec![0; BLOB_CHUNK_BYTES], proof };
    assert!(crate::codec::encode(&answer).len() <= BLOB_FRAME_BYTES_MAX);
}

fn attachment(name: &str) -> Attachment {
    Attachment {
        root: BlobId::from_bytes([1; 32]),
        size: 1,
        key: [2; 32],
        sha512: Sha512([3; 64]),
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
    }
}

#[test]
fn references_at_the_limit_and_one_past() {
    let many = |count: usize| -> Vec<Attachment> {
        (0..count)
            .map(|n| Attachment { root: BlobId::from_bytes([n as u8; 32]), ..attachment("plan.pdf") })
            .collect()
    };
    assert_eq!(Attachment::check_all(&many(ATTACHMENTS_MAX)), Ok(()));
    let past = ATTACHMENTS_MAX + 1;
    assert_eq!(Attachment::check_all(&many(past)), Err(AttachmentFlaw::Count { got: past }));
    let of = |attachment| Attachment::check_all(&[attachment]);
    let sized = |size| of(Attachment { size, ..attachment("plan.pdf") });
    assert_eq!(sized(BLOB_BYTES_MAX), Ok(()));
    assert_eq!(sized(BLOB_BYTES_MAX + 1), Err(AttachmentFlaw::Size { got: BLOB_BYTES_MAX + 1 }));
    let typed = |media_type: &str| of(Attachment { media_type: media_type.to_owned(), ..attachment("a") });
    let long = |chars: usize| format!("a/{}", "b".repeat(chars - 2));
    assert_eq!(typed(&long(MEDIA_TYPE_CHARS_MAX)), Ok(()));
    for wrong in
        [long(MEDIA_TYPE_CHARS_MAX + 1).as_str(), "", "pdf", "a/", "/a", "a/b; c=d", "A/b", "a/b\r\n"]
    {
        assert_eq!(typed(wrong), Err(AttachmentFlaw::MediaType), "{wrong:?}");
    }
    let twice = [attachment("un.pdf"), attachment("deux.pdf")];
    assert_eq!(Attachment::check_all(&twice), Err(AttachmentFlaw::Twice));
}

#[test]
fn a_name_is_one_component_and_reads_as_it_is() {
    for name in ["plan.pdf", "Évacuation – liste (2).xlsx", "قائمة.pdf", ".profil", "a"] {
        assert!(is_attachment_name(name), "{name:?}");
    }
    let long = |chars: usize| "a".repeat(chars);
    assert!(is_attachment_name(&long(ATTACHMENT_NAME_CHARS_MAX)));
    let wide = "é".repeat(ATTACHMENT_NAME_CHARS_MAX);
    assert!(is_attachment_name(&wide), "{} bytes", wide.len());
    for name in [
        "",
        " ",
        ".",
        "..",
        "a/b",
        "a\\b",
        "a\0b",
        "a\nb",
        " a",
        "a ",
        "cod\u{202e}exe.doc",
        "a\u{2066}b",
        &long(ATTACHMENT_NAME_CHARS_MAX + 1),
        &"\u{20ac}".repeat(81),
    ] {
        assert!(!is_attachment_name(name), "{name:?}");
    }
}

#[test]
fn a_key_is_not_shown() {
    assert!(!format!("{:?}", attachment("plan.pdf")).contains("2, 2"));
}

proptest! {
    #[test]
    fn any_changed_proof_or_place_is_refused(count in 1_u32..400, seed: u32, flip: u8, other: u32) {
        let tree = tree(count);
        let index = seed % count;
        let (proof, leaf) = (tree.proof(index).expect("a proof"), tree.leaves()[index as usize]);
        prop_assert!(proof.holds(leaf, index, count, tree.root()));
        prop_assert!(other % count == index || !proof.holds(leaf, other % count, count, tree.root()));
        if let Some(hash) = proof.0.get(usize::from(flip) % proof.0.len().max(1)) {
            let mut changed = proof.clone();
            let at = usize::from(flip) % proof.0.len();
            changed.0[at] = Digest(hash.0.map(|byte| byte ^ 0x10));
            prop_assert!(!changed.holds(leaf, index, count, tree.root()));
        }
    }

    #[test]
    fn what_was_sealed_opens(bytes in proptest::collection::vec(any::<u8>(), 0..600), index: u32, last: bool) {
        let key = ChunkKey::new(&[9; 32]);
        let mut chunk = bytes.clone();
        key.seal(index, last, &mut chunk);
        prop_assert!(key.open(index, !last, &mut chunk.clone()).is_err());
        key.open(index, last, &mut chunk).expect("it opens");
        prop_assert_eq!(chunk, bytes);
    }
}
