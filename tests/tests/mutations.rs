//! Law 9 at the decoders: whatever a peer makes of a message, it is taken as what it is or refused by a name,
//! and nobody panics. The same on each run; for longer and deeper there are the fuzz targets (`tests/fuzz`).

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::Path;
use tests::decoders::DECODERS;
use tests::mutation::{Seed, mutate};
use tests::vectors;

/// Mutations of each vector.
const ROUNDS: u64 = 400;

#[test]
fn every_decoder_holds_its_promises_on_mutated_vectors() -> Result<()> {
    for decoder in DECODERS {
        let inputs = vectors::inputs(decoder.vectors)?;
        let (mut accepted, mut refused) = (0, BTreeSet::new());
        for (index, input) in inputs.iter().enumerate() {
            let mut seed = Seed::new(index as u64);
            for _ in 0..ROUNDS {
                let other = &inputs[seed.below(inputs.len())];
                match (decoder.run)(&mutate(input, other, &mut seed)) {
                    Ok(()) => accepted += 1,
                    Err(code) => drop(refused.insert(code)),
                }
            }
        }
        assert!(!refused.is_empty(), "{}: {accepted} accepted and nothing refused", decoder.name);
    }
    Ok(())
}

#[test]
fn every_decoder_takes_any_vector_of_any_other() -> Result<()> {
    for file in DECODERS {
        for input in vectors::inputs(file.vectors)? {
            for decoder in DECODERS {
                // It may be one of its own as well; that it answers is the point.
                let _ = (decoder.run)(&input);
            }
        }
    }
    Ok(())
}

#[test]
fn every_decoder_has_vectors_and_a_fuzz_target() -> Result<()> {
    let files: BTreeSet<String> = vectors::names()?.into_iter().collect();
    let known: BTreeSet<String> = DECODERS.iter().map(|decoder| decoder.vectors.to_owned()).collect();
    assert!(known.is_subset(&files), "{known:?} in {files:?}");
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).context("the fuzz crate")?;
    for decoder in DECODERS {
        assert!(manifest.contains(&format!("name = \"{}\"", decoder.name)), "no target {}", decoder.name);
        let target = std::fs::read_to_string(fuzz.join(format!("fuzz_targets/{}.rs", decoder.name)))?;
        assert!(target.contains(&format!("\"{}\"", decoder.name)), "the target {0} runs {0}", decoder.name);
    }
    Ok(())
}
