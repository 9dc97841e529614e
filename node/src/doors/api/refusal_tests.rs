use super::{PROBLEM_JSON, Refusal, meaning};
use crate::desks::Problem;
use axum::body::to_bytes;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use protocol::refusal::Code;

#[test]
fn every_code_is_an_error_with_a_title_of_its_own() {
    let mut titles = std::collections::BTreeSet::new();
    for code in Code::ALL {
        let (status, title) = meaning(*code);
        assert!(status.is_client_error() || status.is_server_error(), "{code}");
        assert!(titles.insert(title), "{code}: {title}");
    }
}

#[test]
fn the_statuses_that_programs_rely_on() {
    for (code, status) in [
        (Code::NotFound, 404),
        (Code::Unauthenticated, 401),
        (Code::BadCredentials, 401),
        (Code::RoleMissing, 403),
        (Code::CrossOrigin, 403),
        (Code::IllegalStep, 409),
        (Code::AlreadyDecided, 409),
        (Code::Taken, 409),
        (Code::FieldInvalid, 422),
        (Code::AboveAddressee, 422),
        (Code::TooManyAttempts, 429),
        (Code::StoreUnavailable, 503),
        (Code::Busy, 503),
        (Code::Internal, 500),
    ] {
        assert_eq!(meaning(code).0.as_u16(), status, "{code}");
    }
}

#[tokio::test]
async fn a_problem_is_written_as_rfc_9457_says() {
    let problem = Problem::field("label.policy", Code::LabelUnknown, "no policy XX");
    let response = Refusal::from(problem).into_response();
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
    let bytes = to_bytes(response.into_body(), 4096).await.unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "type": "urn:valise:problem:LBL_UNKNOWN",
            "title": "Unknown label",
            "status": 422,
            "code": "LBL_UNKNOWN",
            "detail": "no policy XX",
            "fields": [{"field": "label.policy", "code": "LBL_UNKNOWN", "message": "no policy XX"}],
        })
    );
}

#[test]
fn whoever_is_told_to_wait_is_told_how_long() {
    let response = Refusal::from(Problem::new(Code::TooManyAttempts, "wait")).into_response();
    assert!(response.headers().contains_key(header::RETRY_AFTER));
    let response = Refusal::from(Problem::new(Code::Unauthenticated, "who?")).into_response();
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
}
