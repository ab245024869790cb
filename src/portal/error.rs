//! Everything that can go wrong at the portal.

use std::time::Duration;

use crate::{market::eligibility::Reason, store};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or none that's good.
    #[error("unauthorized")]
    Unauthorized,
    /// Wrong credentials at a login.
    #[error("wrong account, user or password")]
    LoginRefused,
    /// Whoever asks may not.
    #[error("{}", .0.message())]
    Forbidden(Reason),
    #[error("not found")]
    NotFound,
    /// What was sent doesn't hold up: member and complaint.
    #[error("{}", complaints(.0))]
    Invalid(Vec<(String, String)>),
    /// Things aren't as they would have to be: a code for programs, words for people.
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    /// Things have to be done first.
    #[error("{}", .0.first().map_or("not yet", |reason| reason.message()))]
    NotYet(Vec<Reason>),
    /// It's understood, and can't be.
    #[error("{message}")]
    Unprocessable { code: &'static str, message: String },
    #[error("too many requests")]
    TooMany { retry_after: Duration },
    /// The API that customers log in by doesn't answer, or not as it should.
    #[error("the login service can't be reached")]
    Identity(#[source] anyhow::Error),
    /// The store; its own words are logged, not sent.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A bug, or a document that can't be understood; logged, not sent.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

impl Error {
    /// One complaint about what was sent.
    pub fn invalid(member: &str, complaint: &str) -> Self {
        Self::Invalid(vec![(member.to_owned(), complaint.to_owned())])
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }
}

fn complaints(all: &[(String, String)]) -> String {
    all.iter().map(|(member, complaint)| format!("{member} {complaint}")).collect::<Vec<_>>().join("; ")
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Self {
        Self::Internal(anyhow::anyhow!("no randomness: {error}"))
    }
}
