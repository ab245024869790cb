//! What the cache has been good for, to be read at any time.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counts since the start. A read is a hit, a miss or a bypass; the latter two, and writes, are round trips to the store,
/// but for those that joined another.
/// Of documents that are read together each counts for itself.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) joined: AtomicU64,
    pub(super) bypasses: AtomicU64,
    pub(super) writes: AtomicU64,
    pub(super) ahead: AtomicU64,
    pub(super) updates: AtomicU64,
    pub(super) losses: AtomicU64,
}

/// [`Counters`] at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Reads that were answered from memory.
    pub hits: u64,
    /// Reads whose answer wasn't there, or no longer good.
    pub misses: u64,
    /// How often a read waited for another's that was on its way and asked the same, instead of making a round trip.
    pub joined: u64,
    /// Reads while the feed was silent or lost, and of what is never kept.
    pub bypasses: u64,
    /// Writes.
    pub writes: u64,
    /// Documents that others had changed and that were read again before anybody asked.
    pub ahead: u64,
    /// Databases that the feed named.
    pub updates: u64,
    /// How often the feed was lost.
    pub losses: u64,
}

impl Counters {
    pub fn read(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        Counts {
            hits: read(&self.hits),
            misses: read(&self.misses),
            joined: read(&self.joined),
            bypasses: read(&self.bypasses),
            writes: read(&self.writes),
            ahead: read(&self.ahead),
            updates: read(&self.updates),
            losses: read(&self.losses),
        }
    }
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hits, misses, joined, bypasses, writes, ahead, updates, losses } = self;
        write!(
            f,
            "{hits} reads from memory, {misses} from the store ({joined} times together with others), {ahead} ahead, {bypasses} past the cache; "
        )?;
        write!(f, "{writes} writes; the feed named {updates} databases and was lost {losses} times")
    }
}
