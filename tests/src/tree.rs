//! The source tree, as the rules of the house see it.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use testnet::binary::root;

/// A text file of the tree.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path from the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Lines.
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The text without comments and without what follows the test module: what the rules about
    /// names are for. Line comments only, which is all that this tree uses.
    pub fn code(&self) -> String {
        let body = self.text.split("#[cfg(test)]\nmod ").next().unwrap_or(&self.text);
        let kept = body.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
        kept.collect::<Vec<_>>().join("\n")
    }

    /// Whether it holds tests only.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("_tests.rs")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.starts_with("tests/")
    }
}

/// All Rust files below these folders of the root.
pub fn rust(folders: &[&str]) -> Result<Vec<Source>> {
    sources(folders, &["rs"])
}

/// All files below these folders whose names end so.
pub fn sources(folders: &[&str], endings: &[&str]) -> Result<Vec<Source>> {
    let root = root()?;
    let mut found = Vec::new();
    for folder in folders {
        walk(root, &root.join(folder), endings, &mut found)?;
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// One file of the root.
pub fn file(path: &str) -> Result<String> {
    std::fs::read_to_string(root()?.join(path)).with_context(|| format!("read {path}"))
}

fn walk(root: &Path, folder: &Path, endings: &[&str], found: &mut Vec<Source>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if name != "target" && name != "vendor" && !name.starts_with('.') {
                walk(root, &path, endings, found)?;
            }
        } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
            found.push(Source { path: relative(root, &path)?, text: std::fs::read_to_string(&path)? });
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> Result<String> {
    let parts: PathBuf = path.strip_prefix(root)?.to_owned();
    Ok(parts.to_string_lossy().replace('\\', "/"))
}
