//! Files of drafts and of items: announced, sent chunk by chunk, dropped, read.
//!
//! A file leaves here as something to be saved, whatever its type: nothing that came from outside is
//! rendered under this origin.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Named, Sent, possible_name};
use super::shown::Own;
use crate::desks::view::AttachmentView;
use crate::desks::{Desks, Download, Problem};
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::Stream;
use futures::stream::unfold;
use protocol::blob::PLAIN_CHUNK_BYTES;
use protocol::refusal::Code;
use serde::Deserialize;
use std::ops::Range;
use std::sync::Arc;
use utoipa::ToSchema;

/// A file that is to follow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Announced {
    /// Its name, without a path.
    name: String,
    /// Its bytes; at most 2 GiB.
    size: u64,
}

/// Announce a file of a draft. Its chunks follow, 262,128 bytes each but the last.
#[utoipa::path(post, path = "/correspondence/{id}/attachments", operation_id = "begin_attachment",
    tag = "correspondence", params(("id" = String, Path)), request_body = Announced,
    responses((status = 201, body = AttachmentView), Refused))]
pub(super) async fn begin(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Sent(file): Sent<Announced>,
) -> Result<Own<AttachmentView>, Refusal> {
    Ok(Own(StatusCode::CREATED, desks.begin_attachment(&asker, &id, file.name, file.size).await?))
}

/// Send chunk `index`, from 0, in any order, again after a failure. With the last one the file is whole.
#[utoipa::path(put, path = "/correspondence/{id}/attachments/{attachment}/chunks/{index}",
    operation_id = "put_attachment_chunk", tag = "correspondence",
    params(("id" = String, Path), ("attachment" = String, Path), ("index" = u32, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = AttachmentView), Refused))]
pub(super) async fn put_chunk(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    path: Result<Path<(String, String, u32)>, PathRejection>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Own<AttachmentView>, Refusal> {
    let Path((id, attachment, index)) = path.map_err(|_| Problem::not_found())?;
    let (id, attachment) = (possible_name(id)?, possible_name(attachment)?);
    let bytes = bytes.map_err(|rejection| {
        let problem = Problem::new(Code::FieldInvalid, "the chunk did not arrive whole");
        Refusal::with_status(problem, rejection.status())
    })?;
    Ok(Own(StatusCode::OK, desks.put_chunk(&asker, &id, &attachment, index, bytes.into()).await?))
}

/// Drop a file of a draft.
#[utoipa::path(delete, path = "/correspondence/{id}/attachments/{attachment}",
    operation_id = "drop_attachment", tag = "correspondence",
    params(("id" = String, Path), ("attachment" = String, Path)),
    responses((status = 204, description = "Dropped."), Refused))]
pub(super) async fn discard(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Refusal> {
    let (id, attachment) = two_names(path)?;
    desks.drop_attachment(&asker, &id, &attachment).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file of an item, to be saved. One `Range` is answered (RFC 9110 §14).
#[utoipa::path(get, path = "/correspondence/{id}/attachments/{attachment}",
    operation_id = "read_attachment", tag = "correspondence",
    params(("id" = String, Path), ("attachment" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, body = Vec<u8>, content_type = "application/octet-stream"), Refused))]
pub(super) async fn read(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (id, attachment) = two_names(path)?;
    let download = desks.attachment(&asker, &id, &attachment)?.into_inner();
    let size = download.shape().size();
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let part = asked.and_then(|text| range(text, size));
    let whole = 0..size;
    let span = part.clone().unwrap_or(whole);
    let mut answer = Response::builder()
        .status(if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK })
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_DISPOSITION, disposition(download.name()))
        .header(header::CONTENT_LENGTH, span.end - span.start)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "private, no-store");
    if part.is_some() {
        let last = span.end.saturating_sub(1);
        answer = answer.header(header::CONTENT_RANGE, format!("bytes {}-{last}/{size}", span.start));
    }
    let body = Body::from_stream(pieces(Arc::new(download), span));
    answer.body(body).map_err(|error| Problem::new(Code::Internal, error.to_string()).into())
}

fn two_names(path: Result<Path<(String, String)>, PathRejection>) -> Result<(String, String), Problem> {
    let Path((first, second)) = path.map_err(|_| Problem::not_found())?;
    Ok((possible_name(first)?, possible_name(second)?))
}

/// The bytes of `span`, a chunk at a time. Once begun, a damaged chunk can only cut the answer off.
fn pieces(download: Arc<Download>, span: Range<u64>) -> impl Stream<Item = Result<Bytes, Problem>> + Send {
    unfold(Some(span), move |span| {
        let download = Arc::clone(&download);
        async move {
            let span = span.filter(|span| !span.is_empty())?;
            let piece = tokio::task::spawn_blocking({
                let span = span.clone();
                move || piece(&download, span)
            });
            let piece = piece.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal, "a read failed")));
            Some(match piece {
                Ok(bytes) => {
                    let next = span.start + bytes.len() as u64..span.end;
                    (Ok(bytes), Some(next))
                }
                Err(problem) => (Err(problem), None),
            })
        }
    })
}

/// What of `span` stands in its first chunk; at least one byte.
fn piece(download: &Download, span: Range<u64>) -> Result<Bytes, Problem> {
    let chunk_bytes = PLAIN_CHUNK_BYTES as u64;
    let index = span.start / chunk_bytes;
    let begins = index * chunk_bytes;
    let chunk = download.chunk(u32::try_from(index).unwrap_or(u32::MAX))?;
    let from = (span.start - begins) as usize;
    let to = (span.end - begins).min(chunk.len() as u64) as usize;
    let part = chunk.get(from..to).filter(|part| !part.is_empty());
    let part = part.ok_or_else(|| Problem::new(Code::AttachmentDamaged, "the file ends early"))?;
    Ok(Bytes::copy_from_slice(part))
}

/// The one range that is asked for, within `size`; `None` when all of it is to be sent (RFC 9110 §14.2
/// lets a server ignore what it does not understand).
fn range(text: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first.trim(), last.trim()) {
        ("", last) => size.saturating_sub(last.parse().ok()?)..size,
        (first, "") => first.parse().ok()?..size,
        (first, last) => first.parse().ok()?..size.min(last.parse::<u64>().ok()?.checked_add(1)?),
    };
    (range.start < range.end).then_some(range)
}

/// RFC 6266 §4.1 and RFC 8187: the name in UTF-8, and for old clients without what is not ASCII.
fn disposition(name: &str) -> HeaderValue {
    let plain = |c: char| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' };
    let plain: String = name.chars().map(plain).collect();
    let coded = name.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", coded.collect::<String>());
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::{disposition, range};

    #[test]
    fn one_range_is_understood_and_everything_else_is_the_whole() {
        for (text, expected) in [
            ("bytes=0-0", Some(0..1)),
            ("bytes=5-", Some(5..10)),
            ("bytes=5-100", Some(5..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-30", Some(0..10)),
            ("bytes=10-", None),
            ("bytes=6-5", None),
            ("bytes=0-1,4-5", None),
            ("bytes=-0", None),
            ("bytes=0-18446744073709551615", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(range(text, 10), expected, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), None);
    }

    #[test]
    fn a_name_breaks_out_of_no_header() {
        let value = disposition("carte \"é\"; x=\u{7f}.pdf");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"carte ____ x__.pdf\"; filename*=UTF-8''carte%20%22%C3%A9%22%3B%20x%3D%7F.pdf"
        );
    }
}
