//! A request as Kazoo reads it.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{path::Path, routes::Params};
use crate::{kazoo::document::is_true, store::Object};

/// What doesn't stand for itself in a path. An id may be made of what a client wrote, control characters included.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a request wants done. HEAD is served as GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    Get,
    Put,
    Post,
    Patch,
    Delete,
}

impl Verb {
    pub const ALL: [Verb; 5] = [Self::Get, Self::Put, Self::Post, Self::Patch, Self::Delete];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes something.
    pub fn writes(self) -> bool {
        self != Self::Get
    }
}

/// A file that came with a request: the body itself, or a part of a multipart one.
#[derive(Clone, Debug)]
pub struct Upload {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

/// A request, read and parsed, before anybody looked at who sends it.
#[derive(Debug)]
pub struct Request {
    /// Given by the client or made up; stands in every answer and log line.
    pub id: String,
    /// The verb of the request line.
    pub method: Verb,
    /// The verb that is meant: `method`, unless another is tunnelled through the request value `verb`.
    pub verb: Verb,
    /// HEAD: as GET, without the body.
    pub head_only: bool,
    /// The raw path as it stood in the request line, for `Location`.
    pub raw_path: String,
    pub path: Path,
    /// Whether the path's first word is one that leads somewhere.
    pub known: bool,
    /// What stands in the path in the place of the endpoint's parameters; empty until the endpoint is found.
    pub params: Params,
    /// Decoded query parameters; a name without `=` is `true`.
    pub query: Vec<(String, Value)>,
    /// The body's members beside `data`, names in lower case with `_` for `-`.
    pub envelope: Object,
    /// The body's `data`: an object or an array; `{}` when there is none.
    pub data: Value,
    pub uploads: Vec<Upload>,
    pub headers: actix_web::http::header::HeaderMap,
    /// The client's address, taken from a trusted proxy's header where there is one.
    pub client_ip: String,
}

impl Request {
    /// A request value: from `data`, else from the query, else from the envelope.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.data.get(key).or_else(|| self.query(key)).or_else(|| self.envelope.get(key))
    }

    /// A request value, where it's a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value(key).and_then(Value::as_str)
    }

    /// Whether a request value is `true` (or the text `"true"`).
    pub fn flag(&self, key: &str) -> bool {
        self.value(key).is_some_and(is_true)
    }

    /// Whether a request value is `false` (or the text `"false"`).
    pub fn refuses(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value == &Value::Bool(false) || value == "false")
    }

    /// A query parameter; of several with one name the first.
    pub fn query(&self, key: &str) -> Option<&Value> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A header's text. `None` also for one that isn't text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A parameter of the path.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    }

    /// The account id in the path (`accounts/{id}`), whatever it looks like. A language may stand before it.
    pub fn account_param(&self) -> Option<&str> {
        match self.path.segments.as_slice() {
            [noun, id, ..] if noun == "accounts" => Some(id),
            [first, _, noun, id, ..] if first == "i18n" && noun == "accounts" => Some(id),
            _ => None,
        }
    }

    /// The request's path with `/` and this id behind it: where something new can be found.
    pub fn location(&self, id: &str) -> String {
        format!("{}/{}", self.raw_path.trim_end_matches('/'), utf8_percent_encode(id, RESERVED))
    }
}

/// Decodes a query string; a name without `=` is `true`.
pub fn parse_query(raw: &str) -> Vec<(String, Value)> {
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut decoded =
                url::form_urlencoded::parse(pair.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()));
            let (name, value) = decoded.next().unwrap_or_default();
            (name, if pair.contains('=') { value.into() } else { true.into() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_is_decoded_and_a_bare_name_is_true() {
        let query = parse_query("a=1&b&c=x+y%26z&&d=");
        let expected = [("a", json!("1")), ("b", json!(true)), ("c", json!("x y&z")), ("d", json!(""))];
        assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn only_the_boolean_and_its_text_are_true() {
        assert!(is_true(&json!(true)) && is_true(&json!("true")));
        for value in [json!("TRUE"), json!(1), json!("yes"), json!("1"), json!(null)] {
            assert!(!is_true(&value), "{value}");
        }
    }
}
