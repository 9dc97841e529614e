//! How words are matched and how a text is read.

use super::support::{ask, doc, found, query, shelf};
use crate::analysis::words;

fn forms(text: &str) -> Vec<Vec<String>> {
    words(text).into_iter().map(|word| word.forms).collect()
}

#[test]
fn spellings_of_one_word_find_each_other() {
    let spellings = ["épidémie", "epidemie", "épidémies", "EPIDEMIE", "ÉPIDÉMIES", "e\u{301}pide\u{301}mie"];
    for written in spellings {
        let (_dir, shelf) = shelf(&[doc(1, "Santé", &format!("Une {written} se déclare."))]);
        for asked in spellings {
            assert_eq!(found(&shelf, asked), [1], "{asked} in {written}");
        }
    }
}

#[test]
fn inflections_and_english_plurals_are_found() {
    let (_dir, shelf) = shelf(&[
        doc(1, "Nationaux", "Les ressortissants français évacués hier"),
        doc(2, "Consular", "American citizens evacuated from the embassies"),
    ]);
    assert_eq!(found(&shelf, "évacuée"), [1]);
    assert_eq!(found(&shelf, "francaise"), [1]);
    assert_eq!(found(&shelf, "citizen"), [2]);
    assert_eq!(found(&shelf, "evacuated embassies"), [2]);
    assert_eq!(found(&shelf, "EMBASSIES"), [2]);
}

#[test]
fn elided_articles_do_not_count() {
    let (_dir, shelf) = shelf(&[doc(1, "Avion", "L’avion d'Ebola, jusqu'à Conakry, aujourd’hui")]);
    for asked in
        ["avion", "l'avion", "d’avion", "ebola", "\"avion Ebola\"", "\"l’avion d’ebola\"", "aujourd'hui"]
    {
        assert_eq!(found(&shelf, asked), [1], "{asked}");
    }
    assert_eq!(forms("L’avion").len(), 1);
    // English possessives and initials are left alone.
    assert_eq!(forms("the ministers' meeting").len(), 3);
}

#[test]
fn words_are_all_wanted() {
    let (_dir, shelf) = shelf(&[doc(1, "Accord", "pêche et agriculture"), doc(2, "Accord", "pêche")]);
    assert_eq!(found(&shelf, "pêche agriculture"), [1]);
    assert_eq!(found(&shelf, "peche"), [2, 1], "the shorter body weighs more");
    assert_eq!(found(&shelf, "accord agriculture"), [1], "words may stand in different fields");
    assert_eq!(found(&shelf, "pêche chasse"), [0; 0]);
}

#[test]
fn a_phrase_wants_its_order() {
    let (_dir, shelf) = shelf(&[
        doc(1, "A", "le cessez-le-feu immédiat au Liban"),
        doc(2, "B", "immédiat : un feu, le cessez"),
    ]);
    for asked in
        ["\"cessez le feu\"", "“cessez le feu”", "« cessez le feu »", "cessez-le-feu", "\"feu immediat\""]
    {
        assert_eq!(found(&shelf, asked), [1], "{asked}");
    }
    assert_eq!(found(&shelf, "\"feu cessez\""), [0; 0]);
    assert_eq!(found(&shelf, "\"immédiat"), [2, 1], "a quote without its partner is punctuation");
}

#[test]
fn a_star_asks_for_a_prefix() {
    let (_dir, shelf) =
        shelf(&[doc(1, "A", "épidémiologie nationale"), doc(2, "B", "épidémie"), doc(3, "C", "épi")]);
    assert_eq!(found(&shelf, "epidem*"), [2, 1]);
    assert_eq!(found(&shelf, "Épidémiolog*"), [1]);
    assert_eq!(found(&shelf, "nationale*"), [1], "longer than the stem");
    assert_eq!(found(&shelf, "épi*"), [3, 2, 1]);
    assert_eq!(found(&shelf, "ép*"), [0; 0], "too short to expand, so a word");
    assert_eq!(found(&shelf, "\"épidémie*\""), [2], "literal between quotes");
}

#[test]
fn a_minus_excludes() {
    let (_dir, shelf) =
        shelf(&[doc(1, "A", "pétrole brut"), doc(2, "B", "pétrole raffiné"), doc(3, "C", "gaz naturel")]);
    assert_eq!(found(&shelf, "pétrole -brut"), [2]);
    assert_eq!(found(&shelf, "-petrole"), [3]);
    assert_eq!(found(&shelf, "-\"pétrole brut\""), [3, 2]);
    assert_eq!(found(&shelf, "-pét*"), [3]);
    assert_eq!(found(&shelf, "pétrole - brut"), [1], "a minus alone is punctuation");
}

#[test]
fn nothing_to_look_for_browses_newest_first() {
    let (_dir, shelf) = shelf(&[doc(1, "A", "un"), doc(3, "C", "trois"), doc(2, "B", "deux")]);
    for text in ["", "   ", "?!", "-", "\"\"", "--", "* -*", "«»"] {
        let answer = ask(&shelf, &query(text));
        assert_eq!(super::support::numbers(&answer), [3, 2, 1], "{text}");
        assert!(answer.hits.iter().all(|hit| hit.score == 0.0));
    }
}

#[test]
fn the_subject_weighs_more_than_the_body() {
    let (_dir, shelf) =
        shelf(&[doc(1, "Visas", "rien"), doc(2, "Rien", "visas"), doc(3, "x", "Le visa et les visas")]);
    assert_eq!(found(&shelf, "visa")[0], 1);
    assert_eq!(found(&shelf, "abidjan"), [3, 2, 1], "names are searched, equal scores newest first");
}

#[test]
fn no_punctuation_is_an_error_and_no_field_can_be_named() {
    let (_dir, shelf) = shelf(&[doc(1, "Note", "kind audience telegram")]);
    assert_eq!(found(&shelf, "audience:g:reader"), [0; 0], "three words in a row, not a field");
    let hostile = [
        "(".repeat(1_000),
        "\"".repeat(999),
        "-".repeat(1_000),
        "*".repeat(1_000),
        "\\".repeat(1_000),
        "\"-\"-\"".to_owned(),
        "a\"b\"c".to_owned(),
        "-\"".to_owned(),
        "AND OR NOT +a -b".to_owned(),
        "[a TO b}".to_owned(),
        "é̀́*".to_owned(),
        "\u{301}\u{301}".to_owned(),
        "\0\u{feff}\u{202e}".to_owned(),
        "x".repeat(1_000),
        "𝔘𝔫𝔦*".to_owned(),
        "l'".repeat(500),
        "'''’’’".to_owned(),
        "/.*/~2^9".to_owned(),
    ];
    for text in hostile {
        ask(&shelf, &query(&text));
        crate::snippet(&text, "l'avion (\"d’Ebola\") \u{301} -* é", 10);
    }
}

#[test]
fn a_word_past_the_limit_is_known_by_its_beginning() {
    let long = "a".repeat(60);
    let (_dir, shelf) = shelf(&[doc(1, "A", &long)]);
    assert_eq!(found(&shelf, &long), [1]);
    assert_eq!(found(&shelf, &"a".repeat(39)), [0; 0]);
}

#[test]
fn the_forms_of_a_word_end_with_the_plain_one() {
    assert_eq!(forms("Épidémies 2026"), [vec!["epidem".to_owned()], vec!["2026".to_owned()]]);
    let evacuated = &words("évacuée")[0];
    assert_eq!(evacuated.forms, ["evacu", "evacue"]);
    assert_eq!((evacuated.plain_form(), evacuated.surface.as_str()), ("evacue", "evacuee"));
}

/// Every mix of wanted and excluded words, phrases and prefixes, against a search by hand.
#[test]
fn mixed_texts_agree_with_a_search_by_hand() {
    let names = ["rouge", "vert", "bleu"];
    let bodies: Vec<String> = (0..81usize)
        .map(|n| [n, n / 3, n / 9, n / 27].map(|at| names.get(at % 4).copied().unwrap_or("gris")).join(" "))
        .collect();
    let docs: Vec<_> = bodies.iter().zip(0u8..).map(|(body, n)| doc(n, "Couleurs", body)).collect();
    let (_dir, shelf) = shelf(&docs);
    let has = |body: &str, part: &str| match part {
        "roug*" => body.contains("rouge"),
        part => format!(" {body} ").contains(&format!(" {} ", part.trim_matches('"'))),
    };
    let parts =
        ["rouge", "gris", "roug*", "\"rouge vert\"", "\"vert vert\"", "\"bleu rouge vert\"", "\"gris bleu\""];
    for one in parts {
        for two in parts {
            for three in parts {
                let text = format!("{one} -{two} -{three}");
                let expected: u64 = bodies
                    .iter()
                    .map(|body| u64::from(has(body, one) && !has(body, two) && !has(body, three)))
                    .sum();
                assert_eq!(ask(&shelf, &query(&text)).total, expected, "{text}");
                let both = bodies.iter().filter(|body| has(body, one) && has(body, two)).count() as u64;
                assert_eq!(ask(&shelf, &query(&format!("{one} {two}"))).total, both, "{one} {two}");
            }
        }
    }
}
