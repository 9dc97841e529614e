use super::*;

const START: Timestamp = Timestamp(1_700_000_000_000);

fn fail(throttle: &Throttle, source: Source<'_>, times: u32, now: Timestamp) {
    for _ in 0..times {
        throttle.count(&[source], now);
    }
}

#[test]
fn the_first_failures_are_free_and_the_delay_then_doubles_to_its_limit() {
    let delay = |count| Source::Account("a").delay_seconds(count);
    assert_eq!(delay(ACCOUNT_FAILURES_FREE - 1), 0);
    assert_eq!(delay(ACCOUNT_FAILURES_FREE), 1);
    assert_eq!(delay(ACCOUNT_FAILURES_FREE + 3), 8);
    assert_eq!(delay(ACCOUNT_FAILURES_FREE + 9), ACCOUNT_DELAY_SECONDS_MAX);
    for over in [62, 63, 64, 65, 1_000] {
        assert_eq!(delay(ACCOUNT_FAILURES_FREE + over), ACCOUNT_DELAY_SECONDS_MAX);
    }
    assert_eq!(delay(u32::MAX), ACCOUNT_DELAY_SECONDS_MAX);
    assert_eq!(Source::Address("a").delay_seconds(ADDRESS_FAILURES_FREE - 1), 0);
}

#[test]
fn a_source_waits_alone_and_only_as_long_as_told() {
    let throttle = Throttle::default();
    fail(&throttle, Source::Account("a"), ACCOUNT_FAILURES_FREE + 2, START);
    let check = |source, now| throttle.check(&[Source::Address("x"), source], now).map_err(|p| p.code);
    assert_eq!(check(Source::Account("a"), START), Err(Code::TooManyAttempts));
    assert_eq!(check(Source::Account("a"), START.plus_seconds(3)), Err(Code::TooManyAttempts));
    assert_eq!(check(Source::Account("a"), START.plus_seconds(4)), Ok(()));
    assert_eq!(check(Source::Account("b"), START), Ok(()));
    assert_eq!(check(Source::Address("a"), START), Ok(()));
}

#[test]
fn proof_and_time_forgive() {
    let throttle = Throttle::default();
    fail(&throttle, Source::Account("a"), 30, START);
    let change = throttle.forgive(Source::Account("a"));
    assert_eq!(change.removed.len(), 1);
    assert!(throttle.check(&[Source::Account("a")], START).is_ok());
    assert_eq!(throttle.forgive(Source::Account("a")), Change::default());

    fail(&throttle, Source::Account("a"), 30, START);
    let later = START.plus_seconds(FAILURES_SECONDS);
    throttle.count(&[Source::Account("a")], later);
    assert!(throttle.check(&[Source::Account("a")], later).is_ok());
}

#[test]
fn the_oldest_make_room_at_the_bound() {
    let throttle = Throttle::default();
    for number in 0..FAILURES_MAX {
        let now = START.plus_seconds(i64::try_from(number).unwrap());
        throttle.count(&[Source::Account(&number.to_string())], now);
    }
    let change = throttle.count(&[Source::Account("one more")], START.plus_seconds(100_000));
    assert_eq!(change.removed, [Source::Account("0").key()]);
    assert_eq!(throttle.failures().len(), FAILURES_MAX);
}

#[tokio::test]
async fn only_so_many_hashes_wait() {
    let throttle = Arc::new(Throttle::default());
    let mut held = Vec::new();
    for _ in 0..HASHES_MAX {
        held.push(throttle.place().await.unwrap());
    }
    let tried = (0..=HASHES_WAITING_MAX).map(|_| {
        let throttle = Arc::clone(&throttle);
        tokio::spawn(async move { throttle.place().await.map(drop).map_err(|problem| problem.code) })
    });
    let tried: Vec<_> = tried.collect();
    for _ in 0..tried.len() {
        tokio::task::yield_now().await;
    }
    drop(held);
    let results = futures::future::join_all(tried).await;
    let refused = results.into_iter().filter(|result| matches!(result, Ok(Err(Code::Busy)))).count();
    assert_eq!(refused, 1);
}
