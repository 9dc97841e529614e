//! The inputs of the vectors in `federation-spec/vectors`.

use anyhow::{Context, Result};
use protocol::ids::unhex;
use serde_json::Value;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../federation-spec/vectors")
}

/// The names of the files, without `-v1.json`.
pub fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in folder().read_dir().context("the folder of vectors")? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        names.extend(file.strip_suffix("-v1.json").map(str::to_owned));
    }
    Ok(names)
}

/// All inputs of one file, valid and invalid.
pub fn inputs(name: &str) -> Result<Vec<Vec<u8>>> {
    let path = folder().join(format!("{name}-v1.json"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let file: Value = serde_json::from_str(&text)?;
    let vectors = file["vectors"].as_array().context("vectors")?;
    let input = |vector: &Value| vector["input"].as_str().and_then(unhex).context("hexadecimal input");
    vectors.iter().map(input).collect()
}
