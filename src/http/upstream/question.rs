//! A request on its way to the upstream.

use std::io;

use actix_web::{HttpRequest, http::Method, web::Payload};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::mpsc;
use url::Url;

use super::activity::Activity;

/// Headers that are about one connection, not about the request or the answer (RFC 9110, 7.6.1).
pub const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that are made anew, or have had their answer: the client has been told to go on already.
const REPLACED: [&str; 4] = ["host", "expect", "x-forwarded-for", "x-request-id"];

/// Pieces of a body that wait for the upstream.
const WAITING: usize = 4;

/// How much of a body is still read that the upstream doesn't want, so that the client gets to see its answer.
const DRAINED: usize = 64 << 20;

/// The URL to ask; none for a path that would be resolved to another one.
pub fn url(base: &Url, raw: &HttpRequest) -> Option<Url> {
    let path = raw.uri().path();
    let is_dots = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if path.contains('\\') || path.split('/').any(is_dots) {
        return None;
    }
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(raw.uri().query());
    Some(url)
}

/// The client's headers, and whom the request comes from.
pub fn headers(raw: &HttpRequest, request_id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let names: Vec<&str> = raw.headers().get_all("connection").filter_map(|value| value.to_str().ok()).collect();
    for (name, value) in raw.headers() {
        let name = name.as_str();
        if is_hop_by_hop(name, &names) || REPLACED.contains(&name) {
            continue;
        }
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
    let mut said = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    let text = |name: &str| raw.headers().get_all(name).filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ");
    let passed = text("x-forwarded-for");
    let peer = raw.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default();
    said("x-forwarded-for", &if passed.is_empty() { peer } else { format!("{passed}, {peer}") });
    if raw.headers().get("x-forwarded-host").is_none() {
        said("x-forwarded-host", &text("host"));
    }
    said("x-request-id", request_id);
    headers
}

/// Whether a header is about the connection; `named` are the values of `Connection`, which may name others.
pub fn is_hop_by_hop(name: &str, named: &[&str]) -> bool {
    let mut others = named.iter().flat_map(|list| list.split(','));
    HOP_BY_HOP.contains(&name) || others.any(|other| other.trim().eq_ignore_ascii_case(name))
}

/// Whether a request reads and has no body, so that it may be sent twice.
pub fn is_bare_read(raw: &HttpRequest) -> bool {
    [Method::GET, Method::HEAD].contains(raw.method()) && !has_body(raw)
}

fn has_body(raw: &HttpRequest) -> bool {
    let length = raw.headers().get("content-length");
    length.is_some_and(|length| length != "0") || raw.headers().contains_key("transfer-encoding")
}

/// The client's body as it comes. It's read by this thread, which is the only one that may.
pub fn body(raw: &HttpRequest, mut payload: Payload, activity: &Activity) -> Option<reqwest::Body> {
    if !has_body(raw) {
        return None;
    }
    let (pieces, waiting) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let activity = activity.clone();
    actix_web::rt::spawn(async move {
        let mut unwanted = 0;
        while let Some(piece) = payload.next().await {
            activity.noted();
            let piece = piece.map_err(|error| io::Error::other(error.to_string()));
            let (failed, length) = (piece.is_err(), piece.as_ref().map_or(0, Bytes::len));
            if pieces.send(piece).await.is_err() {
                unwanted += length;
            }
            activity.noted();
            if failed || unwanted > DRAINED {
                break;
            }
        }
    });
    let pieces = stream::unfold(waiting, |mut waiting| async move { Some((waiting.recv().await?, waiting)) });
    Some(reqwest::Body::wrap_stream(pieces))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(path: &str) -> Option<String> {
        let base = Url::parse("http://k:8000/api").unwrap();
        url(&base, &TestRequest::with_uri(path).to_http_request()).map(String::from)
    }

    #[test]
    fn a_path_is_sent_as_it_is_or_not_at_all() {
        assert_eq!(asked("/v2/devices/a%2Fb+c//?x=%20&y").unwrap(), "http://k:8000/api/v2/devices/a%2Fb+c//?x=%20&y");
        assert_eq!(asked("/v2/devices/..%2Fx").unwrap(), "http://k:8000/api/v2/devices/..%2Fx");
        for path in ["/v2/devices/../x", "/v2/devices/%2e%2E/x", "/v2/.%2e", "/v2/./x", "/v2/..\\x"] {
            assert_eq!(asked(path), None, "{path}");
        }
    }

    #[test]
    fn headers_of_the_connection_stay_behind() {
        let raw = TestRequest::with_uri("/v2/devices")
            .insert_header(("connection", "close, X-Private"))
            .insert_header(("x-private", "1"))
            .insert_header(("te", "trailers"))
            .insert_header(("expect", "100-continue"))
            .insert_header(("x-auth-token", "t"))
            .insert_header(("host", "api.example.com"))
            .insert_header(("x-forwarded-for", "192.0.2.1"))
            .peer_addr("198.51.100.7:999".parse().unwrap())
            .to_http_request();
        let headers = headers(&raw, "id-1");
        let said: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let mut expected = vec![
            ("x-auth-token", "t"),
            ("x-forwarded-for", "192.0.2.1, 198.51.100.7"),
            ("x-forwarded-host", "api.example.com"),
            ("x-request-id", "id-1"),
        ];
        expected.sort_unstable();
        let mut said = said;
        said.sort_unstable();
        assert_eq!(said, expected);
    }
}
