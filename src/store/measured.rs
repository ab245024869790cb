//! How long a store takes, and what goes wrong with it, measured at each of its methods.
//!
//! It stands right before the store, behind the cache: what it sees are round trips.

use std::{future::Future, ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::{Attachment, Changes, Db, Document, Error, Object, Proof, Query, Rev, Row, Since, Store, Updates, Upload, View};

/// From a read of the embedded store to the longest that a view may take.
const SECONDS: [f64; 12] = [0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0];

/// What was measured; copies share it.
#[derive(Clone)]
pub struct Meters {
    durations: Family<Operation, Histogram>,
    failures: Family<Failed, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Failed {
    operation: &'static str,
    reason: &'static str,
}

impl Default for Meters {
    fn default() -> Self {
        Self { durations: Family::new_with_constructor(|| Histogram::new(SECONDS)), failures: Family::default() }
    }
}

impl Meters {
    /// Has them shown.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Time that round trips to the store took (of an attachment: until it began)";
        registry.register_with_unit("store_round_trip", help, Unit::Seconds, self.durations.clone());
        registry.register("store_failures", "Round trips to the store that failed by its fault", self.failures.clone());
    }

    async fn measure<T>(&self, operation: &'static str, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let began = std::time::Instant::now();
        let answer = answer.await;
        self.durations.get_or_create(&Operation { operation }).observe(began.elapsed().as_secs_f64());
        if let Some(reason) = answer.as_ref().err().and_then(fault) {
            self.failures.get_or_create(&Failed { operation, reason }).inc();
        }
        answer
    }
}

/// What is wrong with the store, where an error speaks of that rather than of what was asked.
fn fault(error: &Error) -> Option<&'static str> {
    match error {
        Error::NotFound { .. }
        | Error::NoAttachment { .. }
        | Error::Conflict { .. }
        | Error::DatabaseExists { .. }
        | Error::NoDatabase { .. }
        | Error::NoView { .. }
        | Error::Invalid { .. } => None,
        Error::Unauthorized { .. } => Some("unauthorized"),
        Error::Unreachable { .. } => Some("unreachable"),
        Error::Timeout { .. } => Some("timeout"),
        Error::Corrupt { .. } => Some("corrupt"),
    }
}

/// A store that is measured.
pub struct Measured {
    inner: Arc<dyn Store>,
    meters: Meters,
}

impl Measured {
    pub fn new(inner: Arc<dyn Store>, meters: Meters) -> Self {
        Self { inner, meters }
    }
}

#[async_trait]
impl Store for Measured {
    async fn ping(&self) -> Result<(), Error> {
        self.meters.measure("ping", self.inner.ping()).await
    }

    async fn create_database(&self, db: &Db) -> Result<(), Error> {
        self.meters.measure("create_database", self.inner.create_database(db)).await
    }

    async fn delete_database(&self, db: &Db) -> Result<(), Error> {
        self.meters.measure("delete_database", self.inner.delete_database(db)).await
    }

    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error> {
        self.meters.measure("databases", self.inner.databases(prefix)).await
    }

    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error> {
        self.meters.measure("get", self.inner.get(db, id)).await
    }

    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error> {
        self.meters.measure("get_many", self.inner.get_many(db, ids)).await
    }

    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error> {
        self.meters.measure("put", self.inner.put(db, doc)).await
    }

    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error> {
        self.meters.measure("put_many", self.inner.put_many(db, docs)).await
    }

    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error> {
        self.meters.measure("delete", self.inner.delete(db, id, rev)).await
    }

    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        self.meters.measure("view", self.inner.view(db, view, query)).await
    }

    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        self.meters.measure("attachment", self.inner.attachment(db, id, name, range)).await
    }

    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error> {
        self.meters.measure("put_attachment", self.inner.put_attachment(db, id, rev, name, upload)).await
    }

    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error> {
        self.meters.measure("delete_attachment", self.inner.delete_attachment(db, id, rev, name)).await
    }

    /// Not measured: it may wait for changes as long as it's told to.
    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error> {
        self.inner.changes(db, since).await
    }

    /// Not measured: it has no end.
    async fn updates(&self, pulse: Duration) -> Result<Updates, Error> {
        self.inner.updates(pulse).await
    }

    fn proven<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, Option<Proof>> {
        self.inner.proven(reads)
    }
}
