//! The table of attacks names tests that are there.

use anyhow::{Context, Result};
use std::path::Path;

/// Every test that `docs/attacks.md` names, between backticks with `::`, is a function of the file that it names.
#[test]
fn the_table_of_attacks_names_tests_that_exist() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace")?;
    let table = std::fs::read_to_string(root.join("docs/attacks.md"))?;
    let named: Vec<(&str, &str)> = table.split('`').filter_map(|part| part.split_once("::")).collect();
    for (file, test) in &named {
        let source = std::fs::read_to_string(root.join(file)).with_context(|| format!("{file} of {test}"))?;
        anyhow::ensure!(
            source.contains(&format!("#[test]\nfn {test}("))
                || source.contains(&format!("#[test]\n    fn {test}(")),
            "{file} has no test {test}"
        );
    }
    let rows = |number: u8| table.lines().any(|line| line.starts_with(&format!("| {number} |")));
    anyhow::ensure!((1..=15).all(rows), "a row for each attack");
    anyhow::ensure!(named.len() >= 15, "a test for each attack");
    Ok(())
}
