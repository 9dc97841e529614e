//! Attack 10: what a peer shows as the federation list is what the authority has signed, and never an older one.

use super::super::authority::{accepts, orders};
use anyhow::Result;
use protocol::signature::Digest;
use protocol::wire::{ControlAnswer, ControlRequest, Hello};
use testnet::cast;
use testnet::wait::wait_until;
use tests::fixture::{Fixture, SOON};
use tests::hostile::{Hostile, refusals};

#[test]
fn a_list_that_is_unsigned_older_or_split_is_refused_by_name() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::ong()])?;
    fixture.federation.start("mae")?;
    let hostile = Hostile::polite(&fixture, "ong", "mae")?;
    let split = Hello { list_hash: Digest([1; 32]), ..hostile.hello() };
    let answer = hostile.control(&ControlRequest::Hello(split))?;
    assert_eq!(answer, ControlAnswer::Refused("FED_LIST_SPLIT".to_owned()));

    let file = fixture.federation.dir.join("authority").join("federation.list");
    let first = std::fs::read(&file)?;
    orders(&fixture, &["reissue"])?;
    let mut unsigned = std::fs::read(&file)?;
    let last = unsigned.len() - 1;
    unsigned[last] ^= 1;
    let announced = |served: Vec<u8>, code: &str| {
        hostile.serve_list(served);
        let before = refusals(&fixture, "mae")?.get(code).copied().unwrap_or_default();
        wait_until(code, SOON, || {
            let newer = Hello { list_version: 99, list_hash: Digest([1; 32]), ..hostile.hello() };
            let answer = hostile.control(&ControlRequest::Hello(newer))?;
            assert!(matches!(answer, ControlAnswer::Hello(_)), "an announcement is no offence: {answer:?}");
            Ok(refusals(&fixture, "mae")?.get(code).is_some_and(|now| *now > before))
        })
    };
    announced(unsigned, "FED_LIST_SIGNATURE")?;
    announced(vec![0x9f], "FED_MALFORMED")?;
    // The right one, from the operator; the node takes it over a moment later.
    accepts(&fixture, "mae", "federation.list")?;
    announced(first, "FED_LIST_ROLLBACK")?;
    hostile.say_hello()
}
