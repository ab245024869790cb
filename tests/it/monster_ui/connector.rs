//! The app exchange's page "Marketplace Connector".

use serde_json::{Value, json};
use storefront::platform::names::SYSTEM_CONFIG;

use super::browser::{Browser, reads};
use crate::support::{
    portal::{CODE, Portal, TOKEN},
    world::{MASTER, World},
};

on_every_world! { a_cluster_is_linked_set_up_and_unlinked }

const PATH: &str = "/apps_store/marketplace";
/// What the page has for its API.
const DEFAULT_API: &str = "http://ui.example.com:8000/v2/";

/// Which page is shown for an answer, which has to have all that the page reads.
fn page(config: &Value) -> &'static str {
    match (config["enabled"].as_bool().unwrap(), config["is_linked"].as_bool().unwrap()) {
        (false, _) => "welcome",
        (true, false) => {
            reads(config, &["cluster_id", "marketplace_url"]);
            "link"
        }
        (true, true) => {
            reads(config, &["cluster_id", "name", "api_url", "is_aio_cluster", "marketplace_url"]);
            assert!(!config["marketplace_url"].as_str().unwrap().ends_with('/'));
            "settings"
        }
    }
}

/// Does something, after an update of its own where the page doesn't know of an API yet.
async fn act(browser: &Browser, known: &Value, data: Value) -> Value {
    let update = json!({ "action": "update", "settings": { "api_url": DEFAULT_API } });
    match known.get("api_url") {
        Some(_) => browser.patch(PATH, data).await["data"].clone(),
        None => {
            let both = futures_util::future::join(browser.patch(PATH, update), browser.patch(PATH, data)).await;
            both.1["data"].clone()
        }
    }
}

/// R12, R15, R17, R18
async fn a_cluster_is_linked_set_up_and_unlinked(world: World) {
    let portal = Portal::start();
    world
        .edit(&SYSTEM_CONFIG, "appex_client", |doc| {
            doc.insert("default".into(), json!({ "marketplace_url": format!("{}/", portal.url) }));
        })
        .await;
    let mut browser = Browser::new(&world);
    let login = browser.log_in(MASTER[0], MASTER[2], MASTER[3]).await;
    browser.keep(&login);
    assert_eq!(browser.get(&browser.own("")).await["data"]["superduper_admin"], true);

    let config = browser.get(PATH).await["data"].clone();
    assert_eq!(page(&config), "welcome");
    let config = act(&browser, &config, json!({ "action": "enable" })).await;
    assert_eq!(page(&config), "link");
    let refused =
        browser.write("PATCH", PATH, json!({ "action": "link", "access_code": "x", "settings": { "name": "lab" } })).await;
    refused.is_error(400, "validation error");
    assert!(refused.body["data"]["access_code"]["invalid"]["message"].is_string());
    let form = json!({ "action": "link", "access_code": format!("{CODE}\n"), "settings": { "name": "lab" } });
    let config = act(&browser, &json!({}), form).await;
    assert_eq!(page(&browser.get(PATH).await["data"]), "settings");
    assert_eq!((page(&config), &config["name"], config.get("kazoo_version")), ("settings", &json!("lab"), None));

    // The version is chosen over there.
    portal.set("lab", "5.4");
    world.edit(&SYSTEM_CONFIG, "appex_client", |doc| doc["default"]["http_timeout_s"] = 20.into()).await;
    let settings = json!({ "name": "plant", "api_url": DEFAULT_API, "is_aio_cluster": true });
    let config = act(&browser, &config, json!({ "action": "update", "settings": settings })).await;
    assert_eq!(
        (page(&config), &config["name"], &config["is_aio_cluster"], &config["kazoo_version"]),
        ("settings", &json!("plant"), &json!(true), &json!("5.4"))
    );
    let config = act(&browser, &config, json!({ "action": "disable" })).await;
    assert_eq!(page(&config), "welcome");
    let config = act(&browser, &config, json!({ "action": "enable" })).await;
    assert_eq!(page(&config), "settings");

    // Somebody ends it over there.
    portal.link(false);
    world.edit(&SYSTEM_CONFIG, "appex_client", |doc| doc["pvt_link"]["token"] = format!("{TOKEN}2").into()).await;
    let gone = browser.try_get(PATH).await;
    gone.is_error(500, "appex_passthrough_error");
    let text = gone.body.to_string();
    assert!(text.contains("appex_passthrough_error") && text.contains("Unauthorized"), "{text}");
    let config = act(&browser, &config, json!({ "action": "unlink" })).await;
    assert_eq!(page(&config), "welcome");
    assert_eq!(page(&browser.get(PATH).await["data"]), "welcome");
}
