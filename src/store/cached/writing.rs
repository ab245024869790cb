//! A write of our own on its way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Instant,
};

use super::{Kept, is_ordinary};
use crate::store::{Db, Error, Rev};

/// Marks what is being written, and marks it again when this is dropped: when the write has been answered, has failed, or
/// nobody waits for it any longer. In between it isn't known whether a read sees the write; such a read is answered by the
/// store, and isn't believed later on.
pub(super) struct Writing {
    kept: Arc<Kept>,
    db: Db,
    ids: Vec<String>,
    everything: bool,
    began: Instant,
    /// Whether there's something for the feed to name.
    succeeded: AtomicBool,
}

impl Writing {
    pub(super) fn begin(kept: Arc<Kept>, db: &Db) -> Self {
        kept.shelf.marks.mark_listings(db);
        let (began, succeeded) = (Instant::now(), AtomicBool::new(false));
        Self { kept, db: db.clone(), ids: Vec::new(), everything: false, began, succeeded }
    }

    pub(super) fn of_document(mut self, id: &str) -> Self {
        self.kept.shelf.marks.mark_document(&self.db, id);
        self.ids.push(id.to_owned());
        self
    }

    pub(super) fn of_everything(mut self) -> Self {
        self.kept.shelf.marks.mark_database(&self.db);
        self.everything = true;
        self
    }

    /// A document's new revision, which the feed needn't tell us.
    pub(super) fn done(&self, id: &str, outcome: Result<Rev, Error>) -> Result<Rev, Error> {
        if let Ok(rev) = &outcome
            && is_ordinary(id)
        {
            self.kept.ears.written(&self.db, id, rev);
            self.succeeded.store(true, Relaxed);
        }
        outcome
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let marks = &self.kept.shelf.marks;
        for id in &self.ids {
            marks.mark_document(&self.db, id);
        }
        marks.mark_listings(&self.db);
        if self.everything {
            marks.mark_database(&self.db);
        }
        if self.succeeded.load(Relaxed) {
            self.kept.ears.await_echo(&self.db, self.began);
        }
    }
}
