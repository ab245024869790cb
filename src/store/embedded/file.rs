//! The file: its tables, and how connections to it are set up.

use std::{fs, path::Path, time::Duration};

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;

/// The version of the tables below, kept in the file as `user_version`.
const VERSION: i64 = 2;

/// How long a writer waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(5);

/// - A document's `body` is its whole JSON text, `_id`, `_rev` and attachment stubs included: reading is one look-up and
///   one parse. It stands last so that the columns before it are read without it.
/// - `seq` counts the writes of a database; it's null for `_local` documents, which have no place in its feed.
/// - A blob belongs to one attachment only. Its number isn't used again, so that a reader who comes too late finds
///   nothing rather than another's bytes. `staged` is set while it has no document yet: the time of its last chunk.
/// - An index holds the rows of all views of one design document, as of `seq`, made by the maps that `signature` stands for.
const TABLES: &str = "
    CREATE TABLE databases (
        db INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE
    );
    CREATE TABLE docs (
        n INTEGER PRIMARY KEY,
        db INTEGER NOT NULL,
        id TEXT NOT NULL,
        rev TEXT NOT NULL,
        seq INTEGER,
        deleted INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    CREATE UNIQUE INDEX docs_by_id ON docs (db, id);
    CREATE UNIQUE INDEX docs_by_seq ON docs (db, seq);
    CREATE TABLE attachments (
        doc INTEGER NOT NULL,
        name TEXT NOT NULL,
        blob INTEGER NOT NULL,
        content_type TEXT NOT NULL,
        length INTEGER NOT NULL,
        digest TEXT NOT NULL,
        revpos INTEGER NOT NULL,
        PRIMARY KEY (doc, name)
    ) WITHOUT ROWID;
    CREATE TABLE blobs (
        blob INTEGER PRIMARY KEY,
        staged INTEGER
    );
    CREATE TABLE chunks (
        blob INTEGER NOT NULL,
        nth INTEGER NOT NULL,
        bytes BLOB NOT NULL
    );
    CREATE UNIQUE INDEX chunks_by_place ON chunks (blob, nth);
    CREATE TABLE indexes (
        ix INTEGER PRIMARY KEY AUTOINCREMENT,
        db INTEGER NOT NULL,
        design TEXT NOT NULL,
        signature TEXT NOT NULL,
        seq INTEGER NOT NULL,
        UNIQUE (db, design)
    );
    CREATE TABLE view_rows (
        ix INTEGER NOT NULL,
        view INTEGER NOT NULL,
        sort BLOB NOT NULL,
        id TEXT NOT NULL,
        nth INTEGER NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (ix, view, sort, id, nth)
    ) WITHOUT ROWID;
    CREATE INDEX view_rows_by_doc ON view_rows (ix, id);
";

/// How many rows a key has, for views that are reduced by `_count`: a count mustn't take longer the more there is to count.
/// Files of version 1 lack it.
const COUNTS: &str = "
    CREATE TABLE view_counts (
        ix INTEGER NOT NULL,
        view INTEGER NOT NULL,
        sort BLOB NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (ix, view, sort)
    ) WITHOUT ROWID;
";

/// Makes the directory and the file with its tables where they're absent.
pub(super) fn create(dir: &Path, file: &Path) -> Result<(), Fault> {
    make_dir(dir).map_err(|error| Fault::Garbled(format!("{}: {error}", dir.display())))?;
    touch(file).map_err(|error| Fault::Garbled(format!("{}: {error}", file.display())))?;
    let mut conn = connect(file)?;
    // A transaction, because several processes may come here at the same time.
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match tx.query_row("PRAGMA user_version", [], |row| row.get(0))? {
        VERSION => return Ok(()),
        0i64 => tx.execute_batch(TABLES)?,
        1 => {}
        other => return Err(Fault::Garbled(format!("{}: a store of version {other}, which is unknown here", file.display()))),
    }
    tx.execute_batch(COUNTS)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}

/// A connection that may write.
pub(super) fn connect(file: &Path) -> Result<Connection, Fault> {
    let conn = Connection::open(file)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -16000;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA temp_store = MEMORY;",
    )?;
    Ok(conn)
}

/// A connection that can't write.
pub(super) fn connect_to_read(file: &Path) -> Result<Connection, Fault> {
    let conn = connect(file)?;
    conn.execute_batch("PRAGMA query_only = ON")?;
    Ok(conn)
}

/// The file is its owner's alone, also in a directory that was there before; SQLite gives its companions the same rights.
fn touch(file: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// The directory is its owner's alone: the file holds what people log in with.
fn make_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
