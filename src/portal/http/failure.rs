//! How an error looks on the wire: the only place that chooses a status.
//!
//! The body is `{"message": …}` in words, with `reason`, a code for programs, where there is one, and `errors`, a complaint for
//! each member, where something that was sent doesn't hold up.

use std::fmt;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    error::{JsonPayloadError, PathError, QueryPayloadError},
    http::{StatusCode, header},
};
use serde_json::{Map, Value, json};

use crate::{portal::Error, store};

/// A request that isn't answered with success.
#[derive(Debug)]
pub struct Failure(pub Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Status and body.
fn shape(error: &Error) -> (u16, Value) {
    let said = |status, reason: &str| (status, json!({ "message": error.to_string(), "reason": reason }));
    match error {
        // Clusters pass this on, word for word.
        Error::Unauthorized => (401, json!({ "message": "Unauthorized" })),
        Error::LoginRefused => said(401, "login_refused"),
        Error::Forbidden(reason) => said(403, reason.as_str()),
        Error::NotFound => said(404, "not_found"),
        Error::Invalid(complaints) => {
            let errors: Map<String, Value> =
                complaints.iter().map(|(member, said)| (member.clone(), said.as_str().into())).collect();
            (400, json!({ "message": error.to_string(), "reason": "invalid", "errors": errors }))
        }
        Error::Conflict { code, .. } => said(409, code),
        Error::NotYet(reasons) => {
            let mut body = said(412, reasons.first().map_or("not_yet", |reason| reason.as_str()));
            body.1["reasons"] = reasons.iter().map(|reason| Value::from(reason.as_str())).collect();
            body
        }
        Error::Unprocessable { code, .. } => said(422, code),
        Error::TooMany { .. } => said(429, "too_many_requests"),
        Error::Identity(_) => said(502, "login_service"),
        Error::Store(error) => match error {
            store::Error::Conflict { .. } => {
                (409, json!({ "message": "Somebody else has changed it meanwhile.", "reason": "conflict" }))
            }
            store::Error::NotFound { .. } | store::Error::NoAttachment { .. } => {
                (404, json!({ "message": "not found", "reason": "not_found" }))
            }
            store::Error::Unreachable { .. }
            | store::Error::Timeout { .. }
            | store::Error::Unauthorized { .. }
            | store::Error::NoDatabase { .. } => {
                (503, json!({ "message": "The marketplace's database can't be reached.", "reason": "unavailable" }))
            }
            store::Error::DatabaseExists { .. }
            | store::Error::NoView { .. }
            | store::Error::Invalid { .. }
            | store::Error::Corrupt { .. } => internal(),
        },
        Error::Internal(_) => internal(),
    }
}

fn internal() -> (u16, Value) {
    (500, json!({ "message": "Something went wrong here.", "reason": "internal" }))
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(shape(&self.0).0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (_, body) = shape(&self.0);
        match &self.0 {
            Error::Internal(error) => log::error!("{error:#}"),
            Error::Store(error) if self.status_code().is_server_error() => log::error!("{error}"),
            Error::Identity(error) => log::error!("the login service: {error:#}"),
            _ => {}
        }
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header(("cache-control", "no-store"));
        match &self.0 {
            Error::TooMany { retry_after } => {
                response.insert_header(("retry-after", retry_after.as_secs().max(1).to_string()));
            }
            Error::Unauthorized => {
                response.insert_header(("www-authenticate", "Bearer"));
            }
            _ => {}
        }
        response.json(body)
    }
}

/// What isn't the JSON that was expected.
pub fn bad_json(error: JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    let (status, message) = match &error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            (413, "The body is too large.".into())
        }
        JsonPayloadError::Deserialize(error) => (400, format!("The body isn't as expected: {error}")),
        _ => (400, "The body isn't JSON.".to_owned()),
    };
    refused(error, status, &message)
}

/// A parameter that makes no sense.
pub fn bad_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    let message = format!("The query isn't as expected: {error}");
    refused(error, 400, &message)
}

/// What should be a file, and is too large for one or breaks off.
pub fn bad_upload(error: actix_web::Error) -> actix_web::Error {
    let is_too_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
    let (status, message) = if is_too_large { (413, "The file is too large.") } else { (400, "The upload broke off.") };
    refused(error, status, message)
}

/// A path whose parameters can't be what they should be.
pub fn bad_path(_: PathError, _: &HttpRequest) -> actix_web::Error {
    Failure(Error::NotFound).into()
}

fn refused(error: impl fmt::Debug + fmt::Display + 'static, status: u16, message: &str) -> actix_web::Error {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = HttpResponse::build(status).json(json!({ "message": message, "reason": "invalid" }));
    actix_web::error::InternalError::from_response(error, body).into()
}

/// A verb that isn't one of those that can be used on a path.
pub fn wrong_verb(allowed: &str) -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed)).json(json!({
        "message": "This can't be done here.", "reason": "method_not_allowed",
    }))
}

/// A path that leads nowhere.
pub async fn not_found() -> Result<HttpResponse, Failure> {
    Err(Failure(Error::NotFound))
}
