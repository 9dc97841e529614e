//! The configuration file, `valise.toml`.
//!
//! Decides which keys there are and what is said of a wrong one: file, line and column. Does not
//! decide whether an address is free or a certificate is good; whoever uses them says so.

use crate::desks::Settings;
use crate::limits::CONFIG_BYTES_MAX;
use protocol::correspondence::is_handle;
use protocol::federation::Kind;
use protocol::label::Level;
use protocol::limits::NAME_CHARS_MAX;
use serde::{Deserialize, Deserializer, de};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Its name in a node's folder.
pub(crate) const FILE: &str = "valise.toml";

/// The file as written, its paths resolved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Short name, the part after `@`.
    #[serde(deserialize_with = "handle")]
    pub(crate) name: String,
    /// Full name, shown until the node is on the list.
    #[serde(deserialize_with = "full_name")]
    pub(crate) organisation: String,
    #[serde(deserialize_with = "kind")]
    kind: Kind,
    /// The authority's public keys.
    #[serde(default = "authority_file")]
    pub(crate) authority: PathBuf,
    /// Where the operator puts a federation list.
    #[serde(default = "list_file")]
    pub(crate) list: PathBuf,
    pub(crate) web: Web,
    pub(crate) metrics: Metrics,
    pub(crate) net: Net,
    #[serde(default)]
    communities: Communities,
    /// The folder of the file.
    #[serde(skip)]
    dir: PathBuf,
}

/// The portal and the API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Web {
    pub(crate) listen: SocketAddr,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
}

/// The metrics.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metrics {
    pub(crate) listen: SocketAddr,
}

/// The transport between nodes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Net {
    /// Multiaddresses.
    pub(crate) listen: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Communities {
    #[serde(deserialize_with = "kinds")]
    accept_from: Vec<Kind>,
    #[serde(deserialize_with = "level")]
    up_to: Level,
}

impl Default for Communities {
    /// Invitations of ministries are accepted, up to what this node may hold without a category.
    fn default() -> Self {
        Self { accept_from: vec![Kind::Ministry], up_to: Level::DR }
    }
}

/// Why the configuration is not usable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}; make it with `valise init`, or name another folder with --dir", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{}:{line}:{column}: {message}; correct that line", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// One of the two TLS files is missing.
    #[error("{}: [web] needs both tls_cert and tls_key, or neither", path.display())]
    HalfTls {
        /// The file.
        path: PathBuf,
    },
}

impl Config {
    /// Reads the configuration of the node in `dir`.
    pub(crate) fn load(dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join(FILE);
        let text = read(&path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        Self::parse(&text, dir)
    }

    fn parse(text: &str, dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join(FILE);
        let mut config: Config = toml::from_str(text).map_err(|error| wrong(text, path.clone(), &error))?;
        config.dir = dir.to_owned();
        config.authority = dir.join(&config.authority);
        config.list = dir.join(&config.list);
        let Web { tls_cert, tls_key, .. } = &mut config.web;
        if tls_cert.is_some() != tls_key.is_some() {
            return Err(ConfigError::HalfTls { path });
        }
        for file in [tls_cert, tls_key].into_iter().flatten() {
            *file = dir.join(&file);
        }
        Ok(config)
    }

    /// Certificate chain and private key.
    pub(crate) fn tls(&self) -> Option<(PathBuf, PathBuf)> {
        self.web.tls_cert.clone().zip(self.web.tls_key.clone())
    }

    /// What the desks need of it.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            name: self.name.clone(),
            organisation: self.organisation.clone(),
            kind: self.kind,
            dir: self.dir.clone(),
            index_dir: self.dir.join("index"),
            list_file: self.list.clone(),
            accept_from: self.communities.accept_from.clone(),
            accept_up_to: self.communities.up_to.clone(),
        }
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(CONFIG_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > CONFIG_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("more than {CONFIG_BYTES_MAX} bytes"),
        ));
    }
    Ok(text)
}

fn wrong(text: &str, path: PathBuf, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let message = error.message().lines().collect::<Vec<_>>().join(" ");
    ConfigError::Wrong { path, line, column, message }
}

fn authority_file() -> PathBuf {
    PathBuf::from("authority.cbor")
}

fn list_file() -> PathBuf {
    PathBuf::from("federation.list")
}

fn parsed<'d, D: Deserializer<'d>, T>(
    from: D,
    parse: impl FnOnce(&str) -> Option<T>,
    expected: &'static str,
) -> Result<T, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).ok_or_else(|| de::Error::custom(format!("expected {expected}, got {text:?}")))
}

fn handle<'d, D: Deserializer<'d>>(from: D) -> Result<String, D::Error> {
    let parse = |text: &str| is_handle(text).then(|| text.to_owned());
    parsed(from, parse, "lower-case letters, digits, - and .")
}

fn full_name<'d, D: Deserializer<'d>>(from: D) -> Result<String, D::Error> {
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= NAME_CHARS_MAX;
    parsed(from, |text| fits(text).then(|| text.to_owned()), "a name of 1 to 120 characters")
}

/// The kinds that a node with agents can be of.
pub(crate) fn node_kind(text: &str) -> Option<Kind> {
    Kind::parse(text).filter(|kind| *kind != Kind::Witness)
}

fn kind<'d, D: Deserializer<'d>>(from: D) -> Result<Kind, D::Error> {
    parsed(from, node_kind, "ministry, embassy or guest")
}

fn kinds<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<Kind>, D::Error> {
    let kind = |text: String| {
        node_kind(&text)
            .ok_or_else(|| de::Error::custom(format!("expected ministry, embassy or guest, got {text:?}")))
    };
    Vec::<String>::deserialize(from)?.into_iter().map(kind).collect()
}

fn level<'d, D: Deserializer<'d>>(from: D) -> Result<Level, D::Error> {
    parsed(from, |text| text.parse().ok(), "NP, DR or DR+SF")
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
