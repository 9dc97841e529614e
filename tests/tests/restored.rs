//! A node that is started from an old copy of its folder (law 3): it notices at the first contact, before
//! it seals, and no key is used twice.

use anyhow::{Context, Result};
use std::path::Path;
use testnet::cast;
use testnet::client::Client;
use testnet::metrics::Metrics;
use testnet::wait::wait_until;
use tests::compose::telegram;
use tests::fixture::{Fixture, LATER};
use tests::lists::{delivery, ids, teleprinter};

fn send(fixture: &Fixture, from: (&str, &str), to: &str, subject: &str) -> Result<String> {
    let sender = fixture.drafter(from.0)?;
    let id = sender.draft(&telegram(from.1, to, "DR", subject, "Texte."))?;
    sender.release(&id, &fixture.drafter_password(from.0)?)?;
    Ok(id)
}

fn await_delivery(sender: &Client, id: &str, address: &str) -> Result<()> {
    wait_until(&format!("delivery of {id}"), LATER, || Ok(delivery(sender, id, address)? != "sent"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    // Keys are used only where others cannot read them.
    std::fs::set_permissions(to, from.metadata()?.permissions())?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).with_context(|| format!("copy {}", target.display()))?;
        }
    }
    Ok(())
}

#[test]
fn a_node_started_from_an_old_copy_seals_under_fresh_keys() -> Result<()> {
    let conakry = ("conakry", "chancellerie@conakry");
    let mut fixture = Fixture::start(&cast::pair())?;
    let first = send(&fixture, conakry, "cdc@mae", "Avant la copie")?;
    await_delivery(&fixture.drafter("conakry")?, &first, "cdc@mae")?;
    fixture.federation.stop("conakry")?;
    let dir = fixture.federation.node("conakry")?.dir.clone();
    let old = fixture.federation.dir.join("old-copy");
    copy(&dir, &old)?;
    fixture.federation.start("conakry")?;
    let second = send(&fixture, conakry, "cdc@mae", "Après la copie")?;
    await_delivery(&fixture.drafter("conakry")?, &second, "cdc@mae")?;
    fixture.federation.kill("conakry")?;
    std::fs::remove_dir_all(&dir)?;
    copy(&old, &dir)?;
    fixture.federation.start("conakry")?;

    let third = send(&fixture, conakry, "cdc@mae", "Après la restauration")?;
    let sender = fixture.drafter("conakry")?;
    await_delivery(&sender, &third, "cdc@mae")?;
    let fourth = send(&fixture, ("mae", "cdc@mae"), "chancellerie@conakry", "Réponse")?;
    await_delivery(&fixture.drafter("mae")?, &fourth, "chancellerie@conakry")?;
    let arrived: Vec<_> = ids(&teleprinter(&fixture.drafter("mae")?)?);
    assert_eq!(arrived, [first, second, third, fourth.clone()], "each once, in order");
    assert!(ids(&teleprinter(&sender)?).contains(&fourth));

    let noticed = Metrics::read(&fixture.federation.node("conakry")?.metrics_url)?;
    assert!(noticed.text.contains("NODE_ROLLED_BACK"), "it knows: {}", noticed.text);
    let met = Metrics::read(&fixture.federation.node("mae")?.metrics_url)?;
    assert!(!met.text.contains("MLS_UNDECRYPTABLE"), "no key was used twice: {}", met.text);
    for node in ["mae", "conakry"] {
        fixture.verify(node)?;
    }
    Ok(())
}
