//! The marketplace in a real browser, from the front page to an application on the cluster.

use serde_json::{Value, json};

use crate::support::{
    browser::Browser,
    marketplace::Market,
    world::{MASTER, Session, World},
};

mod comfort;
mod partner;
mod rights;
mod whole_way;

const ACCOUNT: &str = MASTER[0];
const USER: &str = MASTER[2];
const PASSWORD: &str = MASTER[3];

/// A marketplace with the example listings that the cluster's connector knows.
fn furnished(world: World) -> Market {
    let market = Market::on(world);
    market.run(&["seed-demo"]).ok();
    market.world.run(&["config", "set-default", "appex_client", "marketplace_url", market.api.url()]).ok();
    market
}

/// What Monster UI's page of the connector does.
async fn connector(master: &Session, data: Value) -> Value {
    master.api.patch("/v2/apps_store/marketplace", data).await.is(200).data()
}

/// An application as the master account's list has it.
async fn listed(master: &Session, name: &str) -> Option<Value> {
    let list = master.api.get(&master.at("/apps_store")).await.is(200).data();
    list.as_array().unwrap().iter().find(|app| app["name"] == name).cloned()
}

/// The cluster looks for deliveries.
fn fetch(world: &World) {
    world.run(&["marketplace-fetch", "--marketplace-apps", world.apps.path().to_str().unwrap()]).ok();
}

/// Links the cluster, as far as it's done there.
async fn link(master: &Session, code: &str) {
    let settings = json!({ "api_url": "https://api.lab.example:8443/v2/", "is_aio_cluster": true });
    connector(master, json!({ "action": "enable" })).await;
    connector(master, json!({ "action": "link", "access_code": format!(" {code}\n"), "settings": { "name": "Zwicky" } })).await;
    connector(master, json!({ "action": "update", "settings": settings })).await;
}

async fn logged_in(market: &Market, account: &str, user: &str, password: &str) -> Browser {
    let browser = Browser::at(market.api.url()).await;
    browser.go("/login").await;
    browser.log_in(account, user, password).await;
    browser.find("details.account").await;
    browser
}
