//! Views: rows that JavaScript map functions emit, kept in the file in their order.
//!
//! An index belongs to one design document of one database and covers all its views. It's brought up to date when a view
//! is asked and something has changed since: [`indexer`] reads what changed, maps it, and hands the rows to the writer, some
//! hundred documents at a time. A query whose index is current reads it where it's called, like a document.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
    mpsc,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use self::{
    answers::Answers,
    design::{Designs, ViewSource},
    indexer::Task,
    reduce::{Group, Reducer},
};
use super::{
    databases,
    documents::Parsed,
    fault::Fault,
    readers::Readers,
    writer::{Worker, Writer},
};
use crate::store::{Db, Keys, Query, Reduce, Row, View};

mod all_docs;
mod answers;
mod design;
mod index;
mod indexer;
mod javascript;
mod reduce;
mod rows;

/// How often a query is tried again when its design document changes under its hands.
const ATTEMPTS: usize = 5;

/// The way to the views.
pub(super) struct Views {
    queue: mpsc::Sender<Task>,
    stop: Arc<AtomicBool>,
    _indexing: Worker,
    readers: Arc<Readers>,
    designs: Arc<Designs>,
    answers: Answers,
}

/// What a look at an index came to.
enum Found {
    Rows(Vec<Row>),
    /// Groups that wait for a reduce function written in JavaScript.
    Groups(String, Vec<Group>),
    /// Nothing, because the index isn't there or lacks the latest writes.
    Stale,
}

impl Views {
    pub(super) fn start(readers: Arc<Readers>, writer: Writer) -> Result<Self, Fault> {
        let (queue, tasks) = mpsc::channel();
        let (stop, designs) = (Arc::new(AtomicBool::new(false)), Arc::new(Designs::default()));
        let indexer = indexer::Indexer::new(Arc::clone(&readers), writer, Arc::clone(&designs), Arc::clone(&stop));
        let indexing = Worker::start("store-views", move || indexer.run(&tasks))?;
        Ok(Self { queue, stop, _indexing: indexing, readers, designs, answers: Answers::default() })
    }

    pub(super) async fn query(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Fault> {
        if view == View::ALL_DOCS {
            return all_docs::query(&*self.readers.lend()?, db, query);
        }
        check(query)?;
        let (number, seq) = self.state(db)?;
        let key = (number, view, query.clone());
        if let Some(rows) = self.answers.find(&key, seq) {
            return Ok(rows);
        }
        let rows = self.read(db, view, query).await?;
        self.answers.keep(key, seq, &rows);
        Ok(rows)
    }

    /// A database's number, and its last write.
    fn state(&self, db: &Db) -> Result<(i64, i64), Fault> {
        let conn = self.readers.lend()?;
        let number = databases::find(&conn, db)?;
        Ok((number, databases::seq(&conn, number)?))
    }

    async fn read(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Fault> {
        let mut found = self.look(db, view, query, true)?;
        for _ in 0..ATTEMPTS {
            match found {
                Found::Rows(rows) => return Ok(rows),
                Found::Groups(source, groups) => return self.reduce(source, groups).await,
                Found::Stale => {
                    self.ask(|reply| Task::Update { db: db.clone(), design: view.design, reply }).await?;
                    // What was written since the question was asked needn't be waited for.
                    found = self.look(db, view, query, false)?;
                }
            }
        }
        Err(Fault::Timeout)
    }

    /// Reads the rows from the index as it is, in one snapshot.
    fn look(&self, db: &Db, view: View, query: &Query, current: bool) -> Result<Found, Fault> {
        let conn = self.readers.lend()?;
        let conn = conn.unchecked_transaction()?;
        let number = databases::find(&conn, db)?;
        let missing = || Fault::NoView(view.to_string());
        let design = self.designs.find(&conn, number, view.design)?.ok_or_else(missing)?;
        let (nth, source) = design.view(view.name).ok_or_else(missing)?;
        let Some(index) = index::find(&conn, number, view.design, &design.signature)? else { return Ok(Found::Stale) };
        if current && index.seq != databases::seq(&conn, number)? {
            return Ok(Found::Stale);
        }
        read(&conn, &self.readers.parsed, number, rows::Place { ix: index.ix, view: nth }, source, query)
    }

    async fn reduce(&self, source: String, groups: Vec<Group>) -> Result<Vec<Row>, Fault> {
        self.ask(|reply| Task::Reduce { source, groups, reply }).await
    }

    async fn ask<T>(&self, task: impl FnOnce(oneshot::Sender<Result<T, Fault>>) -> Task) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(task(reply)).map_err(|_| Fault::Stopped)?;
        answer.await.map_err(|_| Fault::Stopped)?
    }
}

impl Drop for Views {
    fn drop(&mut self) {
        // A map function may be in the middle of a long run.
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Drops what was indexed for a design document that is being deleted.
pub(super) fn forget(conn: &Connection, db: i64, design: &str) -> Result<(), Fault> {
    index::remove(conn, db, design)
}

fn read(
    conn: &Connection,
    parsed: &Parsed,
    db: i64,
    place: rows::Place,
    source: &ViewSource,
    query: &Query,
) -> Result<Found, Fault> {
    if query.reduce == Reduce::No {
        return rows::list(conn, parsed, db, place, query).map(Found::Rows);
    }
    let source = source.reduce.as_deref().ok_or_else(|| Fault::invalid("the view has no reduce function"))?;
    let reducer = Reducer::parse(source)?;
    let groups = reduce::groups(conn, place, query, &reducer)?;
    match reducer {
        Reducer::Script(source) => Ok(Found::Groups(source, groups)),
        _ => groups.into_iter().map(Group::finish).collect::<Result<_, _>>().map(Found::Rows),
    }
}

/// Refuses what CouchDB refuses.
fn check(query: &Query) -> Result<(), Fault> {
    if matches!(query.keys, Keys::Many(_)) && matches!(query.reduce, Reduce::All | Reduce::Level(_)) {
        return Err(Fault::invalid("several keys can only be reduced each for itself"));
    }
    Ok(())
}
