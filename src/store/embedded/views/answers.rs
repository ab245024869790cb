//! Answers of views that are kept whole: reading some dozen rows and their documents costs ten times as much.
//!
//! An answer belongs to the write of its database after which it was read. Every write of whatever process has a number of
//! its own, and that is looked up at each question, so that an old answer is never given.

use std::sync::Arc;

use moka::sync::Cache;

use crate::store::{Query, Row, View, weight};

/// Bytes of answers, about, and of a single one.
const KEPT: u64 = 16 << 20;
const LARGEST: usize = 1 << 20;

pub(super) struct Answers(Cache<Key, Answer>);

/// A database's number, and the question.
type Key = (i64, View, Query);

#[derive(Clone)]
struct Answer {
    seq: i64,
    rows: Arc<[Row]>,
    bytes: u32,
}

impl Default for Answers {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(KEPT).weigher(|_, answer: &Answer| answer.bytes).build())
    }
}

impl Answers {
    /// The rows as of this write, if they are known.
    pub(super) fn find(&self, key: &Key, seq: i64) -> Option<Vec<Row>> {
        self.0.get(key).filter(|answer| answer.seq == seq).map(|answer| answer.rows.to_vec())
    }

    /// Keeps rows that were read when the database had seen this write, or a later one: then they are never found.
    pub(super) fn keep(&self, key: Key, seq: i64, rows: &[Row]) {
        let bytes = weight::OVERHEAD + weight::query(&key.2) + weight::rows(rows);
        if bytes <= LARGEST {
            self.0.insert(key, Answer { seq, rows: rows.into(), bytes: bytes as u32 });
        }
    }
}
