//! TLS on the public listener, with ring named explicitly: another provider may be compiled in, and
//! whichever is installed for the process is none of the web server's business.

use super::connections::Capped;
use super::limits::HANDSHAKE_TIME_MAX;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is wrong with the certificate or the key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file that is not there or is not PEM.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// The two do not fit, or are of a kind that is not supported.
    #[error("the certificate and the key cannot be used")]
    Unusable(#[from] rustls::Error),
}

/// The server's side of TLS 1.2 and 1.3, offering HTTP/2 and HTTP/1.1.
pub(super) fn load(cert: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        |source| TlsError::Read { path, source }
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(cert).and_then(Iterator::collect);
    let chain = chain.map_err(unread(cert))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unread(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Shakes hands after there was room for the connection.
pub(super) fn acceptor(config: Arc<ServerConfig>, capped: Capped) -> RustlsAcceptor<Capped> {
    let config = RustlsConfig::from_config(config);
    RustlsAcceptor::new(config).handshake_timeout(HANDSHAKE_TIME_MAX).acceptor(capped)
}
