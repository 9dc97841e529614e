//! A plain text as paragraphs to read: numbered when the author did not number them, lines joined when
//! only the width of an old terminal broke them, columns kept.

use super::marks::inert;

/// A paragraph of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paragraph {
    /// `1.`, when the text is numbered here.
    pub(super) number: Option<String>,
    /// The text.
    pub(super) text: String,
    /// Columns aligned by spaces: shown in a fixed width.
    pub(super) columns: bool,
}

/// Shortest line that a typist's right margin may have broken.
const BROKEN_LINE_CHARS_MIN: usize = 50;

/// The paragraphs of a body.
pub(super) fn paragraphs(body: &str, number: bool) -> Vec<Paragraph> {
    let text = inert(&body.replace("\r\n", "\n"));
    let blocks: Vec<&str> = text.split("\n\n").map(|block| block.trim_matches('\n')).collect();
    let blocks: Vec<&str> = blocks.into_iter().filter(|block| !block.trim().is_empty()).collect();
    let own = blocks.iter().any(|block| is_numbered(block));
    let mut next = 0;
    let paragraph = |block: &&str| {
        let columns = has_columns(block);
        let number = (number && !own && blocks.len() > 1 && !columns).then(|| {
            next += 1;
            format!("{next}.")
        });
        Paragraph { number, text: if columns { (*block).to_owned() } else { joined(block) }, columns }
    };
    blocks.iter().map(paragraph).collect()
}

fn is_numbered(block: &str) -> bool {
    let rest = block.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < block.trim_start().len() && rest.starts_with(['.', ')', '/', '°'])
}

/// Several lines with runs of spaces inside are a table.
fn has_columns(block: &str) -> bool {
    block.lines().filter(|line| line.trim().contains("   ")).count() > 1
}

fn joined(block: &str) -> String {
    let lines: Vec<&str> = block.lines().map(str::trim_end).collect();
    let broken = match lines.split_last() {
        Some((_, before)) if !before.is_empty() => {
            before.iter().all(|line| line.chars().count() >= BROKEN_LINE_CHARS_MIN)
        }
        _ => false,
    };
    if broken { lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ") } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_numbered_unless_the_author_did() {
        let numbers = |body| paragraphs(body, true).into_iter().map(|p| p.number).collect::<Vec<_>>();
        assert_eq!(numbers("Un.\n\nDeux."), [Some("1.".to_owned()), Some("2.".to_owned())]);
        assert_eq!(numbers("1. Un.\n\n2. Deux."), [None, None]);
        assert_eq!(numbers("Seul."), [None]);
    }

    #[test]
    fn lines_broken_by_a_margin_are_joined_and_others_kept() {
        let long = "Les autorités sanitaires de Macenta ont signalé ce matin sept";
        assert_eq!(
            paragraphs(&format!("{long}\ncas suspects."), false)[0].text,
            format!("{long} cas suspects.")
        );
        assert_eq!(paragraphs("Besoins :\n- tentes\n- gants", false)[0].text, "Besoins :\n- tentes\n- gants");
        let table = paragraphs("LIEU      CAS\nMacenta     7\nKissidougou     2", true);
        assert!(table[0].columns || table[0].text.contains('\n'));
    }
}
