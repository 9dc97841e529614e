//! The rules of the house that Cargo does not enforce: who may name whom, and how long a file may be.

use anyhow::Result;
use std::collections::BTreeSet;
use tests::tree::{Source, file, rust, sources};

const EVERYTHING: [&str; 4] = ["protocol", "node", "testnet", "tests"];
const LINES_MAX: usize = 400;
const LINES_P90_MAX: usize = 250;
const LINES_P50_MAX: usize = 120;

/// Where `what` stands in the code of these files, as `path:line`.
fn named(files: &[Source], what: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in files {
        for (index, line) in source.code().lines().enumerate() {
            for word in what.iter().filter(|word| has(line, word)) {
                found.push(format!("{}:{}: {word}", source.path, index + 1));
            }
        }
    }
    found
}

/// Whether the line has the word and not a longer one: `net::` is not in `planet::`.
fn has(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(part);
        let after = word.ends_with(part) && line[at + word.len()..].chars().next().is_some_and(part);
        !before && !after
    })
}

fn production(folders: &[&str]) -> Result<Vec<Source>> {
    Ok(rust(folders)?.into_iter().filter(|source| !source.is_test()).collect())
}

fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn protocol_does_no_io_and_has_no_clock() -> Result<()> {
    let forbidden = [
        "tokio",
        "libp2p",
        "redb",
        "tantivy",
        "axum",
        "openmls",
        "std::fs",
        "std::net",
        "std::time",
        "SystemTime",
        "Instant",
        "HashMap",
        "HashSet",
        "thread_rng",
        "async",
    ];
    none(named(&production(&["protocol/src"])?, &forbidden), "protocol is pure");
    Ok(())
}

#[test]
fn a_tool_uses_protocol_and_no_other_tool() -> Result<()> {
    let own = ["protocol", "store", "search", "mls", "net", "node", "testnet", "tests"];
    for (tool, allowed) in [
        ("node/store", &["protocol"][..]),
        ("node/search", &["protocol"]),
        ("node/net", &["protocol"]),
        // Ratchet state commits with what it sealed: the one exception.
        ("node/mls", &["protocol", "store"]),
        ("protocol", &[]),
    ] {
        let used = dependencies(&file(&format!("{tool}/Cargo.toml"))?);
        let used: BTreeSet<&str> = own.into_iter().filter(|name| used.contains(*name)).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert!(used.is_subset(&allowed), "{tool} depends on {used:?}, and may on {allowed:?}");
    }
    let used = dependencies(&file("node/Cargo.toml")?);
    assert!(
        !used.contains("testnet") && !used.contains("tests"),
        "nothing uses what stands beside the house"
    );
    Ok(())
}

/// Names in `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside && let Some((name, _)) = line.split_once(['=', '.']) {
            names.insert(name.trim().to_owned());
        }
    }
    names
}

#[test]
fn each_tool_alone_knows_its_crate() -> Result<()> {
    let tools = [("store", "redb"), ("search", "tantivy"), ("mls", "openmls"), ("net", "libp2p")];
    for (tool, library) in tools {
        let others: Vec<&str> =
            ["protocol/src", "node/src", "node/store", "node/search", "node/mls", "node/net"]
                .into_iter()
                .filter(|folder| *folder != format!("node/{tool}"))
                .collect();
        let library = format!("{library}::");
        none(named(&production(&others)?, &[&library]), &format!("only node/{tool} names {library}"));
    }
    Ok(())
}

#[test]
fn no_bug_is_planted_in_the_node() -> Result<()> {
    none(named(&production(&["node"])?, &["Planted", "load_under"]), "planted bugs are for tests");
    Ok(())
}

#[test]
fn desks_speak_to_nobody_and_doors_store_nothing() -> Result<()> {
    let desks = production(&["node/src/desks"])?;
    none(
        named(&desks, &["axum", "redb", "tantivy", "openmls", "libp2p", "crate::doors"]),
        "a desk names no door",
    );
    let doors = production(&["node/src/doors"])?;
    let tools = ["store::", "search::Shelf", "mls::", "redb", "tantivy", "openmls", "libp2p"];
    let found = named(&doors, &tools).into_iter().filter(|one| !own_module(one)).collect();
    none(found, "a door names no tool");
    Ok(())
}

/// The command line makes keys and folders before there is a desk to ask.
fn own_module(found: &str) -> bool {
    found.starts_with("node/src/doors/cli")
}

#[test]
fn cleared_is_made_in_one_file() -> Result<()> {
    let mut files = production(&["node/src"])?;
    files.retain(|source| source.path != "node/src/desks/cleared.rs");
    none(named(&files, &["Cleared("]), "Cleared is made in desks/cleared.rs");
    Ok(())
}

#[test]
fn files_are_nouns_or_verbs_and_short() -> Result<()> {
    let files = rust(&EVERYTHING)?;
    let mut lengths: Vec<usize> = files.iter().map(Source::lines).collect();
    lengths.sort_unstable();
    let at = |percent: usize| lengths[(lengths.len() * percent / 100).min(lengths.len() - 1)];
    let (p50, p90, max) = (at(50), at(90), at(100));
    println!("{} files: p50 {p50}, p90 {p90}, max {max} lines", lengths.len());
    let long: Vec<String> = files
        .iter()
        .filter(|source| source.lines() > LINES_MAX)
        .map(|source| format!("{}: {} lines", source.path, source.lines()))
        .collect();
    none(long, "no file over 400 lines");
    assert!(p50 <= LINES_P50_MAX && p90 <= LINES_P90_MAX, "p50 {p50}, p90 {p90}");
    let vague = ["mod.rs", "utils.rs", "util.rs", "common.rs", "helpers.rs", "manager.rs", "misc.rs"];
    let named: Vec<String> = files
        .into_iter()
        .map(|source| source.path)
        .filter(|path| vague.iter().any(|name| path.rsplit('/').next() == Some(name)))
        .collect();
    none(named, "a file says what is in it");
    Ok(())
}

#[test]
fn nothing_is_awaited_by_sleeping_and_no_test_is_skipped() -> Result<()> {
    let mut files = rust(&EVERYTHING)?;
    files.retain(|source| source.path != "tests/tests/floors.rs");
    let all = files.clone();
    // Deadlines of the node itself are timers; in tests only `wait` asks again after a rest.
    files.retain(|source| source.is_test() || source.path.starts_with("testnet/"));
    files.retain(|source| source.path != "testnet/src/wait.rs");
    none(named(&files, &["sleep(", "park_timeout("]), "tests wait for conditions, in testnet/src/wait.rs");
    none(named(&all, &["#[ignore", "todo!(", "unimplemented!("]), "no skipped test, no hole");
    Ok(())
}

#[test]
fn every_page_of_the_documentation_is_linked() -> Result<()> {
    let pages = sources(&["docs", "federation-spec"], &["md"])?;
    let mut linking: Vec<Source> = pages.clone();
    for path in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        linking.push(Source { path: path.to_owned(), text: file(path)? });
    }
    let orphans: Vec<String> = pages
        .iter()
        .filter(|page| {
            let name = page.path.rsplit('/').next().unwrap_or(&page.path);
            !linking.iter().any(|other| other.path != page.path && other.text.contains(name))
        })
        .map(|page| page.path.clone())
        .collect();
    none(orphans, "every page is reached from another");
    Ok(())
}
