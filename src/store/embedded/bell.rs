//! Waking those who wait for a database to change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Rung by the writer after each commit, for the databases it changed.
#[derive(Default)]
pub(super) struct Bell {
    waiting: Mutex<HashMap<i64, Waiting>>,
}

#[derive(Default)]
struct Waiting {
    notify: Arc<Notify>,
    listeners: usize,
}

impl Bell {
    /// Registers for a database's changes. What happens from the moment that [`Notify::notified`] is enabled isn't missed.
    pub(super) fn listen(&self, db: i64) -> Listener<'_> {
        let mut waiting = self.waiting();
        let entry = waiting.entry(db).or_default();
        entry.listeners += 1;
        Listener { notify: Arc::clone(&entry.notify), db, bell: self }
    }

    pub(super) fn ring(&self, databases: &[i64]) {
        let waiting = self.waiting();
        for entry in databases.iter().filter_map(|db| waiting.get(db)) {
            entry.notify.notify_waiters();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<i64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Someone who waits; the last one of a database takes its entry away.
pub(super) struct Listener<'a> {
    pub(super) notify: Arc<Notify>,
    db: i64,
    bell: &'a Bell,
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let mut waiting = self.bell.waiting();
        if let Some(entry) = waiting.get_mut(&self.db) {
            entry.listeners -= 1;
            if entry.listeners == 0 {
                waiting.remove(&self.db);
            }
        }
    }
}
