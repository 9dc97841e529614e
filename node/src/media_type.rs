//! The media type of a file, from its first bytes, else from its name.

use protocol::limits::MEDIA_TYPE_CHARS_MAX;

/// What is said of a file about which nothing is known (RFC 2046 §4.5.1).
const UNKNOWN: &str = "application/octet-stream";

/// The media type of the file `name` that begins with `head`. The bytes count before the name, so that a
/// program called `plan.pdf` is called a program.
pub(crate) fn media_type(name: &str, head: &[u8]) -> String {
    let by_bytes = infer::get(head).map(|kind| kind.mime_type());
    // Office documents are archives of which only the name says more.
    let by_name = mime_guess::from_path(name).first_raw();
    let found = match (by_bytes, by_name) {
        (Some("application/zip"), Some(name)) if name.starts_with("application/vnd.") => name,
        (Some(bytes), _) => bytes,
        (None, Some(name)) => name,
        (None, None) => UNKNOWN,
    };
    let found = found.to_ascii_lowercase();
    if found.len() <= MEDIA_TYPE_CHARS_MAX { found } else { UNKNOWN.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_before_the_name() {
        assert_eq!(media_type("plan.pdf", b"%PDF-1.7 ..."), "application/pdf");
        assert_eq!(
            media_type("plan.pdf", b"MZ\x90\0\x03\0\0\0"),
            "application/vnd.microsoft.portable-executable"
        );
        assert_eq!(media_type("liste.csv", b"a;b\n"), "text/csv");
        assert_eq!(media_type("sans-nom", b"?"), UNKNOWN);
        assert_eq!(media_type("", b""), UNKNOWN);
    }
}
