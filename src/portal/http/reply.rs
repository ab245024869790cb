//! Answers: JSON with an ETag, files that are streamed.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header::ContentType};
use futures_util::TryStreamExt as _;
use serde::Serialize;

use super::failure::Failure;
use crate::{
    http::precondition::{self, Verdict},
    market::{content::Picture, listing::digest},
    store::Attachment,
};

/// What is somebody's own: nobody keeps it.
pub fn private(status: u16, value: &impl Serialize) -> Result<HttpResponse, Failure> {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    Ok(HttpResponse::build(status).insert_header(("cache-control", "no-store")).json(value))
}

/// What anybody may see: with a tag of its content, so that it need not be sent again.
pub fn public(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse, Failure> {
    let body = serde_json::to_string(value).map_err(anyhow::Error::from)?;
    let tag = digest(&body).get(..32).unwrap_or_default().to_owned();
    let verdict = precondition::check(request.headers(), Some(&tag), true, true);
    let mut response = match verdict {
        Verdict::NotModified => HttpResponse::NotModified(),
        Verdict::Failed => HttpResponse::PreconditionFailed(),
        Verdict::Go | Verdict::Malformed => HttpResponse::Ok(),
    };
    response
        .insert_header(("etag", format!("\"{tag}\"")))
        .insert_header(("cache-control", "no-cache"))
        .insert_header(("vary", "Accept-Language"));
    match verdict {
        Verdict::NotModified | Verdict::Failed => Ok(response.finish()),
        Verdict::Go | Verdict::Malformed => Ok(response.content_type(ContentType::json()).body(body)),
    }
}

/// A picture. Asked for with its digest in the address it can be kept for ever, as another picture has another address.
pub fn picture(request: &HttpRequest, picture: &Picture, attachment: Attachment) -> HttpResponse {
    let is_exact = request
        .query_string()
        .split('&')
        .any(|part| part.strip_prefix("v=").is_some_and(|version| version.len() >= 8 && picture.name.starts_with(version)));
    let life = if is_exact { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    let verdict = precondition::check(request.headers(), Some(&picture.name), true, true);
    let mut response = if verdict == Verdict::NotModified { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(("etag", format!("\"{}\"", picture.name)))
        .insert_header(("cache-control", life))
        .insert_header(("x-content-type-options", "nosniff"))
        // A drawing may hold a script.
        .insert_header(("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    if verdict == Verdict::NotModified {
        return response.finish();
    }
    response.content_type(picture.content_type.as_str());
    streamed(response, attachment)
}

/// A package, to be saved.
pub fn package(slug: &str, sha256: &str, attachment: Attachment) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header(("etag", format!("\"{sha256}\"")))
        .insert_header(("cache-control", "private, no-cache"))
        .insert_header(("content-disposition", format!("attachment; filename=\"{slug}.zip\"")))
        .content_type("application/zip");
    streamed(response, attachment)
}

fn streamed(mut response: HttpResponseBuilder, attachment: Attachment) -> HttpResponse {
    response.no_chunking(attachment.info.length);
    response.streaming(attachment.body.map_err(|error| std::io::Error::other(error.to_string())))
}
