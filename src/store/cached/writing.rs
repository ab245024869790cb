//! A write of our own on its way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Instant,
};

use serde_json::Value;

use super::{
    Kept, is_ordinary,
    marks::Moment,
    shelf::{Answer, Key},
};
use crate::store::{Db, Error, Object, Rev};

/// Marks what is being written, and marks it again when this is dropped: when the write has been answered, has failed, or
/// nobody waits for it any longer. In between it isn't known whether a read sees the write; such a read is answered by the
/// store, and isn't believed later on.
pub(super) struct Writing {
    kept: Arc<Kept>,
    db: Db,
    ids: Vec<(String, Moment)>,
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
        let moment = self.kept.shelf.marks.mark_document(&self.db, id);
        self.ids.push((id.to_owned(), moment));
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

    /// Ends the write of one whole document that is stored as `rev` now. If nobody else has touched it meanwhile it needn't be
    /// read again.
    pub(super) fn wrote(mut self, doc: &Object, rev: &str) {
        let Some((id, begun)) = self.ids.pop() else { return };
        let since = self.kept.shelf.marks.mark_again(&self.db, &id, begun);
        let Some(since) = since.filter(|_| is_ordinary(&id) && is_stored_as_sent(doc) && self.kept.ears.is_fresh()) else {
            return;
        };
        let mut doc = doc.clone();
        doc.insert("_rev".into(), rev.into());
        self.kept.ears.watch(&self.db);
        self.kept.shelf.keep(Key::Document(self.db.clone(), id), since, Answer::Document(doc.into()));
    }
}

/// Whether a store gives a document back as it was sent: not if there are files in it, or nothing is left of it.
fn is_stored_as_sent(doc: &Object) -> bool {
    let is_stub = |file: &Value| file.get("stub") == Some(&Value::Bool(true));
    let stubs = doc.get("_attachments").is_none_or(|files| files.as_object().is_some_and(|files| files.values().all(is_stub)));
    stubs && doc.keys().all(|key| !key.starts_with('_') || matches!(key.as_str(), "_id" | "_rev" | "_attachments"))
}

impl Drop for Writing {
    fn drop(&mut self) {
        let marks = &self.kept.shelf.marks;
        for (id, _) in &self.ids {
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
