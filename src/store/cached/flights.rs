//! Reads that are on their way to the store. Whoever asks the same meanwhile waits for the one answer, so that what many ask
//! for isn't read many times when it has just become void.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use super::marks::Moment;
use crate::store::Error;

/// The reads on their way, by what they ask: a question `Q`, answered by an `A`.
pub(super) struct Flights<Q, A>(Arc<Mutex<HashMap<Q, Flight<A>>>>);

/// A read, for as long as somebody waits for it.
struct Flight<A> {
    /// What it finds is as old as this.
    as_of: Moment,
    read: WeakShared<Reading<A>>,
}

type Reading<A> = BoxFuture<'static, Result<A, Arc<Error>>>;

impl<Q, A> Clone for Flights<Q, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q, A> Default for Flights<Q, A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Q, A> Flights<Q, A>
where
    Q: Clone + Eq + Hash + Send + 'static,
    A: Clone + Send + Sync + 'static,
{
    /// The read on its way that asks this, if what's as old as that is good (`is_good`) still, and `true`. Else `read`, which is
    /// as old as `as_of`, and `false`.
    pub(super) fn join(
        &self,
        question: &Q,
        as_of: Moment,
        is_good: impl FnOnce(Moment) -> bool,
        read: impl Future<Output = Result<A, Error>> + Send + 'static,
    ) -> (Shared<Reading<A>>, bool) {
        let mut flights = self.lock();
        let joined = flights.get(question).filter(|flight| is_good(flight.as_of)).and_then(|flight| flight.read.upgrade());
        if let Some(joined) = joined {
            return (joined, true);
        }
        let landing = Landing { flights: self.clone(), question: question.clone(), as_of };
        let read = async move {
            let _landing = landing;
            read.await.map_err(Arc::new)
        };
        let read = read.boxed().shared();
        if let Some(weak) = read.downgrade() {
            flights.insert(question.clone(), Flight { as_of, read: weak });
        }
        (read, false)
    }
}

impl<Q, A> Flights<Q, A> {
    fn lock(&self) -> MutexGuard<'_, HashMap<Q, Flight<A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a read off the list when it has ended, or nobody waits for it any longer.
struct Landing<Q: Eq + Hash, A> {
    flights: Flights<Q, A>,
    question: Q,
    as_of: Moment,
}

impl<Q: Eq + Hash, A> Drop for Landing<Q, A> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        // Another may have taken its place.
        if flights.get(&self.question).is_some_and(|flight| flight.as_of == self.as_of) {
            flights.remove(&self.question);
        }
    }
}
