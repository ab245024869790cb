//! The one thread that writes.
//!
//! What waits in its queue goes into one transaction, so that a busy store pays for one flush to disk where it would have
//! paid for many. Nobody is answered before that transaction is on disk. A job that fails leaves no trace and doesn't
//! disturb the others.

use std::{
    cell::RefCell,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{bell::Bell, fault::Fault};

/// How many jobs share one transaction at most.
const BATCH: usize = 256;

/// The open transaction as a job sees it.
pub(super) struct Tx<'a> {
    pub(super) conn: &'a Connection,
    changed: RefCell<Vec<i64>>,
}

impl Tx<'_> {
    /// Says that a database's feed has something new.
    pub(super) fn mark_changed(&self, db: i64) {
        let mut changed = self.changed.borrow_mut();
        if !changed.contains(&db) {
            changed.push(db);
        }
    }
}

/// The way to the writer. The thread ends when the last of these is gone.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the thread. The [`Worker`] must be dropped after every `Writer`.
    pub(super) fn start(conn: Connection, bell: Arc<Bell>) -> Result<(Self, Worker), Fault> {
        let (queue, jobs) = mpsc::channel();
        let worker = Worker::start("store-writer", move || {
            while let Ok(first) = jobs.recv() {
                commit(&conn, first, &jobs, &bell);
            }
        })?;
        Ok((Self { queue }, worker))
    }

    /// Runs a job and returns what it returned, once that is on disk.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.submit(work)?.await.map_err(|_| Fault::Stopped)?
    }

    /// The same for a thread of its own.
    pub(super) fn write_blocking<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.submit(work)?.blocking_recv().map_err(|_| Fault::Stopped)?
    }

    /// Queues a job; nobody needs to wait for it.
    pub(super) fn submit<T, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, Fault>>, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let job = Pending { work: Some(work), result: None, answer };
        self.queue.send(Box::new(job)).map_err(|_| Fault::Stopped)?;
        Ok(outcome)
    }
}

/// A thread that is waited for when this is dropped.
pub(super) struct Worker(Option<JoinHandle<()>>);

impl Worker {
    pub(super) fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<Self, Fault> {
        let thread = thread::Builder::new().name(name.into()).stack_size(8 << 20).spawn(run);
        Ok(Self(Some(thread.map_err(|error| Fault::Garbled(format!("no thread for {name}: {error}")))?)))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.0.take().is_some_and(|thread| thread.join().is_err()) {
            log::error!("a thread of the store had panicked");
        }
    }
}

/// A job of whatever type, from the queue to its answer.
trait Job: Send {
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), Fault>;
    fn answer(self: Box<Self>, committed: Result<(), Fault>);
}

struct Pending<T, F> {
    work: Option<F>,
    result: Option<Result<T, Fault>>,
    answer: oneshot::Sender<Result<T, Fault>>,
}

impl<T: Send, F: FnOnce(&Tx<'_>) -> Result<T, Fault> + Send> Job for Pending<T, F> {
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), Fault> {
        let result = self.work.take().map(|work| work(tx));
        let outcome = match &result {
            Some(Err(fault)) => Err(fault.clone()),
            _ => Ok(()),
        };
        self.result = result;
        outcome
    }

    fn answer(self: Box<Self>, committed: Result<(), Fault>) {
        let Self { result, answer, .. } = *self;
        // Whoever asked may have gone; what is written stays written.
        let _ = answer.send(committed.and_then(|()| result.unwrap_or(Err(Fault::Stopped))));
    }
}

/// Runs the first job and those that came meanwhile in one transaction, and answers them all.
fn commit(conn: &Connection, first: Box<dyn Job>, jobs: &mpsc::Receiver<Box<dyn Job>>, bell: &Bell) {
    let mut batch = vec![first];
    let tx = Tx { conn, changed: RefCell::default() };
    let outcome = run_batch(&tx, &mut batch, jobs);
    if outcome.is_err() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    if outcome.is_ok() {
        bell.ring(&tx.changed.take());
    }
    for job in batch {
        job.answer(outcome.clone());
    }
}

fn run_batch(tx: &Tx<'_>, batch: &mut Vec<Box<dyn Job>>, jobs: &mpsc::Receiver<Box<dyn Job>>) -> Result<(), Fault> {
    let step = |sql| tx.conn.prepare_cached(sql)?.execute([]);
    step("BEGIN IMMEDIATE")?;
    let mut next = 0;
    while let Some(job) = batch.get_mut(next) {
        step("SAVEPOINT job")?;
        let failed = job.run(tx);
        if failed.is_err() {
            if tx.conn.is_autocommit() {
                // SQLite has rolled everything back by itself: a full disk, an I/O error.
                return failed;
            }
            step("ROLLBACK TO job")?;
        }
        step("RELEASE job")?;
        next += 1;
        if batch.len() < BATCH {
            batch.extend(jobs.try_recv());
        }
    }
    step("COMMIT")?;
    Ok(())
}
