//! The fields of an index. A change here, in `analysis` or in `load` that alters what is written raises
//! [`VERSION`]; an index of another version is rebuilt.

use crate::analysis;
use tantivy::Index;
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};

/// Version of everything an index holds, its words included.
pub(crate) const VERSION: u32 = 1;

/// Columns read per document while collecting, by name.
pub(crate) const ID_HIGH: &str = "id_high";
pub(crate) const ID_LOW: &str = "id_low";
pub(crate) const DATE_S: &str = "date_s";

const TEXT_ANALYZER: &str = "text";
const SURFACE_ANALYZER: &str = "surface";
const RAW_ANALYZER: &str = "raw";

/// Handles of the fields. Equal for equal schemas, because they are numbered in the order of [`build`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) id_high: Field,
    pub(crate) id_low: Field,
    pub(crate) date_s: Field,
    pub(crate) kind: Field,
    pub(crate) precedence: Field,
    pub(crate) classification: Field,
    pub(crate) tag: Field,
    pub(crate) community: Field,
    pub(crate) group: Field,
    pub(crate) audience: Field,
    pub(crate) month: Field,
    pub(crate) subject: Field,
    pub(crate) body: Field,
    pub(crate) names: Field,
    /// The words of all three texts as they are written, without accents: prefixes are looked up here, since
    /// a stem is often shorter than the prefix a reader types.
    pub(crate) surface: Field,
}

pub(crate) fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let column = NumericOptions::default().set_fast();
    let fields = Fields {
        // Indexed so that an item can be replaced and removed; the two halves beside it order equal hits
        // without a dictionary look-up for each.
        id: schema.add_bytes_field("id", BytesOptions::default().set_indexed()),
        id_high: schema.add_u64_field(ID_HIGH, column.clone()),
        id_low: schema.add_u64_field(ID_LOW, column.clone()),
        date_s: schema.add_i64_field(DATE_S, column),
        kind: counted(&mut schema, "kind"),
        precedence: schema.add_text_field("precedence", whole()),
        classification: counted(&mut schema, "classification"),
        tag: counted(&mut schema, "tag"),
        community: counted(&mut schema, "community"),
        group: schema.add_text_field("group", whole()),
        audience: schema.add_text_field("audience", whole()),
        month: schema.add_text_field("month", TextOptions::default().set_fast(RAW_ANALYZER)),
        subject: schema.add_text_field("subject", prose()),
        body: schema.add_text_field("body", prose()),
        names: schema.add_text_field("names", prose()),
        surface: schema.add_text_field("surface", indexed(SURFACE_ANALYZER, IndexRecordOption::Basic, false)),
    };
    (schema.build(), fields)
}

pub(crate) fn register_analyzers(index: &Index) {
    index.tokenizers().register(TEXT_ANALYZER, analysis::stems());
    index.tokenizers().register(SURFACE_ANALYZER, analysis::surface());
}

fn counted(schema: &mut SchemaBuilder, name: &str) -> Field {
    schema.add_text_field(name, whole().set_fast(RAW_ANALYZER))
}

fn whole() -> TextOptions {
    indexed(RAW_ANALYZER, IndexRecordOption::Basic, false)
}

fn prose() -> TextOptions {
    indexed(TEXT_ANALYZER, IndexRecordOption::WithFreqsAndPositions, true)
}

fn indexed(analyzer: &str, record: IndexRecordOption, fieldnorms: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(analyzer)
            .set_index_option(record)
            .set_fieldnorms(fieldnorms),
    )
}
