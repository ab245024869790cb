//! Where the apps go that the marketplace delivers, and fetching them beside a server.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use crate::{platform::Platform, store::Location};

#[derive(Debug, Args)]
pub struct DeliveredApps {
    /// Where the apps go that the marketplace delivers, a folder each [default: beside the store's directory; ./storefront-apps
    /// with CouchDB]
    #[arg(long, env = "STOREFRONT_MARKETPLACE_APPS", value_name = "DIR")]
    marketplace_apps: Option<PathBuf>,
}

impl DeliveredApps {
    /// The folder, where the store is at this place.
    pub fn folder(&self, store: &Location) -> PathBuf {
        self.marketplace_apps.clone().unwrap_or_else(|| match store {
            Location::Embedded(dir) => match dir.file_name() {
                Some(name) => dir.with_file_name(format!("{}-apps", name.to_string_lossy())),
                None => dir.join("storefront-apps"),
            },
            Location::Couch(_) => "./storefront-apps".into(),
        })
    }
}

/// Fetches what the marketplace delivers, beside whatever else is done until the program ends.
pub fn keep_fetching(platform: &Arc<Platform>, apps: PathBuf) {
    let platform = platform.clone();
    actix_web::rt::spawn(async move { platform.keep_fetching_deliveries(&apps).await });
}
