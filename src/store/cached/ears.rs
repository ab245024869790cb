//! What is known of the feed: when it was last heard, how far the changes of each database were followed, and what we have
//! written ourselves, which it has to name.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use moka::sync::Cache;
use tokio::sync::watch;

use crate::store::{Db, Rev, Seq};

/// More often than this the feed needn't be heard.
const OFTEN: Duration = Duration::from_millis(100);

/// Databases whose place in their changes feed is known; own writes that are remembered until the feed names them.
const POSITIONS: u64 = 10_000;
const OWN: u64 = 100_000;
const OWN_FOR: Duration = Duration::from_secs(60);

/// How the time that an answer may be old is spent: half of it is for the store's own delay in telling, a quarter for its
/// silence, a quarter for words of the feed that lie unread because this process hasn't been given time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Silence for longer than this, and the feed is lost.
    pub(super) silence: Duration,
    /// How often it's asked to be heard.
    pub(super) pulse: Duration,
    /// What a look at one database's changes may take.
    pub(super) look: Duration,
    /// How long it may take to name what we have written.
    echo: Duration,
}

impl Patience {
    pub(super) fn for_answers_as_old_as(limit: Duration) -> Self {
        Self { silence: limit / 4, pulse: (limit / 20).min(OFTEN), look: limit / 16, echo: limit / 2 }
    }
}

/// What the thread and the readers know together.
pub(super) struct Ears {
    start: Instant,
    pub(super) patience: Patience,
    /// When the feed was last heard, in microseconds after the start; 0 while it's lost.
    heard: AtomicU64,
    /// When it has to have named what we have written, likewise; `u64::MAX` while there's nothing to name.
    due: AtomicU64,
    alive: watch::Sender<bool>,
    /// Where to go on in the changes of the databases that something is kept of; `None` before the first look.
    positions: Cache<Db, Option<Seq>>,
    /// Our own revisions, and when they were answered.
    own: Cache<(Db, String, Rev), Instant>,
    /// When a database of this name was made or removed.
    replaced: Cache<Db, Instant>,
    echoes: Mutex<Echoes>,
}

/// Our own writes, as the feed should name them.
#[derive(Default)]
struct Echoes {
    /// Since when the feed tells everything; `None` while it's lost.
    heard_since: Option<Instant>,
    /// Databases that we have written to and that weren't named since: when the first of these writes was answered.
    awaited: HashMap<Db, Instant>,
    /// When databases were named that we may be writing to.
    named: HashMap<Db, Instant>,
}

impl Ears {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            start: Instant::now(),
            patience,
            heard: AtomicU64::new(0),
            due: AtomicU64::new(u64::MAX),
            alive: watch::Sender::new(false),
            positions: Cache::new(POSITIONS),
            own: Cache::builder().max_capacity(OWN).time_to_live(OWN_FOR).build(),
            replaced: Cache::builder().max_capacity(POSITIONS).time_to_live(OWN_FOR).build(),
            echoes: Mutex::default(),
        }
    }

    /// Whether the feed was heard lately enough for answers to be believed, and owes us nothing.
    pub(super) fn is_fresh(&self) -> bool {
        let (heard, now) = (self.heard.load(SeqCst), self.since_start(Instant::now()));
        let silence = self.patience.silence.as_micros() as u64;
        heard != 0 && now.saturating_sub(heard) <= silence && now <= self.due.load(SeqCst)
    }

    pub(super) fn alive(&self) -> watch::Receiver<bool> {
        self.alive.subscribe()
    }

    /// Something of this database is kept from now on.
    pub(super) fn watch(&self, db: &Db) {
        if !self.positions.contains_key(db) {
            self.positions.entry_by_ref(db).or_insert(None);
        }
    }

    /// The feed needn't say this one again.
    pub(super) fn written(&self, db: &Db, id: &str, rev: &str) {
        self.own.insert((db.clone(), id.to_owned(), rev.to_owned()), Instant::now());
    }

    /// A write to the database that began at `began` has been answered; the feed has to name it.
    pub(super) fn await_echo(&self, db: &Db, began: Instant) {
        let mut echoes = self.echoes();
        let is_told = echoes.heard_since.is_some_and(|since| began > since);
        let is_named = echoes.named.get(db).is_some_and(|named| *named >= began);
        if is_told && !is_named {
            let answered = *echoes.awaited.entry(db.clone()).or_insert_with(Instant::now);
            // Within the lock, so that it isn't later than what stands there.
            self.due.fetch_min(self.due_after(answered), SeqCst);
        }
    }

    pub(super) fn begin_to_hear(&self) {
        self.begin(Echoes { heard_since: Some(Instant::now()), ..Echoes::default() });
    }

    fn begin(&self, anew: Echoes) {
        let mut echoes = self.echoes();
        *echoes = anew;
        self.set_due(&echoes);
    }

    /// A feed that is late with our writes may be as late with others'.
    fn set_due(&self, echoes: &Echoes) {
        let due = echoes.awaited.values().min().map(|answered| self.due_after(*answered));
        self.due.store(due.unwrap_or(u64::MAX), SeqCst);
    }

    fn due_after(&self, answered: Instant) -> u64 {
        self.since_start(answered + self.patience.echo)
    }

    /// Databases have been named.
    pub(super) fn echo<'a>(&self, databases: impl Iterator<Item = &'a Db>) {
        let now = Instant::now();
        let mut echoes = self.echoes();
        echoes.named.retain(|_, named| now.duration_since(*named) < OWN_FOR);
        for db in databases {
            echoes.awaited.remove(db);
            echoes.named.insert(db.clone(), now);
        }
        self.set_due(&echoes);
    }

    /// Whether a write of ours should have been named by now.
    pub(super) fn misses_an_echo(&self) -> bool {
        let patience = self.patience.echo;
        self.echoes().awaited.values().any(|answered| answered.elapsed() > patience)
    }

    fn echoes(&self) -> MutexGuard<'_, Echoes> {
        self.echoes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hear(&self, at: Instant) {
        self.heard.store(self.since_start(at), SeqCst);
        self.alive.send_if_modified(|alive| !std::mem::replace(alive, true));
    }

    /// Whether it was heard before.
    pub(super) fn lose(&self) -> bool {
        self.heard.store(0, SeqCst);
        self.positions.invalidate_all();
        self.begin(Echoes::default());
        self.alive.send_if_modified(|alive| std::mem::replace(alive, false))
    }

    pub(super) fn is_own(&self, db: &Db, id: String, rev: Rev) -> bool {
        // In a new database of an old one's name others may make the very revisions that we made in the old one.
        let written = self.own.get(&(db.clone(), id, rev));
        written.is_some_and(|written| self.replaced.get(db).is_none_or(|replaced| written > replaced))
    }

    pub(super) fn replace(&self, db: &Db) {
        self.replaced.insert(db.clone(), Instant::now());
    }

    /// How far a database's changes were followed: `Some(None)` where they weren't yet, `None` if nothing is kept of it.
    pub(super) fn position(&self, db: &Db) -> Option<Option<Seq>> {
        self.positions.get(db)
    }

    pub(super) fn go_on(&self, db: &Db, seq: Seq) {
        self.positions.insert(db.clone(), Some(seq));
    }

    pub(super) fn unwatch(&self, db: &Db) {
        self.positions.invalidate(db);
    }

    fn since_start(&self, moment: Instant) -> u64 {
        moment.saturating_duration_since(self.start).as_micros() as u64 + 1
    }
}
