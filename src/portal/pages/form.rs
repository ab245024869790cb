//! Forms: nothing of one is read before it's known that it came from one of our pages.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    web::{Bytes, Query},
};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::{failure::Failure, viewer::Viewer};

/// Bytes of a form.
const LARGEST: usize = 64 * 1024;

/// A form's fields.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let viewer = Viewer::extract(&request).await?;
            let mut body = Vec::new();
            while let Some(chunk) = payload.next().await {
                let chunk: Bytes = chunk.map_err(|_| Failure::BadForm)?;
                if body.len() + chunk.len() > LARGEST {
                    return Err(Failure::BadForm);
                }
                body.extend_from_slice(&chunk);
            }
            let is_form = request.headers().get("content-type").and_then(|value| value.to_str().ok()).is_some_and(is_urlencoded);
            let csrf = url::form_urlencoded::parse(&body).find(|(name, _)| name == "csrf").map(|(_, value)| value.into_owned());
            if !is_form || is_foreign(&request) || !csrf.is_some_and(|csrf| viewer.has_written(&csrf)) {
                return Err(Failure::Forged { without_cookie: viewer.has_no_cookie() });
            }
            let fields = std::str::from_utf8(&body).ok().and_then(|body| Query::<T>::from_query(body).ok());
            Ok(Self(fields.ok_or(Failure::BadForm)?.into_inner()))
        })
    }
}

fn is_urlencoded(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Whether the browser itself says that another site has sent it here.
fn is_foreign(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    matches!(site, Some("cross-site" | "same-site"))
}
