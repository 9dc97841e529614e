//! What goes wrong, and how often.

use anyhow::{Result, bail, ensure};
use std::fmt;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident: $light:literal, $harsh:literal;)+) => {
        /// Probabilities from 0 to 1, each of what its name says.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Faults { $($(#[$doc])* pub $name: f64,)+ }

        impl Faults {
            /// Nothing goes wrong.
            pub const NONE: Faults = Faults { $($name: 0.0,)+ };
            /// A bad day.
            pub const LIGHT: Faults = Faults { $($name: $light,)+ };
            /// What no federation sees.
            pub const HARSH: Faults = Faults { $($name: $harsh,)+ };

            fn named(&mut self, name: &str) -> Option<&mut f64> {
                match name { $(stringify!($name) => Some(&mut self.$name),)+ _ => None }
            }

            fn pairs(&self) -> Vec<(&'static str, f64)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

faults! {
    /// A parcel is lost, beyond what its link loses.
    loss: 0.02, 0.15;
    /// A parcel arrives twice.
    duplication: 0.02, 0.10;
    /// A parcel is held back for up to 30 seconds.
    reordering: 0.05, 0.20;
    /// At a beat of the story, some nodes are cut off from the others for up to 20 minutes.
    partition: 0.05, 0.20;
    /// A node's clock is wrong by up to 20 minutes.
    clock_skew: 0.20, 0.60;
    /// A node dies at a step, before its commit, in it, or after any of the effects that follow.
    crash: 0.003, 0.02;
    /// The crash comes in the middle of a commit; of what was not synced anything may be missing.
    unsynced: 0.30, 0.50;
    /// A node that died starts from an old copy of its store, and the count of starts beside it says so.
    old_copy: 0.05, 0.20;
    /// A node that died starts from an old copy of its whole folder: only its peers can tell.
    old_folder: 0.0, 0.0;
    /// One of the nodes lies.
    malicious: 0.20, 0.50;
}

impl Faults {
    /// Reads `none`, `light`, `harsh`, or such a name followed or replaced by `name=probability` pairs,
    /// separated by commas: `light,crash=0.1`.
    pub fn parse(text: &str) -> Result<Faults> {
        let mut faults = Faults::NONE;
        for part in text.split(',').filter(|part| !part.is_empty()) {
            match part {
                "none" => faults = Faults::NONE,
                "light" => faults = Faults::LIGHT,
                "harsh" => faults = Faults::HARSH,
                _ => {
                    let Some((name, value)) = part.split_once('=') else {
                        bail!("{part:?} is neither none, light, harsh nor name=probability");
                    };
                    let value: f64 = value.parse()?;
                    ensure!((0.0..=1.0).contains(&value), "{part:?} is no probability");
                    let Some(fault) = faults.named(name) else { bail!("there is no fault {name:?}") };
                    *fault = value;
                }
            }
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, known) in [("none", Faults::NONE), ("light", Faults::LIGHT), ("harsh", Faults::HARSH)] {
            if *self == known {
                return f.write_str(name);
            }
        }
        let set = self.pairs().into_iter().filter(|(_, value)| *value > 0.0);
        let texts: Vec<String> = set.map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&texts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::Faults;

    #[test]
    fn faults_are_read_as_they_are_written() {
        let some = Faults::parse("light,crash=0.5").expect("reads");
        assert_eq!((some.crash, some.loss), (0.5, Faults::LIGHT.loss));
        assert_eq!(Faults::parse(&some.to_string()).expect("reads"), some);
        assert_eq!(Faults::parse(&Faults::HARSH.to_string()).expect("reads"), Faults::HARSH);
        assert!(Faults::parse("los=0.1").is_err() && Faults::parse("loss=2").is_err());
    }
}
