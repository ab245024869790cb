//! A client of the API: short to write, and strict about what comes back.

use std::time::Duration;

use bytes::Bytes;
use md5::{Digest, Md5};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use sha1::Sha1;

/// Sends requests to one server, with some headers on each.
#[derive(Clone)]
pub struct Api {
    client: reqwest::Client,
    /// Without a path.
    pub url: String,
    headers: Vec<(String, String)>,
}

impl Api {
    pub fn new(url: String) -> Self {
        let client = reqwest::Client::builder().no_proxy().no_gzip().no_brotli().no_deflate().no_zstd();
        // Sooner than the server hangs up on those who say nothing.
        let client = client.pool_idle_timeout(Duration::from_secs(2)).build().unwrap();
        Self { client, url, headers: Vec::new() }
    }

    /// The same with one header more.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut api = self.clone();
        api.headers.push((name.to_owned(), value.to_owned()));
        api
    }

    /// The same with a token.
    pub fn token(&self, token: &str) -> Self {
        self.with("x-auth-token", token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub async fn put(&self, path: &str, data: Value) -> Answer {
        self.send("PUT", path, Some(json!({ "data": data }))).await
    }

    pub async fn post(&self, path: &str, data: Value) -> Answer {
        self.send("POST", path, Some(json!({ "data": data }))).await
    }

    pub async fn patch(&self, path: &str, data: Value) -> Answer {
        self.send("PATCH", path, Some(json!({ "data": data }))).await
    }

    /// Sends a request; the body, if there is one, is the whole envelope.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        match body {
            Some(body) => self.raw(method, path, Some("application/json"), body.to_string()).await,
            None => self.raw(method, path, None, "").await,
        }
    }

    /// Sends any bytes.
    pub async fn raw(&self, method: &str, path: &str, content_type: Option<&str>, body: impl Into<Bytes>) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let body = body.into();
        if !body.is_empty() {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.unwrap() }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Fails the test unless the status is this one.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Fails the test unless it is this error: status, the envelope's `message`, and its `data`; typed and worded as clients
    /// expect every error.
    #[track_caller]
    pub fn is_error(&self, status: u16, message: &str, data: Value) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("access-control-allow-origin"), Some("*"));
        let body = self.json();
        assert_eq!(body["message"], message, "{body}");
        assert_eq!(body["data"], data, "{body}");
        assert_eq!(body["error"], status.to_string(), "{body}");
        assert_eq!(body["status"], "error", "{body}");
    }

    /// Fails the test unless it is a validation error with this `data`.
    #[track_caller]
    pub fn is_invalid(&self, data: Value) {
        self.is_error(400, "validation error", data);
    }

    /// Fails the test unless somebody unknown is turned away.
    #[track_caller]
    pub fn is_unauthorized(&self) {
        self.is_error(401, "invalid_credentials", json!({ "message": "invalid credentials" }));
    }

    /// Fails the test unless somebody known is turned away.
    #[track_caller]
    pub fn is_forbidden(&self) {
        self.is_error(403, "forbidden", json!({ "message": "forbidden" }));
    }

    /// Fails the test unless the path leads nowhere.
    #[track_caller]
    pub fn is_not_found(&self) {
        self.is_error(404, "not_found", json!({ "message": "not found" }));
    }

    /// Fails the test unless it has this status and no body.
    #[track_caller]
    pub fn is_bare(&self, status: u16) {
        assert_eq!((self.status, self.text().as_ref()), (status, ""));
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The envelope's `data` of a success.
    #[track_caller]
    pub fn data(&self) -> Value {
        let body = self.json();
        assert_eq!(body["status"], "success", "{} {body}", self.status);
        body["data"].clone()
    }

    /// The token that a login gave.
    #[track_caller]
    pub fn auth_token(&self) -> String {
        self.json()["auth_token"].as_str().unwrap_or_else(|| panic!("no token: {}", self.text())).to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// What a client sends as `credentials`, by default.
pub fn md5(user: &str, password: &str) -> String {
    hex(&Md5::digest(format!("{user}:{password}")))
}

/// What a client sends as `credentials` with the method `sha`.
pub fn sha1(user: &str, password: &str) -> String {
    hex(&Sha1::digest(format!("{user}:{password}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
