//! Whether anything still moves: a large upload may take its time, silence may not.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// When something moved last; copies share it.
#[derive(Clone)]
pub struct Activity {
    began: Instant,
    /// Milliseconds from the beginning.
    last: Arc<AtomicU64>,
}

impl Default for Activity {
    fn default() -> Self {
        Self { began: Instant::now(), last: Arc::default() }
    }
}

impl Activity {
    /// Something moved.
    pub fn noted(&self) {
        self.last.store(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    fn silence(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.last.load(Relaxed)))
    }

    /// Waits until something is there, unless nothing moves for this long.
    pub async fn within<T>(&self, limit: Duration, wanted: impl Future<Output = T>) -> Option<T> {
        let mut wanted = pin!(wanted);
        loop {
            let left = limit.saturating_sub(self.silence());
            match tokio::time::timeout(left, &mut wanted).await {
                Ok(found) => return Some(found),
                Err(_) if self.silence() >= limit => return None,
                Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn silence_has_a_limit_and_movement_has_none() {
        let activity = Activity::default();
        let silent = std::future::pending::<()>();
        assert_eq!(activity.within(Duration::from_millis(20), silent).await, None);
        let busy = activity.clone();
        let slow = async move {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_millis(500)).await;
                busy.noted();
            }
        };
        activity.noted();
        assert_eq!(activity.within(Duration::from_secs(2), slow).await, Some(()));
    }
}
