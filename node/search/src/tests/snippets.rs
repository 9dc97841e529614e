//! Excerpts.

use crate::limits::SNIPPET_CHARS_MAX;
use crate::snippet;

/// The excerpt without its marks and ellipses.
fn shown(html: &str) -> String {
    html.replace("<mark>", "").replace("</mark>", "").replace('…', "")
}

#[test]
fn everything_is_escaped_and_words_are_marked_with_their_accents() {
    let body = "<script>alert(\"L'ÉPIDÉMIE\")</script> & fin";
    let html = snippet("epidemies", body, 200);
    assert_eq!(html, "&lt;script&gt;alert(&quot;L&#39;<mark>ÉPIDÉMIE</mark>&quot;)&lt;/script&gt; &amp; fin");
    assert_eq!(snippet("script", "<script>", 50), "&lt;<mark>script</mark>&gt;");
}

#[test]
fn accents_written_apart_stay_inside_the_mark() {
    assert_eq!(snippet("épidémie", "e\u{301}pide\u{301}mie", 50), "<mark>e\u{301}pide\u{301}mie</mark>");
}

#[test]
fn without_a_match_the_beginning_is_given() {
    let body = "Un deux trois quatre cinq";
    assert_eq!(snippet("", body, 12), "Un deux…");
    assert_eq!(snippet("absent", body, 13), "Un deux trois…");
    assert_eq!(snippet("-deux", body, 100), body, "excluded words are not marked");
    assert_eq!(snippet(&"x ".repeat(600), body, 100), body, "nor those of a text past the limits");
    assert_eq!(snippet("deux", "", 10), "");
    assert_eq!(snippet("", "sansaucunblanc", 4), "sans…");
    assert_eq!(snippet("", "fin  \n", 3), "fin");
}

#[test]
fn the_part_with_most_of_the_words_is_shown() {
    let filler = "remplissage sans importance ".repeat(40);
    let body = format!("{filler}le pétrole seul {filler}le pétrole et le gaz ensemble {filler}");
    let html = snippet("gaz pétrole", &body, 120);
    assert!(html.contains("<mark>pétrole</mark> et le <mark>gaz</mark> ensemble"), "{html}");
    assert!(html.starts_with('…') && html.ends_with('…'), "{html}");
    assert!(shown(&html).chars().count() <= 120);
}

#[test]
fn phrases_are_marked_whole_and_prefixes_by_word() {
    assert_eq!(
        snippet("\"cessez le feu\"", "le feu. Un cessez-le-feu", 100),
        "le feu. Un <mark>cessez</mark>-<mark>le</mark>-<mark>feu</mark>"
    );
    assert_eq!(snippet("évac*", "Évacuation évaluée", 100), "<mark>Évacuation</mark> évaluée");
}

#[test]
fn any_length_is_kept() {
    let body = "« Évacuation » d’Abidjan\u{a0}: 3 000 ressortissants, <5 heures>. 漢字 😀 ".repeat(60);
    for text in ["abidjan", "\"5 heures\" évac*", "ressortissant 漢字", ""] {
        for chars in (0..60).chain([500, SNIPPET_CHARS_MAX, SNIPPET_CHARS_MAX + 1, usize::MAX]) {
            let plain = snippet(text, &body, chars)
                .replace("<mark>", "")
                .replace("</mark>", "")
                .replace('…', "")
                .replace("&lt;", "<")
                .replace("&gt;", ">");
            assert!(plain.chars().count() <= chars.min(SNIPPET_CHARS_MAX), "{chars}: {plain}");
            assert!(body.contains(&plain), "{chars}: {plain}");
        }
    }
    assert!(!snippet("évacuation", &"x".repeat(5_000), 50).contains("mark"));
}
