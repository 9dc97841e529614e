//! How answers are shown: as JSON, and of what others wrote only what was cleared.

use crate::desks::Cleared;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A cleared value as JSON, with the status.
pub(super) struct Shown<T>(pub(super) StatusCode, pub(super) Cleared<T>);

impl<T> Shown<T> {
    /// 200.
    pub(super) fn ok(value: Cleared<T>) -> Self {
        Self(StatusCode::OK, value)
    }

    /// 201.
    pub(super) fn created(value: Cleared<T>) -> Self {
        Self(StatusCode::CREATED, value)
    }
}

impl<T: Serialize> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        (self.0, Json(self.1.into_inner())).into_response()
    }
}

/// What the asker just wrote or asked for, read back to the same asker.
pub(super) struct Own<T>(pub(super) StatusCode, pub(super) T);

impl<T: Serialize> IntoResponse for Own<T> {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}
