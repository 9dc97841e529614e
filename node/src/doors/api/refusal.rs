//! The one place that turns a refusal into an RFC 9457 problem: which status and title each code has,
//! and how the answer is written. What is refused, and why, is decided by whoever made the problem.

use super::limits::{ATTEMPTS_RETRY_SECONDS, BUSY_RETRY_SECONDS};
use crate::desks::Problem;
use axum::Json;
use axum::http::StatusCode as S;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::refusal::Code;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refusal {
    problem: Problem,
    status: StatusCode,
}

impl Refusal {
    /// A refusal about the request itself, where HTTP has a closer word than the code's own status.
    pub(crate) fn with_status(problem: Problem, status: StatusCode) -> Self {
        Self { problem, status }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let (status, _) = meaning(problem.code);
        Self { problem, status }
    }
}

/// An RFC 9457 problem.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// `urn:valise:problem:<code>`.
    #[serde(rename = "type")]
    kind: String,
    /// What the code means; the same for every problem of this code.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: &'static str,
    /// What happened and what to do.
    detail: String,
    /// The rule of the federation's specification that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// The fields that are meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    fields: Vec<FieldBody>,
    /// The steps that are legal instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    legal: Vec<String>,
}

/// A field that was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemField)]
pub(super) struct FieldBody {
    /// Its path in the request: `label.classification`.
    field: String,
    /// The stable code.
    code: &'static str,
    /// What is wrong with it.
    message: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { problem, status } = self;
        let code = problem.code;
        let fields = problem.fields.into_iter().map(|field| FieldBody {
            field: field.field,
            code: field.code.as_str(),
            message: field.message,
        });
        let body = ProblemBody {
            kind: format!("urn:valise:problem:{code}"),
            title: meaning(code).1,
            status: status.as_u16(),
            code: code.as_str(),
            detail: problem.detail,
            rule: problem.rule,
            fields: fields.collect(),
            legal: problem.legal,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = retry_after(code) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn retry_after(code: Code) -> Option<u64> {
    match code {
        Code::TooManyAttempts => Some(ATTEMPTS_RETRY_SECONDS),
        Code::Busy | Code::StoreUnavailable => Some(BUSY_RETRY_SECONDS),
        _ => None,
    }
}

/// The status and the title of a code.
fn meaning(code: Code) -> (StatusCode, &'static str) {
    let found = MEANINGS.iter().find(|(known, _, _)| *known == code);
    found.map_or((S::INTERNAL_SERVER_ERROR, "Something failed here"), |(_, status, title)| (*status, *title))
}

/// Every code but [`Code::Internal`], in the order of `protocol/src/refusal.rs`.
const MEANINGS: &[(Code, S, &str)] = &[
    (Code::UnknownPeer, S::UNPROCESSABLE_ENTITY, "Not on the federation list"),
    (Code::FrameTooLarge, S::PAYLOAD_TOO_LARGE, "Over the size limit"),
    (Code::Malformed, S::UNPROCESSABLE_ENTITY, "Not a valid encoding"),
    (Code::CriticalKey, S::UNPROCESSABLE_ENTITY, "A required extension is not known here"),
    (Code::ListSignature, S::UNPROCESSABLE_ENTITY, "The federation list is not signed as it must be"),
    (Code::ListRollback, S::CONFLICT, "An older federation list"),
    (Code::ListSplit, S::CONFLICT, "Two federation lists of one version"),
    (Code::ListExpired, S::CONFLICT, "The federation list is not valid now"),
    (Code::HelloMissing, S::UNPROCESSABLE_ENTITY, "A request before the hello"),
    (Code::NodeRevoked, S::CONFLICT, "The node's accreditation was withdrawn"),
    (Code::NodeSuspended, S::CONFLICT, "The node is suspended"),
    (Code::AccreditationLapsed, S::CONFLICT, "The accreditation is not in force"),
    (Code::OutsideScope, S::FORBIDDEN, "Outside what the node is accredited for"),
    (Code::IdentityMismatch, S::FORBIDDEN, "Not the listed identity"),
    (Code::Version, S::UNPROCESSABLE_ENTITY, "A protocol version not spoken here"),
    (Code::NotMember, S::CONFLICT, "Not a member of the group"),
    (Code::LabelExceedsClearance, S::UNPROCESSABLE_ENTITY, "The label is above the node's ceiling"),
    (Code::Duplicate, S::CONFLICT, "Already held"),
    (Code::IdConflict, S::CONFLICT, "The same id with another content"),
    (Code::Busy, S::SERVICE_UNAVAILABLE, "Too much under way"),
    (Code::EpochStale, S::CONFLICT, "The membership has changed meanwhile"),
    (Code::RemovedSender, S::CONFLICT, "From a node that was removed"),
    (Code::EpochAhead, S::CONFLICT, "The membership is not known here yet"),
    (Code::WelcomeUnsolicited, S::UNPROCESSABLE_ENTITY, "A welcome nobody asked for"),
    (Code::Fork, S::CONFLICT, "Two decisions of one epoch"),
    (Code::RolledBack, S::CONFLICT, "Started from an older store"),
    (Code::Recovering, S::CONFLICT, "This node was restored and is not back yet"),
    (Code::NotApproved, S::FORBIDDEN, "No other ministry has approved the return"),
    (Code::NotCertified, S::UNPROCESSABLE_ENTITY, "Without a valid certificate"),
    (Code::CommitPolicy, S::UNPROCESSABLE_ENTITY, "Against the group's policy"),
    (Code::Undecryptable, S::UNPROCESSABLE_ENTITY, "Cannot be opened"),
    (Code::AadMismatch, S::UNPROCESSABLE_ENTITY, "The envelope does not match its content"),
    (Code::ItemSignature, S::UNPROCESSABLE_ENTITY, "The signature does not verify"),
    (Code::LabelUnknown, S::UNPROCESSABLE_ENTITY, "Unknown label"),
    (Code::AboveClearance, S::UNPROCESSABLE_ENTITY, "The label is above your clearance"),
    (Code::AboveAddressee, S::UNPROCESSABLE_ENTITY, "The label is above what an addressee may receive"),
    (Code::AboveCommunity, S::UNPROCESSABLE_ENTITY, "The label is above the community's ceiling"),
    (Code::NotFound, S::NOT_FOUND, "Nothing here"),
    (Code::Unauthenticated, S::UNAUTHORIZED, "Sign in first"),
    (Code::BadCredentials, S::UNAUTHORIZED, "Wrong name or password"),
    (Code::TooManyAttempts, S::TOO_MANY_REQUESTS, "Too many attempts"),
    (Code::CrossOrigin, S::FORBIDDEN, "A request from another origin"),
    (Code::RoleMissing, S::FORBIDDEN, "Not your role"),
    (Code::ProofMissing, S::FORBIDDEN, "A signature needs a fresh proof"),
    (Code::GrantInvalid, S::FORBIDDEN, "The grant does not cover this"),
    (Code::IllegalStep, S::CONFLICT, "Not a legal step now"),
    (Code::FieldMissing, S::UNPROCESSABLE_ENTITY, "A field is missing"),
    (Code::FieldInvalid, S::UNPROCESSABLE_ENTITY, "A field is not valid"),
    (Code::FieldTooLong, S::UNPROCESSABLE_ENTITY, "A field is too long"),
    (Code::AddresseeUnknown, S::UNPROCESSABLE_ENTITY, "Unknown addressee"),
    (Code::ProjectMissing, S::UNPROCESSABLE_ENTITY, "A community needs a project"),
    (Code::ManagerNotEntitled, S::UNPROCESSABLE_ENTITY, "A community needs an entitled manager"),
    (Code::NotManager, S::FORBIDDEN, "Only the community's manager may do this"),
    (Code::NotOpen, S::CONFLICT, "The community is not open yet"),
    (Code::RevokedMember, S::CONFLICT, "A member is no longer accredited"),
    (Code::NotVoter, S::FORBIDDEN, "This node does not decide on the membership"),
    (Code::InvitationRefused, S::CONFLICT, "The organisation refused"),
    (Code::AlreadyDecided, S::CONFLICT, "Already decided"),
    (Code::Taken, S::CONFLICT, "The name is taken"),
    (Code::AttachmentTooLarge, S::PAYLOAD_TOO_LARGE, "The file is too large"),
    (Code::AttachmentsTooMany, S::UNPROCESSABLE_ENTITY, "Too many files"),
    (Code::AttachmentIncomplete, S::CONFLICT, "A file is not here as a whole"),
    (Code::AttachmentArriving, S::CONFLICT, "The file is on its way"),
    (Code::AttachmentDamaged, S::CONFLICT, "The file is damaged"),
    (Code::ChunkInvalid, S::UNPROCESSABLE_ENTITY, "Not a chunk of this file"),
    (Code::StoreFull, S::INSUFFICIENT_STORAGE, "The disk is full"),
    (Code::StoreUnavailable, S::SERVICE_UNAVAILABLE, "Cannot store now"),
];

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
