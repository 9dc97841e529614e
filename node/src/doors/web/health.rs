//! Whether this node serves.

use crate::desks::Desks;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// `/healthz`.
pub(super) fn routes() -> Router<Desks> {
    Router::new().route("/healthz", get(health))
}

async fn health(State(desks): State<Desks>) -> (StatusCode, Json<Value>) {
    if desks.healthy() {
        (StatusCode::OK, Json(json!({"status": "ok"})))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "unavailable"})))
    }
}
