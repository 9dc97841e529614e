//! Bounds on how a request arrives: the length of its URI and of its headers, the declared length of
//! its body, and the time its body may take. The body's bytes are counted where they are read.

use super::limits::{BODY_TIME_MAX, HEAD_BYTES_MAX, URI_BYTES_MAX};
use crate::desks::Problem;
use crate::doors::api::limits::BODY_BYTES_MAX;
use crate::doors::api::refusal::Refusal;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;
use futures::stream::{Stream, unfold};
use protocol::refusal::Code;
use std::io::{Error, ErrorKind};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Refuses what is declared too long, and cuts off what takes too long.
pub(super) async fn bound(request: Request, next: Next) -> Result<Response, Refusal> {
    check(request.uri(), request.headers())?;
    let request = request.map(|body| match body.is_end_stream() {
        true => body,
        false => Body::from_stream(timed(body, BODY_TIME_MAX)),
    });
    Ok(next.run(request).await)
}

fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let long = |detail, status| Refusal::with_status(Problem::new(Code::FieldTooLong, detail), status);
    if uri.path_and_query().map_or(0, |text| text.as_str().len()) > URI_BYTES_MAX {
        return Err(long("the address is over the limit", StatusCode::URI_TOO_LONG));
    }
    let lines = headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    if lines.sum::<usize>() > HEAD_BYTES_MAX {
        return Err(long("the headers are over the limit", StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match declared.and_then(|length| length.parse::<usize>().ok()) {
        Some(length) if length > BODY_BYTES_MAX => {
            Err(long("the body is over the limit", StatusCode::PAYLOAD_TOO_LARGE))
        }
        _ => Ok(()),
    }
}

/// The body's bytes, as long as all of them arrive in time.
fn timed(body: Body, time_max: Duration) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
    let deadline = Instant::now() + time_max;
    unfold(Some(body.into_data_stream()), move |stream| async move {
        let mut stream = stream?;
        match timeout_at(deadline, stream.next()).await {
            Ok(chunk) => chunk.map(|chunk| (chunk, Some(stream))),
            Err(_) => Some((Err(axum::Error::new(Error::from(ErrorKind::TimedOut))), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{BODY_BYTES_MAX, HEAD_BYTES_MAX, URI_BYTES_MAX, check, timed};
    use axum::body::{Body, Bytes, to_bytes};
    use axum::http::{HeaderMap, HeaderValue, Uri, header};
    use futures::StreamExt;
    use futures::stream::{iter, pending};
    use std::convert::Infallible;
    use std::time::Duration;

    #[test]
    fn lengths_at_the_limit_and_one_past_it() {
        let uri = |length: usize| Uri::try_from(format!("/{}", "a".repeat(length - 1))).unwrap();
        assert!(check(&uri(URI_BYTES_MAX), &HeaderMap::new()).is_ok());
        assert!(check(&uri(URI_BYTES_MAX + 1), &HeaderMap::new()).is_err());
        let line = |length: usize| HeaderValue::try_from("a".repeat(length - "cookie".len())).unwrap();
        let headers = |length: usize| HeaderMap::from_iter([(header::COOKIE, line(length))]);
        assert!(check(&uri(1), &headers(HEAD_BYTES_MAX)).is_ok());
        assert!(check(&uri(1), &headers(HEAD_BYTES_MAX + 1)).is_err());
        let length = HeaderValue::from;
        let declared = |bytes: usize| HeaderMap::from_iter([(header::CONTENT_LENGTH, length(bytes))]);
        assert!(check(&uri(1), &declared(BODY_BYTES_MAX)).is_ok());
        assert!(check(&uri(1), &declared(BODY_BYTES_MAX + 1)).is_err());
    }

    #[tokio::test]
    async fn a_body_in_time_passes_and_one_that_stalls_is_cut() {
        let whole = timed(Body::from("text"), Duration::from_secs(60));
        assert_eq!(to_bytes(Body::from_stream(whole), 10).await.unwrap(), "text");
        let first = iter([Ok::<_, Infallible>(Bytes::from_static(b"te"))]);
        let stalled = timed(Body::from_stream(first.chain(pending())), Duration::from_millis(1));
        assert!(to_bytes(Body::from_stream(stalled), 10).await.is_err());
    }
}
