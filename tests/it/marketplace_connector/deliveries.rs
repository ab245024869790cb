//! What the marketplace delivers, from the order to the catalogue.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use storefront::store::{Query, View};

use super::{
    API_URL, act, fetch, linked,
    package::{Zip, packed},
    portal, set,
};
use crate::support::{
    portal::{CODE, Portal, Say, TOKEN},
    world::{Session, World},
};

on_every_world! {
    what_was_bought_is_installed_once_the_cluster_is_linked,
    what_is_bought_later_comes_when_it_is_time,
    a_new_version_takes_the_place_of_the_old_one,
    what_is_there_is_not_fetched_again,
    a_cancelled_app_goes_and_comes_back,
    an_app_of_ones_own_is_not_the_marketplaces_to_remove,
    a_disabled_connector_fetches_nothing,
    a_marketplace_that_fails_is_asked_again,
}

const DELIVERED: [&str; 3] = ["delivering", "delivered", "verified"];

/// An app as the master account's list has it.
async fn listed(master: &Session, name: &str) -> Option<Value> {
    let list = master.api.get(&master.at("/apps_store")).await.is(200).data();
    list.as_array().unwrap().iter().find(|app| app["name"] == name).cloned()
}

async fn revisions(world: &World, master: &Session) -> BTreeMap<String, Value> {
    let rows = world.documents().view(&master.db(), View::ALL_DOCS, &Query::default()).await.unwrap();
    rows.into_iter().map(|row| (row.id.unwrap(), row.value)).collect()
}

/// Fails the test unless an app is installed as delivered.
async fn is_installed(world: &World, master: &Session, portal: &Portal, id: &str, name: &str) -> Value {
    assert_eq!(portal.told(id).0, DELIVERED, "{id}");
    let app = listed(master, name).await.unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(app["api_url"], API_URL);
    let icon = world.api.get(&format!("/v2/apps_store/{}/icon", app["id"].as_str().unwrap())).await.is(200);
    let file = world.apps.path().join(name).join("metadata/icon").join(app["icon"].as_str().unwrap());
    assert_eq!(icon.body, fs::read(file).unwrap());
    app
}

/// R3, R31, R32, R33
async fn what_was_bought_is_installed_once_the_cluster_is_linked(world: World) {
    let (master, portal) = (world.master().await, portal(&world).await);
    portal.deliver("d1", "branding", "1.0", &packed("branding"));
    portal.deliver("d2", "fax", "1.0", &packed("fax"));
    act(&master, json!({ "action": "update", "settings": { "api_url": API_URL } })).await.is(200);
    act(&master, json!({ "action": "enable" })).await.is(200);
    assert!(listed(&master, "branding").await.is_none());
    act(&master, json!({ "action": "link", "access_code": CODE, "settings": { "name": "lab" } })).await.is(200);
    portal.wait_for_state("d2", "verified");
    is_installed(&world, &master, &portal, "d1", "branding").await;
    let fax = is_installed(&world, &master, &portal, "d2", "fax").await;
    for asked in portal.asked("").iter().filter(|asked| asked.what != "POST connector/link") {
        assert_eq!(asked.token.as_deref(), Some(TOKEN), "{}", asked.what);
    }
    // A customer may have it like any other app.
    let child = world.account(&master, "Child").await;
    let path = child.at(&format!("/apps_store/{}", fax["id"].as_str().unwrap()));
    child.api.put(&path, json!({ "allowed_users": "all" })).await.is(201);
}

async fn what_is_bought_later_comes_when_it_is_time(mut world: World) {
    let portal = linked(&world).await;
    set(&world, json!({ "fetch_timer_s": 1 })).await;
    world.restart();
    portal.wait_for("GET connector/deliveries", 2);
    portal.deliver("d1", "fax", "1.0", &packed("fax"));
    portal.wait_for_state("d1", "verified");
    let master = world.master().await;
    is_installed(&world, &master, &portal, "d1", "fax").await;
}

async fn a_new_version_takes_the_place_of_the_old_one(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    portal.deliver("d1", "shop", "1.0", &Zip::app("shop", "1.0").file("only/in-1.js", b"x").done());
    fetch(&world).ok();
    let first = is_installed(&world, &master, &portal, "d1", "shop").await;
    portal.deliver("d2", "shop", "1.1", &Zip::app_below("shop-1.1/", "shop", "1.1").done());
    fetch(&world).ok();
    let second = is_installed(&world, &master, &portal, "d2", "shop").await;
    assert_eq!((&second["id"], &first["version"], &second["version"]), (&first["id"], &json!("1.0"), &json!("1.1")));
    let place = world.apps.path().join("shop");
    assert_eq!(fs::read_to_string(place.join("app.js")).unwrap(), "// shop 1.1");
    assert!(!place.join("only").exists());
}

async fn what_is_there_is_not_fetched_again(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    let package = packed("fax");
    portal.deliver("d1", "fax", "1.0", &package);
    fetch(&world).ok();
    fetch(&world).ok();
    assert_eq!(portal.told("d1").0, DELIVERED);
    let before = revisions(&world, &master).await;
    // Somebody has it delivered again.
    portal.requeue("d1");
    fetch(&world).ok();
    assert_eq!(portal.told("d1").0, [DELIVERED, DELIVERED].concat());
    assert_eq!(portal.asked("GET connector/packages").len(), 1);
    assert_eq!(revisions(&world, &master).await, before);
}

/// R40
async fn a_cancelled_app_goes_and_comes_back(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    let package = packed("fax");
    portal.deliver("d1", "fax", "1.0", &package);
    fetch(&world).ok();
    let app = is_installed(&world, &master, &portal, "d1", "fax").await;
    let child = world.account(&master, "Child").await;
    assert!(listed(&child, "fax").await.is_some());
    portal.remove("d2", "fax");
    fetch(&world).ok();
    assert_eq!(portal.told("d2").0, DELIVERED);
    assert!(listed(&child, "fax").await.is_none());
    assert!(!world.apps.path().join("fax").exists());
    // Again, and of what was never there.
    portal.remove("d3", "fax");
    portal.remove("d4", "nosuch");
    fetch(&world).ok();
    assert_eq!(
        (portal.told("d3").0, portal.told("d4").0),
        (DELIVERED.map(str::to_owned).into(), DELIVERED.map(str::to_owned).into())
    );
    portal.deliver("d5", "fax", "1.0", &package);
    fetch(&world).ok();
    assert_eq!(is_installed(&world, &master, &portal, "d5", "fax").await["id"], app["id"]);
    assert!(listed(&child, "fax").await.is_some());
}

async fn an_app_of_ones_own_is_not_the_marketplaces_to_remove(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    portal.remove("d1", "reports");
    fetch(&world).failed();
    let (states, detail) = portal.told("d1");
    assert_eq!((states.last().unwrap().as_str(), detail.as_str()), ("error", "app reports didn't come from the marketplace"));
    assert!(listed(&master, "reports").await.is_some());
}

async fn a_disabled_connector_fetches_nothing(world: World) {
    let said = fetch(&world).failed();
    assert!(said.contains("disabled"), "{said}");
    let portal = linked(&world).await;
    set(&world, json!({ "enabled": false })).await;
    portal.deliver("d1", "fax", "1.0", &packed("fax"));
    assert!(fetch(&world).failed().contains("disabled"));
    assert!(portal.asked("").is_empty());
    set(&world, json!({ "enabled": true })).await;
    portal.link(false);
    let said = fetch(&world).failed();
    assert!(said.contains("401"), "{said}");
    portal.link(true);
    fetch(&world).ok();
}

async fn a_marketplace_that_fails_is_asked_again(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    set(&world, json!({ "http_timeout_s": 1 })).await;
    portal.deliver("d1", "fax", "1.0", &packed("fax"));
    portal.deliver("d2", "branding", "1.0", &packed("branding"));
    portal.say("GET connector/packages/d1", 1, Say::Json(503, json!({ "message": "closed" })));
    let done = fetch(&world);
    assert!(done.stdout.contains("1 delivered, 0 failed, 1 to be tried again"), "{done:?}");
    for (what, say) in [
        ("GET connector/packages/d1", Say::Hang),
        ("GET connector/packages/d1", Say::Json(502, json!({}))),
        ("POST connector/deliveries/d1", Say::Hang),
        ("POST connector/deliveries/d1", Say::Cut(10, "{".into())),
        ("POST connector/deliveries/d1", Say::Json(500, json!({ "message": "oops" }))),
    ] {
        portal.say(what, 1, say);
        let done = fetch(&world);
        assert!(done.stdout.contains("0 delivered, 0 failed, 1 to be tried again"), "{what} {done:?}");
        portal.say_the_usual();
    }
    portal.say("GET connector/deliveries", 1, Say::Json(200, json!({ "no": "list" })));
    fetch(&world).failed();
    assert!(fetch(&world).ok().contains("1 delivered, 0 failed, 0 to be tried again"));
    let told = portal.told("d1").0;
    assert_eq!(told[told.len() - 3..], DELIVERED);
    assert!(listed(&master, "fax").await.is_some() && listed(&master, "branding").await.is_some());
    assert_eq!(portal.told("d2").0, DELIVERED);
    // What the marketplace takes back is left, and what another delivery has taken the place of.
    portal.deliver("d3", "call-center", "1.0", &packed("call-center"));
    portal.deliver("d4", "call-center", "1.0", &packed("call-center"));
    portal.say("POST connector/deliveries/d3", 1, Say::Json(404, json!({ "message": "gone" })));
    portal.say("POST connector/deliveries/d4", 1, Say::Json(409, json!({ "message": "m", "reason": "superseded" })));
    assert!(fetch(&world).ok().contains("0 delivered, 0 failed, 0 to be tried again"));
    assert!(listed(&master, "call-center").await.is_none());
}
