//! Indexes as they are stored.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use crate::store::embedded::{documents, fault::Fault, writer::Tx};

/// An index and how far it has come.
#[derive(Clone, Copy)]
pub(super) struct Index {
    pub(super) ix: i64,
    pub(super) seq: i64,
}

/// The rows of one document.
pub(super) struct Mapped {
    pub(super) id: String,
    pub(super) rows: Vec<MappedRow>,
}

pub(super) struct MappedRow {
    pub(super) view: usize,
    /// The key as [`collation`](crate::store::embedded::collation) encodes it.
    pub(super) sort: Vec<u8>,
    /// JSON
    pub(super) key: String,
    /// JSON
    pub(super) value: String,
}

/// The index that was made by these maps.
pub(super) fn find(conn: &Connection, db: i64, design: &str, signature: &str) -> Result<Option<Index>, Fault> {
    let mut statement = conn.prepare_cached("SELECT ix, seq FROM indexes WHERE db = ? AND design = ? AND signature = ?")?;
    Ok(statement.query_row((db, design, signature), |row| Ok(Index { ix: row.get(0)?, seq: row.get(1)? })).optional()?)
}

/// Makes an empty index in place of whatever there was for the design document.
pub(super) fn reset(tx: &Tx<'_>, db: i64, design: &str, signature: &str) -> Result<(), Fault> {
    // The design document may have gone since it was read.
    if find(tx.conn, db, design, signature)?.is_some() || !documents::exists(tx.conn, db, &format!("_design/{design}"))? {
        return Ok(());
    }
    remove(tx.conn, db, design)?;
    let mut insert = tx.conn.prepare_cached("INSERT INTO indexes (db, design, signature, seq) VALUES (?, ?, ?, 0)")?;
    insert.execute((db, design, signature))?;
    Ok(())
}

/// Removes the index of a design document, if there is one.
pub(super) fn remove(conn: &Connection, db: i64, design: &str) -> Result<(), Fault> {
    let rows = "DELETE FROM view_rows WHERE ix = (SELECT ix FROM indexes WHERE db = ? AND design = ?)";
    conn.prepare_cached(rows)?.execute((db, design))?;
    let counts = "DELETE FROM view_counts WHERE ix = (SELECT ix FROM indexes WHERE db = ? AND design = ?)";
    conn.prepare_cached(counts)?.execute((db, design))?;
    conn.prepare_cached("DELETE FROM indexes WHERE db = ? AND design = ?")?.execute((db, design))?;
    Ok(())
}

/// Takes an index on from where it was read to `seq`. If it has moved meanwhile, or is gone, nothing is done. `counted` says of
/// each view whether the rows of its keys are counted.
pub(super) fn advance(tx: &Tx<'_>, index: Index, documents: &[Mapped], counted: &[bool], seq: i64) -> Result<(), Fault> {
    let mut update = tx.conn.prepare_cached("UPDATE indexes SET seq = ? WHERE ix = ? AND seq = ?")?;
    if update.execute((seq, index.ix, index.seq))? == 0 {
        return Ok(());
    }
    // Left to itself, SQLite would look through the whole index.
    let sql = "DELETE FROM view_rows INDEXED BY view_rows_by_doc WHERE ix = ? AND id = ? RETURNING view, sort";
    let mut delete = tx.conn.prepare_cached(sql)?;
    let sql = "INSERT INTO view_rows (ix, view, sort, id, nth, key, value) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let mut insert = tx.conn.prepare_cached(sql)?;
    let is_counted = |view: usize| counted.get(view) == Some(&true);
    let mut changes: HashMap<(usize, Vec<u8>), i64> = HashMap::new();
    for Mapped { id, rows } in documents {
        let mut gone = delete.query((index.ix, id))?;
        while let Some(row) = gone.next()? {
            let view = row.get::<_, i64>(0)? as usize;
            if is_counted(view) {
                *changes.entry((view, row.get(1)?)).or_default() -= 1;
            }
        }
        for (nth, row) in rows.iter().enumerate() {
            insert.execute((index.ix, row.view as i64, &row.sort, id, nth as i64, &row.key, &row.value))?;
            if is_counted(row.view) {
                *changes.entry((row.view, row.sort.clone())).or_default() += 1;
            }
        }
    }
    let sql = "INSERT INTO view_counts (ix, view, sort, count) VALUES (?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET count = count + excluded.count";
    let mut count = tx.conn.prepare_cached(sql)?;
    for ((view, sort), change) in changes.iter().filter(|(_, change)| **change != 0) {
        count.execute((index.ix, *view as i64, sort, change))?;
    }
    let mut clean = tx.conn.prepare_cached("DELETE FROM view_counts WHERE ix = ? AND view = ? AND sort = ? AND count = 0")?;
    for ((view, sort), _) in changes.iter().filter(|(_, change)| **change < 0) {
        clean.execute((index.ix, *view as i64, sort))?;
    }
    Ok(())
}
