//! Random schedules: loss, repetition, reordering, crashes, several proposers, several epochs.

use super::stage::Stage;
use crate::order::Output;
use proptest::prelude::{Strategy, any, prop, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;

/// One thing that happens. Numbers are taken modulo what there is.
#[derive(Debug, Clone, Copy)]
enum Event {
    Deliver(usize),
    Lose(usize),
    Repeat(usize),
    Crash(u8),
    Tick(u8),
    Propose { by: u8, change: u8, urgent: bool },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => any::<usize>().prop_map(Event::Deliver),
        1 => any::<usize>().prop_map(Event::Lose),
        1 => any::<usize>().prop_map(Event::Repeat),
        1 => any::<u8>().prop_map(Event::Crash),
        2 => any::<u8>().prop_map(Event::Tick),
        2 => any::<(u8, u8, bool)>().prop_map(|(by, change, urgent)| Event::Propose { by, change, urgent }),
    ]
}

/// The voters after a change: as they are, without the founder, or with node 9.
fn changed(stage: &Stage, by: u8, change: u8) -> Option<Vec<u8>> {
    let order = stage.seat(by).order.as_ref()?;
    let mut voters: Vec<u8> = order.electorate.voters.iter().map(|voter| voter.as_bytes()[0]).collect();
    match change % 3 {
        1 if voters.len() > 2 => voters.retain(|voter| *voter != 1),
        2 if !voters.contains(&9) && stage.seat(9).log.is_empty() => voters.push(9),
        _ => {}
    }
    Some(voters)
}

fn happen(stage: &mut Stage, event: Event) {
    let numbers: Vec<u8> = stage.seats.keys().map(|node| node.as_bytes()[0]).collect();
    let one = |number: u8| numbers[usize::from(number) % numbers.len()];
    let under_way = stage.sent.len();
    match event {
        Event::Crash(number) => stage.restart(one(number)),
        Event::Tick(number) => stage.tick(one(number)),
        Event::Propose { by, change, urgent } => {
            if let Some(voters) = changed(stage, one(by), change) {
                stage.propose(one(by), &voters, urgent);
            }
        }
        _ if under_way == 0 => {}
        Event::Deliver(at) => stage.deliver(at % under_way),
        Event::Lose(at) => drop(stage.sent.remove(at % under_way)),
        Event::Repeat(at) => {
            let again = stage.sent[at % under_way].clone();
            stage.sent.push(again);
        }
    }
}

/// Whatever happens, logs agree; and when faults stop, every wish is decided or lost. Counts epochs
/// decided, schedules in which node 9 joined, and those in which the founder was removed.
fn play(voters: u8, events: &[Event]) -> [u64; 3] {
    let founding: Vec<u8> = (1..=voters).collect();
    let mut stage = Stage::new(&founding, &[8]);
    stage.propose(2, &founding[1..], false);
    for event in events {
        happen(&mut stage, *event);
    }
    stage.check();
    stage.calm();
    stage.check();
    let epoch = stage.members().map(super::cast::Seat::epoch).max();
    assert!(stage.members().all(|seat| Some(seat.epoch()) == epoch), "all are in one epoch");
    let wanting: Vec<u8> = stage.members().map(|seat| seat.me.as_bytes()[0]).collect();
    for number in wanting {
        let same = changed(&stage, number, 0).expect("it is a member");
        stage.propose(number, &same, false);
    }
    stage.calm();
    stage.check();
    assert!(stage.members().all(|seat| Some(seat.epoch()) > epoch), "when faults stop, commits are decided");
    let alarms =
        stage.told.iter().filter(|(_, told)| matches!(told, Output::Alarm { .. } | Output::Fork { .. }));
    assert_eq!(alarms.count(), 0, "honest nodes alarm nobody");
    let joined = !stage.seat(9).log.is_empty();
    let decided = stage.members().map(super::cast::Seat::epoch).max().unwrap_or_default();
    [decided, u64::from(joined), u64::from(stage.seat(1).order.is_none())]
}

#[test]
fn random_schedules_keep_one_history() {
    let schedules = if std::env::var_os("VALISE_LONG").is_some() { 2_000 } else { 60 };
    let config =
        Config { cases: schedules, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let case = (3..=7_u8, prop::collection::vec(event(), 0..160));
    let seen = Cell::new([0; 3]);
    let result = TestRunner::new(config).run(&case, |(voters, events)| {
        let (more, sum) = (play(voters, &events), seen.get());
        seen.set([0, 1, 2].map(|at| sum[at] + more[at]));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let [decided, joined, removed] = seen.get();
    println!(
        "{schedules} schedules: {decided} epochs, {joined} with a newcomer, {removed} without the founder"
    );
    assert!(joined > 0 && removed > 0, "schedules reach both changes of voters");
}
