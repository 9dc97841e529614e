//! Attack 13: a peer that floods slows itself only. Attack 15: claims of key packages end.

use anyhow::Result;
use net::Plane;
use protocol::codec;
use protocol::label::Level;
use protocol::limits::CHANNEL_CLAIMS_MAX;
use protocol::wire::{ControlAnswer, ControlRequest, LogRequest, Push};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use testnet::cast;
use testnet::wait::wait_until;
use tests::compose::{marker, telegram};
use tests::fixture::{Fixture, LATER, SOON};
use tests::hostile::{Hostile, refusals};
use tests::lists::total;

/// Three seconds more than a peer may ask at once on the control plane: 16 a second, four seconds' worth at once.
const HELLOS: usize = 112;
/// What of these three seconds does not depend on how fast this machine counts.
const WAITED_MIN: Duration = Duration::from_secs(2);

#[test]
fn a_flooding_peer_slows_itself_only() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::sante(), cast::ong()])?;
    fixture.federation.start("mae")?;
    fixture.federation.start("sante")?;
    let (sante, mae) = (fixture.drafter("sante")?, fixture.drafter("mae")?);
    wait_until("the directory", LATER, || testnet::scenario::knows(&sante, "cdc@mae"))?;
    let hostile = Hostile::in_channel(&fixture, "ong", "mae")?;

    let lasts = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let hello = codec::encode(&ControlRequest::Hello(hostile.hello()));
            let began = Instant::now();
            assert_eq!(hostile.flood(Plane::Control, &hello, HELLOS), HELLOS, "late, and all the same");
            began.elapsed()
        });
        let flooding = scope.spawn(|| {
            let garbage = vec![0x9f; 200_000];
            let have = codec::encode(&LogRequest::Have(vec![]));
            let push = codec::encode(&Push { envelopes: vec![] });
            while lasts.load(Ordering::Acquire) {
                hostile.flood(Plane::Messages, &garbage, 64);
                hostile.flood(Plane::Log, &have, 64);
                hostile.flood(Plane::Messages, &push, 256);
                hostile.flood(Plane::Order, &garbage, 64);
            }
        });
        let flowed = (|| {
            for _ in 0..3 {
                let word = marker();
                let id =
                    sante.draft(&telegram("dgs@sante", "cdc@mae", "NP", "Pendant l'inondation", &word))?;
                sante.release(&id, &fixture.drafter_password("sante")?)?;
                wait_until("a telegram while the flood lasts", SOON, || {
                    Ok(total(&mae, &format!("q={word}"))? == 1)
                })?;
            }
            Ok(())
        })();
        lasts.store(false, Ordering::Release);
        flooding.join().map_err(|_| anyhow::anyhow!("the flood panicked"))?;
        let waited = asking.join().map_err(|_| anyhow::anyhow!("the flood panicked"))?;
        assert!(waited >= WAITED_MIN, "it waited for its own budget: {waited:?}");
        flowed
    })
}

/// Attack 15, exhaustion: each key package leaves a secret in the store of who gives it.
#[test]
fn claims_of_key_packages_end() -> Result<()> {
    let mut fixture = Fixture::create(&[cast::mae(), cast::ong()])?;
    fixture.federation.start("mae")?;
    let hostile = Hostile::in_channel(&fixture, "ong", "mae")?;
    let asked = ControlRequest::ChannelKeyPackage { level: Level::NP };
    let (mut given, mut refused) = (0, 0);
    for _ in 0..CHANNEL_CLAIMS_MAX + 4 {
        match hostile.control(&asked)? {
            ControlAnswer::KeyPackage(_) => given += 1,
            ControlAnswer::Refused(code) if code == "FED_BUSY" => refused += 1,
            other => anyhow::bail!("{other:?}"),
        }
    }
    assert!(refused >= 3 && given <= CHANNEL_CLAIMS_MAX, "{given} given, {refused} refused");
    assert!(refusals(&fixture, "mae")?.contains_key("FED_BUSY"));
    let above = ControlRequest::ChannelKeyPackage { level: Level::DR };
    assert!(matches!(hostile.control(&above)?, ControlAnswer::Refused(_)));
    Ok(())
}
