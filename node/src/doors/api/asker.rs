//! Who asks: the session behind a bearer token or a cookie, and the address a request came from.
//!
//! Reads the request only; whether a token stands for a session is the accounts desk's to say. With
//! an `Authorization` header the cookie is not looked at.

use super::limits::TOKEN_BYTES_MAX;
use super::refusal::Refusal;
use crate::desks::{Desks, Problem, Session};
use crate::doors::portal::cookie;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use protocol::refusal::Code;
use std::convert::Infallible;
use std::net::SocketAddr;

/// The token that came with a request, for a session that stands.
pub(super) struct Token(pub(super) String, pub(super) Session);

/// The session that a request was made in.
pub(super) struct Asker(pub(super) Session);

/// The address of the other end, without its port; empty when there is none.
pub(super) struct Address(pub(super) String);

impl FromRequestParts<Desks> for Token {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, desks: &Desks) -> Result<Self, Refusal> {
        let token = if parts.headers.contains_key(header::AUTHORIZATION) {
            bearer(&parts.headers).map(str::to_owned)
        } else {
            cookie::token(&parts.headers, desks)
        };
        let known = token.filter(|token| token.len() <= TOKEN_BYTES_MAX);
        let token = known.ok_or_else(|| Problem::new(Code::Unauthenticated, "sign in first"))?;
        let session = desks.session(&token)?;
        Ok(Self(token, session))
    }
}

impl FromRequestParts<Desks> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, desks: &Desks) -> Result<Self, Refusal> {
        let Token(_, session) = Token::from_request_parts(parts, desks).await?;
        Ok(Self(session))
    }
}

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = address.map(|ConnectInfo(address)| address.ip().to_canonical().to_string());
        Ok(Self(address.unwrap_or_default()))
    }
}

/// The token of the only `Authorization` header, when its scheme is `Bearer` (RFC 6750, 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::bearer;
    use axum::http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

    #[test]
    fn a_bearer_token_is_read_and_nothing_else() {
        for (values, token) in [
            (&["Bearer abc"][..], Some("abc")),
            (&["bearer  abc "], Some("abc")),
            (&["Basic abc"], None),
            (&["Bearer"], None),
            (&["Bearer "], None),
            (&["Bearer a", "Bearer b"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            values.iter().for_each(|value| {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            });
            assert_eq!(bearer(&headers), token, "{values:?}");
        }
    }
}
