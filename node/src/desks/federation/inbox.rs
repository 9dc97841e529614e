//! The way in: pushed messages are checked, opened, filed and acknowledged in one transaction per
//! push. One bad message never holds up those behind it.

use super::binding::{bound, carried};
use super::payload::{self, Effect};
use crate::desks::Desks;
use crate::desks::error::{ActError, mls_code};
use crate::desks::ledger::{self, Note};
use crate::desks::records::{
    COMPARTMENTS, CompartmentRecord, HELD, Held, LedgerAct, MESSAGES, QUARANTINE, Quarantined, Sealed,
};
use mls::{Groups, MlsError, Opened};
use protocol::codec;
use protocol::ids::{CompartmentId, NodeId};
use protocol::limits::{CIPHERTEXT_BYTES_MAX, HELD_RANGES_MAX, PAGE_FRAME_BYTES_MAX, PUSH_MESSAGES_MAX};
use protocol::message::{Authenticated, Envelope, commitment};
use protocol::refusal::Code;
use protocol::space::SpaceKind;
use protocol::wire::{Push, PushAnswer, PushResult};
use store::{Read, Slot, Tx};

/// Why a message was not accepted, and whether its key is spent.
enum Refused {
    /// Nothing happened: it may come again.
    Before(Code, &'static str),
    /// It opened, so it can never open again; it is kept as evidence against who sealed it.
    After(Code, String, Opened),
}

impl Desks {
    /// Answers a push; `None` when the bytes are no push.
    pub(super) async fn answer_push(&self, from: NodeId, bytes: &[u8]) -> Option<Vec<u8>> {
        let push: Push = match codec::decode(bytes, PAGE_FRAME_BYTES_MAX) {
            Ok(push) => push,
            Err(error) => {
                self.refuse(from, error.code(), &error.to_string());
                return None;
            }
        };
        if push.envelopes.len() > PUSH_MESSAGES_MAX {
            self.refuse(from, Code::FrameTooLarge, "too many messages in one push");
            return None;
        }
        let results = self.take_in(from, push.envelopes).await?;
        Some(codec::encode(&PushAnswer { results }))
    }

    /// Takes messages in, whoever brought them. `None` when nothing could be stored.
    pub(super) async fn take_in(&self, from: NodeId, envelopes: Vec<Envelope>) -> Option<Vec<PushResult>> {
        let desks = self.clone();
        let taken = self.act(move |tx, groups| {
            let mut effects = Vec::new();
            let results =
                envelopes.iter().map(|envelope| one(&desks, tx, groups, from, envelope, &mut effects));
            Ok((results.collect::<Result<Vec<_>, ActError>>()?, effects))
        });
        let (results, effects) = taken.await.ok()?;
        for result in results.iter().filter(|result| result.refused.is_some()) {
            let code = result.refused.as_deref().and_then(Code::parse).unwrap_or(Code::Malformed);
            self.refuse(from, code, "message");
        }
        let behind =
            results.iter().find(|result| result.refused.as_deref() == Some(Code::EpochAhead.as_str()));
        if let Some(result) = behind {
            self.pull_commits(from, result.compartment).await;
        }
        self.carry_out(effects);
        Some(results)
    }
}

fn one(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    from: NodeId,
    envelope: &Envelope,
    effects: &mut Vec<Effect>,
) -> Result<PushResult, ActError> {
    let result = |refused: Option<Code>| PushResult {
        compartment: envelope.compartment,
        sender: envelope.sender,
        sequence: envelope.sequence,
        refused: refused.map(|code| code.as_str().to_owned()),
    };
    match accept(desks, tx, groups, from, envelope, effects)? {
        Ok(()) => Ok(result(None)),
        Err(Refused::Before(code, detail)) => {
            tracing::debug!(code = code.as_str(), detail, "message.refused");
            Ok(result(Some(code)))
        }
        Err(Refused::After(code, detail, opened)) => {
            let key = (envelope.compartment, opened.sender, envelope.sequence);
            let kept = Quarantined { code: code.as_str().to_owned(), plaintext: opened.plaintext };
            let record = tx.get(COMPARTMENTS, &envelope.compartment)?;
            let slot = record.map_or(Slot::System, |record| Slot::Level(record.level));
            tx.put(QUARANTINE, &key, &slot, &kept)?;
            let note = Note { detail: Some(format!("{} {detail}", code.as_str())), ..Note::default() };
            ledger::append(tx, desks.now(), LedgerAct::Refused, note)?;
            Ok(result(Some(code)))
        }
    }
}

fn accept(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    from: NodeId,
    envelope: &Envelope,
    effects: &mut Vec<Effect>,
) -> Result<Result<(), Refused>, ActError> {
    let record = match admissible(desks, tx, from, envelope)? {
        Ok(record) => record,
        Err(refused) => return Ok(Err(refused)),
    };
    let key = (envelope.compartment, envelope.sender);
    let held: Held = tx.get(HELD, &key)?.unwrap_or_default();
    if held.ranges.contains(envelope.sequence) {
        // Harmless: the acknowledgement was lost.
        return Ok(Ok(()));
    }
    if held.ranges.as_slice().len() >= HELD_RANGES_MAX && !held.ranges.touches(envelope.sequence) {
        return Ok(Err(Refused::Before(Code::Busy, "too many gaps in its numbers")));
    }
    let authenticated = match carried(envelope) {
        Ok(authenticated) => authenticated,
        Err((code, detail)) => return Ok(Err(Refused::Before(code, detail))),
    };
    if envelope.epoch > record.epoch {
        return Ok(Err(Refused::Before(Code::EpochAhead, "epoch")));
    }
    let opened = match groups.open(tx, envelope.compartment, &envelope.ciphertext) {
        Ok(opened) => opened,
        Err(MlsError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(Err(Refused::Before(mls_code(&error), "cannot be opened"))),
    };
    if opened.sender != envelope.sender {
        // A member that gives itself out for another: the other's number is still to come.
        let detail = "sealed by another member than it says".to_owned();
        return Ok(Err(Refused::After(Code::IdentityMismatch, detail, opened)));
    }
    // From here on the key is spent: whatever is wrong is kept, and the sequence counts as held.
    let slot = Slot::Level(record.level.clone());
    let follows = hold(tx, key, held, &authenticated, &opened)?;
    if record.kind == SpaceKind::Community {
        let kept = Sealed { envelope: envelope.clone(), item: None, payload: None, number: None };
        tx.put(MESSAGES, &(key.0, key.1, envelope.sequence), &slot, &kept)?;
        effects.push(Effect::Stale(envelope.compartment));
    }
    let content = match bound(tx, &record, &authenticated, &opened, follows)? {
        Ok(content) => content,
        Err((code, detail)) => return Ok(Err(Refused::After(code, detail, opened))),
    };
    match payload::dispatch(desks, tx, groups, &record, envelope.sender, content.payload, effects)? {
        Ok(()) => Ok(Ok(())),
        Err(problem) => Ok(Err(Refused::After(problem.code, problem.detail, opened))),
    }
}

/// Counts a message as held; whether it stands in its author's own order (WIR-021).
fn hold(
    tx: &Tx<'_>,
    key: (CompartmentId, NodeId),
    held: Held,
    authenticated: &Authenticated,
    opened: &Opened,
) -> Result<bool, ActError> {
    let Held { mut ranges, mut links } = held;
    let (sequence, own) = (authenticated.sequence, commitment(&opened.plaintext));
    let joins = links.join(&ranges, sequence, authenticated.previous, own);
    ranges.insert(sequence);
    tx.put(HELD, &key, &Slot::System, &Held { ranges, links })?;
    Ok(joins && authenticated.starts_soundly())
}

/// What can be told before opening.
fn admissible(
    desks: &Desks,
    tx: &Tx<'_>,
    from: NodeId,
    envelope: &Envelope,
) -> Result<Result<CompartmentRecord, Refused>, ActError> {
    let refuse = |code, detail| Ok(Err(Refused::Before(code, detail)));
    let record = tx.get(COMPARTMENTS, &envelope.compartment)?.filter(|record| record.active);
    let Some(record) = record else { return refuse(Code::NotMember, "compartment") };
    if !record.members.contains(&from) {
        return refuse(Code::NotMember, "carrier");
    }
    if !desks.may_exchange(from, &record.level) {
        // Expired, it is worth another try; with a list in force it is not.
        let stale = desks.list().is_expired(desks.now());
        return refuse(if stale { Code::ListExpired } else { Code::LabelExceedsClearance }, "ceiling");
    }
    let by_author = envelope.sender == from;
    if envelope.sender == desks.own_node() || record.kind == SpaceKind::Channel && !by_author {
        return refuse(Code::IdentityMismatch, "sender");
    }
    if envelope.ciphertext.len() > CIPHERTEXT_BYTES_MAX {
        return refuse(Code::FrameTooLarge, "ciphertext");
    }
    if envelope.sequence == 0 || envelope.sequence == u64::MAX {
        return refuse(Code::Malformed, "sequence");
    }
    Ok(Ok(record))
}
