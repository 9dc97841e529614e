use super::*;
use crate::seal::Vault;
use std::path::Path;
use std::sync::mpsc::channel;

const NUMBERS: Table<u64, u64> = Table::new(1, "numbers");

#[derive(Default)]
struct Seen {
    resets: usize,
}

impl Companion for Seen {
    fn flush(&mut self, _: &Tx<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    fn committed(&mut self) {}

    fn reset(&mut self) {
        self.resets += 1;
    }
}

fn store(dir: &Path) -> Store {
    Store::open(&dir.join("store.redb"), Vault::new(&[1; 32]).expect("keys")).expect("opened")
}

fn put(tx: &Tx<'_>, key: u64, value: u64) -> Result<(), StoreError> {
    tx.put(NUMBERS, &key, &Slot::System, &value)
}

/// Submits one act and waits for its answer.
fn act<T: Send + 'static>(
    writer: &Writer<Seen>,
    act: impl Fn(&Tx<'_>, &mut Seen) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Failed<StoreError>> {
    let (send, receive) = channel();
    writer.submit(act, move |result| send.send(result).expect("the test waits"));
    receive.recv().expect("an answer")
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let dir = tempfile::tempdir().expect("a folder");
    let (writer, thread) = Writer::start(store(dir.path()), Seen::default()).expect("started");
    for key in 0..100 {
        assert!(act(&writer, move |tx, _| put(tx, key, key * 2)).is_ok());
    }
    drop(writer);
    thread.join().expect("ended");
    let snapshot = store(dir.path()).snapshot().expect("snapshot");
    let all = snapshot.all(NUMBERS).expect("readable");
    assert_eq!(all, (0..100).map(|key| (key, key * 2)).collect::<Vec<_>>());
}

#[test]
fn an_act_that_wrote_and_failed_leaves_no_trace_and_takes_nobody_down() {
    let dir = tempfile::tempdir().expect("a folder");
    let (writer, _thread) = Writer::start(store(dir.path()), Seen::default()).expect("started");
    let (send, receive) = channel();
    for key in 0..10 {
        let send = send.clone();
        let body = move |tx: &Tx<'_>, _: &mut Seen| {
            put(tx, key, key)?;
            if key == 5 { Err(StoreError::Closed) } else { Ok(()) }
        };
        writer.submit(body, move |result| send.send((key, result.is_ok())).expect("the test waits"));
    }
    let panicking = act(&writer, |tx, _| -> Result<(), StoreError> {
        put(tx, 77, 7)?;
        panic!("on purpose")
    });
    assert!(matches!(panicking, Err(Failed::Panicked)));
    let mut answers: Vec<_> = receive.iter().take(10).collect();
    answers.sort_unstable();
    assert_eq!(answers, (0..10).map(|key| (key, key != 5)).collect::<Vec<_>>());
    let found = act(&writer, |tx, _| tx.all(NUMBERS)).expect("readable");
    assert_eq!(found.len(), 9);
    assert!(found.iter().all(|(key, _)| *key != 5 && *key != 77));
    assert!(act(&writer, |_, seen| Ok(seen.resets)).expect("counted") >= 2);
}

#[test]
fn a_flipped_bit_in_the_file_is_an_error_and_never_another_value() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("store.redb");
    let (writer, thread) = Writer::start(store(dir.path()), Seen::default()).expect("started");
    for key in 0..200 {
        assert!(act(&writer, move |tx, _| put(tx, key, 0xDEAD_BEEF)).is_ok());
    }
    drop(writer);
    thread.join().expect("ended");
    let sound = std::fs::read(&path).expect("file");
    for bit in (0..sound.len() * 8).step_by(7_919) {
        let mut bent = sound.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &bent).expect("written");
        let opened = crate::read::guarded(|| {
            Store::open(&path, Vault::new(&[1; 32]).map_err(|_| StoreError::Closed)?)
        });
        let Ok(snapshot) = opened.and_then(|store| store.snapshot()) else { continue };
        for key in 0..200u64 {
            if let Ok(Some(value)) = snapshot.get(NUMBERS, &key) {
                assert_eq!(value, 0xDEAD_BEEF, "bit {bit}");
            }
        }
    }
}

#[test]
fn a_crash_while_creating_leaves_nothing_that_looks_like_a_store() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("store.new"), [0; 73_728]).expect("leftover");
    assert!(store(dir.path()).snapshot().is_ok());
}

#[test]
fn ranges_and_prefixes_order_as_keys_do() {
    const PAIRS: Table<(u8, u64), u64> = Table::new(2, "pairs");
    let dir = tempfile::tempdir().expect("a folder");
    let (writer, _thread) = Writer::start(store(dir.path()), Seen::default()).expect("started");
    let filled = act(&writer, |tx, _| {
        for (a, b) in [(1u8, 300u64), (1, 2), (2, 1), (255, 9)] {
            tx.put(PAIRS, &(a, b), &Slot::System, &b)?;
        }
        let keys = |list: Vec<((u8, u64), u64)>| list.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        let one = keys(tx.list(PAIRS, &1u8, Order::Ascending, 10)?);
        let last = keys(tx.list(PAIRS, &255u8, Order::Descending, 10)?);
        let newest = keys(tx.range(PAIRS, &(1, 3), &(2, u64::MAX), Order::Descending, 1)?);
        Ok((one, last, newest))
    });
    assert_eq!(filled.expect("readable"), (vec![(1, 2), (1, 300)], vec![(255, 9)], vec![(2, 1)]));
}
