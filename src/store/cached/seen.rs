//! What a task reads while it puts something together, so that this can be kept for as long as all of it is good.

use std::{cell::RefCell, future::Future};

use super::shelf::Key;

tokio::task_local! {
    /// `None` once something was read of which nobody can say later whether it would be read the same.
    static SEEN: RefCell<Option<Vec<Key>>>;
}

/// Carries out reads, and says what they were; `None` if that doesn't suffice to know when they are void.
pub(super) async fn gather(reads: impl Future<Output = ()>) -> Option<Vec<Key>> {
    let reads = async {
        reads.await;
        SEEN.with(RefCell::take)
    };
    SEEN.scope(RefCell::new(Some(Vec::new())), reads).await
}

pub(super) fn note(key: &Key) {
    let _ = SEEN.try_with(|seen| seen.borrow_mut().as_mut().map(|keys| keys.push(key.clone())));
}

/// Something was read past the cache.
pub(super) fn lose() {
    let _ = SEEN.try_with(RefCell::take);
}
