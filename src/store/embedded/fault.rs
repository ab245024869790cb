//! What goes wrong inside, before it's known which database and document it's about.

use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::store::{Db, Error};

/// [`Error`] without its place. Cloneable, because all who wait for one commit share its failure.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    NoDatabase,
    DatabaseExists,
    NotFound,
    NoAttachment(String),
    NoView(String),
    Conflict,
    Invalid(String),
    Timeout,
    Sql(Arc<rusqlite::Error>),
    /// Stored text isn't what was stored.
    Garbled(String),
    /// The thread that should have answered is gone.
    Stopped,
    /// A body that was being uploaded failed by itself.
    Upload(Arc<Error>),
}

impl Fault {
    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }

    /// The error as the store's callers see it.
    pub(super) fn at(self, db: &Db, id: &str) -> Error {
        let (db, id) = (db.clone(), id.to_owned());
        match self {
            Self::NoDatabase => Error::NoDatabase { db },
            Self::DatabaseExists => Error::DatabaseExists { db },
            Self::NotFound => Error::NotFound { db, id },
            Self::NoAttachment(name) => Error::NoAttachment { db, id, name },
            Self::NoView(view) => Error::NoView { db, view },
            Self::Conflict => Error::Conflict { db, id },
            Self::Invalid(reason) => Error::Invalid { db, id, reason },
            Self::Timeout => Error::Timeout { db },
            Self::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Timeout { db },
                _ => Error::Corrupt { db, id, source: anyhow::Error::new(error) },
            },
            Self::Garbled(what) => Error::Corrupt { db, id, source: anyhow::Error::msg(what) },
            Self::Stopped => Error::Corrupt { db, id, source: anyhow::Error::msg("the store has stopped") },
            Self::Upload(error) => match Arc::try_unwrap(error) {
                Ok(error) => error,
                Err(error) => Error::Corrupt { db, id, source: anyhow::Error::new(error) },
            },
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(Arc::new(error))
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Garbled(error.to_string())
    }
}
