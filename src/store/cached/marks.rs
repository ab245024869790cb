//! What is no longer good: marks in the order of time, instead of entries that would have to be found and removed.
//!
//! A clock counts marks. An answer is as old as the clock was when its read *began*; whoever changes something, or hears of
//! it, marks the place with the clock's next reading. An answer that is older than the mark of its place is void, also when
//! it arrives only after the mark was set: there is no moment in which a slow read could bring the past back.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use crate::store::Db;

/// Places share a mark when their hashes do, which costs a read now and then and never a wrong answer. So the marks need
/// no more memory than this, whatever is asked for.
const DATABASES: usize = 1 << 14;
const DOCUMENTS: usize = 1 << 16;

/// A reading of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

pub(super) struct Marks {
    clock: AtomicU64,
    everything: AtomicU64,
    /// Everything that is in a database.
    databases: Box<[AtomicU64]>,
    /// The answers of a database's views.
    listings: Box<[AtomicU64]>,
    /// Single documents with their attachments.
    documents: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Default for Marks {
    fn default() -> Self {
        let slots = |count| (0..count).map(|_| AtomicU64::new(0)).collect();
        Self {
            clock: AtomicU64::new(0),
            everything: AtomicU64::new(0),
            databases: slots(DATABASES),
            listings: slots(DATABASES),
            documents: slots(DOCUMENTS),
            hasher: RandomState::new(),
        }
    }
}

impl Marks {
    /// To be taken before a read begins.
    pub(super) fn now(&self) -> Moment {
        Moment(self.clock.load(SeqCst))
    }

    pub(super) fn mark_everything(&self) {
        self.mark(&self.everything);
    }

    /// Anything in the database may have changed.
    pub(super) fn mark_database(&self, db: &Db) {
        self.mark(self.slot(&self.databases, db));
    }

    /// Some documents of the database may have changed, which [`Marks::mark_document`] names.
    pub(super) fn mark_listings(&self, db: &Db) {
        self.mark(self.slot(&self.listings, db));
    }

    pub(super) fn mark_document(&self, db: &Db, id: &str) -> Moment {
        self.mark(self.slot(&self.documents, (db, id)))
    }

    /// Marks a document again, and says whether nobody else has marked it, or all that's around it, since `last`: `Some` moment
    /// from which on what is known of it is good.
    pub(super) fn mark_again(&self, db: &Db, id: &str, last: Moment) -> Option<Moment> {
        let slot = self.slot(&self.documents, (db, id));
        let next = self.clock.fetch_add(1, SeqCst) + 1;
        let undisturbed = slot.compare_exchange(last.0, next, SeqCst, SeqCst).is_ok();
        slot.fetch_max(next, SeqCst);
        (undisturbed && self.is_good(db, last)).then_some(Moment(next))
    }

    pub(super) fn is_good_document(&self, db: &Db, id: &str, as_of: Moment) -> bool {
        self.is_good(db, as_of) && as_of.0 >= self.slot(&self.documents, (db, id)).load(SeqCst)
    }

    pub(super) fn is_good_listing(&self, db: &Db, as_of: Moment) -> bool {
        self.is_good(db, as_of) && as_of.0 >= self.slot(&self.listings, db).load(SeqCst)
    }

    fn is_good(&self, db: &Db, as_of: Moment) -> bool {
        as_of.0 >= self.everything.load(SeqCst) && as_of.0 >= self.slot(&self.databases, db).load(SeqCst)
    }

    fn mark(&self, slot: &AtomicU64) -> Moment {
        let next = self.clock.fetch_add(1, SeqCst) + 1;
        // Of two who mark at once the later moment stays.
        slot.fetch_max(next, SeqCst);
        Moment(next)
    }

    fn slot<'a>(&self, slots: &'a [AtomicU64], place: impl Hash) -> &'a AtomicU64 {
        let hash = self.hasher.hash_one(place) as usize;
        &slots[hash % slots.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DB: Db = Db::named("accounts");
    const OTHER: Db = Db::named("services");

    #[test]
    fn a_read_that_began_before_a_mark_is_void_whenever_it_ends() {
        let marks = Marks::default();
        let before = marks.now();
        assert!(marks.is_good_document(&DB, "a", before));
        marks.mark_document(&DB, "a");
        assert!(!marks.is_good_document(&DB, "a", before));
        assert!(marks.is_good_document(&DB, "a", marks.now()));
    }

    #[test]
    fn who_marks_again_knows_whether_he_was_alone() {
        let marks = Marks::default();
        let alone = marks.mark_document(&DB, "a");
        let since = marks.mark_again(&DB, "a", alone).unwrap();
        assert!(marks.is_good_document(&DB, "a", since) && !marks.is_good_document(&DB, "a", alone));
        let disturbed = marks.mark_document(&DB, "a");
        marks.mark_document(&DB, "a");
        assert_eq!(marks.mark_again(&DB, "a", disturbed), None);
        let disturbed = marks.mark_document(&DB, "a");
        marks.mark_database(&DB);
        assert_eq!(marks.mark_again(&DB, "a", disturbed), None);
        let later = marks.mark_document(&DB, "a");
        let since = marks.mark_again(&DB, "a", later).unwrap();
        marks.mark_everything();
        assert!(!marks.is_good_document(&DB, "a", since));
    }

    #[test]
    fn a_mark_counts_for_its_place_alone() {
        let marks = Marks::default();
        let before = marks.now();
        marks.mark_document(&DB, "a");
        marks.mark_listings(&DB);
        assert!(!marks.is_good_listing(&DB, before));
        assert!(marks.is_good_document(&DB, "b", before));
        assert!(marks.is_good_document(&OTHER, "a", before) && marks.is_good_listing(&OTHER, before));
        marks.mark_database(&DB);
        assert!(!marks.is_good_document(&DB, "b", before));
        assert!(marks.is_good_listing(&OTHER, before));
        marks.mark_everything();
        assert!(!marks.is_good_listing(&OTHER, before));
    }
}
