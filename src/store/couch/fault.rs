//! From what a server says, or doesn't, to the store's errors.

use std::fmt;

use anyhow::anyhow;
use reqwest::StatusCode;
use serde_json::Value;

use crate::store::{Db, Error, Object, View};

/// What a request was about, for the error that may come of it.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) db: Db,
    pub(super) id: String,
    pub(super) kind: Kind,
    write: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Database,
    Document,
    Attachment(String),
    View(View),
}

impl Subject {
    pub(super) fn database(db: &Db) -> Self {
        Self { db: db.clone(), id: String::new(), kind: Kind::Database, write: false }
    }

    pub(super) fn document(db: &Db, id: &str) -> Self {
        Self { id: id.to_owned(), kind: Kind::Document, ..Self::database(db) }
    }

    pub(super) fn attachment(db: &Db, id: &str, name: &str) -> Self {
        Self { kind: Kind::Attachment(name.to_owned()), ..Self::document(db, id) }
    }

    pub(super) fn view(db: &Db, view: View) -> Self {
        let kind = if view == View::ALL_DOCS { Kind::Database } else { Kind::View(view) };
        Self { id: view.to_string(), kind, ..Self::database(db) }
    }

    /// The same, about to be changed: a "no" may come from a validation function of the database.
    pub(super) fn changed(self) -> Self {
        Self { write: true, ..self }
    }

    pub(super) fn conflict(&self) -> Error {
        Error::Conflict { db: self.db.clone(), id: self.id.clone() }
    }

    pub(super) fn invalid(&self, reason: impl Into<String>) -> Error {
        Error::Invalid { db: self.db.clone(), id: self.id.clone(), reason: reason.into() }
    }

    pub(super) fn timeout(&self) -> Error {
        Error::Timeout { db: self.db.clone() }
    }

    pub(super) fn corrupt(&self, source: impl Into<anyhow::Error>) -> Error {
        Error::Corrupt { db: self.db.clone(), id: self.id.clone(), source: source.into() }
    }

    /// The connection failed, before or amid the answer.
    pub(super) fn unreachable(&self, fault: reqwest::Error) -> Error {
        if fault.is_timeout() {
            return self.timeout();
        }
        // Its outermost words say only "error sending request"; what an operator wants to read is at the bottom.
        let fault = anyhow::Error::from(fault.without_url());
        Error::Unreachable { source: anyhow!("{fault:#}") }
    }

    /// The server answered, but not with what was asked for.
    pub(super) fn refused(&self, status: StatusCode, body: &[u8]) -> Error {
        let Some(refusal) = Refusal::read(body) else { return self.strange(status) };
        match status.as_u16() {
            401 => self.unauthorized(refusal.reason),
            403 if self.write && !refusal.is_about_access() => self.invalid(refusal.reason),
            403 => self.unauthorized(refusal.reason),
            404 => self.absent(&refusal),
            // Status before words: an unknown revision of an attachment's document is 409 with "not_found".
            409 => self.conflict(),
            412 if matches!(self.kind, Kind::Database) => Error::DatabaseExists { db: self.db.clone() },
            412 => self.conflict(),
            400 | 413 | 415 | 422 => self.invalid(refusal.reason),
            429 | 502..=504 => Error::Unreachable { source: anyhow!("{status}: {refusal}") },
            500 if refusal.error == "timeout" => self.timeout(),
            _ => self.corrupt(anyhow!("{status}: {refusal}")),
        }
    }

    /// A refusal that isn't in CouchDB's words: a proxy's, or some other server's.
    fn strange(&self, status: StatusCode) -> Error {
        match status.as_u16() {
            401 | 403 => self.unauthorized(status.to_string()),
            429 | 502..=504 => Error::Unreachable { source: anyhow!("{status}") },
            _ => self.corrupt(anyhow!("{status}, and not in CouchDB's words")),
        }
    }

    fn absent(&self, refusal: &Refusal) -> Error {
        let (db, id) = (self.db.clone(), self.id.clone());
        match &self.kind {
            _ if refusal.is_about_the_database() => Error::NoDatabase { db },
            Kind::Database => Error::NoDatabase { db },
            Kind::View(view) => Error::NoView { db, view: view.to_string() },
            Kind::Attachment(name) if refusal.reason.contains("attachment") => Error::NoAttachment { db, id, name: name.clone() },
            Kind::Attachment(_) | Kind::Document => Error::NotFound { db, id },
        }
    }

    fn unauthorized(&self, reason: String) -> Error {
        Error::Unauthorized { db: self.db.clone(), reason }
    }
}

/// CouchDB's way to say no: `{"error": …, "reason": …}`.
pub(super) struct Refusal {
    pub(super) error: String,
    pub(super) reason: String,
}

impl Refusal {
    fn read(body: &[u8]) -> Option<Self> {
        Self::find(&serde_json::from_slice(body).ok()?)
    }

    /// The refusal that an object is, if it is one: also found where rows or results are expected.
    pub(super) fn find(object: &Object) -> Option<Self> {
        let error = object.get("error")?.as_str()?.to_owned();
        let reason = object.get("reason").and_then(Value::as_str).unwrap_or(&error).to_owned();
        Some(Self { error, reason })
    }

    fn is_about_the_database(&self) -> bool {
        matches!(self.reason.trim_end_matches('.'), "Database does not exist" | "no_db_file")
    }

    /// A 403 that isn't a validation function's: the user isn't a member, or is locked out after too many wrong passwords.
    fn is_about_access(&self) -> bool {
        ["You are not allowed to access", "You are not authorized", "You are not a", "Account is temporarily locked"]
            .iter()
            .any(|words| self.reason.starts_with(words))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DB: Db = Db::named("accounts");

    fn said(subject: &Subject, status: u16, error: &str, reason: &str) -> Error {
        let body = serde_json::json!({"error": error, "reason": reason}).to_string();
        subject.refused(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    #[test]
    fn what_is_absent_is_told_apart() {
        let document = Subject::document(&DB, "x");
        let attachment = Subject::attachment(&DB, "x", "icon");
        let view = Subject::view(&DB, View::new("a", "b"));
        for subject in [&document, &attachment, &view] {
            assert!(matches!(said(subject, 404, "not_found", "Database does not exist."), Error::NoDatabase { .. }));
        }
        assert!(matches!(said(&document, 404, "not_found", "missing"), Error::NotFound { .. }));
        assert!(matches!(said(&document, 404, "not_found", "deleted"), Error::NotFound { .. }));
        assert!(matches!(said(&attachment, 404, "not_found", "missing"), Error::NotFound { .. }));
        let reason = "Document is missing attachment";
        assert!(matches!(said(&attachment, 404, "not_found", reason), Error::NoAttachment { .. }));
        assert!(matches!(said(&view, 404, "not_found", "missing"), Error::NoView { .. }));
        assert!(matches!(said(&view, 404, "not_found", "missing_named_view"), Error::NoView { .. }));
    }

    #[test]
    fn a_validation_functions_no_is_not_about_credentials() {
        let write = Subject::document(&DB, "x").changed();
        assert!(matches!(said(&write, 403, "forbidden", "no wombats"), Error::Invalid { reason, .. } if reason == "no wombats"));
        let reason = "You are not allowed to access this db.";
        assert!(matches!(said(&write, 403, "forbidden", reason), Error::Unauthorized { .. }));
        let reason = "Account is temporarily locked due to multiple authentication failures";
        assert!(matches!(said(&write, 403, "forbidden", reason), Error::Unauthorized { .. }));
        assert!(matches!(said(&Subject::document(&DB, "x"), 403, "forbidden", "no"), Error::Unauthorized { .. }));
    }

    #[test]
    fn a_status_counts_for_more_than_its_words() {
        let attachment = Subject::attachment(&DB, "x", "icon").changed();
        assert!(matches!(said(&attachment, 409, "not_found", "missing_rev"), Error::Conflict { .. }));
        assert!(matches!(said(&Subject::database(&DB), 412, "file_exists", ""), Error::DatabaseExists { .. }));
    }

    #[test]
    fn an_answer_of_some_other_server_is_no_absence() {
        let answer = Subject::document(&DB, "x").refused(StatusCode::NOT_FOUND, b"<html>nothing here</html>");
        assert!(matches!(answer, Error::Corrupt { .. }), "{answer}");
    }
}
