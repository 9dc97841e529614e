//! Passwords that can be read aloud: three words and a number, about 40 bits. For a federation on
//! one machine, printed in a table; nothing else.

use anyhow::{Context, Result};
use std::fs::File;
use std::io::Read;

const WORDS: [&str; 64] = [
    "acacia", "alizé", "amande", "ancre", "ardoise", "aube", "balise", "basalte", "bocage", "boussole",
    "brume", "cadran", "canal", "cèdre", "chêne", "cobalt", "corail", "coteau", "criée", "dune", "écluse",
    "écorce", "érable", "estuaire", "falaise", "fanal", "fougère", "galet", "givre", "granit", "grenat",
    "havre", "hêtre", "île", "jade", "jetée", "lande", "lavande", "lichen", "mélèze", "moisson", "nacre",
    "noyer", "ocre", "olivier", "ombrage", "orage", "palme", "phare", "pinède", "quai", "rivage", "sable",
    "safran", "sentier", "source", "tamaris", "tilleul", "torrent", "vallon", "verger", "vigie", "voile",
    "zénith",
];

/// A new password, such as `grenat-rivage-tilleul-4711`. ASCII only, so that every keyboard has it.
pub fn readable() -> Result<String> {
    let mut random = [0_u8; 8];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context("read /dev/urandom for passwords")?;
    let word = |byte: u8| plain(WORDS[usize::from(byte) % WORDS.len()]);
    let number = u32::from_be_bytes([random[4], random[5], random[6], random[7]]) % 9_000 + 1_000;
    Ok(format!("{}-{}-{}-{number}", word(random[0]), word(random[1]), word(random[2])))
}

fn plain(word: &str) -> String {
    let fold = |letter| match letter {
        'é' | 'è' | 'ê' => 'e',
        'î' => 'i',
        other => other,
    };
    word.chars().map(fold).collect()
}
