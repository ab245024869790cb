//! The marketplace's central side: customers log in with what they have at their cluster, link it, buy, and get applications
//! delivered.
//!
//! [`Portal`] is the service: `market`'s rules carried out on the database `marketplace`. It knows no HTTP; [`http`] is a thin
//! shell around it.

use std::sync::Arc;

use crate::{
    auth::Buckets,
    market::{secret, trail::Actor},
    platform::{
        Platform, Settings,
        names::{MARKETPLACE, SYSTEM_CONFIG, SYSTEM_DATA},
        unix_now,
    },
    store::Store,
};

pub mod accounts;
pub mod audit;
pub mod clusters;
pub mod deliveries;
mod demo;
mod documents;
pub mod error;
pub mod http;
pub mod identity;
mod limits;
pub mod listings;
pub mod orders;
pub mod packages;
pub mod pages;
pub mod refunds;
pub mod sessions;
pub mod submissions;
pub mod subscriptions;
pub mod vendors;

pub use error::Error;
use identity::Identity;

/// What addresses of the API begin with.
pub const BASE: &str = "/api/v1";

/// The settings' category.
const CATEGORY: &str = "marketplace";

/// The marketplace.
pub struct Portal {
    platform: Arc<Platform>,
    identity: Identity,
    buckets: Buckets,
    staff_token_hash: Option<String>,
}

/// Who asks, as far as it's known before he has said so.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Where he comes from; `None` on the command line.
    pub ip: Option<String>,
    /// A language tag.
    pub language: Option<String>,
}

impl Portal {
    /// A portal whose customers log in by these APIs (`http://api.example.com:8000`). Without a staff token nobody is staff.
    pub fn new(platform: Arc<Platform>, identity_apis: &[String], staff_token: Option<&str>) -> anyhow::Result<Self> {
        let staff_token_hash = staff_token.map(str::trim).filter(|token| !token.is_empty()).map(secret::hash);
        Ok(Self { platform, identity: Identity::new(identity_apis)?, buckets: Buckets::default(), staff_token_hash })
    }

    /// Makes what isn't there yet, and finishes what was begun when a portal ended.
    pub async fn prepare(&self) -> Result<(), Error> {
        for db in [&MARKETPLACE, &SYSTEM_CONFIG, &SYSTEM_DATA] {
            self.platform.ensure_database(db).await?;
        }
        let settled = self.settle_open_orders().await?;
        if settled > 0 {
            log::info!("{settled} orders were finished that had been left open");
        }
        Ok(())
    }

    /// Where its documents are.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.platform.store)
    }

    /// The marketplace's settings (`system_config/marketplace`).
    pub async fn settings(&self) -> Result<Settings, Error> {
        Ok(self.platform.settings(CATEGORY).await?)
    }

    /// Whom customers may write to.
    pub async fn contact(&self) -> Result<Option<String>, Error> {
        Ok(self.settings().await?.text("contact").map(str::to_owned))
    }

    /// The settings that say which proxies are believed.
    pub async fn proxies(&self) -> Result<Settings, Error> {
        Ok(self.platform.settings("crossbar").await?)
    }

    /// The operator's staff, by its token.
    pub fn staff(&self, token: &str, ip: Option<String>) -> Result<Actor, Error> {
        match &self.staff_token_hash {
            Some(hash) if secret::is(token, hash) => Ok(Actor { who: crate::market::trail::Who::Staff, ip }),
            _ => Err(Error::Unauthorized),
        }
    }

    fn now(&self) -> u64 {
        unix_now()
    }
}
