//! The way out: payloads wait unsealed in order of precedence, are sealed a bounded number ahead,
//! and stay until the peer has acknowledged them.

use crate::clock;
use crate::desks::Desks;
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::{
    COMPARTMENTS, CompartmentRecord, MESSAGES, ROOMS, SENDING, Sealed, Sending, WAITED, WAITING, Waiting,
    level_tag,
};
use mls::Groups;
use protocol::codec;
use protocol::ids::{CompartmentId, ItemId, NodeId};
use protocol::label::Level;
use protocol::limits::{PUSH_MESSAGES_MAX, SEALED_AHEAD_MAX};
use protocol::message::{AUTHENTICATED_FORMAT, Authenticated, Envelope, Payload, Plaintext, commitment};
use protocol::refusal::Code;
use protocol::signature::Digest;
use protocol::space::channel_id;
use protocol::sync::TRANSCRIPT_BYTES;
use store::{Order, Read, Slot, Tx};

/// A compartment of this node by space and level, if it is an active member.
pub(in crate::desks) fn room(
    read: &impl Read,
    space: protocol::ids::SpaceId,
    level: &Level,
) -> Result<Option<(CompartmentId, CompartmentRecord)>, ActError> {
    let Some(id) = read.get(ROOMS, &(space, level_tag(level)))? else { return Ok(None) };
    let record = read.get(COMPARTMENTS, &id)?.filter(|record: &CompartmentRecord| record.active);
    Ok(record.map(|record| (id, record)))
}

/// Sends a payload to one peer at one level: sealed at once when the channel stands, the peer is in
/// reach and nothing waits before it; otherwise it waits in the store, unsealed, in its order.
pub(in crate::desks) fn enqueue(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    level: &Level,
    precedence: u8,
    payload: Payload,
) -> Result<(), ActError> {
    let space = channel_id(desks.own_node(), peer);
    let tag = level_tag(level);
    if desks.inner.peers.is_ready(peer)
        && desks.may_exchange(peer, level)
        && let Some((id, record)) = room(tx, space, level)?
        && !something_waits(tx, space, tag)?
        && sending(tx, id)?.unacknowledged < SEALED_AHEAD_MAX
    {
        return seal(desks, tx, groups, id, &record, precedence, payload).map(|_| ());
    }
    // A clock would not do: many payloads wait within one of its ticks, and it may step back.
    let order = tx.get(WAITED, &())?.unwrap_or(0) + 1;
    tx.put(WAITED, &(), &Slot::System, &order)?;
    let key = (space, tag, (u8::MAX - precedence, order));
    Ok(tx.put(WAITING, &key, &Slot::Level(level.clone()), &Waiting { payload, precedence })?)
}

fn something_waits(read: &impl Read, space: protocol::ids::SpaceId, tag: u8) -> Result<bool, ActError> {
    Ok(!read.list(WAITING, &(space, tag), Order::Ascending, 1)?.is_empty())
}

/// What this node has sealed into a compartment so far.
pub(super) fn sending(read: &impl Read, id: CompartmentId) -> Result<Sending, ActError> {
    let nothing = Sending { last: 0, previous: Digest([0; 32]), unacknowledged: 0, base: 0 };
    Ok(read.get(SENDING, &id)?.unwrap_or(nothing))
}

/// Seals a payload into a compartment. Ratchet state, sealed message and the sender's sequence go
/// into the caller's transaction together (law 3).
pub(in crate::desks) fn seal(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    id: CompartmentId,
    record: &CompartmentRecord,
    precedence: u8,
    payload: Payload,
) -> Result<u64, ActError> {
    if !record.stands() {
        return Err(Problem::new(Code::Recovering, "this node has lost the keys of this compartment").into());
    }
    let before = sending(tx, id)?;
    let sequence = before.last + 1;
    let authenticated = Authenticated {
        format: AUTHENTICATED_FORMAT,
        compartment: id,
        level: record.level.clone(),
        sender: desks.own_node(),
        sequence,
        previous: before.previous,
        message: ItemId::from_bytes(clock::fresh_id()),
        transcript: record.transcript.iter().take(TRANSCRIPT_BYTES).copied().collect(),
        precedence: Some(precedence),
    };
    let plaintext = Plaintext { salt: clock::random(), payload };
    let bytes = codec::encode(&plaintext);
    let ciphertext = groups.seal(tx, id, codec::encode(&authenticated), &bytes)?;
    let envelope = Envelope {
        compartment: id,
        sender: desks.own_node(),
        sequence,
        epoch: record.epoch,
        precedence,
        ciphertext,
    };
    let (item, number, payload) = match plaintext.payload {
        Payload::Correspondence { item, number } => (Some(item.item.id), Some(number), None),
        other => (None, None, Some(other)),
    };
    let slot = Slot::Level(record.level.clone());
    tx.put(MESSAGES, &(id, desks.own_node(), sequence), &slot, &Sealed { envelope, item, payload, number })?;
    let after = Sending {
        last: sequence,
        previous: commitment(&bytes),
        unacknowledged: before.unacknowledged + 1,
        base: before.base,
    };
    tx.put(SENDING, &id, &Slot::System, &after)?;
    Ok(sequence)
}

/// Levels at which something waits for a peer, most urgent first.
pub(super) fn waiting_levels(desks: &Desks, read: &impl Read, peer: NodeId) -> Result<Vec<Level>, ActError> {
    let space = channel_id(desks.own_node(), peer);
    let mut found = Vec::new();
    let cleared = |level: &Level| desks.may_exchange(peer, level);
    for level in desks.ceiling().below().into_iter().filter(cleared) {
        let first = read.list(WAITING, &(space, level_tag(&level)), Order::Ascending, 1)?;
        if let Some(((_, _, (urgency, _)), _)) = first.first() {
            found.push((*urgency, level));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, level)| level).collect())
}

/// Seals what waits for a peer at a level, most urgent first, as far as may be sealed ahead. How
/// many it sealed.
pub(super) fn seal_waiting(
    desks: &Desks,
    tx: &Tx<'_>,
    groups: &mut Groups,
    peer: NodeId,
    level: &Level,
) -> Result<usize, ActError> {
    let space = channel_id(desks.own_node(), peer);
    let Some((id, record)) = room(tx, space, level)? else { return Ok(0) };
    let ahead = SEALED_AHEAD_MAX.saturating_sub(sending(tx, id)?.unacknowledged) as usize;
    let rows =
        tx.list(WAITING, &(space, level_tag(level)), Order::Ascending, ahead.min(PUSH_MESSAGES_MAX))?;
    let count = rows.len();
    for (key, waiting) in rows {
        seal(desks, tx, groups, id, &record, waiting.precedence, waiting.payload)?;
        tx.remove(WAITING, &key)?;
    }
    Ok(count)
}
