//! `marketplace-fetch`: installing what the marketplace delivers.

use std::path::Path;

use super::Console;
use crate::platform::{
    Platform,
    connector::courier::{Fetched, Tally},
};

/// Fetches what there is, and prints how it goes.
pub async fn fetch(platform: &Platform, console: &Console, apps: &Path) -> anyhow::Result<bool> {
    let Tally { delivered, failed, postponed } = match platform.fetch_deliveries(apps, console, true).await? {
        Fetched::Done(tally) => tally,
        Fetched::Off => {
            console.warn("the marketplace connector is disabled, or this cluster isn't linked");
            return Ok(false);
        }
        Fetched::Busy | Fetched::TooEarly(_) => {
            console.warn("another process is fetching what the marketplace delivers");
            return Ok(false);
        }
    };
    console.say(&format!("{delivered} delivered, {failed} failed, {postponed} to be tried again"));
    Ok(failed == 0 && postponed == 0)
}
