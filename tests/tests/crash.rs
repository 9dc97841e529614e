//! SIGKILL, of either end, again and again while telegrams are on their way: nothing lost, nothing
//! doubled, no number twice (laws 2, 3 and 11).

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use testnet::cast;
use testnet::client::Client;
use testnet::wait::wait_until;
use tests::compose::telegram;
use tests::fixture::{Fixture, LATER};
use tests::lists::{ids, teleprinter};

const ROUNDS: usize = 6;
const PER_ROUND: usize = 10;

#[test]
fn killing_sender_or_receiver_loses_and_doubles_nothing() -> Result<()> {
    let mut fixture = Fixture::start(&cast::pair())?;
    let password = fixture.drafter_password("conakry")?;
    let mut sent = Vec::new();
    for round in 0..ROUNDS {
        let conakry = fixture.drafter("conakry")?;
        let drafts = (0..PER_ROUND)
            .map(|n| {
                let subject = format!("Tour {round}, télégramme {n}");
                conakry.draft(&telegram("chancellerie@conakry", "cdc@mae", "DR", &subject, "Texte."))
            })
            .collect::<Result<Vec<String>>>()?;
        let victim = if round % 2 == 0 { "mae" } else { "conakry" };
        release_and_kill(&mut fixture, &conakry, &drafts, &password, victim)?;
        fixture.federation.start(victim)?;
        let conakry = fixture.drafter("conakry")?;
        for id in &drafts {
            release_if_needed(&conakry, id, &password)?;
        }
        sent.extend(drafts);
    }
    everything_once(&fixture, &sent)?;
    for node in ["mae", "conakry"] {
        fixture.verify(node)?;
    }
    Ok(())
}

/// Releases from a thread and kills the victim in the middle. When the sender is the victim, the
/// calls that it did not answer fail, and whether they counted is seen after the restart.
fn release_and_kill(
    fixture: &mut Fixture,
    conakry: &Client,
    drafts: &[String],
    password: &str,
    victim: &str,
) -> Result<()> {
    let (halfway, reached) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let releasing = scope.spawn(move || {
            for (n, id) in drafts.iter().enumerate() {
                if n == PER_ROUND / 2 {
                    let _ = halfway.send(());
                }
                if conakry.release(id, password).is_err() && victim == "mae" {
                    return Err(anyhow::anyhow!("Conakry refused while only mae was killed"));
                }
            }
            Ok(())
        });
        reached.recv().context("half of the telegrams were released")?;
        fixture.federation.kill(victim)?;
        releasing.join().map_err(|_| anyhow::anyhow!("the releasing thread panicked"))?
    })
}

fn release_if_needed(conakry: &Client, id: &str, password: &str) -> Result<()> {
    let found = conakry.get(&format!("/api/v1/correspondence/{id}"))?.expect(200)?;
    if found["state"] != "released" {
        conakry.release(id, password)?;
    }
    Ok(())
}

fn everything_once(fixture: &Fixture, sent: &[String]) -> Result<()> {
    let (conakry, mae) = (fixture.drafter("conakry")?, fixture.drafter("mae")?);
    wait_until("all telegrams at mae", LATER, || Ok(teleprinter(&mae)?.len() >= sent.len()))?;
    let arrived = ids(&teleprinter(&mae)?);
    let (once, wanted): (BTreeSet<_>, BTreeSet<_>) = (arrived.iter().collect(), sent.iter().collect());
    assert_eq!(arrived.len(), once.len(), "nothing twice");
    assert_eq!(once, wanted, "nothing missing, nothing else");
    let mut numbers = BTreeSet::new();
    for id in sent {
        let item = conakry.get(&format!("/api/v1/correspondence/{id}"))?.expect(200)?;
        numbers.insert(item["number"].as_str().context("a released telegram has a number")?.to_owned());
    }
    let gapless: BTreeSet<String> = (1..=sent.len()).map(|n| format!("{n:06}")).collect();
    assert_eq!(numbers, gapless, "serial numbers without gap or double");
    Ok(())
}
