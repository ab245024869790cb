//! Where a request comes in from the web framework.

use std::panic::AssertUnwindSafe;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload, ServiceConfig, route},
};
use futures_util::FutureExt;

use super::{
    Failure,
    access::{Accompanied, Record},
    metrics::Noun,
    path::{NotApi, Path},
    pipeline::{App, Exchange},
    upstream::Upstream,
};
use crate::platform::unix_now;

/// Answers to every path that isn't the API's.
const BANNER: &str = "Storefront answers Kazoo's API here, under /v2.\n";

/// Lets a server answer the API.
pub fn configure(app: Data<App>) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |config| {
        config.app_data(app).default_service(route().to(entry));
    }
}

/// Answers any request, and keeps the books about it.
async fn entry(raw: HttpRequest, payload: Payload, app: Data<App>) -> HttpResponse<Accompanied> {
    let mut exchange = Exchange::new(&app, &raw);
    let mut record = Record::begin(&app.metrics, &raw, &exchange.request_id);
    let response = match Path::parse(raw.uri().path()) {
        Ok(path) => match passed_through(&raw, &path, &app) {
            Some((upstream, noun)) => {
                record.forward(noun, &raw, &path);
                let answered = upstream.forward(&raw, payload, &exchange.request_id).await;
                answered.unwrap_or_else(|fault| exchange.answer(Err(fault.into()), unix_now()))
            }
            None => {
                let response = answer(&mut exchange, path, &raw, payload).await;
                record.learn(&exchange);
                response
            }
        },
        Err(NotApi::NoVersion) => HttpResponse::Ok().content_type("text/plain; charset=UTF-8").body(BANNER),
        Err(NotApi::BadEscape) => HttpResponse::BadRequest().finish(),
    };
    record.accompany(response)
}

/// Who else answers a request, and which noun that's about.
fn passed_through<'a>(raw: &'a HttpRequest, path: &Path, app: &App) -> Option<(&'a Upstream, Noun)> {
    let upstream = raw.app_data::<Data<Upstream>>()?;
    Some((upstream, upstream.takes(path, &app.routes)?))
}

/// Answers a request of the API, come what may: a panic is a bug, but one of this request only.
async fn answer(exchange: &mut Exchange<'_>, path: Path, raw: &HttpRequest, payload: Payload) -> HttpResponse {
    let now = unix_now();
    let outcome = AssertUnwindSafe(exchange.run(path, raw, payload, now)).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|panic| Err(Failure::Internal(anyhow::anyhow!("panic: {}", panic_text(&*panic)))));
    exchange.answer(outcome, now)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}
