//! Databases: their names, and what belongs to one.

use rusqlite::{Connection, OptionalExtension};

use super::{fault::Fault, writer::Tx};
use crate::store::Db;

/// A database's number in this file.
pub(super) fn find(conn: &Connection, db: &Db) -> Result<i64, Fault> {
    let mut statement = conn.prepare_cached("SELECT db FROM databases WHERE name = ?")?;
    statement.query_row([db.as_str()], |row| row.get(0)).optional()?.ok_or(Fault::NoDatabase)
}

/// How many writes a database has seen.
pub(super) fn seq(conn: &Connection, db: i64) -> Result<i64, Fault> {
    let mut statement = conn.prepare_cached("SELECT max(seq) FROM docs WHERE db = ?")?;
    Ok(statement.query_row([db], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0))
}

pub(super) fn create(tx: &Tx<'_>, db: &Db) -> Result<(), Fault> {
    let mut insert = tx.conn.prepare_cached("INSERT OR IGNORE INTO databases (name) VALUES (?)")?;
    if insert.execute([db.as_str()])? == 0 { Err(Fault::DatabaseExists) } else { Ok(()) }
}

pub(super) fn delete(tx: &Tx<'_>, db: &Db) -> Result<(), Fault> {
    const OWNED_BLOBS: &str = "SELECT blob FROM attachments JOIN docs ON n = doc WHERE db = ?";
    let number = find(tx.conn, db)?;
    let run = |sql: &str| tx.conn.execute(sql, [number]);
    run("DELETE FROM view_rows WHERE ix IN (SELECT ix FROM indexes WHERE db = ?)")?;
    run("DELETE FROM view_counts WHERE ix IN (SELECT ix FROM indexes WHERE db = ?)")?;
    run("DELETE FROM indexes WHERE db = ?")?;
    run(&format!("DELETE FROM chunks WHERE blob IN ({OWNED_BLOBS})"))?;
    run(&format!("DELETE FROM blobs WHERE blob IN ({OWNED_BLOBS})"))?;
    run("DELETE FROM attachments WHERE doc IN (SELECT n FROM docs WHERE db = ?)")?;
    run("DELETE FROM docs WHERE db = ?")?;
    run("DELETE FROM databases WHERE db = ?")?;
    tx.mark_changed(number);
    Ok(())
}

/// The names that begin with `prefix`, sorted, without those that begin with `_`.
pub(super) fn list(conn: &Connection, prefix: &str) -> Result<Vec<Db>, Fault> {
    let mut statement = conn.prepare_cached("SELECT name FROM databases WHERE name >= ? ORDER BY name")?;
    let names = statement.query_map([prefix], |row| row.get::<_, String>(0))?;
    let names =
        names.take_while(|name| name.as_ref().map_or(true, |name| name.starts_with(prefix))).collect::<Result<Vec<_>, _>>()?;
    Ok(names.iter().filter(|name| !name.starts_with('_')).filter_map(|name| Db::parse(name)).collect())
}
