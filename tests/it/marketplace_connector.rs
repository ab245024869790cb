//! The marketplace connector: what Monster UI sets, and what the marketplace delivers.

use serde_json::{Value, json};
use storefront::platform::names::SYSTEM_CONFIG;

use crate::support::{
    client::Answer,
    portal::{Portal, TOKEN},
    process::Done,
    world::{Session, World},
};

mod actions;
mod deliveries;
mod interruptions;
mod linking;
mod package;
mod packages;
mod turns;

const PATH: &str = "/v2/apps_store/marketplace";
const API_URL: &str = "https://api.lab.example.org:8443/v2/";

/// Sets members of the connector's settings past the server.
async fn set(world: &World, settings: Value) {
    world
        .edit(&SYSTEM_CONFIG, "appex_client", |doc| {
            let default = doc.entry("default").or_insert_with(|| json!({}));
            for (key, value) in settings.as_object().unwrap() {
                default[key] = value.clone();
            }
        })
        .await;
}

/// The connector's document.
async fn document(world: &World) -> Value {
    Value::Object((*world.documents().get(&SYSTEM_CONFIG, "appex_client").await.unwrap()).clone())
}

/// A marketplace that the connector is set to.
async fn portal(world: &World) -> Portal {
    let portal = Portal::start();
    set(world, json!({ "marketplace_url": format!("{}/", portal.url), "http_timeout_s": 30 })).await;
    portal
}

/// A marketplace that the cluster is linked to, without that anything was fetched yet.
async fn linked(world: &World) -> Portal {
    let portal = portal(world).await;
    portal.link(true);
    portal.set("lab", "5.4");
    world
        .edit(&SYSTEM_CONFIG, "appex_client", |doc| {
            doc["default"]["enabled"] = true.into();
            doc["default"]["api_url"] = API_URL.into();
            doc.insert("pvt_link".into(), json!({ "token": TOKEN, "name": "lab", "kazoo_version": "5.4" }));
        })
        .await;
    portal
}

async fn act(admin: &Session, mut data: Value) -> Answer {
    data["ui_metadata"] = json!({ "version": "5.3.0", "ui": "monster-ui" });
    admin.api.patch(PATH, data).await
}

/// Fetches what there is, by the command.
fn fetch(world: &World) -> Done {
    world.run(&["marketplace-fetch", "--marketplace-apps", world.apps.path().to_str().unwrap()])
}
