//! The thread on which JavaScript runs: it brings indexes up to date, and reduces.
//!
//! Updates take turns, a batch of documents each, so that a large database or a slow map function doesn't hold up the
//! others for long.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    design::{Design, Designs, ViewSource},
    index::{self, Index, Mapped},
    javascript::{Programs, reduce},
    reduce::Group,
};
use crate::store::{
    Db, Row,
    embedded::{databases, fault::Fault, readers::Readers, writer::Writer},
};

/// When a batch is full: documents, bytes of their text, time.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 4 << 20;
const BATCH_TIME: Duration = Duration::from_secs(1);

/// What the thread is asked to do.
pub(super) enum Task {
    /// To bring an index to where the database is when the task is begun, or further.
    Update { db: Db, design: &'static str, reply: oneshot::Sender<Result<(), Fault>> },
    /// To apply a reduce function to groups of rows.
    Reduce { source: String, groups: Vec<Group>, reply: oneshot::Sender<Result<Vec<Row>, Fault>> },
}

pub(super) struct Indexer {
    readers: Arc<Readers>,
    writer: Writer,
    designs: Arc<Designs>,
    stop: Arc<AtomicBool>,
}

/// One batch, mapped.
struct Batch {
    index: Index,
    documents: Vec<Mapped>,
    /// Which views' keys are counted.
    counted: Vec<bool>,
    /// How far it takes the index.
    seq: i64,
    /// Whether it's the last one, as of the snapshot it was read from.
    complete: bool,
}

impl Indexer {
    pub(super) fn new(readers: Arc<Readers>, writer: Writer, designs: Arc<Designs>, stop: Arc<AtomicBool>) -> Self {
        Self { readers, writer, designs, stop }
    }

    /// Works until nobody can ask any more.
    pub(super) fn run(self, tasks: &mpsc::Receiver<Task>) {
        let mut programs = Programs::new(Arc::clone(&self.stop));
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                match tasks.recv() {
                    Ok(task) => waiting.push_back(task),
                    Err(_) => return,
                }
            }
            waiting.extend(tasks.try_iter());
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            match waiting.pop_front() {
                Some(Task::Reduce { source, groups, reply }) => {
                    let _ = reply.send(reduce(&source, groups, &self.stop));
                }
                // Nobody waits for it any more.
                Some(Task::Update { reply, .. }) if reply.is_closed() => {}
                Some(Task::Update { db, design, reply }) => match self.step(&db, design, &mut programs) {
                    Ok(false) => waiting.push_back(Task::Update { db, design, reply }),
                    Ok(true) => drop(reply.send(Ok(()))),
                    Err(fault) => drop(reply.send(Err(fault))),
                },
                None => {}
            }
        }
    }

    /// One batch; true when it was the last.
    fn step(&self, db: &Db, design: &'static str, programs: &mut Programs) -> Result<bool, Fault> {
        let Some(batch) = self.map_batch(db, design, programs)? else { return Ok(false) };
        let Batch { index, documents, counted, seq, complete } = batch;
        if seq != index.seq {
            self.writer.write_blocking(move |tx| index::advance(tx, index, &documents, &counted, seq))?;
        }
        Ok(complete)
    }

    /// Reads and maps what comes next. `None` when there was no index yet: then there is one now.
    fn map_batch(&self, db: &Db, design: &'static str, programs: &mut Programs) -> Result<Option<Batch>, Fault> {
        let conn = self.readers.lend()?;
        let conn = conn.unchecked_transaction()?;
        let number = databases::find(&conn, db)?;
        let missing = || Fault::NoView(design.to_owned());
        let maps: Arc<Design> = self.designs.find(&conn, number, design)?.ok_or_else(missing)?;
        let Some(index) = index::find(&conn, number, design, &maps.signature)? else {
            conn.finish()?;
            self.writer.write_blocking(move |tx| index::reset(tx, number, design, &maps.signature))?;
            return Ok(None);
        };
        let program = programs.get(&maps, db, design)?;
        let counted = maps.views.iter().map(ViewSource::is_counted).collect();
        let mut batch = Batch { index, documents: Vec::new(), counted, seq: index.seq, complete: true };
        let sql = "SELECT seq, id, deleted, body FROM docs WHERE db = ? AND seq > ? ORDER BY seq";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query((number, index.seq))?;
        let (started, mut bytes) = (Instant::now(), 0);
        while let Some(row) = rows.next()? {
            if batch.documents.len() >= BATCH || bytes >= BATCH_BYTES || started.elapsed() >= BATCH_TIME {
                batch.complete = false;
                break;
            }
            let (id, deleted): (String, bool) = (row.get(1)?, row.get(2)?);
            let body = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
            let rows = if deleted || id.starts_with("_design/") { Vec::new() } else { program.map(&id, body) };
            bytes += body.len() + rows.iter().map(|row| row.sort.len() + row.key.len() + row.value.len()).sum::<usize>();
            if self.stop.load(Ordering::Relaxed) {
                return Err(Fault::Stopped);
            }
            batch.seq = row.get(0)?;
            batch.documents.push(Mapped { id, rows });
        }
        Ok(Some(batch))
    }
}
