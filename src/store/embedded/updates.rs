//! The feed of all databases, told by comparing what the file holds with what it held.

use std::{collections::HashMap, path::Path, time::Duration};

use futures_util::{StreamExt, stream};
use rusqlite::Connection;

use super::{FILE, fault::Fault, file, version};
use crate::store::{Db, Update, Updates};

/// How often the file is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// The number and the last write of each database.
type State = HashMap<String, (i64, i64)>;

struct Watch {
    conn: Connection,
    version: i64,
    state: State,
}

pub(super) fn open(path: &Path, pulse: Duration) -> Result<Updates, Fault> {
    let conn = file::connect_to_read(path)?;
    let watch = Watch { version: version::read(&conn)?, state: state(&conn)?, conn };
    let looks = stream::unfold(Some(watch), move |watch| async move {
        let mut watch = watch?;
        tokio::time::sleep(pulse.min(PAUSE)).await;
        Some(match watch.look() {
            Ok(updates) => (updates.into_iter().map(Ok).collect::<Vec<_>>(), Some(watch)),
            Err(fault) => (vec![Err(fault.at(&Db::named("embedded"), FILE))], None),
        })
    });
    Ok(looks.flat_map(stream::iter).boxed())
}

impl Watch {
    fn look(&mut self) -> Result<Vec<Update>, Fault> {
        let version = version::read(&self.conn)?;
        if version == self.version {
            return Ok(vec![Update::Pulse]);
        }
        let before = std::mem::replace(&mut self.state, state(&self.conn)?);
        self.version = version;
        let mut updates = Vec::new();
        for (name, now) in &self.state {
            match before.get(name) {
                Some(then) if then == now => {}
                Some(then) if then.0 == now.0 => updates.extend(Db::parse(name).map(Update::Written)),
                _ => updates.extend(Db::parse(name).map(Update::Replaced)),
            }
        }
        let gone = before.keys().filter(|name| !self.state.contains_key(*name));
        updates.extend(gone.filter_map(|name| Db::parse(name)).map(Update::Replaced));
        // Last: whoever hears it has heard everything until now.
        updates.push(Update::Pulse);
        Ok(updates)
    }
}

fn state(conn: &Connection) -> Result<State, Fault> {
    let sql = "SELECT name, databases.db, (SELECT max(seq) FROM docs WHERE docs.db = databases.db) FROM databases";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get::<_, Option<i64>>(2)?.unwrap_or(0)))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
