//! How often somebody may try to log in or redeem an access code.

use std::time::{Duration, Instant};

use super::{Error, Portal};
use crate::auth::buckets::Limits;

/// What can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Login,
    AccessCode,
}

impl Attempt {
    /// A burst of this many tokens, filled again at this rate.
    fn limits(self) -> Limits {
        match self {
            Self::Login => Limits { max_tokens: 40, tokens_per_second: 0.2 },
            Self::AccessCode => Limits { max_tokens: 20, tokens_per_second: 0.1 },
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::AccessCode => "code",
        }
    }
}

/// What an attempt costs, and what it costs besides when it fails.
const ATTEMPT: u64 = 1;
const FAILURE: u64 = 3;

impl Portal {
    /// Takes the price of an attempt from each of some buckets: an address's, a user's.
    pub(super) fn attempt(&self, what: Attempt, whose: &[&str]) -> Result<(), Error> {
        self.pay(what, whose, ATTEMPT)
    }

    /// Takes the price of a failure; what can't be paid empties the bucket.
    pub(super) fn failed(&self, what: Attempt, whose: &[&str]) {
        // It's the next attempt that is turned away.
        let _ = self.pay(what, whose, FAILURE);
    }

    fn pay(&self, what: Attempt, whose: &[&str], price: u64) -> Result<(), Error> {
        let limits = what.limits();
        let take = |one: &&str| self.buckets.take(&format!("{}/{one}", what.word()), price, limits, Instant::now()).is_ok();
        // Each is charged, whatever came of the one before.
        let taken: Vec<bool> = whose.iter().map(take).collect();
        let is_enough = taken.into_iter().all(|enough| enough);
        let retry_after = Duration::from_secs_f64((price as f64 / limits.tokens_per_second).ceil());
        if is_enough { Ok(()) } else { Err(Error::TooMany { retry_after }) }
    }
}
