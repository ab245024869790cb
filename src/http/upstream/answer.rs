//! The upstream's answer on its way to the client.

use std::{io, time::Duration};

use actix_web::{
    HttpResponse,
    body::SizedStream,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use super::question::is_hop_by_hop;

/// Passes an answer on, with a body that is silent for no longer than `idle`. An answer that breaks off does so for the client
/// as well: it can tell that from one that has ended.
pub fn pass_on(answer: reqwest::Response, head_only: bool, idle: Duration, request_id: &str) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::build(status);
    let named: Vec<&str> = answer.headers().get_all("connection").iter().filter_map(|value| value.to_str().ok()).collect();
    for (name, value) in answer.headers() {
        let name = name.as_str();
        if is_hop_by_hop(name, &named) || name == "content-length" {
            continue;
        }
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes())) {
            response.append_header((name, value));
        }
    }
    let length = answer.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return response.finish();
    }
    // What would be told to whoever asks with GET.
    if head_only {
        let nothing = stream::empty::<io::Result<Bytes>>();
        return match length {
            Some(length) => response.body(SizedStream::new(length, nothing)),
            None => response.streaming(nothing),
        };
    }
    let body = pieces(answer, idle, request_id.to_owned());
    match length {
        Some(length) => response.body(SizedStream::new(length, body)),
        None => response.streaming(body),
    }
}

fn pieces(answer: reqwest::Response, idle: Duration, request_id: String) -> impl Stream<Item = io::Result<Bytes>> {
    let body = answer.bytes_stream().boxed();
    stream::try_unfold((body, request_id), move |(mut body, request_id)| async move {
        let broken = match tokio::time::timeout(idle, body.next()).await {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(piece))) => return Ok(Some((piece, (body, request_id)))),
            Ok(Some(Err(error))) => io::Error::other(error.without_url()),
            Err(_) => io::Error::from(io::ErrorKind::TimedOut),
        };
        log::warn!(request_id = request_id.as_str(); "the upstream's answer breaks off: {broken}");
        Err(broken)
    })
}
