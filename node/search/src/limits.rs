//! Every limit of the search tool, with its reason.

/// Longest text a reader may ask for. A screen of text; nobody types more, a program that does is in error.
pub const TEXT_CHARS_MAX: usize = 1_000;

/// Most words in a text, quoted and excluded ones included. Each costs up to six posting lists a segment.
pub const TERMS_MAX: usize = 32;

/// Most prefixes (`word*`) in a text. Each walks a slice of the dictionary.
pub const PREFIXES_MAX: usize = 4;

/// Shortest prefix that is expanded; a shorter one is looked up as a word. This is what bounds the expansion:
/// a cap on the number of expanded terms would make the answer depend on words of documents the reader may
/// not see.
pub const PREFIX_CHARS_MIN: usize = 3;

/// Deepest hit that can be reached, `offset + limit`. Each shelf keeps that many candidates in memory.
pub const HITS_MAX: usize = 1_000;

/// Most audience tokens of one reader: every group and community of a large ministry.
pub const AUDIENCE_TOKENS_MAX: usize = 4_096;

/// Longest filter value or audience token. An address has at most 320 bytes.
pub const FILTER_BYTES_MAX: usize = 512;

/// Most values given for one facet; the counts of those given stay exact.
pub const FACET_VALUES_MAX: usize = 50;

/// Most months given, the newest ones: twenty years.
pub const FACET_MONTHS_MAX: usize = 240;

/// A longer word is known by its first characters, in documents and in questions alike: encoded attachments
/// would otherwise fill the dictionary, and a dropped word could not be found at all.
pub const WORD_CHARS_MAX: usize = 40;

/// Longest excerpt of a body.
pub const SNIPPET_CHARS_MAX: usize = 2_000;

/// How far into a body an excerpt is looked for; the longest telegram known has 60,000 characters.
pub const SNIPPET_SCAN_CHARS_MAX: usize = 100_000;

/// Memory of the one indexing thread: the least tantivy accepts, because an idle node must stay under 80 MiB.
pub const WRITER_HEAP_BYTES: usize = 15_000_000;

/// Threads that merge segments. One: merging is never urgent and must not compete with the node.
pub const MERGE_THREADS: usize = 1;

/// Share of deleted documents above which a segment is rewritten, so that what was deleted does not stay on
/// disk.
pub const DELETED_SHARE_MAX: f32 = 0.3;
