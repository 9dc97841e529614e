//! What must be true at each step. It sees all nodes at once and what each committed; the liar's word counts
//! for nothing.

use super::people::{Federation, number};
use super::room::{Decided, Fact, Room};
use protocol::commit::{Electorate, guilt};
use protocol::ids::{CompartmentId, NodeId};
use protocol::order::{Alarm, Durable};
use protocol::signature::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) const ONE_COMMIT: &str = "one epoch has at most one certified commit";
pub(super) const GUILT: &str = "two certified commits of one epoch convict the liar and nobody else";
pub(super) const PROOF: &str = "every decision comes with a certificate that convinces";
pub(super) const PRESENT: &str = "no voter speaks for an epoch that it has left";
pub(super) const BOUND: &str = "a voter never goes back behind what it promised or accepted";
pub(super) const SECRETS: &str = "who is in one epoch has one history and one secret";
pub(super) const ONCE: &str = "no message is opened twice";
pub(super) const CONTENT: &str = "one number of one sender has one content";
pub(super) const LEVEL: &str = "no node below the level holds a sealed message";
pub(super) const KEPT: &str = "nothing acknowledged is lost";
pub(super) const DURABLE: &str = "what was on disk before something left is there after a crash";
pub(super) const GIVES_UP: &str = "no node gives its keys up whose store is the last one";
pub(super) const ACCUSED: &str = "honest nodes accuse nobody honest";

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which, as a sentence.
    pub sentence: &'static str,
    /// Where and how.
    pub detail: String,
}

pub(super) fn broken(sentence: &'static str, detail: impl Into<String>) -> Broken {
    Broken { sentence, detail: detail.into() }
}

type Message = (CompartmentId, NodeId, u64);

/// What is known of one community.
#[derive(Default)]
struct History {
    decided: BTreeMap<u64, Arc<Decided>>,
    voters: BTreeMap<u64, Electorate>,
    epochs: BTreeMap<u64, (Vec<u8>, Vec<u8>)>,
}

pub(super) struct Oracle {
    federation: Arc<Federation>,
    pub(super) liar: Option<usize>,
    histories: BTreeMap<CompartmentId, History>,
    /// Communities that a liar split.
    pub(super) forked: BTreeSet<CompartmentId>,
    contents: BTreeMap<Message, Digest>,
    opened: BTreeMap<NodeId, BTreeSet<Message>>,
    acknowledged: BTreeMap<NodeId, BTreeSet<Message>>,
}

impl Oracle {
    pub(super) fn new(federation: Arc<Federation>, liar: Option<usize>) -> Self {
        Oracle {
            federation,
            liar,
            histories: BTreeMap::new(),
            forked: BTreeSet::new(),
            contents: BTreeMap::new(),
            opened: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
        }
    }

    fn lies(&self, node: NodeId) -> bool {
        self.liar == Some(number(node))
    }

    /// Posts sealed, by whom, with which number.
    pub(super) fn posts(&self) -> impl Iterator<Item = Message> + '_ {
        self.contents.keys().copied()
    }

    /// Takes what one commit of `me` made true; `before` and `after` are its room.
    pub(super) fn take(
        &mut self,
        me: NodeId,
        id: CompartmentId,
        rooms: (Option<&Room>, Option<&Room>),
        facts: &[Fact],
    ) -> Result<(), Broken> {
        if self.lies(me) {
            return Ok(());
        }
        self.check_level(me, rooms.1)?;
        check_bound(me, rooms)?;
        for fact in facts {
            match fact {
                Fact::Logged(decided, voted) => self.logged(id, decided, voted)?,
                Fact::Advanced { epoch, transcript, authenticator } => {
                    let said = (transcript.clone(), authenticator.clone());
                    let history = self.histories.entry(id).or_default();
                    let known = history.epochs.entry(*epoch).or_insert_with(|| said.clone());
                    if *known != said && !self.forked.contains(&id) {
                        return Err(broken(SECRETS, format!("node {} in epoch {epoch}", number(me))));
                    }
                }
                Fact::Spoke { epoch } => {
                    if rooms.0.is_some_and(|room| room.log.contains_key(epoch) && room.active) {
                        return Err(broken(PRESENT, format!("node {} in epoch {epoch}", number(me))));
                    }
                }
                Fact::Sealed { sequence, content } => self.content((id, me, *sequence), *content)?,
                Fact::Opened { sender, sequence, content } => {
                    let message = (id, *sender, *sequence);
                    if !self.lies(*sender) {
                        self.content(message, *content)?;
                    }
                    if !self.opened.entry(me).or_default().insert(message) {
                        let detail =
                            format!("node {} opened {} of {}", number(me), sequence, number(*sender));
                        return Err(broken(ONCE, detail));
                    }
                }
                Fact::Acknowledged { by, sequence } if !self.lies(*by) => {
                    self.acknowledged.entry(*by).or_default().insert((id, me, *sequence));
                }
                Fact::Accused { whom, of } => self.accused(me, id, *whom, of)?,
                Fact::Forked(guilt) => {
                    let honest = guilt.voters.iter().any(|voter| !self.lies(*voter));
                    if honest || self.liar.is_none() {
                        return Err(broken(GUILT, format!("{guilt:?}")));
                    }
                    self.forked.insert(id);
                }
                Fact::Acknowledged { .. }
                | Fact::Joined
                | Fact::Out
                | Fact::KeysLost
                | Fact::Returned
                | Fact::KeyPackage(_) => {}
            }
        }
        Ok(())
    }

    fn content(&mut self, message: Message, content: Digest) -> Result<(), Broken> {
        if *self.contents.entry(message).or_insert(content) == content {
            return Ok(());
        }
        Err(broken(CONTENT, format!("message {} of node {}", message.2, number(message.1))))
    }

    fn check_level(&self, me: NodeId, room: Option<&Room>) -> Result<(), Broken> {
        let Some(room) = room else { return Ok(()) };
        let cleared = self.federation.entry(me).is_some_and(|entry| entry.ceiling.dominates(&room.level));
        if cleared {
            return Ok(());
        }
        Err(broken(LEVEL, format!("node {} is in a room at {}", number(me), room.level)))
    }

    fn logged(
        &mut self,
        id: CompartmentId,
        decided: &Arc<Decided>,
        voted: &Electorate,
    ) -> Result<(), Broken> {
        let Decided { value, certificate } = &**decided;
        let epoch = value.epoch;
        let history = self.histories.entry(id).or_default();
        let voters = history.voters.entry(epoch).or_insert_with(|| voted.clone()).clone();
        // Whoever sees it need not be one of them: it speaks with the first voter's voice only to verify.
        let seen_by = voters.voters.first().copied().unwrap_or(value.author);
        let proven = self.federation.speak(seen_by, |voice| certificate.check(voice, value, &voters));
        if let Err(error) = proven {
            return Err(broken(PROOF, format!("epoch {epoch}: {error}")));
        }
        let history = self.histories.entry(id).or_default();
        let first = history.decided.entry(epoch).or_insert_with(|| Arc::clone(decided));
        if first.value == *value {
            let next = Electorate::majority(value.voters.clone());
            history.voters.entry(epoch + 1).or_insert(next);
            return Ok(());
        }
        let Some(liar) = self.liar else { return Err(broken(ONE_COMMIT, format!("epoch {epoch}"))) };
        let guilt = guilt(&first.certificate, certificate);
        let just = guilt.is_some_and(|guilt| {
            let named = guilt.voters.iter().all(|voter| number(*voter) == liar);
            named && (!guilt.voters.is_empty() || guilt.elsewhere.is_some())
        });
        if !just {
            return Err(broken(GUILT, format!("epoch {epoch}")));
        }
        self.forked.insert(id);
        Ok(())
    }

    fn accused(&self, me: NodeId, id: CompartmentId, whom: NodeId, of: &Alarm) -> Result<(), Broken> {
        if self.lies(whom) || self.forked.contains(&id) {
            return Ok(());
        }
        Err(broken(ACCUSED, format!("node {} accuses node {}: {of:?}", number(me), number(whom))))
    }

    /// Whoever acknowledged a message has it.
    pub(super) fn check_kept<'a>(
        &self,
        me: NodeId,
        room: impl Fn(CompartmentId) -> Option<&'a Room>,
    ) -> Result<(), Broken> {
        for (id, sender, sequence) in self.acknowledged.get(&me).into_iter().flatten() {
            let held = room(*id).is_some_and(|room| room.messages.contains_key(&(*sender, *sequence)));
            if !held {
                let detail = format!("message {sequence} of node {} at node {}", number(*sender), number(me));
                return Err(broken(KEPT, detail));
            }
        }
        Ok(())
    }

    /// The node was replaced by an old copy: what it knew after that is gone, and may be learned again.
    pub(super) fn forget(&mut self, me: NodeId, rooms: &super::ground::Rooms) {
        self.acknowledged.remove(&me);
        let held = |(id, sender, sequence): &Message| {
            rooms.get(id).is_some_and(|room| room.messages.contains_key(&(*sender, *sequence)))
        };
        if let Some(opened) = self.opened.get_mut(&me) {
            opened.retain(held);
        }
        // What it had sealed and nobody got is as if it had never been.
        let opened: BTreeSet<Message> = self.opened.values().flatten().copied().collect();
        let (contents, mine) = (&mut self.contents, |message: &Message| message.1 == me);
        contents.retain(|message, _| !mine(message) || held(message) || opened.contains(message));
    }
}

/// What a voter has promised in one epoch and one life only rises, and covers what it has accepted.
fn check_bound(me: NodeId, (before, after): (Option<&Room>, Option<&Room>)) -> Result<(), Broken> {
    let Some(after) = after.map(|room| &room.durable) else { return Ok(()) };
    let accepted = |durable: &Durable| durable.accepted.as_ref().map(|(ballot, _)| *ballot);
    let life = |durable: &Durable| (durable.epoch, durable.incarnation);
    let before = before.map(|room| &room.durable).filter(|before| life(before) == life(after));
    let fell = before.is_some_and(|old| old.promised > after.promised || accepted(old) > accepted(after));
    if fell || accepted(after) > after.promised {
        return Err(broken(BOUND, format!("node {} in epoch {}", number(me), after.epoch)));
    }
    Ok(())
}
