//! What binds an envelope to its author: before a message is opened, that its carrier changed nothing; after,
//! that what its author signed fits the compartment and the author's own earlier messages.

use crate::desks::error::{ActError, mls_code};
use crate::desks::records::{COMMITS, CompartmentRecord, DecidedCommit};
use mls::{Header, Opened};
use protocol::codec;
use protocol::limits::CIPHERTEXT_BYTES_MAX;
use protocol::message::{Authenticated, Envelope, Plaintext};
use protocol::refusal::Code;
use protocol::sync::TRANSCRIPT_BYTES;
use store::{Read, Tx};

/// Authenticated data is a few identifiers and a hash.
const AUTHENTICATED_BYTES_MAX: usize = 1024;

/// Compares the envelope with what the message itself says in clear (WIR-020). Whoever changed one and not the
/// other is found out here; whoever changed both, when the message does not open. Either way nothing is
/// spent, and the author's own copy still counts.
pub(super) fn carried(envelope: &Envelope) -> Result<Authenticated, (Code, &'static str)> {
    let Header { compartment, epoch, authenticated } =
        mls::header(&envelope.ciphertext).map_err(|error| (mls_code(&error), "not a sealed message"))?;
    let authenticated: Authenticated = codec::decode(&authenticated, AUTHENTICATED_BYTES_MAX)
        .map_err(|error| (error.code(), "authenticated data"))?;
    if (compartment, epoch) != (envelope.compartment, envelope.epoch) || !authenticated.binds(envelope) {
        return Err((Code::AadMismatch, "authenticated data and envelope"));
    }
    Ok(authenticated)
}

/// What the author signed, against the compartment. `follows` says whether it stands in the author's own order.
pub(super) fn bound(
    tx: &Tx<'_>,
    record: &CompartmentRecord,
    authenticated: &Authenticated,
    opened: &Opened,
    follows: bool,
) -> Result<Result<Plaintext, (Code, String)>, ActError> {
    let refuse = |code: Code, detail: &str| Ok(Err((code, detail.to_owned())));
    if authenticated.level != record.level {
        return refuse(Code::LabelExceedsClearance, "level in authenticated data");
    }
    if !record.members.contains(&opened.sender) {
        return refuse(Code::RemovedSender, "it came after its sender's removal was known");
    }
    let known = transcript_of(tx, record, authenticated, opened.epoch)?;
    let same = |known: Vec<u8>| known.get(..TRANSCRIPT_BYTES) == Some(&authenticated.transcript);
    if authenticated.transcript.len() != TRANSCRIPT_BYTES || !known.is_none_or(same) {
        return refuse(Code::AadMismatch, "transcript hash: the sender is on another fork");
    }
    if !follows {
        return refuse(Code::IdConflict, "not the message that the sender's others stand beside");
    }
    match codec::decode::<Plaintext>(&opened.plaintext, CIPHERTEXT_BYTES_MAX) {
        Ok(plaintext) => Ok(Ok(plaintext)),
        Err(error) => refuse(error.code(), "content"),
    }
}

/// The transcript hash of an epoch, where it is known here.
fn transcript_of(
    tx: &Tx<'_>,
    record: &CompartmentRecord,
    authenticated: &Authenticated,
    epoch: u64,
) -> Result<Option<Vec<u8>>, ActError> {
    if epoch == record.epoch {
        return Ok(Some(record.transcript.clone()));
    }
    let Some(before) = epoch.checked_sub(1) else { return Ok(None) };
    let commit: Option<DecidedCommit> = tx.get(COMMITS, &(authenticated.compartment, before))?;
    Ok(commit.map(|commit| commit.value.next))
}
