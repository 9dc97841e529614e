//! `/metrics`: the node's numbers and the web server's own, as text for a scraper.

use super::measures::Measures;
use crate::desks::{Desks, Problem};
use crate::doors::api::refusal::Refusal;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::registry::Registry;
use protocol::refusal::Code;
use std::fmt;
use std::sync::Arc;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/metrics`.
pub(super) fn routes(registry: Arc<Registry>, measures: Measures) -> Router<Desks> {
    let answer = move || {
        let text = written(&registry, &measures.registry());
        std::future::ready(match text {
            Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
            Err(_) => {
                Refusal::from(Problem::new(Code::Internal, "a metric cannot be written")).into_response()
            }
        })
    };
    Router::new().route("/metrics", get(answer))
}

fn written(node: &Registry, web: &Registry) -> Result<String, fmt::Error> {
    let mut text = String::new();
    encode_registry(&mut text, node)?;
    encode_registry(&mut text, web)?;
    encode_eof(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::written;
    use crate::doors::web::measures::Measures;
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::registry::Registry;
    use std::time::Duration;

    #[test]
    fn both_registries_are_written_and_the_end_once() {
        let mut node = Registry::with_prefix("valise");
        let counter: Counter = Counter::default();
        counter.inc();
        node.register("releases", "Releases", counter);
        let measures = Measures::default();
        measures.answered("GET", "/api/v1/me", 200, Duration::from_millis(3));
        let text = written(&node, &measures.registry()).unwrap();
        assert!(text.contains("valise_releases_total 1\n"), "{text}");
        let count = "valise_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/me\",status=\"200\"} 1";
        assert!(text.contains(count), "{text}");
        assert!(text.contains("valise_uptime_seconds "), "{text}");
        assert_eq!(text.matches("# EOF").count(), 1);
    }
}
