//! How often: a bucket of tokens for each client address and account, filled at a steady rate.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use moka::sync::Cache;

use crate::platform::Settings;

/// A bucket that nobody touched for this long is forgotten; it would be full by then.
const IDLE: Duration = Duration::from_secs(600);
/// More buckets than this aren't kept: an attacker with many addresses mustn't fill the memory.
const KEPT: u64 = 100_000;

/// How large buckets are and how fast they fill (`system_config/token_buckets`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub max_tokens: u64,
    pub tokens_per_second: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_tokens: 100, tokens_per_second: 10.0 }
    }
}

impl Limits {
    /// As they are set; what the category says of `crossbar` counts before what it says of all.
    pub fn of(settings: &Settings) -> Self {
        let number = |key: &str| settings.number(&format!("crossbar.{key}")).or_else(|| settings.number(key));
        let per = match settings.text("tokens_fill_time") {
            Some("minute") => 60.0,
            Some("hour") => 3600.0,
            Some("day") => 86_400.0,
            _ => 1.0,
        };
        let defaults = Self::default();
        Self {
            max_tokens: number("max_bucket_tokens").unwrap_or(defaults.max_tokens),
            tokens_per_second: number("tokens_fill_rate").map_or(defaults.tokens_per_second, |rate| rate as f64 / per),
        }
    }
}

/// All buckets of this process.
pub struct Buckets {
    buckets: Cache<String, Arc<Mutex<Bucket>>>,
}

struct Bucket {
    tokens: f64,
    touched: Instant,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { buckets: Cache::builder().max_capacity(KEPT).time_to_idle(IDLE).build() }
    }
}

impl Buckets {
    /// Takes `cost` tokens out of a bucket. `Err` when it doesn't hold that many: then it's empty afterwards. Either way the
    /// number of tokens that remain.
    pub fn take(&self, name: &str, cost: u64, limits: Limits, now: Instant) -> Result<u64, u64> {
        if cost == 0 {
            return Ok(self.remaining(name, limits, now));
        }
        self.with(name, limits, now, |tokens| {
            let cost = cost as f64;
            if *tokens < cost {
                *tokens = tokens.min(0.0);
                return Err(0);
            }
            *tokens -= cost;
            Ok(*tokens as u64)
        })
    }

    /// Takes tokens out of a bucket whether it holds them or not; what's missing has to flow in before anything can be taken
    /// again. Returns how many remain.
    pub fn fine(&self, name: &str, cost: u64, limits: Limits, now: Instant) -> u64 {
        if cost == 0 {
            return self.remaining(name, limits, now);
        }
        self.with(name, limits, now, |tokens| {
            *tokens -= cost as f64;
            *tokens as u64
        })
    }

    /// Does something with the tokens of a bucket as they are now.
    fn with<T>(&self, name: &str, limits: Limits, now: Instant, work: impl FnOnce(&mut f64) -> T) -> T {
        let full = limits.max_tokens as f64;
        let bucket = self.buckets.get_with_by_ref(name, || Arc::new(Mutex::new(Bucket { tokens: full, touched: now })));
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = now.saturating_duration_since(bucket.touched).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * limits.tokens_per_second).min(full);
        bucket.touched = now;
        work(&mut bucket.tokens)
    }

    /// What a bucket holds. One that nothing was taken out of yet isn't kept for that.
    pub fn remaining(&self, name: &str, limits: Limits, now: Instant) -> u64 {
        if self.buckets.contains_key(name) { self.with(name, limits, now, |tokens| *tokens as u64) } else { limits.max_tokens }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let (buckets, limits, start) = (Buckets::default(), Limits::default(), Instant::now());
        assert_eq!(buckets.take("a", 35, limits, start), Ok(65));
        assert_eq!(buckets.take("a", 35, limits, start), Ok(30));
        assert_eq!(buckets.take("a", 35, limits, start), Err(0));
        assert_eq!(buckets.take("a", 1, limits, start), Err(0));
        assert_eq!(buckets.take("b", 1, limits, start), Ok(99));
        assert_eq!(buckets.take("a", 35, limits, start + Duration::from_secs(4)), Ok(5));
        assert_eq!(buckets.remaining("a", limits, start + Duration::from_secs(3600)), 100);
    }

    #[test]
    fn a_fine_is_paid_before_anything_is_taken_again() {
        let (buckets, limits, start) = (Buckets::default(), Limits::default(), Instant::now());
        let at = |tenths: u64| start + Duration::from_millis(100 * tenths);
        assert_eq!(buckets.take("a", 96, limits, start), Ok(4));
        assert_eq!(buckets.fine("a", 34, limits, start), 0);
        // Trying meanwhile neither shortens nor lengthens it.
        assert_eq!(buckets.take("a", 1, limits, at(29)), Err(0));
        assert_eq!(buckets.take("a", 1, limits, at(30)), Err(0));
        assert_eq!(buckets.remaining("a", limits, at(31)), 1);
        assert_eq!(buckets.take("a", 1, limits, at(32)), Ok(1));
        // What costs nothing is always to be had.
        assert_eq!(buckets.fine("b", 200, limits, start), 0);
        assert_eq!(buckets.take("b", 0, limits, start), Ok(0));
        assert_eq!(buckets.fine("c", 0, limits, start), 100);
    }
}
