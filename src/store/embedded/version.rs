//! Whether the file is as it was.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use super::{fault::Fault, file};
use crate::store::Proof;

/// A connection that does nothing else, since a number counts the commits of all others, this process's and the rest's.
pub(super) struct Version(Mutex<Connection>);

impl Version {
    pub(super) fn of(path: &Path) -> Result<Self, Fault> {
        Ok(Self(Mutex::new(file::connect_to_read(path)?)))
    }

    /// Proves what is read from now on, as long as nothing at all is written.
    pub(super) fn proof(self: &Arc<Self>) -> Option<Proof> {
        let (version, before) = (Arc::clone(self), self.now().ok()?);
        Some(Box::new(move || version.now().is_ok_and(|now| now == before)))
    }

    fn now(&self) -> Result<i64, Fault> {
        read(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Changes with every commit of any other connection.
pub(super) fn read(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}
