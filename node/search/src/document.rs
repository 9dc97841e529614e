//! What is indexed of a document. Decides nothing about who may read it: `audience` is opaque here.

use crate::schema::Fields;
use protocol::ids::ItemId;
use std::collections::BTreeSet;
use tantivy::TantivyDocument;

/// One item as the index sees it. Nothing of it can be read back but the id and the values counted in facets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The item; putting the same id again replaces it.
    pub id: ItemId,
    /// `telegram`, `note`, `letter` or `post`.
    pub kind: String,
    /// Precedence, compared whole.
    pub precedence: String,
    /// Classification, compared whole.
    pub classification: String,
    /// Tags, each compared whole and counted once.
    pub tags: Vec<String>,
    /// Communities it stands in, each compared whole and counted once.
    pub communities: Vec<String>,
    /// Addresses of the sender and the addressees, each compared whole.
    pub groups: Vec<String>,
    /// Opaque tokens; a reader finds the document by holding one of them.
    pub audience: Vec<String>,
    /// Unix seconds, UTC.
    pub date_s: i64,
    /// The month it is counted under, `2026-10`.
    pub month: String,
    /// Searchable, weighs most.
    pub subject: String,
    /// Searchable, not kept.
    pub body: String,
    /// Names of the sender and the addressees, searchable.
    pub names: String,
}

impl Document {
    pub(crate) fn to_index(&self, fields: &Fields) -> TantivyDocument {
        let mut indexed = TantivyDocument::new();
        let (high, low) = halves(self.id);
        indexed.add_bytes(fields.id, self.id.as_bytes());
        indexed.add_u64(fields.id_high, high);
        indexed.add_u64(fields.id_low, low);
        indexed.add_i64(fields.date_s, self.date_s);
        indexed.add_text(fields.kind, &self.kind);
        indexed.add_text(fields.precedence, &self.precedence);
        indexed.add_text(fields.classification, &self.classification);
        indexed.add_text(fields.month, &self.month);
        for community in &self.communities {
            indexed.add_text(fields.community, community);
        }
        for (field, values) in
            [(fields.tag, &self.tags), (fields.group, &self.groups), (fields.audience, &self.audience)]
        {
            // A value given twice must not be counted twice in a facet.
            for value in values.iter().collect::<BTreeSet<_>>() {
                indexed.add_text(field, value);
            }
        }
        for (field, text) in
            [(fields.subject, &self.subject), (fields.body, &self.body), (fields.names, &self.names)]
        {
            indexed.add_text(field, text);
            indexed.add_text(fields.surface, text);
        }
        indexed
    }
}

fn halves(id: ItemId) -> (u64, u64) {
    let whole = u128::from_be_bytes(*id.as_bytes());
    ((whole >> 64) as u64, whole as u64)
}

/// Puts an id together again from its two columns.
pub(crate) fn id_of(high: u64, low: u64) -> ItemId {
    ItemId::from_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}
