//! The object that wraps every answer's `data`.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use md5::{Digest, Md5};
use serde::Serialize;
use serde_json::Value;

use super::reply::Paging;
use crate::store::Object;

/// The members beside `data`. Those without a value are left out.
#[derive(Debug, Default, Serialize)]
pub struct Envelope<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_start_key: Option<&'a str>,
    /// Kazoo's version; only those who are known are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    pub timestamp: &'a str,
    pub node: &'a str,
    pub request_id: &'a str,
    pub tokens: Tokens,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<&'a Object>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    pub status: &'static str,
}

/// The state of the caller's token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tokens {
    pub consumed: u64,
    pub remaining: u64,
    #[serde(skip)]
    spent: bool,
}

impl Default for Tokens {
    /// A request that costs nothing says 1 as well, as in Kazoo.
    fn default() -> Self {
        Self { consumed: 1, remaining: 0, spent: false }
    }
}

impl Tokens {
    /// Adds to what was taken out of the bucket.
    pub fn spend(&mut self, cost: u64, remaining: u64) {
        self.consumed = if self.spent { self.consumed + cost } else { cost };
        self.remaining = remaining;
        self.spent = true;
    }

    /// Whether the request was paid for.
    pub fn is_spent(&self) -> bool {
        self.spent
    }
}

impl<'a> Envelope<'a> {
    pub fn page(self, paging: &'a Paging) -> Self {
        Self {
            page_size: paging.page_size,
            start_key: paging.start_key.as_deref(),
            next_start_key: paging.next_start_key.as_deref(),
            ..self
        }
    }

    /// The whole body; `data` is JSON text already.
    pub fn around(&self, data: Option<&[u8]>) -> Result<Vec<u8>, serde_json::Error> {
        let mut body = Vec::with_capacity(data.map_or(0, <[u8]>::len) + 1024);
        if let Some(data) = data {
            body.extend_from_slice(b"{\"data\":");
            body.extend_from_slice(data);
            body.push(b',');
            let members = serde_json::to_vec(self)?;
            body.extend_from_slice(members.get(1..).unwrap_or_default());
        } else {
            serde_json::to_writer(&mut body, self)?;
        }
        Ok(body)
    }
}

/// How Kazoo names a node to clients: a digest of its name.
pub fn node(name: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Md5::digest(name.as_bytes()))
}

/// The digest that stands for an answer's content.
pub fn content_tag(data: &[u8]) -> String {
    crate::kazoo::hex(&Md5::digest(data))
}

/// Writes a body again with line breaks and indentation.
pub fn pretty(body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_without_a_value_are_left_out() {
        let envelope = Envelope { timestamp: "t", node: "n", request_id: "r", status: "success", ..Envelope::default() };
        let body = String::from_utf8(envelope.around(Some(b"[1]")).unwrap()).unwrap();
        let expected = r#"{"data":[1],"timestamp":"t","node":"n","request_id":"r","tokens":{"consumed":1,"remaining":0},"status":"success"}"#;
        assert_eq!(body, expected);
        assert_eq!(envelope.around(None).unwrap().first(), Some(&b'{'));
    }
}
