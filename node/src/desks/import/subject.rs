//! The subject of a record that has none: its first words.

/// The first `chars_max` characters of a text on one line, blanks and breaks each shown as one blank.
pub(super) fn first_words(text: &str, chars_max: usize) -> String {
    let mut line = String::new();
    // Every word has a character: more words than characters are never needed.
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    for word in words.take(chars_max) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(chars_max) {
        Some((end, _)) => line[..end].trim_end().to_owned(),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::first_words;

    #[test]
    fn eighty_characters_and_one_more() {
        let exact = "é".repeat(80);
        assert_eq!(first_words(&exact, 80), exact);
        assert_eq!(first_words(&format!("{exact}x"), 80), exact);
    }

    #[test]
    fn breaks_become_blanks_and_none_is_left_at_the_end() {
        assert_eq!(first_words("\n 790.\tFrom Murray\n\nto  Creel. ", 80), "790. From Murray to Creel.");
        assert_eq!(first_words("ab cd", 3), "ab");
        assert_eq!(first_words(" \n ", 80), "");
    }
}
