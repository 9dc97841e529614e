//! The web server: two listeners, what stands in front of every route, and how it all stops.
//!
//! The public listener serves the portal, the JSON API and `/healthz`; the other one serves `/metrics`
//! and `/healthz`, and belongs on the loopback address. What a route answers is decided elsewhere.

mod bodies;
mod connections;
mod health;
mod limits;
mod measures;
mod metrics;
mod naming;
mod observe;
mod origin;
mod protection;
mod tls;
mod traffic;

use super::api::streams::Streams;
use super::{api, portal};
use crate::desks::Desks;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use axum_server::{Address, Handle, Server};
use connections::{Capped, Slots};
use measures::Measures;
use prometheus_client::registry::Registry;
use rustls::ServerConfig;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use tls::TlsError;

/// Where and how to serve.
#[derive(Debug, Clone)]
pub(crate) struct WebConfig {
    /// The public address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Certificate chain and private key, both PEM. Without them a proxy in front must speak TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The address for metrics; the loopback one unless something else guards it.
    pub metrics_listen: SocketAddr,
}

/// The addresses taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    /// Portal and API.
    pub public: SocketAddr,
    /// Metrics.
    pub metrics: SocketAddr,
}

/// Why the server did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// The address is taken or is not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address wanted.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The certificate or the key.
    #[error("cannot use the TLS certificate or key")]
    Tls(#[from] TlsError),
    /// A listener failed while serving.
    #[error("the web server failed")]
    Serve(#[source] std::io::Error),
}

/// A server that has its addresses and does not answer yet.
#[derive(Debug)]
pub(crate) struct Web {
    public: TcpListener,
    metrics: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    bound: Bound,
}

impl Web {
    /// Takes the addresses and reads the certificate.
    ///
    /// # Errors
    /// [`WebError::Listen`] and [`WebError::Tls`].
    pub(crate) fn bind(config: &WebConfig) -> Result<Self, WebError> {
        let tls = config.tls.as_ref().map(|(cert, key)| tls::load(cert, key)).transpose()?;
        let (public, public_address) = listen(config.listen)?;
        let (metrics, metrics_address) = listen(config.metrics_listen)?;
        let bound = Bound { public: public_address, metrics: metrics_address };
        Ok(Self { public, metrics, tls, bound })
    }

    /// The addresses taken.
    pub(crate) fn bound(&self) -> Bound {
        self.bound
    }

    /// Serves until `shutdown` returns; then ends the live streams, lets requests under way finish
    /// for some seconds, and closes.
    ///
    /// # Errors
    /// [`WebError::Serve`], when a listener fails.
    pub(crate) async fn serve(
        self,
        desks: Desks,
        registry: Arc<Registry>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), WebError> {
        let streams = Streams::default();
        let measures = Measures::default();
        let public = public(&desks, &streams, &measures, self.tls.is_some());
        let metrics = metrics::routes(registry, measures).merge(health::routes());
        let metrics = metrics.layer(from_fn(naming::name_refusals)).with_state(desks);
        let handle = Handle::new();
        let stop = async {
            shutdown.await;
            streams.end();
            handle.graceful_shutdown(Some(limits::GRACE));
            Ok(())
        };
        let public = accept(self.public, self.tls, public, handle.clone(), limits::CONNECTIONS_MAX);
        let metrics = accept(self.metrics, None, metrics, handle.clone(), limits::METRICS_CONNECTIONS_MAX);
        let served = tokio::try_join!(public, metrics, stop);
        // Nothing is left to wait for: after a failure this closes what the other listener holds.
        handle.shutdown();
        served.map(|_| ()).map_err(WebError::Serve)
    }
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), WebError> {
    let failed = |source| WebError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Everything on the public listener. A layer added later is passed earlier.
fn public(desks: &Desks, streams: &Streams, measures: &Measures, tls: bool) -> Router {
    let (api, _document) = api::routes();
    let routes = portal::routes().merge(api);
    routes
        .layer(Extension(streams.clone()))
        .layer(DefaultBodyLimit::max(api::limits::BODY_BYTES_MAX))
        .layer(from_fn(bodies::bound))
        .layer(from_fn_with_state(desks.clone(), origin::check))
        .layer(from_fn_with_state(traffic::Room::default(), traffic::admit))
        // A busy node is not a broken one: whether it serves is answered without a place in the room.
        .merge(health::routes())
        .layer(from_fn(naming::name_refusals))
        .layer(from_fn(observe::catch_panics))
        .layer(from_fn_with_state(protection::Protection { tls }, protection::add))
        .layer(from_fn_with_state(measures.clone(), observe::observe))
        .with_state(desks.clone())
}

async fn accept(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    routes: Router,
    handle: Handle<SocketAddr>,
    connections_max: usize,
) -> std::io::Result<()> {
    let slots = Slots::new(connections_max);
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener)?.acceptor(Capped::new(slots)).handle(handle);
    bound_protocol(&mut server);
    match tls {
        Some(config) => server.map(|capped| tls::acceptor(config, capped)).serve(service).await,
        // HTTP/2 is for browsers, and those speak it over TLS only.
        None => server.http1_only().serve(service).await,
    }
}

fn bound_protocol<A: Address, B>(server: &mut Server<A, B>) {
    let builder = server.http_builder();
    builder
        .http1()
        .header_read_timeout(limits::HEAD_TIME_MAX)
        .max_headers(limits::HEADERS_MAX)
        .max_buf_size(limits::HEAD_BYTES_MAX);
    builder
        .http2()
        .max_concurrent_streams(limits::HTTP2_STREAMS_MAX)
        .max_header_list_size(limits::HTTP2_HEAD_BYTES_MAX)
        .keep_alive_interval(limits::HTTP2_PING_INTERVAL)
        .keep_alive_timeout(limits::HTTP2_PING_TIME_MAX);
}

#[cfg(test)]
mod tests {
    use super::{Web, WebConfig, WebError};

    fn config(listen: &str) -> WebConfig {
        let any = "127.0.0.1:0".parse().unwrap();
        WebConfig { listen: listen.parse().unwrap(), tls: None, metrics_listen: any }
    }

    #[test]
    fn a_bound_server_knows_its_ports_and_a_taken_one_is_refused() {
        let web = Web::bind(&config("127.0.0.1:0")).unwrap();
        let bound = web.bound();
        assert!(bound.public.port() != 0 && bound.metrics.port() != 0);
        let again = Web::bind(&config(&bound.public.to_string()));
        assert!(matches!(again, Err(WebError::Listen { address, .. }) if address == bound.public));
    }

    #[test]
    fn a_certificate_that_is_not_there_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let tls = Some((folder.path().join("cert.pem"), folder.path().join("key.pem")));
        let refused = Web::bind(&WebConfig { tls, ..config("127.0.0.1:0") });
        assert!(matches!(refused, Err(WebError::Tls(_))));
    }
}
