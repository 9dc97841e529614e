//! What all targets run: the functions that the stable tests run too.

#[path = "../src/decoders.rs"]
pub mod decoders;

/// Runs one decoder. A verdict is of no interest here: a broken promise panics.
pub fn run(name: &str, bytes: &[u8]) {
    match decoders::named(name) {
        Some(decoder) => drop((decoder.run)(bytes)),
        None => unreachable!("no decoder {name}"),
    }
}
