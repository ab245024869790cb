//! What goes around every page: who looks, headers that keep the browser in bounds, and pages for errors.

use actix_web::{
    Error as WebError, HttpMessage as _, HttpResponse, ResponseError as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use askama::Template;

use super::{
    Options, assets,
    failure::Failure,
    see_other, show_as,
    viewer::{Viewer, login_url},
};
use crate::portal::{Error, Portal};

/// Nothing comes from elsewhere, nothing stands in the page itself, nobody puts it into a frame of his own.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    viewer: &'a Viewer,
    status: u16,
    headline: &'a str,
    explanation: &'a str,
}

/// Answers a request for a page.
pub async fn around(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse, WebError> {
    let portal = request.app_data::<Data<Portal>>().cloned();
    let options = request.app_data::<Data<Options>>().map(|options| *options.get_ref()).unwrap_or_default();
    let viewer = match portal {
        Some(portal) => Viewer::of(&portal, request.request(), options).await,
        None => Err(Error::Internal(anyhow::anyhow!("the server has no portal"))),
    };
    let mut response = match viewer {
        Ok(viewer) => {
            request.extensions_mut().insert(viewer.clone());
            let mut response = next.call(request).await?.map_into_boxed_body();
            let failed = response.response().error().and_then(|error| error.as_error::<Failure>());
            if let Some(page) = failed.map(|failure| error_page(failure, &viewer, response.request().method())) {
                let page = keep_headers(page, response.headers());
                response = response.into_response(page);
            }
            if let Some(cookie) = viewer.new_guest() {
                response.response_mut().add_cookie(&cookie).map_err(WebError::from)?;
            }
            response
        }
        Err(error) => {
            let failure = Failure::from(error);
            let page = error_page(&failure, &Viewer::unknown(), &Method::GET);
            // It's logged where the answer is made that the page is laid over.
            let page = keep_headers(page, failure.error_response().headers());
            request.into_response(page)
        }
    };
    dress(response.headers_mut());
    Ok(response)
}

fn error_page(failure: &Failure, viewer: &Viewer, method: &Method) -> HttpResponse {
    if let Some(Error::Unauthorized) = failure.error() {
        let mut response = if [Method::GET, Method::HEAD].contains(method) {
            see_other(&viewer.login_url())
        } else {
            see_other(&login_url("/"))
        };
        // A session that has ended.
        if response.add_cookie(&viewer.no_session()).is_err() {
            log::error!("a cookie couldn't be taken away");
        }
        return response;
    }
    let (status, (headline, explanation)) = (failure.status_code(), failure.words());
    let page = ErrorPage { viewer, status: status.as_u16(), headline, explanation: &explanation };
    show_as(status, &page).unwrap_or_else(|_| HttpResponse::new(status))
}

/// These are for whoever asks, the rest was for programs.
fn keep_headers(mut page: HttpResponse, from: &HeaderMap) -> HttpResponse {
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = from.get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

fn dress(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // A page says who is logged in.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
}
