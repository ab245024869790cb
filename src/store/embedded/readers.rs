//! Connections for reading, lent to whoever reads on whatever thread.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;

use super::{documents::Parsed, fault::Fault, file};

/// How many connections are kept while nobody uses them.
const IDLE: usize = 16;

/// A read takes microseconds and runs where it's called: a free connection is taken, or one is opened when all are lent.
pub(super) struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// What they have parsed.
    pub(super) parsed: Parsed,
}

impl Readers {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, idle: Mutex::default(), parsed: Parsed::default() }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn lend(&self) -> Result<Reader<'_>, Fault> {
        let idle = self.idle().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => file::connect_to_read(&self.file)?,
        };
        Ok(Reader { conn: Some(conn), from: self })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lent connection; it goes back when it's dropped.
pub(super) struct Reader<'a> {
    conn: Option<Connection>,
    from: &'a Readers,
}

impl Deref for Reader<'_> {
    type Target = Connection;

    #[expect(clippy::expect_used, reason = "it's there until the drop")]
    fn deref(&self) -> &Connection {
        self.conn.as_ref().expect("a lent connection")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut idle = self.from.idle();
        if idle.len() < IDLE {
            idle.extend(self.conn.take());
        }
    }
}
