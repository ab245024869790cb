//! How many questions may be at the server at a time. Each holds a connection.
//!
//! Without a limit, what has become slow would hold as many connections as there are clients, until the server has none left.
//! With one limit for all, what is slow would soon hold all of it, and what is fast would stand behind it. So each kind of
//! question has its own, since documents are there at once while a view is being built, and no database gets more than half
//! of that. Who has to wait does so within the time that his question may take.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::fault::{Kind, Subject};
use crate::store::Db;

/// All together well below what CouchDB takes (2048 connections), and what a process may open.
const DOCUMENTS: usize = 256;
const VIEWS: usize = 128;
const FILES: usize = 64;

/// Databases share a limit when their hashes do: that costs some waiting at the worst, and there's nothing to clear away.
const DATABASES: usize = 1 << 10;

pub(super) struct Gate {
    documents: Lane,
    views: Lane,
    files: Lane,
}

/// The limits of a kind of question.
struct Lane {
    all: Arc<Semaphore>,
    databases: Box<[Arc<Semaphore>]>,
    hasher: RandomState,
}

/// Leave to ask, for as long as it's held.
pub(super) struct Pass {
    _database: Option<OwnedSemaphorePermit>,
    _any: Option<OwnedSemaphorePermit>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { documents: Lane::of(DOCUMENTS), views: Lane::of(VIEWS), files: Lane::of(FILES) }
    }
}

impl Gate {
    /// Waits for this question's turn.
    pub(super) async fn enter(&self, subject: &Subject) -> Pass {
        let lane = match subject.kind {
            Kind::Database | Kind::Document => &self.documents,
            Kind::View(_) => &self.views,
            Kind::Attachment(_) => &self.files,
        };
        lane.enter(&subject.db).await
    }
}

impl Lane {
    fn of(all: usize) -> Self {
        let databases = (0..DATABASES).map(|_| Arc::new(Semaphore::new(all / 2))).collect();
        Self { all: Arc::new(Semaphore::new(all)), databases, hasher: RandomState::new() }
    }

    /// The database's turn comes first, so that who waits for that takes nothing from the others.
    async fn enter(&self, db: &Db) -> Pass {
        let place = self.hasher.hash_one(db) as usize % self.databases.len();
        // A semaphore that's never closed refuses nobody.
        let _database = Arc::clone(&self.databases[place]).acquire_owned().await.ok();
        let _any = Arc::clone(&self.all).acquire_owned().await.ok();
        Pass { _database, _any }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::join_all};
    use tokio::task::unconstrained;

    use super::*;
    use crate::store::View;

    const SLOW: Db = Db::named("account/0a/1b/2c");
    const OTHER: Db = Db::named("accounts");

    /// A pass, if nobody is in the way. (The runtime itself would have who has got so many wait for a moment.)
    fn at_once(gate: &Gate, subject: &Subject) -> Option<Pass> {
        unconstrained(gate.enter(subject)).now_or_never()
    }

    #[tokio::test]
    async fn a_slow_database_and_a_slow_view_leave_room_for_the_rest() {
        let gate = Gate::default();
        let (slow, view) = (Subject::document(&SLOW, "x"), Subject::view(&SLOW, View::new("a", "b")));
        let mut held = join_all((0..DOCUMENTS / 2).map(|_| gate.enter(&slow))).await;
        assert!(at_once(&gate, &slow).is_none());
        // Unless the two share a place, which happens once in a thousand runs.
        let place = |db| gate.documents.hasher.hash_one(db) as usize % DATABASES;
        if place(&SLOW) != place(&OTHER) {
            assert!(at_once(&gate, &Subject::document(&OTHER, "x")).is_some());
        }
        let views = join_all((0..VIEWS / 2).map(|_| gate.enter(&view))).await;
        assert!(at_once(&gate, &view).is_none());
        assert_eq!(views.len(), VIEWS / 2);
        held.pop();
        assert!(at_once(&gate, &slow).is_some());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_leaves_nothing_behind() {
        let gate = Gate::default();
        let slow = Subject::document(&SLOW, "x");
        let held = join_all((0..DOCUMENTS / 2).map(|_| gate.enter(&slow))).await;
        for _ in 0..3 {
            assert!(at_once(&gate, &slow).is_none());
        }
        drop(held);
        assert_eq!(gate.documents.all.available_permits(), DOCUMENTS);
        assert_eq!(join_all((0..DOCUMENTS / 2).map(|_| gate.enter(&slow))).await.len(), DOCUMENTS / 2);
    }
}
