//! Everything that can go wrong with a request, and the only place that says with which status and body.
//!
//! Kazoo words its errors in two ways that both reach the wire: most have a message with underscores and an object with a
//! `message` of its own, some a message with spaces and little else. Each variant here is one of them.

use serde_json::{Value, json};

use super::upstream;
use crate::{
    kazoo::validation::{Detail, Invalid},
    store::{self, Object},
};

/// A request that isn't answered with success.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was sent doesn't hold up: which fields, and why.
    #[error("validation error: {0}")]
    Validation(#[from] Invalid),
    /// No token, a bad one, or wrong credentials at login.
    #[error("invalid credentials")]
    InvalidCredentials,
    /// A login with wrong credentials: as [`Failure::InvalidCredentials`], alike whether the account exists or not.
    #[error("login refused")]
    LoginRefused,
    /// A code that isn't the one that was sent by mail; another has been sent. Trying costs as much as a refused login.
    #[error("code refused")]
    CodeRefused,
    /// A token past its time.
    #[error("expired token")]
    ExpiredToken,
    #[error("forbidden")]
    Forbidden,
    /// Forbidden, with what the module has to say about it under `details`.
    #[error("forbidden: {details}")]
    ForbiddenDetails { details: String },
    /// Forbidden, and what it is that forbids.
    #[error("forbidden: {cause}")]
    ForbiddenCause { cause: &'static str },
    /// Somebody proved who he is, but a second factor is demanded of him, which can't be checked here.
    #[error("a second factor is demanded")]
    SecondFactor,
    /// A password reset past its time.
    #[error("the reset is expired")]
    ResetExpired { reset_id: String },
    /// The path leads nowhere.
    #[error("not found")]
    NotFound,
    /// As [`Failure::NotFound`], where Kazoo sends no body.
    #[error("not found")]
    NotFoundBare,
    /// There is no document of that id.
    #[error("bad identifier {cause:?}")]
    BadIdentifier { cause: String },
    /// As [`Failure::BadIdentifier`], where something was looked up by a key; Kazoo says how much it found.
    #[error("nothing found for {cause:?}")]
    NoneFound { cause: String },
    /// As [`Failure::BadIdentifier`] in the apps store's words: those of 5.0 and those of 5.4.
    #[error("bad identifier {details:?}")]
    BadIdentifierDetails { details: String },
    /// There is no such attachment (or api key): an array with what was asked for.
    #[error("bad identifier {0:?}")]
    BadIdentifierList(String),
    /// There is no such attachment, as 5.4 says it.
    #[error("no {cause}")]
    NoPicture { cause: String },
    /// What stands in the path can't be an account id.
    #[error("{0}")]
    BadAccountId(String),
    /// The path exists, the verb doesn't.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Something about the request line makes no sense (a page size, a missing parameter).
    #[error("faulty request: {0}")]
    Faulty(String),
    #[error("too many requests")]
    TooManyRequests,
    /// An answer with a status and a message of the module's own, and no data.
    #[error("{message}")]
    Refused { status: u16, message: &'static str },
    /// A request that asks for something that doesn't exist.
    #[error("{0}")]
    BadRequest(&'static str),
    /// The marketplace refused or failed, in its own words.
    #[error("the marketplace refused or failed")]
    PassedThrough { said: Object },
    /// The first version of the API.
    #[error("gone")]
    Gone,
    /// The client has the current state already, whose tag this is.
    #[error("not modified")]
    NotModified { tag: Option<String> },
    /// A status without a body: 400, 406, 412, 415, 501.
    #[error("status {0}")]
    Bare(u16),
    #[error("not implemented")]
    NotImplemented,
    /// Another document stands in the way.
    #[error("conflicting documents")]
    Conflict,
    #[error("account has descendants")]
    HasDescendants,
    /// The Kazoo behind us, to which a request was to be sent on.
    #[error(transparent)]
    Upstream(#[from] upstream::Fault),
    /// The store; its own words are logged, not sent.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A bug, or a broken installation; logged, not sent.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

/// How a failure looks on the wire.
#[derive(Debug, PartialEq)]
pub struct Shape {
    pub status: u16,
    /// `None`: no body at all.
    pub body: Option<(String, Value)>,
}

impl Failure {
    /// A validation error with one entry: a key path, the rule's code, what to tell the client.
    pub fn invalid(path: &str, code: &str, message: &str, cause: impl Into<Value>) -> Self {
        Invalid::one(path, code, Detail::new(message).cause(cause)).into()
    }

    /// Status and body.
    pub fn shape(&self) -> Shape {
        let said = |status, message: &str, data| Shape { status, body: Some((message.to_owned(), data)) };
        let plain = |status, message: &str, text: &str| said(status, message, json!({ "message": text }));
        match self {
            Self::Validation(invalid) => said(400, "validation error", Value::Object(invalid.clone().into_data())),
            Self::InvalidCredentials | Self::LoginRefused => plain(401, "invalid_credentials", "invalid credentials"),
            Self::CodeRefused => {
                let message = "Code does not match, a new verification code was sent. Please check your email";
                said(400, "validation error", json!({ "code": { "invalid": { "message": message } } }))
            }
            Self::ExpiredToken => said(401, "invalid credentials", json!({})),
            Self::Forbidden => plain(403, "forbidden", "forbidden"),
            Self::ForbiddenDetails { details } => said(403, "forbidden", json!({ "details": details, "message": "forbidden" })),
            Self::ForbiddenCause { cause } => said(403, "forbidden", json!({ "cause": cause, "message": "forbidden" })),
            // The word is misspelt on Kazoo's wire, and clients may know it so.
            Self::SecondFactor => plain(401, "invalid_credentials", "client needs to preform second-factor authentication"),
            Self::ResetExpired { reset_id } => {
                said(403, "forbidden", json!({ "reason": "The provided reset_id is expired", "cause": reset_id }))
            }
            Self::NotFound => plain(404, "not_found", "not found"),
            Self::NotFoundBare => Shape { status: 404, body: None },
            Self::BadIdentifier { cause } | Self::NoneFound { cause } => {
                said(404, "bad_identifier", json!({ "cause": cause, "message": "bad identifier" }))
            }
            Self::BadIdentifierDetails { details } => {
                said(404, "bad_identifier", json!({ "cause": details, "details": details, "message": "bad identifier" }))
            }
            Self::BadIdentifierList(what) => said(404, "bad identifier", json!([what])),
            Self::NoPicture { cause } => {
                said(404, "not_found", json!({ "cause": cause, "message": "failed to find attachment" }))
            }
            Self::BadAccountId(message) => plain(404, "bad identifier", message),
            Self::MethodNotAllowed => plain(405, "invalid_method", "method not allowed"),
            Self::Faulty(message) => plain(404, "faulty_request", message),
            Self::TooManyRequests => plain(429, "too_many_requests", "too many requests"),
            Self::Refused { status, message } => said(*status, message, json!({})),
            Self::BadRequest(message) => plain(400, "bad_request", message),
            // No fault of the server's, but the status that Kazoo has for it.
            Self::PassedThrough { said: words } => said(500, "appex_passthrough_error", Value::Object(words.clone())),
            Self::Gone => said(410, "gone", "API version 1 is not supported. Please upgrade your code to use version 2.".into()),
            Self::NotModified { .. } => Shape { status: 304, body: None },
            Self::Bare(status) => Shape { status: *status, body: None },
            Self::NotImplemented => plain(501, "not_implemented", "not implemented"),
            Self::Conflict => plain(409, "datastore_conflict", "conflicting documents"),
            Self::HasDescendants => plain(409, "account_has_descendants", "account has descendants"),
            Self::Upstream(upstream::Fault::Unreachable(_)) => plain(502, "bad_gateway", "bad gateway"),
            Self::Upstream(upstream::Fault::Timeout) => plain(504, "gateway_timeout", "gateway timeout"),
            Self::Upstream(upstream::Fault::Path) => plain(404, "not_found", "not found"),
            Self::Store(error) => store_shape(error),
            // What the platform wraps in words of its own may be the store's being away all the same.
            Self::Internal(error) => {
                let store = error.chain().find_map(|cause| cause.downcast_ref::<store::Error>()).map(store_shape);
                let away = store.filter(|shape| shape.status == 503);
                away.unwrap_or_else(|| plain(500, "unspecified_fault", "unspecified fault"))
            }
        }
    }

    /// Whether an operator should hear of it.
    pub fn is_fault(&self) -> bool {
        self.shape().status >= 500 && !matches!(self, Self::NotImplemented | Self::Bare(_) | Self::PassedThrough { .. })
    }
}

fn store_shape(error: &store::Error) -> Shape {
    let said = |status, message: &str, data| Shape { status, body: Some((message.to_owned(), data)) };
    let plain = |status, message: &str, text: &str| said(status, message, json!({ "message": text }));
    match error {
        store::Error::NotFound { id, .. } | store::Error::NoAttachment { id, .. } => {
            said(404, "bad_identifier", json!({ "cause": id, "message": "bad identifier" }))
        }
        store::Error::Conflict { .. } | store::Error::DatabaseExists { .. } => {
            plain(409, "datastore_conflict", "conflicting documents")
        }
        store::Error::Invalid { reason, .. } => said(400, "invalid data", json!({ "message": reason })),
        store::Error::NoDatabase { .. } => plain(503, "datastore_missing", "data collection missing: database not found"),
        store::Error::NoView { .. } => plain(503, "datastore_missing_view", "datastore missing view"),
        store::Error::Unreachable { .. } | store::Error::Timeout { .. } => {
            plain(503, "datastore_unreachable", "datastore timeout")
        }
        store::Error::Unauthorized { .. } | store::Error::Corrupt { .. } => {
            plain(503, "datastore_fault", "datastore fatal error")
        }
    }
}

/// What a body's `data` is told that had to be an object.
pub fn not_an_object(data: &Value) -> Failure {
    Invalid::one("", "type", Detail::new("Value did not match type(s): object").target("object").value(data.clone())).into()
}
