//! The cluster and the marketplace: linking, telling each other of changes, and parting.

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{API_URL, PATH, act, document, linked, portal, set};
use crate::support::{
    portal::{CODE, Portal, Say, TOKEN},
    world::{Session, World},
};

on_every_world! {
    a_code_links_the_cluster,
    a_code_that_is_not_good_is_refused,
    what_the_marketplace_says_otherwise_is_passed_on,
    an_update_while_the_code_is_on_its_way_reaches_the_marketplace,
    changed_settings_are_sent_on,
    what_was_chosen_in_the_marketplace_is_shown,
    a_marketplace_that_is_slow_or_down_keeps_nobody_waiting,
    a_cluster_that_was_unlinked_there_is_told_so,
    parting_takes_both,
    no_secret_is_answered_or_logged,
}

fn link(code: &str) -> Value {
    json!({ "action": "link", "access_code": code, "settings": { "name": "lab" } })
}

/// Fails the test unless the marketplace's words are passed on.
async fn is_passed_on(admin: &Session, data: Value, words: Value) {
    act(admin, data).await.is_error(500, "appex_passthrough_error", words);
}

/// R9, R12, R13
async fn a_code_links_the_cluster(world: World) {
    let (master, portal) = (world.master().await, portal(&world).await);
    act(&master, json!({ "action": "update", "settings": { "api_url": API_URL, "is_aio_cluster": true } })).await.is(200);
    let cluster_id = act(&master, json!({ "action": "enable" })).await.is(200).data()["cluster_id"].clone();
    let shown = act(&master, link(&format!("\n  {CODE} \r\n"))).await.is(200).data();
    let expected = json!({
        "cluster_id": cluster_id, "name": "lab", "enabled": true, "is_linked": true, "is_aio_cluster": true, "api_url": API_URL,
        "marketplace_url": portal.url, "app_exchange_url": portal.url, "_read_only": {},
    });
    assert_eq!(shown, expected);
    let [asked] = &portal.asked("POST connector/link")[..] else { panic!() };
    let told = json!({
        "access_code": CODE, "cluster_id": cluster_id, "name": "lab", "api_url": API_URL, "is_aio_cluster": true,
        "reported_version": "5.4.0",
    });
    assert_eq!((&asked.body, &asked.token), (&told, &None));
    let kept = document(&world).await["pvt_link"].clone();
    assert_eq!(
        (&kept["token"], &kept["name"], &kept["linked_by_account_id"], &kept["linked_by_user_id"]),
        (&json!(TOKEN), &json!("lab"), &json!(master.account_id), &json!(master.user_id))
    );
    assert!(kept["linked_at"].as_u64().unwrap() > 63_000_000_000, "{kept}");
    let linked = json!({ "action": { "invalid": { "message": "cluster is already linked" } } });
    act(&master, link(CODE)).await.is_invalid(linked);
    assert_eq!(portal.asked("POST connector/link").len(), 1);
    // A pause, and on with it: the link stays.
    let paused = act(&master, json!({ "action": "disable" })).await.is(200).data();
    assert_eq!((&paused["enabled"], &paused["is_linked"]), (&json!(false), &json!(true)));
}

/// R12
async fn a_code_that_is_not_good_is_refused(world: World) {
    let (master, portal) = (world.master().await, portal(&world).await);
    act(&master, json!({ "action": "enable" })).await.is(200);
    let bad = json!({ "access_code": { "invalid": { "message": "access code is unknown or expired" } } });
    act(&master, link("an-old-code")).await.is_invalid(bad);
    assert_eq!(portal.asked("POST connector/link").len(), 1);
    assert_eq!(master.api.get(PATH).await.data()["is_linked"], false);
    act(&master, link(CODE)).await.is(200);
}

/// R10
async fn what_the_marketplace_says_otherwise_is_passed_on(world: World) {
    let master = world.master().await;
    act(&master, json!({ "action": "enable" })).await.is(200);
    is_passed_on(&master, link(CODE), json!({ "message": "no marketplace is configured" })).await;
    let portal = portal(&world).await;
    for (status, words) in [
        (409, json!({ "message": "account already has a cluster", "cluster": { "name": "other" } })),
        (422, json!({ "message": "Kazoo is too old" })),
        (503, json!({ "message": "closed" })),
    ] {
        portal.say("POST connector/link", 1, Say::Json(status, words.clone()));
        is_passed_on(&master, link(CODE), words).await;
    }
    portal.say("POST connector/link", 1, Say::Json(500, json!("no object")));
    is_passed_on(&master, link(CODE), json!({ "message": "Internal Server Error" })).await;
    portal.say("POST connector/link", 1, Say::Json(201, json!({ "no": "token" })));
    is_passed_on(&master, link(CODE), json!({ "message": "the marketplace gave no token" })).await;
    portal.say("POST connector/link", 1, Say::Redirect("/elsewhere".into()));
    is_passed_on(&master, link(CODE), json!({ "message": "Found" })).await;
    portal.say("POST connector/link", 1, Say::Cut(100, "{".into()));
    is_passed_on(&master, link(CODE), json!({ "message": "the marketplace's answer broke off" })).await;
    set(&world, json!({ "http_timeout_s": 1 })).await;
    portal.say("POST connector/link", 1, Say::Hang);
    is_passed_on(&master, link(CODE), json!({ "message": "the marketplace doesn't answer in time" })).await;
    // What's kept here was kept nevertheless.
    let mut with_settings = link(CODE);
    with_settings["settings"]["api_url"] = API_URL.into();
    set(&world, json!({ "marketplace_url": "http://127.0.0.1:9" })).await;
    is_passed_on(&master, with_settings, json!({ "message": "the marketplace can't be reached" })).await;
    let shown = master.api.get(PATH).await.data();
    assert_eq!((&shown["is_linked"], &shown["api_url"]), (&json!(false), &json!(API_URL)));
    set(&world, json!({ "marketplace_url": "file:///etc" })).await;
    is_passed_on(&master, link(CODE), json!({ "message": "the marketplace's URL is none" })).await;
}

async fn an_update_while_the_code_is_on_its_way_reaches_the_marketplace(world: World) {
    let (master, portal) = (world.master().await, portal(&world).await);
    act(&master, json!({ "action": "enable" })).await.is(200);
    let until = Arc::new(Notify::new());
    portal.say("POST connector/link", 1, Say::Hold(until.clone()));
    let update = async {
        tokio::task::block_in_place(|| portal.wait_for("POST connector/link", 1));
        let updated = act(&master, json!({ "action": "update", "settings": { "api_url": API_URL } })).await;
        until.notify_one();
        updated
    };
    let (linked, updated) = futures_util::future::join(act(&master, link(CODE)), update).await;
    assert_eq!(updated.is(200).data()["api_url"], API_URL);
    let linked = linked.is(200).data();
    assert_eq!((&linked["is_linked"], &linked["api_url"]), (&json!(true), &json!(API_URL)));
    let [told] = &portal.asked("PATCH connector")[..] else { panic!() };
    assert_eq!((&told.body["api_url"], told.body.get("name")), (&json!(API_URL), None));
    assert_eq!(master.api.get(PATH).await.data(), linked);
}

/// R15
async fn changed_settings_are_sent_on(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    let settings = json!({ "name": "plant", "api_url": "http://new.example.org/v2/", "is_aio_cluster": true });
    let shown = act(&master, json!({ "action": "update", "settings": settings })).await.is(200).data();
    assert_eq!(
        (&shown["name"], &shown["api_url"], &shown["is_aio_cluster"]),
        (&settings["name"], &settings["api_url"], &settings["is_aio_cluster"])
    );
    let [told] = &portal.asked("PATCH connector")[..] else { panic!() };
    let mut expected = settings.clone();
    expected["reported_version"] = "5.4.0".into();
    assert_eq!((&told.body, told.token.as_deref()), (&expected, Some(TOKEN)));
    portal.say("PATCH connector", 1, Say::Json(400, json!({ "message": "what a name" })));
    let settings = json!({ "name": "!", "is_aio_cluster": false });
    is_passed_on(&master, json!({ "action": "update", "settings": settings }), json!({ "message": "what a name" })).await;
    let shown = master.api.get(PATH).await.data();
    assert_eq!((&shown["name"], &shown["is_aio_cluster"]), (&json!("plant"), &json!(false)));
}

/// R13, R14
async fn what_was_chosen_in_the_marketplace_is_shown(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    portal.set("renamed there", "5.3");
    for _ in 0..3 {
        let shown = master.api.get(PATH).await.is(200).data();
        assert_eq!((&shown["name"], &shown["kazoo_version"]), (&json!("renamed there"), &json!("5.3")));
    }
    assert!(portal.asked("GET connector").len() < 3, "it's asked each time");
    assert_eq!(document(&world).await["pvt_link"]["kazoo_version"], "5.3");
}

async fn a_marketplace_that_is_slow_or_down_keeps_nobody_waiting(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    portal.say("GET connector", 100, Say::Hang);
    let is_as_before = async || {
        let began = Instant::now();
        let shown = master.api.get(PATH).await.is(200).data();
        assert_eq!((&shown["name"], &shown["kazoo_version"]), (&json!("lab"), &json!("5.4")));
        began.elapsed().as_secs()
    };
    let took = is_as_before().await;
    assert!((1..15).contains(&took), "{took}");
    portal.say_the_usual();
    set(&world, json!({ "marketplace_url": "http://127.0.0.1:9" })).await;
    is_as_before().await;
    drop(portal);
}

/// R17
async fn a_cluster_that_was_unlinked_there_is_told_so(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    portal.link(false);
    for _ in 0..2 {
        let refused = master.api.get(PATH).await;
        refused.is_error(500, "appex_passthrough_error", json!({ "message": "Unauthorized" }));
    }
    is_passed_on(&master, json!({ "action": "update", "settings": { "name": "x" } }), json!({ "message": "Unauthorized" })).await;
    let shown = act(&master, json!({ "action": "unlink" })).await.is(200).data();
    assert_eq!((&shown["enabled"], &shown["is_linked"]), (&json!(false), &json!(false)));
    assert!(document(&world).await.get("pvt_link").is_none());
    // Whatever words it has for it.
    let portal = linked(&world).await;
    portal.say("GET connector", 1, Say::Json(401, json!({ "error": "gone" })));
    world
        .edit(&storefront::platform::names::SYSTEM_CONFIG, "appex_client", |doc| doc["pvt_link"]["token"] = "other".into())
        .await;
    let refused = master.api.get(PATH).await;
    refused.is_error(500, "appex_passthrough_error", json!({ "message": "Unauthorized" }));
}

/// R17
async fn parting_takes_both(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    let unlink = || json!({ "action": "unlink" });
    portal.say("DELETE connector", 1, Say::Json(503, json!({ "message": "closed" })));
    is_passed_on(&master, unlink(), json!({ "message": "closed" })).await;
    set(&world, json!({ "marketplace_url": "http://127.0.0.1:9" })).await;
    is_passed_on(&master, unlink(), json!({ "message": "the marketplace can't be reached" })).await;
    let kept = document(&world).await;
    assert_eq!((&kept["default"]["enabled"], &kept["pvt_link"]["token"]), (&json!(true), &json!(TOKEN)));
    set(&world, json!({ "marketplace_url": portal.url })).await;
    let shown = act(&master, unlink()).await.is(200).data();
    assert_eq!(
        (&shown["enabled"], &shown["is_linked"], shown.get("name"), shown.get("kazoo_version"), &shown["api_url"]),
        (&json!(false), &json!(false), None, None, &json!(API_URL))
    );
    assert_eq!(portal.asked("DELETE connector").last().unwrap().token.as_deref(), Some(TOKEN));
    // And once more from the beginning.
    act(&master, json!({ "action": "enable" })).await.is(200);
    assert_eq!(act(&master, link(CODE)).await.is(200).data()["is_linked"], true);
}

async fn no_secret_is_answered_or_logged(world: World) {
    let (master, portal) = (world.master().await, portal(&world).await);
    set(&world, json!({ "cluster_secret": "" })).await;
    let mut said = String::new();
    said += &act(&master, json!({ "action": "enable" })).await.text();
    said += &act(&master, link("a-wrong-c0de")).await.text();
    said += &act(&master, link(CODE)).await.text();
    said += &master.api.get(PATH).await.text();
    portal.wait_for("GET connector/deliveries", 1);
    portal.say("PATCH connector", 1, Say::Cut(9, "".into()));
    said += &act(&master, json!({ "action": "update", "settings": { "name": "x" } })).await.text();
    let secret_url = portal.url.replace("http://", "http://us3r:pa55@");
    drop::<Portal>(portal);
    set(&world, json!({ "app_exchange_url": secret_url, "cluster_secret": "hush-hush" })).await;
    said += &act(&master, json!({ "action": "unlink" })).await.text();
    for secret in [TOKEN, CODE, "a-wrong-c0de", "hush-hush"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    let log = world.server.log();
    for secret in [TOKEN, CODE, "a-wrong-c0de", "hush-hush", "pa55"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
