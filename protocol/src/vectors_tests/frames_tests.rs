//! Whole requests and answers, one of each kind.

use super::bytes::refusal;
use super::{Area, Case, Outcome, invalid, valid};
use crate::blob::Proof;
use crate::codec;
use crate::commit::{Ballot, Certificate, Keys, Promise, Value, Vote};
use crate::ids::{AgentId, CompartmentId, GroupId, ItemId, NodeId, SpaceId};
use crate::label::Level;
use crate::limits::{
    BLOB_FRAME_BYTES_MAX, CIPHERTEXT_BYTES_MAX, CONTROL_FRAME_BYTES_MAX, ORDER_FRAME_BYTES_MAX,
    PAGE_FRAME_BYTES_MAX,
};
use crate::message::{
    CertifiedWelcome, DirectoryGroup, Envelope, KeyPackageFor, Payload, Plaintext, Post, ReceiptKind,
};
use crate::order::{Body, Message, Reason};
use crate::signature::{Digest, SecretKey, Signature};
use crate::space::Charter;
use crate::sync::{Holding, Ranges, TRANSCRIPT_BYTES};
use crate::time::Timestamp;
use crate::wire::{
    BlobAnswer, ControlAnswer, ControlRequest, LogAnswer, LogRequest, Push, PushAnswer, PushResult,
};
use minicbor::{Decode, Encode};

const COMPARTMENT: CompartmentId = CompartmentId::from_bytes([5; 16]);
const AT: Timestamp = Timestamp(1_795_444_205_000);

fn node(seed: u8) -> NodeId {
    NodeId::from_bytes([seed; 32])
}

/// The name of the variant, or of the structure, that was read.
fn named<T>(bytes: &[u8], limit: usize) -> Outcome
where
    T: for<'b> Decode<'b, ()> + Encode<()> + std::fmt::Debug,
{
    let read: T = codec::decode(bytes, limit).map_err(|error| refusal(&error))?;
    let text = format!("{read:?}");
    Ok(text.split([' ', '(', '{']).next().unwrap_or_default().to_owned())
}

/// With a byte after it, and cut by one.
fn spoilt(name: [&'static str; 2], bytes: &[u8]) -> [Case; 2] {
    let cut = bytes[..bytes.len() - 1].to_vec();
    [
        invalid(name[0], [bytes, &[0]].concat(), "FED_MALFORMED not-deterministic"),
        invalid(name[1], cut, "FED_MALFORMED malformed"),
    ]
}

fn value() -> Value {
    Value {
        compartment: COMPARTMENT,
        epoch: 3,
        parent: vec![1; 32],
        author: node(1),
        intent: ItemId::from_bytes([6; 16]),
        commit: vec![9; 40],
        next: vec![2; 32],
        welcome: Some(Digest([3; 32])),
        voters: vec![node(1)],
    }
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32]).expect("a seed of 32 bytes")
}

fn certificate() -> Certificate {
    Certificate::alone(&value(), node(1), 0, &key())
}

fn charter() -> Charter {
    Charter {
        community: SpaceId::from_bytes([6; 16]),
        name: "Ebola".to_owned(),
        project: "Coordonner la réponse".to_owned(),
        manager: "P. Garnier".to_owned(),
        manager_id: AgentId::from_bytes([4; 16]),
        founder: node(1),
        tags: vec!["ebola".to_owned()],
        ceiling: Level::NP,
        salt: [8; 16],
    }
}

fn welcome() -> Box<CertifiedWelcome> {
    Box::new(CertifiedWelcome {
        welcome: vec![7; 20],
        value: value(),
        certificate: certificate(),
        voters: vec![node(1)],
        charter: Some(charter()),
    })
}

fn envelope() -> Envelope {
    Envelope {
        compartment: COMPARTMENT,
        sender: node(1),
        sequence: 1,
        epoch: 1,
        precedence: 4,
        ciphertext: vec![1; 9],
    }
}

fn frames<T: Encode<()>>(all: impl IntoIterator<Item = (&'static str, T)>) -> Vec<Case> {
    let mut cases: Vec<Case> =
        all.into_iter().map(|(name, value)| valid(name, codec::encode(&value))).collect();
    let first = cases[0].input.clone();
    cases.extend(spoilt(["trailing byte", "cut"], &first));
    cases
}

pub(super) fn areas() -> [Area; 8] {
    [
        Area {
            name: "control-request",
            input: "control-request of wire.cddl; expect: its kind",
            judge: |bytes| named::<ControlRequest>(bytes, CONTROL_FRAME_BYTES_MAX),
            cases: requests(),
        },
        Area {
            name: "control-answer",
            input: "control-answer of wire.cddl; expect: its kind",
            judge: |bytes| named::<ControlAnswer>(bytes, CONTROL_FRAME_BYTES_MAX),
            cases: answers(),
        },
        Area {
            name: "push",
            input: "push of wire.cddl; expect: its kind",
            judge: |bytes| named::<Push>(bytes, PAGE_FRAME_BYTES_MAX),
            cases: frames([
                ("one", Push { envelopes: vec![envelope()] }),
                ("none", Push { envelopes: vec![] }),
            ]),
        },
        Area {
            name: "push-answer",
            input: "push-answer of wire.cddl; expect: its kind",
            judge: |bytes| named::<PushAnswer>(bytes, PAGE_FRAME_BYTES_MAX),
            cases: pushed(),
        },
        Area {
            name: "log",
            input: "[log-request, log-answer] of wire.cddl; expect: nothing",
            judge: |bytes| named::<(LogRequest, LogAnswer)>(bytes, 2 * PAGE_FRAME_BYTES_MAX),
            cases: logs(),
        },
        Area {
            name: "blob-answer",
            input: "blob-answer of blobs.cddl; expect: its kind",
            judge: |bytes| named::<BlobAnswer>(bytes, BLOB_FRAME_BYTES_MAX),
            cases: frames([
                ("chunk", BlobAnswer::Chunk { chunk: vec![7; 20], proof: Proof(vec![Digest([4; 32])]) }),
                ("refused", BlobAnswer::Refused("NOT_FOUND".to_owned())),
            ]),
        },
        Area {
            name: "order",
            input: "message of commits.cddl; expect: its kind",
            judge: |bytes| {
                Message::from_bytes(bytes).map_err(|error| refusal(&error))?;
                named::<Message>(bytes, ORDER_FRAME_BYTES_MAX)
            },
            cases: orders(),
        },
        Area {
            name: "plaintext",
            input: "plaintext of wire.cddl; expect: its kind",
            judge: |bytes| named::<Plaintext>(bytes, CIPHERTEXT_BYTES_MAX),
            cases: plaintexts(),
        },
    ]
}

fn requests() -> Vec<Case> {
    let mut cases = frames([
        ("channel open", ControlRequest::ChannelOpen { level: Level::NP, key_package: vec![1; 9] }),
        ("key package", ControlRequest::ChannelKeyPackage { level: Level::DR }),
        ("welcome", ControlRequest::ChannelWelcome { welcome: welcome() }),
    ]);
    cases.push(invalid("unknown kind", vec![0x82, 0x18, 0x63, 0x80], "FED_MALFORMED malformed"));
    cases
}

fn answers() -> Vec<Case> {
    frames([
        ("welcome", ControlAnswer::ChannelWelcome(welcome())),
        ("key package", ControlAnswer::KeyPackage(vec![1; 9])),
        ("done", ControlAnswer::Done),
        ("refused", ControlAnswer::Refused("FED_BUSY".to_owned())),
    ])
}

fn pushed() -> Vec<Case> {
    let result = |refused: Option<&str>| PushResult {
        compartment: COMPARTMENT,
        sender: node(1),
        sequence: 1,
        refused: refused.map(str::to_owned),
    };
    let results = vec![result(None), result(Some("MLS_AAD_MISMATCH"))];
    frames([("durable and refused", PushAnswer { results }), ("none", PushAnswer { results: vec![] })])
}

fn logs() -> Vec<Case> {
    let holding = Holding {
        compartment: COMPARTMENT,
        epoch: 4,
        transcript: vec![1; TRANSCRIPT_BYTES],
        held: vec![(node(1), Ranges::up_to(3))],
        mark: None,
    };
    let have = || LogRequest::Have(vec![holding.clone()]);
    let want = LogRequest::Want {
        compartment: COMPARTMENT,
        sender: node(1),
        ranges: Ranges::up_to(3),
        from_epoch: 2,
    };
    let commits = LogRequest::Commits { compartment: COMPARTMENT, from_epoch: 3 };
    frames([
        ("have", (have(), LogAnswer::Have(vec![holding.clone()]))),
        ("want", (want, LogAnswer::Messages(vec![envelope()]))),
        ("commits", (commits, LogAnswer::Commits(vec![(value(), certificate())]))),
        ("refused", (have(), LogAnswer::Refused("FED_NOT_MEMBER".to_owned()))),
        ("list", (LogRequest::List, LogAnswer::List(vec![1; 9]))),
        ("suspensions", (LogRequest::Suspensions, LogAnswer::Suspensions(vec![]))),
    ])
}

fn orders() -> Vec<Case> {
    let own = key();
    let voice = Keys { own: &own, key_of: |_| None };
    let ballot = Ballot { round: 2, node: node(1), incarnation: 0 };
    let vote = Vote::sign(&voice, node(1), value().instance(), ballot, value().hash());
    let promise = Promise::sign(&voice, node(1), value().instance(), ballot, Some((ballot, value().hash())));
    let message = |body| Message { compartment: COMPARTMENT, epoch: 3, body };
    let boxed = || Box::new(value());
    let nack = |reason| message(Body::Nack { ballot: Some(ballot), reason });
    let elsewhere = Message { epoch: 4, ..message(Body::Submit { value: boxed(), urgent: true }) };
    let elsewhere = invalid("another epoch than its commit", elsewhere.to_bytes(), "FED_MALFORMED malformed");
    let mut cases = frames([
        ("prepare", message(Body::Prepare { ballot, parent: vec![1; 32] })),
        ("promised", message(Body::Promised { ballot, promise: promise.clone(), value: Some(boxed()) })),
        ("accept", message(Body::Accept { ballot, value: boxed(), promises: vec![promise] })),
        ("accepted", message(Body::Accepted { ballot, value: value().hash(), vote })),
        ("decided", message(Body::Decided { value: boxed(), certificate: Box::new(certificate()) })),
        ("submit", message(Body::Submit { value: boxed(), urgent: true })),
        ("behind", nack(Reason::Behind { epoch: 2 })),
        ("refused by policy", nack(Reason::Policy { code: "MLS_COMMIT_POLICY".to_owned() })),
        ("outbid", nack(Reason::Outbid { promised: ballot })),
        ("recovery", nack(Reason::Recovery)),
    ]);
    cases.push(elsewhere);
    cases
}

fn plaintexts() -> Vec<Case> {
    let (id, group) = (ItemId::from_bytes([7; 16]), GroupId::from_bytes([2; 16]));
    let item = Box::new(crate::message::SignedItem {
        item: super::messages::item(),
        origin: node(1),
        signature: Signature([9; 64]),
    });
    let kind = ReceiptKind::Acknowledged;
    let by = Some("S. Laurent".to_owned());
    let directory = DirectoryGroup {
        group,
        handle: "dgs".to_owned(),
        name: "Direction générale".to_owned(),
        tags: vec![],
        ceiling: Level::DR,
    };
    let post = Box::new(Post {
        id,
        author: "C. Mercier".to_owned(),
        author_id: AgentId::from_bytes([4; 16]),
        at: AT,
        label: Level::NP.label(),
        body: "Texte.".to_owned(),
        attachments: vec![],
    });
    let key_packages = vec![KeyPackageFor { level: Level::NP, key_package: vec![1; 9] }];
    let community = SpaceId::from_bytes([6; 16]);
    let sealed = |payload| Plaintext { salt: [1; 16], payload };
    frames([
        ("receipt", sealed(Payload::Receipt { item: id, group, kind, at: AT, by })),
        ("correspondence", sealed(Payload::Correspondence { item: item.clone(), number: 1 })),
        ("directory", sealed(Payload::Directory { version: 1, groups: vec![directory] })),
        ("invitation", sealed(Payload::Invitation { charter: charter() })),
        ("answer", sealed(Payload::InvitationAnswer { community, key_packages, refused: None })),
        ("welcome", sealed(Payload::Welcome { welcome: welcome() })),
        ("post", sealed(Payload::Post { post })),
        ("share", sealed(Payload::Share { item, by: "P. Garnier".to_owned(), at: AT })),
        ("charter", sealed(Payload::Charter { charter: charter() })),
    ])
}
