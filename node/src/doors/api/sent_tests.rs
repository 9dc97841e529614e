use super::{Asked, Lines, Sent, cursor};
use crate::desks::view::DraftView;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::Value;

const DRAFT: &str = r#"{"kind":"note","from":"cdc@mae","precedence":{"action":"routine","info":"routine"},
    "label":{"policy":"FR","classification":"NP"}}"#;

async fn refused(body: &str, media: &str) -> (u16, Value) {
    let request = Request::builder().method("POST").header(CONTENT_TYPE, media);
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let Err(refusal) = Sent::<DraftView>::from_request(request, &()).await else {
        panic!("accepted: {body}");
    };
    let response = refusal.into_response();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 65_536).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_field_that_does_not_fit_is_named_by_its_path() {
    let json = "application/json";
    for (find, replace, status, code, field) in [
        (r#""NP""#, "7", 422, "FIELD_INVALID", "label.classification"),
        (r#""kind":"note","#, "", 422, "FIELD_MISSING", "kind"),
        (r#""kind":"note","#, r#""kind":"note","level":"DR","#, 422, "FIELD_INVALID", "level"),
        (r#""policy":"FR","#, "", 422, "FIELD_MISSING", "label.policy"),
        (r#""policy":"FR","#, r#""policy":"FR","author":"x","#, 422, "FIELD_INVALID", "label.author"),
    ] {
        let (got, problem) = refused(&DRAFT.replace(find, replace), json).await;
        assert_eq!(got, status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["fields"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_a_problem_too() {
    let json = "application/json";
    for (body, media, status) in [
        ("{", json, 400),
        ("", json, 400),
        ("[]", json, 422),
        (DRAFT, "text/plain", 415),
        (DRAFT, "application/x-www-form-urlencoded", 415),
        (&"[".repeat(100_000), json, 422),
    ] {
        let (got, problem) = refused(body, media).await;
        assert_eq!(got, status, "{problem}");
        assert_eq!(problem["code"], "FIELD_INVALID", "{problem}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large() {
    let long = DRAFT.replace("note", &"n".repeat(3 * 1024 * 1024));
    let (status, problem) = refused(&long, "application/json").await;
    assert_eq!((status, problem["code"].as_str()), (413, Some("FIELD_TOO_LONG")));
}

async fn lines(query: &str) -> Result<(Option<String>, usize), Value> {
    let request = Request::builder().uri(format!("/?{query}")).body(Body::empty()).unwrap();
    let mut parts = request.into_parts().0;
    let refusal = match Asked::<Lines>::from_request_parts(&mut parts, &()).await {
        Ok(Asked(lines)) => match lines.checked() {
            Ok((after, limit)) => return Ok((after.map(str::to_owned), limit)),
            Err(problem) => problem.into(),
        },
        Err(refusal) => refusal,
    };
    let bytes = to_bytes(refusal.into_response().into_body(), 65_536).await.unwrap();
    Err(serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn lines_have_a_limit_at_the_limit_and_one_past_it() {
    assert_eq!(lines("").await.unwrap(), (None, 50));
    assert_eq!(lines("after=&limit=1000").await.unwrap(), (None, 1000));
    assert_eq!(lines("after=x&limit=1").await.unwrap(), (Some("x".to_owned()), 1));
    for query in ["limit=0", "limit=1001", "limit=many", "limit=-1"] {
        let problem = lines(query).await.unwrap_err();
        assert_eq!(problem["code"], "FIELD_INVALID", "{problem}");
        assert_eq!(problem["fields"][0]["field"], "limit", "{query}: {problem}");
    }
}

#[test]
fn a_cursor_has_a_limit() {
    assert!(cursor(Some(&"a".repeat(256))).is_ok());
    assert!(cursor(Some(&"a".repeat(257))).is_err());
}
