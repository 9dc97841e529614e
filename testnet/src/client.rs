//! A client of the JSON API: one agent's session, connections kept alive.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{BufReader, Read};
use std::time::Duration;
use ureq::http::{HeaderMap, Method, Request};

const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Bytes of a file that go in one request (`openapi.json`, `put_attachment_chunk`).
const CHUNK_BYTES: u64 = 262_128;
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Speaks to one node, signed in or not.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is not.
    pub body: Value,
}

impl Client {
    /// Without a session.
    pub fn anonymous(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .max_idle_connections_per_host(64)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_recv_response(Some(ANSWER_WITHIN))
            .build();
        Self {
            agent: ureq::Agent::new_with_config(config),
            url: url.trim_end_matches('/').to_owned(),
            token: None,
        }
    }

    /// Signs in from a desktop.
    pub fn sign_in(url: &str, login: &str, password: &str) -> Result<Self> {
        Self::sign_in_from(url, login, password, "desktop")
    }

    /// Signs in from a class of terminal.
    pub fn sign_in_from(url: &str, login: &str, password: &str, terminal: &str) -> Result<Self> {
        let anonymous = Self::anonymous(url);
        let asked = json!({ "login": login, "password": password, "terminal": terminal });
        let answer = anonymous.post("/api/v1/sessions", &asked)?.expect(201).context("sign in")?;
        let token = answer["token"].as_str().context("a session has a token")?.to_owned();
        Ok(Self { token: Some(token), ..anonymous })
    }

    /// The bearer token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The node's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same session over connections of its own.
    pub fn apart(&self) -> Self {
        Self { token: self.token.clone(), ..Self::anonymous(&self.url) }
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Result<Reply> {
        self.send("GET", path, &[], None)
    }

    /// `POST` of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<Reply> {
        self.send("POST", path, &[], Some(body))
    }

    /// `PUT` of JSON.
    pub fn put(&self, path: &str, body: &Value) -> Result<Reply> {
        self.send("PUT", path, &[], Some(body))
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Result<Reply> {
        self.send("DELETE", path, &[], None)
    }

    /// Any request, with more headers.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Reply> {
        let bytes = body.map(|value| ("application/json", value.to_string()));
        self.send_text(method, path, headers, bytes)
    }

    /// Any request with a body of any media type.
    pub fn send_text(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, String)>,
    ) -> Result<Reply> {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes())?)
            .uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = match body {
            Some((kind, text)) => self.agent.run(request.header("content-type", kind).body(text)?),
            None => self.agent.run(request.body(())?),
        };
        let mut response = sent.with_context(|| format!("{method} {path} at {}", self.url))?;
        let text =
            response.body_mut().with_config().limit(ANSWER_BYTES_MAX).lossy_utf8(true).read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { status: response.status().as_u16(), text, body })
    }

    /// Attaches a file to a draft, chunk by chunk; its id there.
    pub fn attach(&self, draft: &str, name: &str, size: u64, mut bytes: impl Read) -> Result<String> {
        let path = format!("/api/v1/correspondence/{draft}/attachments");
        let id = self.post(&path, &json!({ "name": name, "size": size }))?.expect(201)?.id_text()?;
        let mut chunk = Vec::new();
        let mut left = size;
        for index in 0.. {
            chunk.resize(left.min(CHUNK_BYTES) as usize, 0);
            bytes.read_exact(&mut chunk)?;
            self.put_chunk(&format!("{path}/{id}/chunks/{index}"), &chunk)?.expect(200)?;
            left -= chunk.len() as u64;
            if left == 0 {
                break;
            }
        }
        Ok(id)
    }

    /// `PUT` of bytes.
    pub fn put_chunk(&self, path: &str, chunk: &[u8]) -> Result<Reply> {
        let mut request = Request::builder().method(Method::PUT).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let sent = self.agent.run(request.header("content-type", "application/octet-stream").body(chunk)?);
        let mut response = sent.with_context(|| format!("PUT {path} at {}", self.url))?;
        let text = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { status: response.status().as_u16(), text, body })
    }

    /// A file, as it comes; `range` as of RFC 9110 §14.2, empty for all of it. Its headers and its bytes.
    pub fn download(&self, path: &str, range: &str) -> Result<(HeaderMap, impl Read + use<>)> {
        let mut request = Request::builder().uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !range.is_empty() {
            request = request.header("range", range);
        }
        let response =
            self.agent.run(request.body(())?).with_context(|| format!("GET {path} at {}", self.url))?;
        let expected = if range.is_empty() { 200 } else { 206 };
        if response.status() != expected {
            bail!("GET {path} at {}: status {}", self.url, response.status());
        }
        let headers = response.headers().clone();
        Ok((headers, response.into_body().into_with_config().limit(u64::MAX).reader()))
    }

    /// Opens a stream; lines come as the node writes them.
    pub fn open_stream(&self, path: &str) -> Result<BufReader<impl Read + use<>>> {
        let mut request =
            Request::builder().uri(format!("{}{path}", self.url)).header("accept", "text/event-stream");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response =
            self.agent.run(request.body(())?).with_context(|| format!("open {path} at {}", self.url))?;
        if response.status() != 200 {
            bail!("open {path} at {}: status {}", self.url, response.status());
        }
        Ok(BufReader::new(response.into_body().into_with_config().limit(u64::MAX).reader()))
    }

    /// Who am I: the agent's id.
    pub fn agent_id(&self) -> Result<String> {
        let me = self.get("/api/v1/me")?.expect(200)?;
        Ok(me["agent"]["id"].as_str().context("an agent has an id")?.to_owned())
    }

    /// Writes a draft; its id.
    pub fn draft(&self, draft: &Value) -> Result<String> {
        self.post("/api/v1/correspondence", draft)?.expect(201)?.id_text()
    }

    /// Releases a draft with the password.
    pub fn release(&self, id: &str, password: &str) -> Result<Value> {
        self.release_by(id, &json!({ "password": password }))
    }

    /// Releases a draft under a grant.
    pub fn release_granted(&self, id: &str, grant: &str) -> Result<Value> {
        self.release_by(id, &json!({ "grant": grant }))
    }

    fn release_by(&self, id: &str, proof: &Value) -> Result<Value> {
        self.post(&format!("/api/v1/correspondence/{id}/release"), proof)?.expect_success()
    }

    /// One proof for up to 200 drafts, for five minutes.
    pub fn grant(&self, password: &str, ids: &[String]) -> Result<String> {
        let asked = json!({ "password": password, "ids": ids });
        let answer = self.post("/api/v1/signing", &asked)?.expect(201)?;
        Ok(answer["grant"].as_str().context("a grant is text")?.to_owned())
    }
}

impl Reply {
    /// The body, if the status is this one.
    pub fn expect(self, status: u16) -> Result<Value> {
        if self.status != status {
            bail!("expected {status}, got {}: {}", self.status, self.brief());
        }
        Ok(self.body)
    }

    /// The body, if the status is 2xx.
    pub fn expect_success(self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("refused with {}: {}", self.status, self.brief());
        }
        Ok(self.body)
    }

    /// The stable code of a problem, or nothing.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    fn brief(&self) -> String {
        self.text.chars().take(500).collect()
    }
}

/// Reads the id of what was made.
pub trait IdText {
    /// The `id` of a JSON object.
    fn id_text(&self) -> Result<String>;
}

impl IdText for Value {
    fn id_text(&self) -> Result<String> {
        Ok(self["id"].as_str().with_context(|| format!("no id in {self}"))?.to_owned())
    }
}

/// A label of policy `FR` as the API writes it: `NP`, `DR` or `DR+SF`.
pub fn label(level: &str) -> Value {
    let (classification, categories) = match level.split_once('+') {
        Some((classification, category)) => (classification, vec![category]),
        None => (level, vec![]),
    };
    json!({ "policy": "FR", "classification": classification, "categories": categories })
}
