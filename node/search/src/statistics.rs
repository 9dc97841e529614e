//! The fixed table every weight is worked out from. It knows no index.
//!
//! Ordinary scoring asks the index how rare a word is, and the index counts documents the reader may not see,
//! deleted ones included: a reader could then tell from a score that a word occurs in them. Here a word is as
//! rare as it is in diplomatic correspondence in general. The numbers are orders of magnitude; only their
//! ratio matters.

use crate::analysis::words;
use crate::schema::Fields;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tantivy::Term;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;

const DOCUMENTS: u64 = 1_000_000;
const SUBJECT_TOKENS_MEAN: u64 = 10;
const BODY_TOKENS_MEAN: u64 = 300;
const NAMES_TOKENS_MEAN: u64 = 12;

/// In nearly every document.
const GRAMMAR_DOCUMENTS: u64 = 700_000;
const GRAMMAR: &str = "\
    a à ai ainsi alors après as au aucun aussi autre aux avait avant avec avoir bien car ce ceci cela celle \
    celui ces cet cette ceux chaque chez comme comment contre dans de depuis des dont du elle elles en \
    encore entre est et étaient était être fait font hors il ils je la le les leur leurs lui mais même mes \
    mon ne ni nos notre nous on ont ou où par pas peu peut plus pour pourrait pouvoir qu que quel quelle \
    qui sa sans se selon sera serait ses si son sont sous sur ta tous tout toute toutes très tu un une vers \
    vos votre vous y about above after again against all also am an and any are as at be because been \
    before being between both but by can could did do does during each for from further had has have he her \
    here his how however i if in into is it its me more most must my no nor not now of on only or other our \
    out over own same she should so some such than that the their them then there these they this those \
    through to too under until up upon us very was we were what when where which while who whom why will \
    with would you your";

/// In about one document in six.
const TRADE_DOCUMENTS: u64 = 150_000;
const TRADE: &str = "\
    accord affaires ambassade ambassadeur annexe attaché chef circulaire confidentiel conseil consulat \
    coopération copie date délégation département déclaration diplomatique diffusion direction entretien \
    état étrangères européen européenne france français général gouvernement information international \
    internationale ministère ministre mission nations note objet organisation pays politique premier \
    présent président projet question rapport rencontre représentant république réunion situation suite \
    sécurité télégramme texte union urgent visite action affairs agreement ambassador american committee \
    conference copy council country defense delegation department discussion embassy foreign general \
    government immediate information international letter meeting memorandum message military minister \
    ministry mission national note office official party policy political position possible present \
    president prime problem report reference representative secret secretary security situation states \
    statement subject support telegram time today treaty unclassified united view visit";

/// What is assumed of any other word.
const OTHER_DOCUMENTS: u64 = 2_000;

static FREQUENT: LazyLock<BTreeMap<String, u64>> = LazyLock::new(|| {
    let mut table = BTreeMap::new();
    for (text, documents) in [(TRADE, TRADE_DOCUMENTS), (GRAMMAR, GRAMMAR_DOCUMENTS)] {
        for form in words(text).into_iter().flat_map(|word| word.forms) {
            table.insert(form, documents);
        }
    }
    table
});

/// The table, in the shape tantivy asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedStatistics {
    pub(crate) fields: Fields,
}

impl Bm25StatisticsProvider for FixedStatistics {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let mean = if field == self.fields.subject {
            SUBJECT_TOKENS_MEAN
        } else if field == self.fields.names {
            NAMES_TOKENS_MEAN
        } else {
            BODY_TOKENS_MEAN
        };
        Ok(mean * DOCUMENTS)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(DOCUMENTS)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let value = term.value();
        let known = value.as_str().and_then(|form| FREQUENT.get(form));
        Ok(known.copied().unwrap_or(OTHER_DOCUMENTS))
    }
}
