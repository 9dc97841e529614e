//! Every decoder of what comes from outside, as one plain function each: bytes go in, and it either holds to
//! its promises or panics. The fuzz targets (`tests/fuzz`) and the seeded mutations (`tests/tests/mutations.rs`)
//! run these very functions. `vectors` names the file of `federation-spec/vectors` that seeds each.
//!
//! The promises: never a panic; what is accepted is encoded again to the same bytes, or to fewer where unknown
//! keys were ignored, and those are read as the same value; what is refused has a code.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::blob::{Attachment, AttachmentFlaw, leaf};
use protocol::codec;
use protocol::commit::{Certificate, Electorate, Keys, Value};
use protocol::correspondence::{Correspondence, canonical_text, check_item};
use protocol::federation::{AuthorityKeys, FederationList, Invited, SignedList, SignedSuspension};
use protocol::ids::{BlobId, NodeId};
use protocol::label::{Label, Level};
use protocol::limits::{
    BLOB_FRAME_BYTES_MAX, CIPHERTEXT_BYTES_MAX, CONTROL_FRAME_BYTES_MAX, LIST_BYTES_MAX,
    ORDER_FRAME_BYTES_MAX, PAGE_FRAME_BYTES_MAX,
};
use protocol::message::{Authenticated, Envelope, Payload, Plaintext};
use protocol::order::Message;
use protocol::refusal::Code;
use protocol::signature::{PublicKey, SecretKey};
use protocol::space::CompartmentPolicy;
use protocol::sync::{Holding, Ranges, check_holdings};
use protocol::time::Timestamp;
use protocol::wire::{
    BlobAnswer, BlobRequest, ControlAnswer, ControlRequest, Hello, LogAnswer, LogRequest, Push, PushAnswer,
};

/// What became of an input.
pub type Verdict = Result<(), Code>;

/// One decoder.
#[derive(Debug, Clone, Copy)]
pub struct Decoder {
    /// The name of its fuzz target.
    pub name: &'static str,
    /// The file of vectors, without `-v1.json`.
    pub vectors: &'static str,
    /// Decodes and checks the promises.
    pub run: fn(&[u8]) -> Verdict,
}

/// Authenticated data and the smallest structures: more than their limits.
const SMALL_BYTES_MAX: usize = 1024;

/// All of them.
pub const DECODERS: &[Decoder] = &[
    Decoder { name: "codec", vectors: "codec", run: |b| read::<Label>(b, SMALL_BYTES_MAX).map(drop) },
    Decoder { name: "label", vectors: "label", run: label },
    Decoder { name: "level", vectors: "level", run: |b| read::<Level>(b, SMALL_BYTES_MAX).map(drop) },
    Decoder { name: "ranges", vectors: "ranges", run: ranges },
    Decoder { name: "holdings", vectors: "holdings", run: holdings },
    Decoder { name: "hello", vectors: "hello", run: |b| read::<Hello>(b, CONTROL_FRAME_BYTES_MAX).map(drop) },
    Decoder { name: "control_request", vectors: "control-request", run: control_request },
    Decoder { name: "control_answer", vectors: "control-answer", run: control_answer },
    Decoder { name: "push", vectors: "push", run: |b| read::<Push>(b, PAGE_FRAME_BYTES_MAX).map(drop) },
    Decoder { name: "push_answer", vectors: "push-answer", run: push_answer },
    Decoder { name: "log", vectors: "log", run: log },
    Decoder { name: "envelope", vectors: "envelope", run: envelope },
    Decoder { name: "authenticated", vectors: "authenticated", run: authenticated },
    Decoder { name: "plaintext", vectors: "plaintext", run: plaintext },
    Decoder { name: "order", vectors: "order", run: order },
    Decoder { name: "certificate", vectors: "certificate", run: certificate },
    Decoder { name: "list", vectors: "list", run: list },
    Decoder { name: "suspension", vectors: "suspension", run: suspension },
    Decoder { name: "invitation", vectors: "invitation", run: invitation },
    Decoder { name: "policy", vectors: "policy", run: policy },
    Decoder { name: "canonical", vectors: "canonical", run: canonical },
    Decoder { name: "attachment", vectors: "attachment", run: attachment },
    Decoder { name: "blob_request", vectors: "blob-request", run: blob_request },
    Decoder { name: "blob_answer", vectors: "blob-answer", run: blob_answer },
];

/// The decoder of a fuzz target.
pub fn named(name: &str) -> Option<&'static Decoder> {
    DECODERS.iter().find(|decoder| decoder.name == name)
}

fn read<T>(bytes: &[u8], limit: usize) -> Result<T, Code>
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + std::fmt::Debug,
{
    let value: T = codec::decode(bytes, limit).map_err(|error| error.code())?;
    let again = codec::encode(&value);
    if again != bytes {
        assert!(again.len() < bytes.len(), "only what is ignored may be lost");
        assert_eq!(
            codec::decode::<T>(&again, limit).as_ref(),
            Ok(&value),
            "the same without what was ignored"
        );
    }
    Ok(value)
}

fn label(bytes: &[u8]) -> Verdict {
    let label: Label = read(bytes, CONTROL_FRAME_BYTES_MAX)?;
    let level = label.level().map_err(|_| Code::LabelUnknown)?;
    assert_eq!(level.label().level().ok(), Some(level));
    Ok(())
}

fn ranges(bytes: &[u8]) -> Verdict {
    let ranges: Ranges = read(bytes, CONTROL_FRAME_BYTES_MAX)?;
    if !ranges.is_sound() {
        return Err(Code::Malformed);
    }
    assert!(ranges.contiguous() <= ranges.last());
    assert!(ranges.minus(&ranges).as_slice().is_empty());
    // A page of them is walked at most, however far they reach.
    assert!(ranges.iter().take(64).all(|number| ranges.contains(number)));
    Ok(())
}

fn holdings(bytes: &[u8]) -> Verdict {
    check_holdings(&read::<Vec<Holding>>(bytes, PAGE_FRAME_BYTES_MAX)?).map_err(|(code, _)| code)
}

fn control_request(bytes: &[u8]) -> Verdict {
    read::<ControlRequest>(bytes, CONTROL_FRAME_BYTES_MAX).map(drop)
}

fn control_answer(bytes: &[u8]) -> Verdict {
    read::<ControlAnswer>(bytes, CONTROL_FRAME_BYTES_MAX).map(drop)
}

fn push_answer(bytes: &[u8]) -> Verdict {
    read::<PushAnswer>(bytes, PAGE_FRAME_BYTES_MAX).map(drop)
}

/// Both directions in one, and each by itself.
fn log(bytes: &[u8]) -> Verdict {
    let _ = (read::<LogRequest>(bytes, PAGE_FRAME_BYTES_MAX), read::<LogAnswer>(bytes, PAGE_FRAME_BYTES_MAX));
    read::<(LogRequest, LogAnswer)>(bytes, 2 * PAGE_FRAME_BYTES_MAX).map(drop)
}

fn envelope(bytes: &[u8]) -> Verdict {
    let envelope: Envelope = read(bytes, PAGE_FRAME_BYTES_MAX)?;
    let _ = mls::header(&envelope.ciphertext);
    Ok(())
}

fn authenticated(bytes: &[u8]) -> Verdict {
    let read: Authenticated = read(bytes, SMALL_BYTES_MAX)?;
    if read.starts_soundly() { Ok(()) } else { Err(Code::IdConflict) }
}

fn plaintext(bytes: &[u8]) -> Verdict {
    let Plaintext { payload, .. } = read(bytes, CIPHERTEXT_BYTES_MAX)?;
    match payload {
        Payload::Correspondence { item, .. } | Payload::Share { item, .. } => checked(&item.item),
        Payload::Post { post } => post.label.level().map(drop).map_err(|_| Code::LabelUnknown),
        Payload::Invitation { charter } | Payload::Charter { charter } => {
            charter.check().first().map_or(Ok(()), |(_, code)| Err(*code))
        }
        _ => Ok(()),
    }
}

fn order(bytes: &[u8]) -> Verdict {
    read::<Message>(bytes, ORDER_FRAME_BYTES_MAX)?;
    Message::from_bytes(bytes).map(drop).map_err(|error| error.code())
}

fn certificate(bytes: &[u8]) -> Verdict {
    type Certified = (Value, Certificate, Vec<(NodeId, PublicKey)>);
    let (value, certificate, listed): Certified = read(bytes, PAGE_FRAME_BYTES_MAX)?;
    let voters: Vec<NodeId> = listed.iter().map(|(node, _)| *node).collect();
    let key_of = |node| listed.iter().find(|(voter, _)| *voter == node).map(|(_, key)| *key);
    let own = SecretKey::from_seed(&[1; 32]).map_err(|_| Code::Internal)?;
    let voice = Keys { own: &own, key_of };
    let checked = certificate.check(&voice, &value, &Electorate::majority(voters));
    let _ = protocol::commit::guilt(&certificate, &certificate);
    checked.map_err(|_| Code::NotCertified)
}

fn attachment(bytes: &[u8]) -> Verdict {
    let attachments: Vec<Attachment> = read(bytes, CIPHERTEXT_BYTES_MAX)?;
    Attachment::check_all(&attachments).map_err(AttachmentFlaw::code)
}

fn blob_request(bytes: &[u8]) -> Verdict {
    read::<BlobRequest>(bytes, BLOB_FRAME_BYTES_MAX).map(drop)
}

fn blob_answer(bytes: &[u8]) -> Verdict {
    match read::<BlobAnswer>(bytes, BLOB_FRAME_BYTES_MAX)? {
        BlobAnswer::Chunk { chunk, proof } => {
            let root = BlobId::from_bytes([0; 32]);
            // Nobody knows a chunk whose tree has this root.
            if proof.holds(leaf(&chunk), 0, 8_193, root) { Err(Code::Internal) } else { Ok(()) }
        }
        BlobAnswer::Refused(_) => Ok(()),
    }
}

fn list(bytes: &[u8]) -> Verdict {
    type Offered = (AuthorityKeys, Option<ByteVec>, ByteVec, Timestamp);
    let _ = read::<FederationList>(bytes, LIST_BYTES_MAX);
    let (authority, held, offered, _): Offered = read(bytes, 2 * PAGE_FRAME_BYTES_MAX)?;
    let verify = |bytes: ByteVec| SignedList(bytes.into()).verify(&authority).map_err(|error| error.code());
    let held = held.map(verify).transpose()?;
    let offered = verify(offered)?;
    held.map_or(Ok(()), |held| held.accepts(&offered).map_err(|error| error.code()))
}

fn suspension(bytes: &[u8]) -> Verdict {
    type Said = (AuthorityKeys, ByteVec, SignedSuspension, Timestamp);
    let (authority, held, statement, _): Said = read(bytes, 2 * PAGE_FRAME_BYTES_MAX)?;
    let mut held = SignedList(held.into()).verify(&authority).map_err(|error| error.code())?;
    let statement = statement.verify(&authority).map_err(|error| error.code())?;
    held.suspend(&statement);
    assert!(!held.suspend(&statement), "what was taken into account changes nothing more");
    Ok(())
}

fn invitation(bytes: &[u8]) -> Verdict {
    let invited = Invited::read(bytes).map_err(|error| error.code())?;
    assert_eq!(invited.list().entry(invited.entry().node), Some(invited.entry()));
    Ok(())
}

fn policy(bytes: &[u8]) -> Verdict {
    let policy = CompartmentPolicy::from_bytes(bytes).map_err(|_| Code::Malformed)?;
    assert_eq!(CompartmentPolicy::from_bytes(&policy.to_bytes()).ok(), Some(policy));
    Ok(())
}

fn canonical(bytes: &[u8]) -> Verdict {
    checked(&read(bytes, PAGE_FRAME_BYTES_MAX)?)
}

fn checked(item: &Correspondence) -> Verdict {
    let text = canonical_text(item);
    let level = check_item(item).map_err(|error| error.code)?;
    assert_eq!(item.label.level().ok(), Some(level));
    assert!(
        text.split_once("\n\n").is_some_and(|(_, body)| body == item.body),
        "the body is all of the rest"
    );
    Ok(())
}
