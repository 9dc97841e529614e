//! Real telegrams, imported at one embassy for two ministries.

use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Output;
use testnet::cast;
use testnet::wait::wait_until;
use tests::corpus::{sample, telegrams};
use tests::fixture::{Fixture, LATER, SOON};
use tests::lists::{ids, teleprinter, total};

const RECORDS: usize = 2_000;

#[test]
fn two_ministries_receive_each_once_and_in_order_through_a_crash() -> Result<()> {
    let mut fixture = Fixture::start(&[cast::conakry(), cast::mae(), cast::sante()])?;
    let folder = fixture.federation.dir.clone();
    let given = telegrams(RECORDS, &folder)?;
    fixture.federation.stop("conakry")?;
    let output = import(&fixture, &given.file)?;
    assert!(output.status.success(), "{}", said(&output));
    let mae = fixture.drafter("mae")?;
    fixture.federation.start("conakry")?;
    wait_until("a tenth of the telegrams at mae", LATER, || {
        Ok(teleprinter(&mae)?.len() * 10 >= given.records)
    })?;
    fixture.federation.kill("mae")?;
    fixture.federation.start("mae")?;

    let conakry = fixture.drafter("conakry")?;
    let sent = teleprinter(&conakry)?;
    assert_eq!(ids(&sent).len(), given.records, "each record became one item");
    for node in ["mae", "sante"] {
        let reader = fixture.drafter(node)?;
        wait_until(&format!("all telegrams at {node}"), LATER, || {
            Ok(teleprinter(&reader)?.len() >= given.records)
        })?;
        let arrived = teleprinter(&reader)?;
        assert_eq!(queues(&arrived), queues(&sent), "{node}: each once, in the sender's order");
        assert!(arrived.iter().all(|line| line["imported"] == true), "an import is shown as such");
        wait_until(&format!("all telegrams in the search of {node}"), LATER, || {
            Ok(total(&reader, "kind=telegram")? == given.records as u64)
        })?;
    }
    for node in ["conakry", "mae", "sante"] {
        fixture.verify(node)?;
    }
    Ok(())
}

/// Ids in order, by level and precedence: within one of these a sender's order is kept; between
/// them the urgent go first, and levels travel apart.
fn queues(lines: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut queues: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let key = format!("{} {}", line["label"]["classification"], line["precedence"]);
        queues.entry(key).or_default().push(line["id"].as_str().unwrap_or_default().to_owned());
    }
    queues
}

#[test]
fn a_malformed_record_is_named_and_the_rest_imported_once() -> Result<()> {
    let mut fixture = Fixture::start(&[cast::conakry(), cast::mae(), cast::sante()])?;
    fixture.federation.stop("conakry")?;
    let file = sample("malformed.jsonl")?;
    let first = import(&fixture, &file)?;
    assert!(!first.status.success(), "a malformed record fails the command: {}", said(&first));
    for line in [2, 4, 5] {
        let named = format!("malformed.jsonl:{line}");
        assert!(said(&first).contains(&named), "{named} in {}", said(&first));
    }
    let second = import(&fixture, &file)?;
    assert!(!second.status.success(), "still malformed");
    fixture.federation.start("conakry")?;
    let mae = fixture.drafter("mae")?;
    wait_until("the three good records", SOON, || Ok(teleprinter(&mae)?.len() >= 3))?;
    let lines = teleprinter(&mae)?;
    let once: BTreeSet<String> = ids(&lines).into_iter().collect();
    assert_eq!((lines.len(), once.len()), (3, 3), "a second run imports nothing twice");
    Ok(())
}

#[test]
fn the_printed_markings_stand_beside_ours() -> Result<()> {
    let mut fixture = Fixture::start(&[cast::conakry(), cast::mae(), cast::sante()])?;
    fixture.federation.stop("conakry")?;
    let output = import(&fixture, &sample("telegrams.jsonl")?)?;
    assert!(output.status.success(), "{}", said(&output));
    fixture.federation.start("conakry")?;
    let mae = fixture.drafter("mae")?;
    wait_until("the samples at mae", SOON, || Ok(teleprinter(&mae)?.len() >= 6))?;
    let items = ids(&teleprinter(&mae)?)
        .iter()
        .map(|id| mae.get(&format!("/api/v1/correspondence/{id}"))?.expect(200))
        .collect::<Result<Vec<Value>>>()?;
    let of = |source: &str| {
        items
            .iter()
            .find(|item| item["import"]["source"] == source)
            .with_context(|| format!("{source} in {items:?}"))
    };
    let marked = of("echantillon/1")?;
    assert_eq!(marked["label"]["classification"], "DR", "any marking is DR");
    assert_eq!(marked["import"]["classification"], "Confidential");
    assert_eq!(marked["precedence"]["action"], "immediate");
    assert_eq!(marked["releaser"], Value::Null, "never an agent's release");
    assert_eq!(marked["number"], Value::Null);
    let plain = of("echantillon/2")?;
    assert_eq!(plain["label"]["classification"], "NP", "no marking is NP");
    assert_eq!(plain["precedence"]["action"], "routine", "no precedence is routine");
    assert_eq!(plain["import"]["subject_derived"], true);
    let subject = plain["subject"].as_str().context("a subject")?;
    assert!(plain["body"].as_str().is_some_and(|body| body.starts_with(subject.trim_end_matches('…'))));
    assert!(subject.chars().count() <= 80);
    Ok(())
}

fn import(fixture: &Fixture, file: &Path) -> Result<Output> {
    let (file, map) = (file.display().to_string(), sample("map.toml")?.display().to_string());
    let from_to = ["--from", "chancellerie@conakry", "--to", "cdc@mae,dgs@sante", "--map", &map];
    fixture.on_stopped("conakry", &[&["import", "telegrams", &file][..], &from_to].concat())
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
