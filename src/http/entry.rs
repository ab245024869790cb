//! Where a request comes in from the web framework.

use std::panic::AssertUnwindSafe;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload, ServiceConfig, route},
};
use futures_util::FutureExt;

use super::{
    Failure,
    path::{NotApi, Path, loggable},
    pipeline::{App, Exchange},
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

/// Answers any request, come what may: a panic is a bug, but one of this request only.
async fn entry(raw: HttpRequest, payload: Payload, app: Data<App>) -> HttpResponse {
    let path = match Path::parse(raw.uri().path()) {
        Ok(path) => path,
        Err(NotApi::NoVersion) => return HttpResponse::Ok().content_type("text/plain; charset=UTF-8").body(BANNER),
        Err(NotApi::BadEscape) => return HttpResponse::BadRequest().finish(),
    };
    let began = std::time::Instant::now();
    let now = unix_now();
    let mut exchange = Exchange::new(&app, &raw);
    let outcome = AssertUnwindSafe(exchange.run(path, &raw, payload, now)).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|panic| Err(Failure::Internal(anyhow::anyhow!("panic: {}", panic_text(&*panic)))));
    let response = exchange.answer(outcome, now);
    log::debug!(
        target: "storefront::access",
        request_id = exchange.request_id.as_str(), status = response.status().as_u16(), micros = began.elapsed().as_micros() as u64;
        "{} {} {}", raw.method(), loggable(raw.uri().path()), response.status().as_u16()
    );
    response
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}
