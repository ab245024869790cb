//! The changes feed.

use std::{pin::pin, time::Duration};

use rusqlite::{Connection, types::ValueRef};
use tokio::time::{Instant, timeout};

use super::{EmbeddedStore, databases, documents, fault::Fault};
use crate::store::{Change, Changes, Db, Seq, Since};

/// How often someone who waits looks whether another process has written.
const OTHERS: Duration = Duration::from_millis(250);

/// What happened since, waiting for the first change if so desired.
pub(super) async fn changes(store: &EmbeddedStore, db: &Db, since: &Since) -> Result<Changes, Fault> {
    let deadline = since.wait.map(|wait| Instant::now() + wait);
    let number = databases::find(&*store.readers.lend()?, db)?;
    let listener = store.bell.listen(number);
    loop {
        // Listening begins before looking, so that no write falls between the two.
        let mut changed = pin!(listener.notify.notified());
        changed.as_mut().enable();
        let found = read(&*store.readers.lend()?, db, since)?;
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())).unwrap_or_default();
        if !found.results.is_empty() || left.is_zero() || since.limit == Some(0) {
            return Ok(found);
        }
        let _ = timeout(left.min(OTHERS), changed).await;
    }
}

fn read(conn: &Connection, db: &Db, since: &Since) -> Result<Changes, Fault> {
    // One snapshot for the rows and for the position behind them.
    let conn = conn.unchecked_transaction()?;
    let db = databases::find(&conn, db)?;
    let now = databases::seq(&conn, db)?;
    let start = match &since.seq {
        Some(seq) => position(seq, db, now)?,
        None => 0,
    };
    let limit = since.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(-1));
    let mut statement =
        conn.prepare_cached("SELECT seq, id, rev, deleted, body FROM docs WHERE db = ? AND seq > ? ORDER BY seq LIMIT ?")?;
    let mut rows = statement.query((db, start, limit))?;
    let (mut results, mut last) = (Vec::new(), start);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let body = if since.include_docs { row.get_ref(4)? } else { ValueRef::Null };
        let (id, rev, deleted) = (row.get(1)?, row.get(2)?, row.get(3)?);
        results.push(Change { seq: seq(last, db), id, rev, deleted, doc: documents::parse(body)? });
    }
    Ok(Changes { results, last: seq(last, db) })
}

/// A position bears the number of its database, for one that was deleted and made anew starts over.
fn seq(seq: i64, db: i64) -> Seq {
    Seq(format!("{seq}-{db}"))
}

fn position(Seq(text): &Seq, db: i64, now: i64) -> Result<i64, Fault> {
    if text == "now" {
        return Ok(now);
    }
    let parts = text.split_once('-').and_then(|(seq, of)| Some((seq.parse::<i64>().ok()?, of.parse::<i64>().ok()?)));
    match parts {
        Some((seq, of)) if of == db => Ok(seq),
        Some(_) => Ok(0),
        None => Err(Fault::invalid(format!("{text:?} is no position in a changes feed"))),
    }
}
