//! What goes wrong on a page. [`super::frame`] makes a page of it, once it's known who looks.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};

use crate::portal::{Error, http::failure};

#[derive(Debug)]
pub enum Failure {
    Portal(failure::Failure),
    /// A form that isn't known to come from one of our pages in the same browser.
    Forged {
        /// The browser sends no cookies, so that it can't be known of any form.
        without_cookie: bool,
    },
    /// A form that makes no sense.
    BadForm,
    /// A verb that isn't one of those that can be used on a path.
    WrongVerb {
        /// Those that can.
        allowed: String,
    },
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Portal(failure::Failure(error.into()))
    }
}

impl Failure {
    /// The error of a service.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Portal(failure) => Some(&failure.0),
            Self::Forged { .. } | Self::BadForm | Self::WrongVerb { .. } => None,
        }
    }

    /// Headline and explanation.
    pub fn words(&self) -> (&'static str, String) {
        let Some(error) = self.error() else {
            return match self {
                Self::Forged { without_cookie: true } => (
                    "Your browser sent no cookie",
                    "The marketplace needs a cookie for this. Allow cookies for this site; if it's already allowed, open the \
                     marketplace by its https address."
                        .into(),
                ),
                Self::Forged { .. } => (
                    "This form is out of date",
                    "You may have logged in or out in another tab since it was opened. Go back, load the page again and repeat \
                     the step. Nothing was changed."
                        .into(),
                ),
                Self::WrongVerb { .. } => {
                    ("That can't be done here", "The page is there, but not to be asked in this way.".into())
                }
                _ => ("That can't be understood", "The form was incomplete or too large. Nothing was changed.".into()),
            };
        };
        let said = sentence(&error.to_string());
        match error {
            Error::NotFound => ("Nothing is here", "The page doesn't exist, or no longer does.".into()),
            Error::Unauthorized | Error::LoginRefused => ("Please log in", said),
            Error::Forbidden(_) => ("You may not do this", said),
            Error::Invalid(_) => ("That can't be right", said),
            Error::Conflict { .. } => ("That can't be done now", said),
            Error::NotYet(_) => ("Something has to be done first", said),
            Error::Unprocessable { .. } => ("That can't be done", said),
            Error::TooMany { .. } => ("Too many attempts", "Please wait a minute before you try again.".into()),
            Error::Identity(_) => (
                "The login service can't be reached",
                "Your cluster's API, which knows who may log in, doesn't answer. Please try again later.".into(),
            ),
            _ if self.status_code() == StatusCode::CONFLICT => {
                ("Somebody was faster", "Somebody else has changed it meanwhile. Please look at it again.".into())
            }
            _ if self.status_code() == StatusCode::NOT_FOUND => {
                ("Nothing is here", "It doesn't exist, or no longer does.".into())
            }
            _ => ("Something went wrong here", "It isn't your fault. Please try again in a while.".into()),
        }
    }
}

/// With a capital letter and a full stop.
pub fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", characters.as_str())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Portal(failure) => failure.status_code(),
            Self::Forged { .. } => StatusCode::FORBIDDEN,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::WrongVerb { .. } => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    /// Status and headers; the page is laid over it.
    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Portal(failure) => failure.error_response(),
            Self::Forged { .. } | Self::BadForm => HttpResponse::new(self.status_code()),
            Self::WrongVerb { allowed } => {
                HttpResponse::build(self.status_code()).insert_header((header::ALLOW, allowed.as_str())).finish()
            }
        }
    }
}
