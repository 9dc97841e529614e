//! The model checker: every order of delivery, loss and repetition, on the code that ships.
//!
//! The network is the set of all messages ever sent. Delivering one does not take it out, and none
//! need be delivered: that is loss, duplication and reordering at once. Refusals are not modelled,
//! which is one more loss. `VALISE_LONG=1` goes deeper where a run stops early.

use super::cast::{COMPARTMENT, Cheap, Seat, node, voters_after};
use crate::commit::Electorate;
use crate::ids::NodeId;
use crate::order::{Body, Flaw, Input, Message, Output};
use crate::time::Timestamp;
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

const AGREEMENT: &str = "no two commits are decided for one epoch";
const PRESENT: &str = "no voter speaks for an epoch that it has left";
const PROOF: &str = "every decision comes with a certificate that convinces";
const WELCOME: &str = "a Welcome leaves only when a quorum holds the commit";
const SUCCESSION: &str = "the founder is removed and the next epoch is decided without it";

/// What is tried.
#[derive(Clone)]
struct Play {
    /// Nodes 1 to n; the first three vote in epoch 0.
    nodes: u8,
    /// Which voters a node wants, per (node, epoch).
    wishes: BTreeMap<(u8, u64), Vec<u8>>,
    /// Rounds that nodes 1, 2, 3 and so on may use per epoch.
    rounds_max: [u64; 4],
    crashes_max: u8,
    flaw: Option<Flaw>,
    seen: Arc<Mutex<BTreeMap<(u64, u64), Effect>>>,
}

/// With `VALISE_LONG=1`: some gigabytes of memory, some minutes in a release build.
const LONG_STATES_MAX: usize = 20_000_000;
/// Bound on the search for what must be there.
const SHOWN_STATES_MAX: usize = 20_000_000;
const START: u64 = 0;
const TICK: u64 = 1;
const CRASH: u64 = 2;

/// Something with its hash, so that states are compared and hashed cheaply.
struct Printed<T> {
    print: u64,
    it: T,
}

impl<T: Hash> Printed<T> {
    fn new(it: T) -> Arc<Self> {
        let mut hasher = DefaultHasher::new();
        it.hash(&mut hasher);
        Arc::new(Printed { print: hasher.finish(), it })
    }
}

impl<T> Hash for Printed<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.print);
    }
}

impl<T> PartialEq for Printed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print
    }
}

impl<T: fmt::Debug> fmt::Debug for Printed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.it.fmt(f)
    }
}

#[derive(Hash)]
struct Packet {
    from: u8,
    to: u8,
    message: Message,
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = format!("{:?}", self.message.body);
        let kind = body.split_whitespace().next().unwrap_or_default();
        write!(f, "{}->{} {kind} in {}", self.from, self.to, self.message.epoch)
    }
}

#[derive(Clone, PartialEq, Hash, Debug)]
struct State {
    seats: Vec<Arc<Printed<Seat>>>,
    /// Sorted by print.
    sent: Vec<Arc<Printed<Packet>>>,
    crashes: u8,
}

#[derive(Clone, PartialEq, Debug)]
enum Action {
    Deliver(Arc<Printed<Packet>>),
    Tick(u8),
    Crash(u8),
}

/// What one act makes of one seat: its next state and what it sends.
type Effect = (Arc<Printed<Seat>>, Vec<Arc<Printed<Packet>>>);

impl Play {
    /// A step is a pure function of the seat and the act: what was seen once is remembered.
    fn step(
        &self,
        state: &State,
        number: u8,
        act_print: u64,
        act: impl FnOnce(&mut Seat) -> Vec<Output>,
    ) -> Option<State> {
        let at = usize::from(number) - 1;
        let key = (state.seats[at].print, act_print);
        let known = self.seen.lock().expect("no thread has panicked").get(&key).cloned();
        let (seat, sent) = known.unwrap_or_else(|| {
            let effect = self.effect(state.seats[at].it.clone(), number, act);
            self.seen.lock().expect("no thread has panicked").insert(key, effect.clone());
            effect
        });
        let mut next = state.clone();
        next.seats[at] = seat;
        for packet in sent {
            if let Err(at) = next.sent.binary_search_by_key(&packet.print, |other| other.print) {
                next.sent.insert(at, packet);
            }
        }
        (next != *state).then_some(next)
    }

    fn effect(&self, mut seat: Seat, number: u8, act: impl FnOnce(&mut Seat) -> Vec<Output>) -> Effect {
        let mut outputs = act(&mut seat);
        let advanced = outputs.iter().any(|output| matches!(output, Output::Decided { .. }));
        let wanted = self.wishes.get(&(number, seat.epoch())).filter(|_| advanced);
        if let Some(value) = wanted.and_then(|voters| seat.commit(voters)) {
            outputs.extend(propose(&mut seat, value));
        }
        let mut sent = Vec::new();
        let mut send = |to: NodeId, message: Message| {
            let to = to.as_bytes()[0];
            if !matches!(message.body, Body::Nack { .. }) && to <= self.nodes {
                sent.push(Printed::new(Packet { from: number, to, message }));
            }
        };
        for output in outputs {
            match output {
                Output::Send { to, message } => send(to, message),
                // The author's Welcome, to whoever it made a voter.
                Output::Decided { value, certificate } if value.author == seat.me => {
                    let (epoch, joiners) = (value.epoch, voters_after(&value));
                    let body = Body::Decided { value, certificate };
                    let welcome = Message { compartment: COMPARTMENT, epoch, body };
                    let joiners = joiners.into_iter().filter(|voter| voter.as_bytes()[0] > 3);
                    joiners.for_each(|joiner| send(joiner, welcome.clone()));
                }
                _ => {}
            }
        }
        if let Some(order) = &mut seat.order {
            order.pace.forget_time();
        }
        (Printed::new(seat), sent)
    }
}

fn propose(seat: &mut Seat, value: crate::commit::Value) -> Vec<Output> {
    let voice = Cheap(seat.me);
    seat.step(Input::Propose { value, urgent: false }, Timestamp(0), 0, &voice)
}

impl State {
    fn decided(&self) -> impl Iterator<Item = (&Seat, u64, &crate::commit::Value)> {
        self.seats
            .iter()
            .flat_map(|seat| seat.it.log.iter().map(move |(epoch, (value, _))| (&seat.it, *epoch, value)))
    }

    fn agrees(&self) -> bool {
        let mut first = BTreeMap::new();
        self.decided().all(|(_, epoch, value)| first.entry(epoch).or_insert(value) == &value)
    }

    /// Of the author's log: whoever voted in the epoch holds the commit if it accepted or logged it.
    fn welcomes_are_held(&self) -> bool {
        self.decided().filter(|(seat, _, value)| value.author == seat.me).all(|(seat, epoch, value)| {
            let before = epoch.checked_sub(1).and_then(|before| seat.log.get(&before));
            let voters =
                before.map_or_else(|| [1, 2, 3].map(node).to_vec(), |(value, _)| voters_after(value));
            let electorate = Electorate::majority(voters);
            let holds = |seat: &Seat| {
                let accepted = seat.order.as_ref().and_then(|order| order.durable.accepted.as_ref());
                seat.log.contains_key(&epoch) || accepted.is_some_and(|(_, accepted)| accepted == value)
            };
            let holders = self.seats.iter().filter(|seat| electorate.has(seat.it.me) && holds(&seat.it));
            holders.count() >= electorate.needed
        })
    }

    fn succeeded(&self) -> bool {
        self.decided().any(|(_, epoch, value)| epoch == 1 && !voters_after(value).contains(&node(1)))
    }
}

impl Model for Play {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let seat = |number| match number {
            1..=3 => Seat::founding(number, &[1, 2, 3], self.flaw),
            _ => Seat::absent(number),
        };
        let seats = (1..=self.nodes).map(|number| Printed::new(seat(number))).collect();
        let mut state = State { seats, sent: Vec::new(), crashes: 0 };
        for ((number, epoch), voters) in &self.wishes {
            let act =
                |seat: &mut Seat| seat.commit(voters).map_or_else(Vec::new, |value| propose(seat, value));
            if *epoch == 0
                && let Some(next) = self.step(&state, *number, START, act)
            {
                state = next;
            }
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend(state.sent.iter().cloned().map(Action::Deliver));
        for (number, seat) in (1..).zip(&state.seats) {
            let Some(order) = &seat.it.order else { continue };
            if order.pace.due().is_some()
                && order.durable.round_used < self.rounds_max[usize::from(number) - 1]
            {
                actions.push(Action::Tick(number));
            }
            if state.crashes < self.crashes_max {
                actions.push(Action::Crash(number));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        match action {
            Action::Deliver(packet) => self.step(state, packet.it.to, packet.print, |seat| {
                let Packet { from, message, .. } = &packet.it;
                if let Body::Decided { value, certificate } = &message.body {
                    seat.join(value, certificate);
                }
                let input = Input::Received { from: node(*from), message: message.clone() };
                let voice = Cheap(seat.me);
                seat.step(input, Timestamp(0), 0, &voice)
            }),
            Action::Tick(number) => self.step(state, number, TICK, |seat| {
                let voice = Cheap(seat.me);
                seat.step(Input::Tick, Timestamp(0), 0, &voice)
            }),
            Action::Crash(number) => {
                let amnesia = self.flaw == Some(Flaw::Amnesia);
                let mut next = self.step(state, number, CRASH, |seat| {
                    let voice = Cheap(seat.me);
                    seat.restart(&voice, amnesia)
                })?;
                next.crashes += 1;
                Some(next)
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(AGREEMENT, |_, state: &State| state.agrees()),
            Property::always(PRESENT, |_, state: &State| !state.seats.iter().any(|seat| seat.it.late)),
            Property::always(PROOF, |_, state: &State| !state.seats.iter().any(|seat| seat.it.deceived)),
            Property::always(WELCOME, |_, state: &State| state.welcomes_are_held()),
            Property::sometimes(SUCCESSION, |_, state: &State| state.succeeded()),
        ]
    }
}

/// Nodes 1 and 2 each want to change something in epoch 0, without a change of voters.
fn duel() -> Play {
    let wishes = [((1, 0), vec![1, 2, 3]), ((2, 0), vec![1, 2, 3])].into();
    Play { nodes: 3, wishes, rounds_max: [1; 4], crashes_max: 0, flaw: None, seen: Arc::default() }
}

/// Node 2 wants node 4 in the founder's place, against the founder; then node 3 wants something.
fn succession() -> Play {
    let wishes = [((1, 0), vec![1, 2, 3]), ((2, 0), vec![2, 3, 4]), ((3, 1), vec![2, 3, 4])].into();
    Play { nodes: 4, ..Play { wishes, ..duel() } }
}

fn long() -> bool {
    std::env::var_os("VALISE_LONG").is_some_and(|value| value == "1")
}

/// Runs until all of the model is seen, or so many states.
fn holds(name: &str, play: Play, states_max: usize) {
    let checker = play.checker().finish_when(HasDiscoveries::AnyFailures);
    let states_max = if long() { states_max.max(LONG_STATES_MAX) } else { states_max };
    let done = checker.target_state_count(states_max).spawn_bfs().join();
    let (states, unique) = (done.state_count(), done.unique_state_count());
    println!("{name}: {states} states, {unique} unique, depth {}", done.max_depth());
    for property in [AGREEMENT, PRESENT, PROOF, WELCOME] {
        if let Some(path) = done.discovery(property) {
            panic!("{property}: {:#?}", path.into_actions());
        }
    }
}

/// Runs until this property shows: a violation of what should always be, or what should be once.
fn shows(name: &str, play: Play, property: &'static str) {
    let checker = play.checker().finish_when(HasDiscoveries::AnyOf([property].into()));
    let done = checker.target_state_count(SHOWN_STATES_MAX).spawn_bfs().join();
    let path = done.discovery(property).unwrap_or_else(|| panic!("{name}: not seen: {property}"));
    let (unique, steps) = (done.unique_state_count(), path.into_actions().len());
    println!("{name}: seen after {unique} unique states, in {steps} steps: {property}");
}

/// All of it: 105,411 states.
#[test]
fn two_proposers_agree_in_every_order_of_events() {
    holds("duel", duel(), usize::MAX);
}

/// All of it: 242,311 states.
#[test]
fn agreement_survives_a_crash_at_every_point() {
    holds("duel with a crash", Play { crashes_max: 1, ..duel() }, usize::MAX);
}

/// The nearest states only: node 1 tries a second ballot.
#[test]
fn agreement_survives_a_second_try() {
    holds("duel with a second try", Play { rounds_max: [2, 1, 1, 1], ..duel() }, 900_000);
}

/// The nearest states only.
#[test]
fn history_stays_one_when_the_founder_is_voted_out() {
    holds("succession", succession(), 600_000);
}

#[test]
fn the_founder_can_be_removed_and_is_not_needed_after() {
    shows("succession", succession(), SUCCESSION);
}

#[test]
fn a_proposer_that_adopts_nothing_is_found() {
    shows("no adoption", Play { flaw: Some(Flaw::NoAdoption), ..duel() }, AGREEMENT);
}

#[test]
fn a_voter_that_forgets_is_found() {
    shows("amnesia", Play { flaw: Some(Flaw::Amnesia), crashes_max: 1, ..duel() }, AGREEMENT);
}

#[test]
fn a_voter_that_votes_across_epochs_is_found() {
    let play = || Play { flaw: Some(Flaw::VoteAcrossEpochs), ..duel() };
    shows("vote across epochs", play(), PRESENT);
    shows("vote across epochs", play(), AGREEMENT);
}

#[test]
fn a_stale_promise_that_counts_is_found() {
    let play = Play { flaw: Some(Flaw::StalePromise), rounds_max: [2, 1, 1, 1], ..duel() };
    shows("stale promise", play, AGREEMENT);
}

#[test]
fn an_accept_that_promises_nothing_is_found() {
    let play = Play { flaw: Some(Flaw::KeepPromise), rounds_max: [2, 1, 1, 1], ..duel() };
    shows("promise kept", play, AGREEMENT);
}
