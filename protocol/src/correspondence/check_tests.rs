use super::*;
use crate::blob::Sha512;
use crate::correspondence::{ItemKind, Person, Precedence, Precedences, canonical_text};
use crate::ids::{AgentId, BlobId, GroupId, ItemId, NodeId, unhex};
use crate::label::{Category, Classification, Label};
use crate::limits::BLOB_BYTES_MAX;
use crate::time::{Civil, Timestamp};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use std::iter::Peekable;
use std::str::{FromStr, Lines};

/// Reads a canonical text back. That it can is the proof that no two items have one text.
fn read(text: &str) -> Option<Correspondence> {
    let (header, body) = text.split_once("\n\n")?;
    let mut lines = Header(header.lines().peekable());
    lines.one("Valise-Correspondence")?;
    let (id, kind) = (lines.parsed("Id")?, lines.one("Kind")?);
    let serial = lines.parsed("Serial")?;
    lines.one("Date-Time-Group")?;
    let released_at = moment(lines.one("Released-At")?)?;
    let (policy, classification) = (lines.one("Policy")?.into(), lines.one("Classification")?.into());
    let categories = lines.all("Category");
    let from = party(lines.one("From")?)?;
    let mut parties = |name| lines.all(name).iter().map(|line| party(line)).collect::<Option<Vec<_>>>();
    let (action, info) = (parties("Action")?, parties("Information")?);
    let precedence = Precedences {
        action: Precedence::parse(lines.one("Action-Precedence")?)?,
        info: Precedence::parse(lines.one("Information-Precedence")?)?,
    };
    let (subject, tags) = (lines.one("Subject")?.into(), lines.all("Tag"));
    let references = lines.all("Reference").iter().map(|id| id.parse().ok()).collect::<Option<_>>()?;
    let author = person(lines.one("Author")?)?;
    let releaser = lines.one("Releaser").map(person);
    let attachments = attachments(&mut lines)?;
    let import = lines.one("Import-Source").map(str::to_owned);
    Some(Correspondence {
        id,
        kind: ItemKind::parse(kind)?,
        serial,
        from,
        action,
        info,
        precedence,
        label: Label { policy, classification, categories },
        subject,
        tags,
        body: body.to_owned(),
        references,
        author,
        releaser: releaser.map_or(Some(None), |read| read.map(Some))?,
        released_at,
        import: import.map_or(Some(None), |source| mark(&mut lines, source).map(Some))?,
        attachments,
    })
}

/// What the text says of files; their keys it does not say.
fn attachments(lines: &mut Header<'_>) -> Option<Vec<Attachment>> {
    let mut found = Vec::new();
    while let Some(line) = lines.one("Attachment") {
        let (size, rest) = line.split_once(' ')?;
        let (media_type, name) = rest.split_once(' ')?;
        let sha512 = unhex(lines.one("Attachment-SHA-512")?)?.try_into().ok()?;
        found.push(Attachment {
            root: lines.one("Attachment-Root")?.parse().ok()?,
            size: size.parse().ok()?,
            key: [5; 32],
            sha512: Sha512(sha512),
            name: name.to_owned(),
            media_type: media_type.to_owned(),
        });
    }
    Some(found)
}

fn mark(lines: &mut Header<'_>, source: String) -> Option<ImportMark> {
    let printed = |text: &str| (text != NONE_PRINTED).then(|| text.to_owned());
    Some(ImportMark {
        source,
        date: lines.one("Import-Date")?.into(),
        classification: printed(lines.one("Import-Classification")?),
        precedence: printed(lines.one("Import-Precedence")?),
        subject_derived: lines.one("Import-Subject")? == "derived",
        parties: lines.all("Import-Party"),
        number: lines.one("Import-Number").map(str::to_owned),
        handling: lines.all("Import-Handling"),
        repeated_to: lines.all("Import-Repeated-To"),
    })
}

struct Header<'t>(Peekable<Lines<'t>>);

impl<'t> Header<'t> {
    fn one(&mut self, name: &str) -> Option<&'t str> {
        let value = self.0.peek()?.strip_prefix(name)?.strip_prefix(": ")?;
        self.0.next();
        Some(value)
    }

    fn parsed<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.one(name)?.parse().ok()
    }

    fn all(&mut self, name: &str) -> Vec<String> {
        std::iter::from_fn(|| self.one(name).map(str::to_owned)).collect()
    }
}

fn party(line: &str) -> Option<Party> {
    let mut parts = line.splitn(4, ' ');
    let address = parts.next()?.to_owned();
    let (group, node) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(Party { group, node, address, name: parts.next()?.to_owned() })
}

fn person(line: &str) -> Option<Person> {
    let (agent, name) = line.split_once(' ')?;
    Some(Person { agent: agent.parse().ok()?, name: name.to_owned() })
}

/// `2026-11-23T14:30:05.000Z`
fn moment(text: &str) -> Option<Timestamp> {
    let at = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let small = |range| u8::try_from(at(range)?).ok();
    let (year, month, day) = (i64::from(at(0..4)?), small(5..7)?, small(8..10)?);
    let (hour, minute, second) = (small(11..13)?, small(14..16)?, small(17..19)?);
    let civil = Timestamp::from_civil(Civil { year, month, day, hour, minute, second })?;
    Some(Timestamp(civil.0 + i64::from(at(20..23)?)))
}

/// Any text of one line, those that look like parts of a header among them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,20}", Just("Subject: x".to_owned()), Just(" \u{2028}\\n".to_owned())]
}

fn parties() -> impl Strategy<Value = Vec<Party>> {
    let one = ("[a-z][a-z.-]{0,4}@[a-z]{1,4}", any::<u8>(), text()).prop_map(|(address, seed, name)| Party {
        group: GroupId::from_bytes([seed; 16]),
        node: NodeId::from_bytes([seed; 32]),
        address,
        name,
    });
    vec(one, 1..3)
}

fn marks() -> impl Strategy<Value = Option<ImportMark>> {
    let lists = (vec(text(), 0..3), vec(text(), 0..3), vec(text(), 0..3));
    let options = [0; 3].map(|_| proptest::option::of(text()));
    let mark =
        (text(), text(), any::<bool>(), lists, options).prop_map(|(source, date, derived, lists, some)| {
            let [classification, precedence, number] = some;
            let (parties, handling, repeated_to) = lists;
            let subject_derived = derived;
            ImportMark {
                source,
                classification,
                precedence,
                date,
                subject_derived,
                parties,
                number,
                handling,
                repeated_to,
            }
        });
    proptest::option::of(mark)
}

fn files() -> impl Strategy<Value = Vec<Attachment>> {
    let one = (0..=BLOB_BYTES_MAX, any::<[u8; 32]>(), "[a-zé][a-zé .]{0,20}[a-z]");
    vec(one, 0..3).prop_map(|files| {
        let numbered = files.into_iter().enumerate();
        let file = |(at, (size, mut root, name)): (usize, (u64, [u8; 32], String))| {
            // Each root once.
            root[0] = at as u8;
            Attachment {
                root: BlobId::from_bytes(root),
                size,
                key: [5; 32],
                sha512: Sha512([at as u8; 64]),
                name,
                media_type: "application/pdf".to_owned(),
            }
        };
        numbered.map(file).collect()
    })
}

fn items() -> impl Strategy<Value = Correspondence> {
    let who = (parties(), parties(), parties(), text(), proptest::option::of(text()));
    let what = (text(), vec(text(), 0..3), "[\\PC\n\r\t]{0,40}", marks(), files());
    // To the end of the year 9999.
    let numbers = (any::<u32>(), 0..253_402_300_799_999_i64, any::<bool>());
    (who, what, numbers).prop_map(|(who, what, (serial, at, sf))| {
        let (from, action, info, author, releaser) = who;
        let (subject, tags, body, import, attachments) = what;
        let person = |name| Person { agent: AgentId::from_bytes([4; 16]), name };
        let categories = if sf { vec![Category::SpecialFrance] } else { vec![] };
        Correspondence {
            id: ItemId::from_bytes([7; 16]),
            kind: ItemKind::Note,
            serial,
            from: from.into_iter().next().expect("at least one"),
            action,
            info,
            precedence: Precedences { action: Precedence::Flash, info: Precedence::Routine },
            label: Level::new(Classification::Dr, categories).label(),
            subject,
            tags,
            body,
            references: vec![ItemId::from_bytes([9; 16])],
            author: person(author),
            releaser: releaser.map(person),
            released_at: Timestamp(at),
            import,
            attachments,
        }
    })
}

proptest! {
    #[test]
    fn a_canonical_text_says_all_of_its_item(item in items()) {
        check_item(&item).expect("within the limits");
        prop_assert_eq!(read(&canonical_text(&item)), Some(item));
    }
}

fn sample() -> Correspondence {
    let party = |address: &str| Party {
        group: GroupId::from_bytes([1; 16]),
        node: NodeId::from_bytes([1; 32]),
        address: address.to_owned(),
        name: "Centre de crise".to_owned(),
    };
    Correspondence {
        id: ItemId::from_bytes([7; 16]),
        kind: ItemKind::Telegram,
        serial: 1,
        from: party("cdc@mae"),
        action: vec![party("chancellerie@conakry")],
        info: vec![],
        precedence: Precedences { action: Precedence::Flash, info: Precedence::Routine },
        label: Level::NP.label(),
        subject: "Objet".to_owned(),
        tags: vec![],
        body: "Texte.".to_owned(),
        references: vec![],
        author: Person { agent: AgentId::from_bytes([4; 16]), name: "A. Martin".to_owned() },
        releaser: None,
        released_at: Timestamp(0),
        import: None,
        attachments: vec![],
    }
}

fn refused(change: impl FnOnce(&mut Correspondence)) -> Option<(&'static str, Code)> {
    let mut item = sample();
    change(&mut item);
    check_item(&item).err().map(|error| (error.field, error.code))
}

#[test]
fn files_are_checked_with_their_item() {
    let file = |root: u8| Attachment {
        root: BlobId::from_bytes([root; 32]),
        size: 1,
        key: [5; 32],
        sha512: Sha512([6; 64]),
        name: "carte.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
    };
    assert_eq!(refused(|item| item.attachments = (0..20).map(file).collect()), None);
    let many = refused(|item| item.attachments = (0..21).map(file).collect());
    assert_eq!(many, Some(("attachments", Code::AttachmentsTooMany)));
    let outside = refused(|item| item.attachments = vec![Attachment { name: "../x".to_owned(), ..file(1) }]);
    assert_eq!(outside, Some(("attachments", Code::FieldInvalid)));
}

fn printed() -> ImportMark {
    ImportMark {
        source: "1".to_owned(),
        classification: None,
        precedence: None,
        date: "1961-04-23".to_owned(),
        subject_derived: false,
        parties: vec![],
        number: None,
        handling: vec![],
        repeated_to: vec![],
    }
}

#[test]
fn at_the_limit_and_one_past() {
    let (long, invalid) = (Code::FieldTooLong, Code::FieldInvalid);
    for (past, wrong) in [(0, false), (1, true)] {
        let refusal = |field| wrong.then_some((field, long));
        let chars = |max: usize| "é".repeat(max + past);
        assert_eq!(refused(|i| i.subject = chars(SUBJECT_CHARS_MAX)), refusal("subject"));
        assert_eq!(refused(|i| i.tags = vec!["t".to_owned(); TAGS_MAX + past]), refusal("tags"));
        assert_eq!(refused(|i| i.tags = vec![chars(TAG_CHARS_MAX)]), refusal("tags"));
        assert_eq!(refused(|i| i.action = vec![i.from.clone(); ADDRESSEES_MAX + past]), refusal("action"));
        assert_eq!(refused(|i| i.info = vec![i.from.clone(); ADDRESSEES_MAX + past]), refusal("info"));
        assert_eq!(refused(|i| i.references = vec![i.id; REFERENCES_MAX + past]), refusal("references"));
        assert_eq!(refused(|i| i.body = "b".repeat(BODY_BYTES_MAX + past)), refusal("body"));
        assert_eq!(refused(|i| i.from.name = chars(NAME_CHARS_MAX)), refusal("name"));
        assert_eq!(refused(|i| i.author.name = chars(NAME_CHARS_MAX)), refusal("author"));
        let categories = vec!["SF".to_owned(); LABEL_CATEGORIES_MAX + past];
        assert_eq!(refused(|i| i.label.categories = categories), refusal("label"));
        let printed_long = ImportMark { number: Some(chars(PRINTED_CHARS_MAX)), ..printed() };
        assert_eq!(refused(|i| i.import = Some(printed_long)), refusal("import"));
        let listed = ImportMark { handling: vec![String::new(); PRINTED_LIST_MAX + past], ..printed() };
        assert_eq!(refused(|i| i.import = Some(listed)), refusal("import"));
        let at = 253_402_300_799_999 + i64::try_from(past).expect("small");
        assert_eq!(refused(|i| i.released_at = Timestamp(at)), wrong.then_some(("released_at", invalid)));
    }
}

#[test]
fn what_could_pass_for_something_else_is_refused() {
    let invalid = |field| Some((field, Code::FieldInvalid));
    assert_eq!(refused(|i| i.subject = "a\nFrom: b".to_owned()), invalid("subject"));
    assert_eq!(refused(|i| i.tags = vec!["a\u{7f}".to_owned()]), invalid("tags"));
    assert_eq!(refused(|i| i.from.name = "a\tb".to_owned()), invalid("name"));
    assert_eq!(refused(|i| i.from.address = "cdc@mae x".to_owned()), invalid("address"));
    assert_eq!(refused(|i| i.from.address = " cdc@mae".to_owned()), invalid("address"));
    let like_nothing = ImportMark { classification: Some(NONE_PRINTED.to_owned()), ..printed() };
    assert_eq!(refused(|i| i.import = Some(like_nothing)), invalid("import"));
    assert_eq!(refused(|i| i.label.policy = "UK".to_owned()), Some(("label", Code::LabelUnknown)));
}
