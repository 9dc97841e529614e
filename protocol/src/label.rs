//! Labels and levels. A label is what the originator wrote; a level is what it means under a policy
//! that this build knows. Unknown policy, classification or category: refused, never guessed.
//!
//! Policy `FR` (design §2): *non protégé* (NP) < *diffusion restreinte* (DR), restrictive category
//! *spécial France* (SF). Field names after STANAG 4774.

use minicbor::{Decode, Decoder, Encode, decode};
use std::fmt;
use std::str::FromStr;

/// The only policy that this version knows.
pub const POLICY_FR: &str = "FR";

/// How restricted a thing is. The order is the hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Classification {
    /// *Non protégé*.
    #[n(1)]
    Np,
    /// *Diffusion restreinte*.
    #[n(2)]
    Dr,
}

impl Classification {
    /// The code used in labels and in the interface.
    pub const fn code(self) -> &'static str {
        match self {
            Classification::Np => "NP",
            Classification::Dr => "DR",
        }
    }
}

/// A restrictive category: a reader must hold every one that the label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Category {
    /// *Spécial France*.
    #[n(1)]
    SpecialFrance,
}

impl Category {
    /// The code used in labels.
    pub const fn code(self) -> &'static str {
        match self {
            Category::SpecialFrance => "SF",
        }
    }
}

/// A classification and a set of restrictive categories: what a compartment is at, and up to what a
/// person, terminal, node or community may hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Level {
    /// The classification.
    #[n(0)]
    pub classification: Classification,
    /// Restrictive categories, sorted, each once.
    #[cbor(n(2), decode_with = "ascending")]
    categories: Vec<Category>,
}

/// WIR-030: a level has one form. Two that mean the same and differ would part compartments, policies and
/// hashes that are one.
fn ascending<'b, C>(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Vec<Category>, decode::Error> {
    let categories: Vec<Category> = decoder.decode_with(context)?;
    if categories.windows(2).all(|pair| pair[0] < pair[1]) {
        return Ok(categories);
    }
    Err(decode::Error::message("categories of a level not ascending").at(decoder.position()))
}

impl Level {
    /// *Non protégé*, no category: the bottom.
    pub const NP: Level = Level { classification: Classification::Np, categories: Vec::new() };
    /// *Diffusion restreinte*, no category.
    pub const DR: Level = Level { classification: Classification::Dr, categories: Vec::new() };

    /// A level with its categories in canonical order.
    pub fn new(classification: Classification, mut categories: Vec<Category>) -> Self {
        categories.sort_unstable();
        categories.dedup();
        Self { classification, categories }
    }

    /// The restrictive categories, sorted.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Whether whoever holds `self` may hold a thing at `other`: classification at least as high,
    /// every restrictive category held (STANAG 4774, RESTRICTIVE).
    pub fn dominates(&self, other: &Level) -> bool {
        self.classification >= other.classification
            && other.categories.iter().all(|category| self.categories.contains(category))
    }

    /// The highest level that both hold.
    pub fn meet(&self, other: &Level) -> Level {
        let both = self.categories.iter().filter(|c| other.categories.contains(c)).copied();
        Level::new(self.classification.min(other.classification), both.collect())
    }

    /// Every level of the policy that `self` dominates, lowest first.
    pub fn below(&self) -> Vec<Level> {
        let all = [Classification::Np, Classification::Dr].into_iter().flat_map(|classification| {
            [vec![], vec![Category::SpecialFrance]].map(|categories| Level::new(classification, categories))
        });
        all.filter(|level| self.dominates(level)).collect()
    }

    /// The label of this level under policy `FR`.
    pub fn label(&self) -> Label {
        Label {
            policy: POLICY_FR.to_owned(),
            classification: self.classification.code().to_owned(),
            categories: self.categories.iter().map(|category| category.code().to_owned()).collect(),
        }
    }
}

impl fmt::Display for Level {
    /// `DR`, or `DR+SF` with categories.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.classification.code())?;
        self.categories.iter().try_for_each(|category| write!(f, "+{}", category.code()))
    }
}

impl FromStr for Level {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let mut parts = text.split('+');
        let classification = parts.next().unwrap_or_default().to_owned();
        let categories = parts.map(str::to_owned).collect();
        Label { policy: POLICY_FR.to_owned(), classification, categories }.level()
    }
}

/// A label as its originator wrote it. It travels unchanged (law 6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Label {
    /// The policy's identifier.
    #[n(0)]
    pub policy: String,
    /// The classification's code under that policy.
    #[n(2)]
    pub classification: String,
    /// Category codes, in the originator's order.
    #[n(4)]
    pub categories: Vec<String>,
}

/// A label that this build cannot interpret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// The policy is not known here.
    #[error("unknown label policy {got:?}, expected \"FR\"")]
    Policy {
        /// What the label says.
        got: String,
    },
    /// The classification is not one of the policy.
    #[error("unknown classification {got:?}, expected \"NP\" or \"DR\"")]
    Classification {
        /// What the label says.
        got: String,
    },
    /// A category is not one of the policy.
    #[error("unknown category {got:?}, expected \"SF\"")]
    Category {
        /// What the label says.
        got: String,
    },
}

impl Label {
    /// What the label means. Fails closed on anything unknown (WIR-025).
    pub fn level(&self) -> Result<Level, LabelError> {
        if self.policy != POLICY_FR {
            return Err(LabelError::Policy { got: clip(&self.policy) });
        }
        let classification = match self.classification.as_str() {
            "NP" => Classification::Np,
            "DR" => Classification::Dr,
            other => return Err(LabelError::Classification { got: clip(other) }),
        };
        let categories = self.categories.iter().map(|code| match code.as_str() {
            "SF" => Ok(Category::SpecialFrance),
            other => Err(LabelError::Category { got: clip(other) }),
        });
        Ok(Level::new(classification, categories.collect::<Result<_, _>>()?))
    }
}

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

    fn level() -> impl Strategy<Value = Level> {
        (any::<bool>(), any::<bool>()).prop_map(|(dr, sf)| {
            let class = if dr { Classification::Dr } else { Classification::Np };
            Level::new(class, if sf { vec![Category::SpecialFrance] } else { vec![] })
        })
    }

    #[test]
    fn unknown_policy_classification_and_category_are_refused() {
        let label = |p: &str, c: &str, k: &[&str]| Label {
            policy: p.into(),
            classification: c.into(),
            categories: k.iter().map(|c| (*c).to_owned()).collect(),
        };
        assert!(matches!(label("UK", "NP", &[]).level(), Err(LabelError::Policy { .. })));
        assert!(matches!(label("FR", "SECRET", &[]).level(), Err(LabelError::Classification { .. })));
        assert!(matches!(label("FR", "DR", &["NOFORN"]).level(), Err(LabelError::Category { .. })));
        assert_eq!(label("FR", "DR", &["SF"]).level().map(|l| l.to_string()), Ok("DR+SF".to_owned()));
    }

    #[test]
    fn a_level_with_a_category_twice_is_no_level() {
        let once = codec::encode(&Level::new(Classification::Dr, vec![Category::SpecialFrance]));
        assert!(codec::decode::<Level>(&once, 64).is_ok());
        let twice = [0xa2, 0x00, 0x02, 0x02, 0x82, 0x01, 0x01];
        assert!(codec::decode::<Level>(&twice, 64).is_err());
    }

    proptest! {
        #[test]
        fn meet_is_the_greatest_lower_bound(a in level(), b in level(), c in level()) {
            let meet = a.meet(&b);
            prop_assert!(a.dominates(&meet) && b.dominates(&meet));
            prop_assert_eq!(a.dominates(&c) && b.dominates(&c), meet.dominates(&c));
        }

        #[test]
        fn label_and_text_round_trip(a in level()) {
            prop_assert_eq!(a.label().level().ok(), Some(a.clone()));
            prop_assert_eq!(a.to_string().parse::<Level>().ok(), Some(a));
        }
    }
}
