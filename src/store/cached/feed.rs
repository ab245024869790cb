//! Following the store's feed of databases, on a thread of its own, so that a busy server doesn't keep it waiting.
//!
//! What the feed names is looked at before it's taken for heard: the changes of a database that answers are kept of say
//! which documents others have written. Our own writes are known and void nothing a second time. A feed that is silent for
//! too long is lost, and so is one that doesn't name what we have written ourselves; everything is void then, and stays so
//! until it's back.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use futures_util::{FutureExt, StreamExt, future::join_all};
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

use super::{
    Kept,
    counters::count,
    ears::Patience,
    is_ordinary,
    shelf::{Answer, Key},
};
use crate::store::{Db, Error, Seq, Since, Store, Update};

/// What is waited for between attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How many updates are looked at together, and how many changes of one database.
const BATCH: usize = 256;

/// How many databases documents are read ahead from at a time.
const REFRESHING: usize = 4;

/// The thread that follows the feed; it ends when this is dropped.
pub(super) struct Feed {
    _stop: oneshot::Sender<()>,
}

impl Feed {
    pub(super) fn start(inner: Arc<dyn Store>, kept: Arc<Kept>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return log::error!("nothing will be cached: {error}"),
            };
            let follower = Follower { inner, kept, refreshing: Arc::new(Semaphore::new(REFRESHING)) };
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = follower.follow() => {}
                }
            });
            follower.kept.lose();
        };
        if let Err(error) = thread::Builder::new().name("store-feed".into()).spawn(run) {
            log::error!("nothing will be cached: {error}");
        }
        Self { _stop: stop }
    }
}

struct Follower {
    inner: Arc<dyn Store>,
    kept: Arc<Kept>,
    /// How many may be reading ahead at a time.
    refreshing: Arc<Semaphore>,
}

impl Follower {
    async fn follow(&self) {
        let (mut pause, mut told) = (FIRST_PAUSE, false);
        loop {
            let error = self.listen(&mut told).await;
            if self.kept.lose() {
                (pause, told) = (FIRST_PAUSE, false);
            }
            if !told {
                told = true;
                log::warn!("reads aren't cached until the feed of changed databases is heard: {}", complaint(&error));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Follows the feed to its end. `told` is whether it was said that there is none.
    async fn listen(&self, told: &mut bool) -> Error {
        let Patience { silence, pulse, .. } = self.kept.ears.patience;
        let mut updates = match self.inner.updates(pulse).await {
            Ok(updates) => updates,
            Err(error) => return error,
        };
        let (mut is_first, mut emptied) = (true, Instant::now());
        loop {
            let next = timeout(silence, updates.next()).await;
            let at = Instant::now();
            // What comes now may have lain there for as long, if it was this process that had no time.
            let (Ok(next), true) = (next, at.duration_since(emptied) <= silence) else {
                return lost("it has fallen silent, or this machine is too busy to listen");
            };
            if is_first {
                is_first = false;
                // What was read before nobody has watched over.
                self.kept.shelf.clear();
                self.kept.ears.begin_to_hear();
                if std::mem::take(told) {
                    log::info!("the feed of changed databases is heard: reads are cached");
                }
            }
            let mut batch = vec![next];
            while batch.len() < BATCH && matches!(batch.last(), Some(Some(Ok(_)))) {
                match updates.next().now_or_never() {
                    Some(next) => batch.push(next),
                    None => {
                        emptied = at;
                        break;
                    }
                }
            }
            if let Err(error) = self.take(batch).await {
                return error;
            }
            if self.kept.ears.misses_an_echo() {
                return lost("it's too late, or doesn't name what is written here");
            }
            self.kept.ears.hear(at);
        }
    }

    /// Voids what a part of the feed says has changed.
    async fn take(&self, batch: Vec<Option<Result<Update, Error>>>) -> Result<(), Error> {
        let mut databases = BTreeMap::new();
        let mut end = Ok(());
        for update in batch {
            match update {
                Some(Ok(Update::Pulse)) => {}
                Some(Ok(Update::Written(db))) => _ = databases.entry(db).or_insert(false),
                Some(Ok(Update::Replaced(db))) => _ = databases.insert(db, true),
                Some(Err(error)) => end = Err(error),
                None => end = Err(lost("it has ended")),
            }
        }
        self.kept.ears.echo(databases.keys());
        join_all(databases.iter().map(|(db, is_replaced)| self.look(db, *is_replaced))).await;
        end
    }

    /// Voids what has changed in a database: all of it, when nothing is known about what that was.
    async fn look(&self, db: &Db, is_replaced: bool) {
        let Kept { shelf, ears, counters, .. } = &*self.kept;
        count(&counters.updates);
        if is_replaced {
            ears.replace(db);
        }
        let Some(position) = ears.position(db) else { return shelf.marks.mark_database(db) };
        if let Some(seq) = position.filter(|_| !is_replaced) {
            let since = Since { seq: Some(seq), limit: Some(BATCH), ..Since::default() };
            if let Ok(Ok(changes)) = timeout(ears.patience.look, self.inner.changes(db, &since)).await
                && changes.results.len() < BATCH
            {
                let mut others = Vec::new();
                for change in changes.results {
                    if !ears.is_own(db, change.id.clone(), change.rev) {
                        shelf.marks.mark_document(db, &change.id);
                        others.push(change.id);
                    }
                }
                if !others.is_empty() {
                    shelf.marks.mark_listings(db);
                    self.refresh(db, others);
                }
                return ears.go_on(db, changes.last);
            }
        }
        shelf.marks.mark_database(db);
        let since = Since { seq: Some(Seq::now()), limit: Some(1), ..Since::default() };
        match timeout(ears.patience.look, self.inner.changes(db, &since)).await {
            Ok(Ok(changes)) => {
                // Reads until now may lack what happened before that position.
                shelf.marks.mark_database(db);
                ears.go_on(db, changes.last);
            }
            _ => ears.unwatch(db),
        }
    }
}

impl Follower {
    /// Reads documents again that were kept and are void now, so that the next request finds them; nobody waits for it.
    fn refresh(&self, db: &Db, mut ids: Vec<String>) {
        ids.retain(|id| is_ordinary(id) && self.kept.shelf.has_document(db, id));
        let Ok(permit) = Arc::clone(&self.refreshing).try_acquire_owned() else { return };
        if ids.is_empty() {
            return;
        }
        let (inner, kept, db) = (Arc::clone(&self.inner), Arc::clone(&self.kept), db.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let as_of = kept.shelf.marks.now();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            // What can't be read now is read by whoever asks for it.
            let Ok(docs) = inner.get_many(&db, &ids).await else { return };
            for (id, doc) in ids.into_iter().zip(docs) {
                let answer = doc.map_or(Answer::Nothing, Answer::Document);
                kept.keep(Key::Document(db.clone(), id.to_owned()), as_of, &Ok(answer), Answer::clone);
                count(&kept.counters.ahead);
            }
        });
    }
}

fn lost(why: &'static str) -> Error {
    Error::Unreachable { source: anyhow!(why) }
}

/// What an operator can do about it, where he can.
fn complaint(error: &Error) -> String {
    match error {
        Error::NoDatabase { db } => format!("CouchDB has none without a database {db}; make that, or say --no-cache"),
        Error::Unauthorized { .. } => format!("{error}; the feed is for administrators"),
        error => error.to_string(),
    }
}
