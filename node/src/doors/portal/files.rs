//! Files as pages show them: name, size, type, how far they are, and whether opening one may run it.

use super::language::Language;
use super::marks::inert;
use crate::desks::view::AttachmentView;

/// A file.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// Of an item its root, of a draft its id there.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Its media type.
    pub(super) media_type: String,
    /// `1,2 Mo`.
    pub(super) size: String,
    /// `whole`, `arriving`, `uploading` or `damaged`.
    pub(super) state: String,
    /// How much of it is here, in hundredths.
    pub(super) percent: u64,
    /// Opening it may run what it holds.
    pub(super) active: bool,
}

impl Shown {
    /// The file in the reader's language.
    pub(super) fn of(view: &AttachmentView, language: Language) -> Self {
        Self {
            id: view.id.clone(),
            name: inert(&view.name),
            media_type: inert(&view.media_type),
            size: size(view.size, language),
            state: view.state.clone(),
            percent: view.held.saturating_mul(100).checked_div(view.size).unwrap_or(100),
            active: is_active(&view.media_type, &view.name),
        }
    }
}

/// Endings that systems run, and those of documents that hold programs.
const ACTIVE_ENDINGS: [&str; 26] = [
    "exe", "dll", "com", "bat", "cmd", "msi", "scr", "pif", "cpl", "lnk", "hta", "js", "jse", "vbs", "vbe",
    "wsf", "ps1", "jar", "sh", "py", "docm", "xlsm", "pptm", "html", "htm", "svg",
];

/// Whether opening the file may run what it holds: by what its bytes are, or by how its name ends.
fn is_active(media_type: &str, name: &str) -> bool {
    let programs = [
        "executable",
        "x-msdownload",
        "x-sh",
        "javascript",
        "html",
        "svg",
        "java-archive",
        "x-elf",
        "x-mach",
    ];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    programs.iter().any(|program| media_type.contains(program)) || ACTIVE_ENDINGS.contains(&ending.as_str())
}

/// A size to two digits, in decimal units as file managers count.
fn size(bytes: u64, language: Language) -> String {
    let units = if language.is_french() { ["o", "ko", "Mo", "Go"] } else { ["B", "kB", "MB", "GB"] };
    let (mut whole, mut tenths, mut unit) = (bytes, 0, 0);
    while whole >= 1_000 && unit + 1 < units.len() {
        tenths = whole % 1_000 / 100;
        whole /= 1_000;
        unit += 1;
    }
    let point = if language.is_french() { ',' } else { '.' };
    if unit == 0 || whole >= 10 {
        return format!("{whole}\u{a0}{}", units[unit]);
    }
    format!("{whole}{point}{tenths}\u{a0}{}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, french) in [
            (0, "0 o"),
            (999, "999 o"),
            (1_000, "1,0 ko"),
            (262_128, "262 ko"),
            (1_250_000, "1,2 Mo"),
            (2_147_483_648, "2,1 Go"),
        ] {
            assert_eq!(size(bytes, Language::French), french.replace(' ', "\u{a0}"));
        }
        assert_eq!(size(1_250_000, Language::English), "1.2\u{a0}MB");
    }

    #[test]
    fn a_program_is_one_by_its_bytes_or_its_name() {
        assert!(is_active("application/vnd.microsoft.portable-executable", "plan.pdf"));
        assert!(is_active("application/octet-stream", "plan.pdf.EXE"));
        assert!(is_active("text/html", "page"));
        assert!(!is_active("application/pdf", "plan.pdf"));
        assert!(!is_active("image/png", "carte.png"));
    }
}
