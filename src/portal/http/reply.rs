//! Answers: JSON with an ETag, files that are streamed.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Responder, ResponseError as _,
    body::BoxBody,
    http::{StatusCode, header::ContentType},
};
use futures_util::TryStreamExt as _;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    failure::Failure,
    operation::{Gives, Operation},
};
use crate::{
    http::precondition::{self, Verdict},
    market::{content::Picture, listing::digest},
    store::Attachment,
};

/// The types of pictures.
pub const PICTURES: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];
/// The type of packages.
pub const PACKAGE: &str = "application/zip";

/// What is somebody's own: nobody keeps it.
pub struct Private<T>(pub T);

/// The same of something that has come to be.
pub struct Created<T>(pub T);

/// The same of something that will come about.
pub struct Accepted<T>(pub T);

/// What anybody may see: with a tag of its content, so that it need not be sent again.
pub struct Public<T>(pub T);

/// Done, and nothing to say.
pub struct Done;

/// That a cluster isn't linked any more.
#[derive(Default, Serialize, JsonSchema)]
pub struct Unlinked {
    /// `false`
    linked: bool,
}

/// A listing's picture.
pub struct Shown(pub Picture, pub Attachment);

/// A package, to be saved.
pub struct Packed {
    pub slug: String,
    pub sha256: String,
    pub attachment: Attachment,
}

fn private(status: StatusCode, value: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).insert_header(("cache-control", "no-store")).json(value)
}

macro_rules! privates {
    ($($name:ident $status:ident $about:literal),+) => {
        $(
            impl<T: Serialize> Responder for $name<T> {
                type Body = BoxBody;

                fn respond_to(self, _: &HttpRequest) -> HttpResponse {
                    private(StatusCode::$status, &self.0)
                }
            }

            impl<T: JsonSchema> Gives for $name<T> {
                fn say(operation: &mut Operation<'_>) {
                    operation.gives::<T>(StatusCode::$status.as_u16(), $about);
                }
            }
        )+
    };
}

privates! { Private OK "As it is now", Created CREATED "It has come to be", Accepted ACCEPTED "It's under way" }

impl<T: Serialize> Responder for Public<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = match serde_json::to_string(&self.0) {
            Ok(body) => body,
            Err(error) => return Failure::from(anyhow::Error::from(error)).error_response(),
        };
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
            Verdict::NotModified | Verdict::Failed => response.finish(),
            Verdict::Go | Verdict::Malformed => response.content_type(ContentType::json()).body(body),
        }
    }
}

impl<T: JsonSchema> Gives for Public<T> {
    fn say(operation: &mut Operation<'_>) {
        operation.gives::<T>(200, "As it is now, with an `ETag`");
        operation.fails(304);
        operation.fails(412);
    }
}

impl Responder for Done {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl Gives for Done {
    fn say(operation: &mut Operation<'_>) {
        operation.gives_file(204, "Done", &[]);
    }
}

/// Asked for with its digest in the address a picture can be kept for ever, as another one has another address.
impl Responder for Shown {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self(picture, attachment) = self;
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
}

impl Gives for Shown {
    fn say(operation: &mut Operation<'_>) {
        operation.gives_file(200, "The picture, with an `ETag`", &PICTURES);
        operation.fails(304);
    }
}

impl Responder for Packed {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response
            .insert_header(("etag", format!("\"{}\"", self.sha256)))
            .insert_header(("cache-control", "private, no-cache"))
            .insert_header(("content-disposition", format!("attachment; filename=\"{}.zip\"", self.slug)))
            .content_type(PACKAGE);
        streamed(response, self.attachment)
    }
}

impl Gives for Packed {
    fn say(operation: &mut Operation<'_>) {
        operation.gives_file(200, "The package", &[PACKAGE]);
    }
}

fn streamed(mut response: HttpResponseBuilder, attachment: Attachment) -> HttpResponse {
    response.no_chunking(attachment.info.length);
    response.streaming(attachment.body.map_err(|error| std::io::Error::other(error.to_string())))
}
