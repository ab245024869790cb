//! The access log: a line for each request when it's over, which is when the last byte of its answer was handed over, or the
//! client has gone.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::{Method, Uri, header::HeaderMap},
};
use bytes::Bytes;

use super::{
    client,
    metrics::{self, Metrics, Noun},
    path::{Path, loggable},
    pipeline::Exchange,
};
use crate::{kazoo::id, platform::Settings};

/// The status of a request whose client didn't wait for the answer; nginx's number for it.
const ABANDONED: u16 = 499;

/// The id that a request is known by: its client's choice, or else a new one.
pub fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get("x-request-id").and_then(|value| value.to_str().ok());
    given.filter(|id| !id.is_empty() && id.len() <= 256).map_or_else(id::new_id, str::to_owned)
}

/// What is known of a request so far. It's logged and counted when this is dropped.
pub struct Record {
    metrics: Metrics,
    began: Instant,
    method: Method,
    uri: Uri,
    request_id: String,
    /// The noun that was asked, bounded in number.
    noun: Noun,
    verb: &'static str,
    client_ip: String,
    account_id: Option<String>,
    auth_account_id: Option<String>,
    /// Whether another program gives the answer.
    forwarded: bool,
    status: u16,
    bytes: u64,
    is_complete: bool,
}

impl Record {
    pub fn begin(metrics: &Metrics, raw: &HttpRequest, request_id: &str) -> Self {
        metrics.in_flight.inc();
        Self {
            metrics: metrics.clone(),
            began: Instant::now(),
            method: raw.method().clone(),
            uri: raw.uri().clone(),
            request_id: fit(request_id),
            noun: metrics::OTHER.into(),
            verb: metrics::verb(raw.method()),
            client_ip: raw.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default(),
            account_id: None,
            auth_account_id: None,
            forwarded: false,
            status: ABANDONED,
            bytes: 0,
            is_complete: false,
        }
    }

    /// Notes that another program answers, of which no more is known than stands in the request's head.
    pub fn forward(&mut self, noun: Noun, raw: &HttpRequest, path: &Path) {
        self.noun = noun;
        self.forwarded = true;
        self.client_ip = client::address(raw, &Settings::default());
        let mut segments = path.segments.iter().skip_while(|word| *word != "accounts");
        self.of_account(segments.nth(1).map(String::as_str));
    }

    fn of_account(&mut self, id: Option<&str>) {
        self.account_id = id.filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_alphanumeric())).map(str::to_owned);
    }

    /// Notes what came out of our own checks.
    pub fn learn(&mut self, exchange: &Exchange) {
        if let Some(request) = &exchange.request {
            self.client_ip = request.client_ip.clone();
            self.of_account(request.account_param());
            if request.verb != request.method {
                self.verb = request.verb.as_str();
            }
        }
        if let Some(endpoint) = &exchange.endpoint {
            self.noun = endpoint.noun.into();
        }
        self.auth_account_id = exchange.caller.as_ref().map(|caller| caller.account_id.clone());
    }

    /// Notes what was asked and who did, where that's known otherwise than by our own checks.
    pub fn learn_of(&mut self, noun: Noun, client_ip: String, auth_account_id: Option<String>) {
        self.noun = noun;
        self.client_ip = client_ip;
        self.auth_account_id = auth_account_id;
    }

    /// Notes a failure whose answer is made elsewhere.
    pub fn fail(&mut self, status: u16) {
        self.status = status;
    }

    /// Goes along with the answer to its end.
    pub fn accompany(mut self, response: HttpResponse) -> HttpResponse<Accompanied> {
        self.status = response.status().as_u16();
        self.is_complete = matches!(response.body().size(), BodySize::None | BodySize::Sized(0)) || self.method == Method::HEAD;
        response.map_body(|_, body| Accompanied { body, record: self })
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        self.metrics.in_flight.dec();
        self.metrics.count(&self.noun, self.verb, self.status, self.forwarded, took);
        log::info!(
            target: "storefront::access",
            request_id = self.request_id.as_str(),
            noun = self.noun.as_ref(),
            status = self.status,
            bytes = self.bytes,
            complete = self.is_complete,
            ms = (took.as_secs_f64() * 10_000.0).round() / 10.0,
            client_ip = self.client_ip.as_str(),
            account_id = self.account_id.as_deref().unwrap_or("-"),
            auth_account_id = self.auth_account_id.as_deref().unwrap_or("-"),
            by = if self.forwarded { "upstream" } else { "storefront" };
            "{} {}", self.method, loggable(self.uri.path())
        );
    }
}

/// An answer's body, counted on its way out.
pub struct Accompanied {
    body: BoxBody,
    record: Record,
}

impl MessageBody for Accompanied {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let next = Pin::new(&mut this.body).poll_next(cx);
        let record = &mut this.record;
        match &next {
            Poll::Ready(Some(Ok(piece))) => {
                if record.method != Method::HEAD {
                    record.bytes += piece.len() as u64;
                }
                // What has a length may not be asked again when that is reached.
                record.is_complete = matches!(this.body.size(), BodySize::Sized(size) if size <= record.bytes);
            }
            Poll::Ready(None) => record.is_complete = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        next
    }
}

/// A request's id as a log line may have it: clients choose theirs, and could write other fields behind it.
fn fit(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || "-._:/+@".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_id_stays_one_word() {
        assert_eq!(fit("c0ffee-1"), "c0ffee-1");
        assert_eq!(fit("x status=200 \"y\""), "x_status_200__y_");
    }
}
