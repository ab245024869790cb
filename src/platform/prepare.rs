//! Making a store ready: the system databases, their design documents and schemas, the keys that sign tokens.

use std::time::Duration;

use super::{Platform, names};
use crate::store::Error;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Platform {
    /// Makes what isn't there yet; what is there stays as it is. Doing it again changes nothing.
    pub async fn prepare(&self, now: u64) -> anyhow::Result<()> {
        for db in &names::SYSTEM {
            self.ensure_database(db).await?;
        }
        let schemas = self.install_schemas(false).await?;
        if schemas > 0 {
            log::info!("installed {schemas} schemas");
        }
        self.ensure_keys(now).await
    }

    /// Waits for the store to answer, for as long as it takes; each failed attempt is logged with what to look at.
    pub async fn wait_until_reachable(&self) {
        let mut pause = FIRST_PAUSE;
        while let Err(error) = self.store.ping().await {
            let hint = match &error {
                Error::Unauthorized { .. } => "are user and password in the store's URL right?",
                _ => "is the database server running, and is the store's URL right?",
            };
            log::warn!("{error}; {hint} Trying again in {} s", pause.as_secs_f32());
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
