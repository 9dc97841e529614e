//! The map: what printed markings mean under the policy here. TOML, unknown keys refused.
//!
//! ```toml
//! [classification]
//! none = "NP"          # nothing is printed; without this key, such a record is malformed
//! other = "DR"         # printed and not named below; without it, malformed
//! printed = { "Unclassified" = "NP" }
//!
//! [precedence]
//! none = "routine"
//! printed = { "Priority" = "priority", "Niact" = "immediate" }
//! ```
//!
//! Printed values are compared without regard to case. One that is not named whole and has parts
//! joined by `;` means the highest of what its parts mean; each part must be covered.

use super::limits::MAP_BYTES_MAX;
use protocol::correspondence::Precedence;
use protocol::label::{LabelError, Level};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What printed classifications and precedences mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    classification: Marking<Level>,
    precedence: Marking<Precedence>,
}

/// The map could not be read.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The file could not be read.
    #[error("{path} cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// The file is too long for a map.
    #[error("{path} has more than {limit} bytes")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// Not a map: the text says which line.
    #[error("not a map: {0}")]
    Syntax(#[from] toml::de::Error),
    /// Two printed values differ in case only.
    #[error("{printed:?} is mapped twice")]
    Twice {
        /// The value in lower case.
        printed: String,
    },
}

impl Mapping {
    /// Reads a map from a file.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let failed = |source| MappingError::File { path: path.to_owned(), source };
        let mut text = String::new();
        let file = File::open(path).map_err(failed)?;
        let read = file.take(MAP_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
        if u64::try_from(read).is_ok_and(|read| read > MAP_BYTES_MAX) {
            return Err(MappingError::TooLong { path: path.to_owned(), limit: MAP_BYTES_MAX });
        }
        Self::parse(&text)
    }

    /// Reads a map.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let written: Written = toml::from_str(text)?;
        Ok(Self {
            classification: Marking::new(written.classification, |LevelCode(level)| level)?,
            precedence: Marking::new(written.precedence, |PrecedenceWord(precedence)| precedence)?,
        })
    }

    /// What a printed classification means; `None` when the map does not cover it.
    pub(super) fn level(&self, printed: Option<&str>) -> Option<Level> {
        self.classification.meaning(printed)
    }

    /// What a printed precedence means; `None` when the map does not cover it.
    pub(super) fn precedence(&self, printed: Option<&str>) -> Option<Precedence> {
        self.precedence.meaning(printed)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Marking<T> {
    none: Option<T>,
    other: Option<T>,
    /// By printed value in lower case.
    printed: BTreeMap<String, T>,
}

impl<T: Clone + Ord> Marking<T> {
    fn new<W>(written: WrittenMarking<W>, value: impl Fn(W) -> T) -> Result<Self, MappingError> {
        let mut printed = BTreeMap::new();
        for (text, meaning) in written.printed {
            let text = text.trim().to_lowercase();
            if printed.insert(text.clone(), value(meaning)).is_some() {
                return Err(MappingError::Twice { printed: text });
            }
        }
        Ok(Self { none: written.none.map(&value), other: written.other.map(&value), printed })
    }

    fn meaning(&self, printed: Option<&str>) -> Option<T> {
        let Some(text) = printed.map(str::trim).filter(|text| !text.is_empty()) else {
            return self.none.clone();
        };
        let named = |part: &str| self.printed.get(&part.trim().to_lowercase()).cloned();
        let parts = || text.split(';').map(|part| named(part).or_else(|| self.other.clone()));
        named(text).or_else(|| parts().collect::<Option<Vec<T>>>()?.into_iter().max())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    classification: WrittenMarking<LevelCode>,
    precedence: WrittenMarking<PrecedenceWord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMarking<W> {
    none: Option<W>,
    other: Option<W>,
    #[serde(default = "BTreeMap::new")]
    printed: BTreeMap<String, W>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct LevelCode(Level);

impl TryFrom<String> for LevelCode {
    type Error = LabelError;

    fn try_from(text: String) -> Result<Self, LabelError> {
        text.parse().map(Self)
    }
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct PrecedenceWord(Precedence);

/// The text is not one of RFC 6477's words.
#[derive(Debug, thiserror::Error)]
#[error("unknown precedence {got:?}, expected deferred, routine, priority, immediate, flash or override")]
struct PrecedenceError {
    got: String,
}

impl TryFrom<String> for PrecedenceWord {
    type Error = PrecedenceError;

    fn try_from(text: String) -> Result<Self, PrecedenceError> {
        Precedence::parse(&text).map(Self).ok_or(PrecedenceError { got: text })
    }
}
