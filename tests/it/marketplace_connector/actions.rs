//! The connector's settings: showing them, and every action that changes them without a marketplace.

use serde_json::json;

use super::{API_URL, PATH, act, document, portal, set};
use crate::support::world::World;

on_every_world! {
    a_connector_that_nobody_touched_is_disabled,
    it_is_switched_on_and_off_as_often_as_one_likes,
    settings_can_be_changed_in_any_state,
    an_update_beside_another_action_loses_nothing,
    an_action_is_taken_from_data_envelope_or_query,
    what_makes_no_sense_is_refused,
    a_link_of_kazoos_own_is_a_link,
    both_halves_of_a_superduper_admin_are_demanded,
}

async fn a_connector_that_nobody_touched_is_disabled(world: World) {
    let master = world.master().await;
    for path in [PATH.to_owned(), master.at("/apps_store/marketplace")] {
        let shown = master.api.get(&path).await.is(200).data();
        let cluster_id = shown["cluster_id"].as_str().unwrap();
        assert!(cluster_id.len() == 32 && cluster_id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{cluster_id}");
        let expected = json!({
            "cluster_id": cluster_id, "enabled": false, "is_linked": false, "is_aio_cluster": false, "_read_only": {},
        });
        assert_eq!(shown, expected);
    }
    for method in ["PUT", "POST", "DELETE"] {
        let refused = master.api.send(method, PATH, Some(json!({ "data": {} }))).await.is(405);
        assert_eq!(refused.header("allow"), Some("OPTIONS, GET, PATCH"), "{}", refused.text());
    }
}

async fn it_is_switched_on_and_off_as_often_as_one_likes(world: World) {
    let master = world.master().await;
    for (action, enabled) in [("enable", true), ("enable", true), ("disable", false), ("disable", false), ("enable", true)] {
        let shown = act(&master, json!({ "action": action })).await.is(200).data();
        assert_eq!((&shown["enabled"], &shown["is_linked"]), (&json!(enabled), &json!(false)), "{action}");
        assert_eq!(master.api.get(PATH).await.data(), shown);
    }
    // Where Kazoo looks for it.
    assert_eq!(world.sup(&["kapps_config", "get", "appex_client", "enabled"]).ok().trim(), "true");
    assert_eq!(document(&world).await["pvt_type"], "config");
    // An unlinking that had been finished before switches it off as well.
    assert_eq!(act(&master, json!({ "action": "unlink" })).await.is(200).data()["enabled"], false);
}

/// R15
async fn settings_can_be_changed_in_any_state(world: World) {
    let master = world.master().await;
    set(&world, json!({ "fetch_timer_s": 7200, "cluster_secret": "hush-hush" })).await;
    let update = |settings| json!({ "action": "update", "settings": settings });
    let shown = act(&master, update(json!({ "api_url": API_URL }))).await.is(200).data();
    assert_eq!((&shown["api_url"], &shown["is_aio_cluster"]), (&json!(API_URL), &json!(false)));
    let shown = act(&master, update(json!({ "is_aio_cluster": true }))).await.is(200).data();
    assert_eq!((&shown["api_url"], &shown["is_aio_cluster"]), (&json!(API_URL), &json!(true)));
    // What's empty isn't meant, nor is nothing.
    let shown = act(&master, update(json!({ "api_url": "", "name": "lab" }))).await.is(200).data();
    assert_eq!(shown["api_url"], API_URL);
    act(&master, json!({ "action": "update" })).await.is(200);
    let kept = &document(&world).await["default"];
    assert_eq!((&kept["fetch_timer_s"], &kept["cluster_secret"]), (&json!(7200), &json!("hush-hush")));
}

async fn an_update_beside_another_action_loses_nothing(world: World) {
    let master = world.master().await;
    for round in 0..20 {
        let url = format!("http://api{round}.example.org/v2/");
        let (action, enabled) = if round % 2 == 0 { ("enable", true) } else { ("disable", false) };
        let (updated, switched) = futures_util::future::join(
            act(&master, json!({ "action": "update", "settings": { "api_url": url } })),
            act(&master, json!({ "action": action })),
        )
        .await;
        assert_eq!(updated.is(200).data()["api_url"], url);
        assert_eq!(switched.is(200).data()["enabled"], enabled);
        let shown = master.api.get(PATH).await.data();
        assert_eq!((&shown["api_url"], &shown["enabled"]), (&json!(url), &json!(enabled)));
    }
}

async fn an_action_is_taken_from_data_envelope_or_query(world: World) {
    let master = world.master().await;
    let enabled = async |body, path: &str| master.api.send("PATCH", path, body).await.is(200).data()["enabled"].clone();
    assert_eq!(enabled(Some(json!({ "data": {}, "action": "enable" })), PATH).await, true);
    assert_eq!(enabled(None, &format!("{PATH}?action=disable")).await, false);
    assert_eq!(enabled(Some(json!({ "data": { "action": "enable" }, "action": "disable" })), PATH).await, true);
    assert_eq!(enabled(Some(json!({ "data": {}, "action": "disable" })), &format!("{PATH}?action=enable")).await, false);
}

async fn what_makes_no_sense_is_refused(world: World) {
    let master = world.master().await;
    let _portal = portal(&world).await;
    let required = |what: &str| json!({ what: { "required": { "message": format!("{what} is required but it is missing") } } });
    master.api.patch(PATH, json!({})).await.is_invalid(required("action"));
    for action in [json!("explode"), json!(""), json!(1), json!({ "enable": true })] {
        let message = json!({ "message": "invalid action" });
        act(&master, json!({ "action": action })).await.is_error(400, "bad_request", message);
    }
    let disabled = json!({ "action": { "invalid": { "message": "marketplace connector is disabled" } } });
    act(&master, json!({ "action": "link", "access_code": "x" })).await.is_invalid(disabled);
    act(&master, json!({ "action": "enable" })).await.is(200);
    for code in [json!({}), json!({ "access_code": "" }), json!({ "access_code": " \n\t" })] {
        let mut data = code.clone();
        data["action"] = "link".into();
        act(&master, data).await.is_invalid(required("access_code"));
    }
    for (data, path) in [
        (json!({ "access_code": 5 }), "access_code"),
        (json!({ "settings": { "name": 5 } }), "settings.name"),
        (json!({ "settings": { "api_url": [] } }), "settings.api_url"),
        (json!({ "settings": { "is_aio_cluster": "maybe" } }), "settings.is_aio_cluster"),
        (json!({ "settings": "none" }), "settings"),
    ] {
        for action in ["link", "update"] {
            let mut data = data.clone();
            data["action"] = action.into();
            let refused = act(&master, data).await.is(400).json();
            assert_eq!(refused["message"], "validation error");
            assert!(refused["data"][path]["type"]["message"].is_string(), "{path} {refused}");
        }
    }
    let none = master.api.send("PATCH", PATH, Some(json!({ "data": [] }))).await.is(400).json();
    assert_eq!(none["message"], "validation error");
}

async fn a_link_of_kazoos_own_is_a_link(world: World) {
    let master = world.master().await;
    set(&world, json!({ "enabled": true, "cluster_secret": "hush-hush", "app_exchange_url": "https://appex.example.org/" }))
        .await;
    let answer = master.api.get(PATH).await.is(200);
    assert!(!answer.text().contains("hush"), "{}", answer.text());
    let shown = answer.data();
    assert_eq!((&shown["is_linked"], &shown["app_exchange_url"]), (&json!(true), &json!("https://appex.example.org")));
    let linked = json!({ "action": { "invalid": { "message": "cluster is already linked" } } });
    act(&master, json!({ "action": "link", "access_code": "x" })).await.is_invalid(linked);
    let shown = act(&master, json!({ "action": "unlink" })).await.is(200).data();
    assert_eq!((&shown["enabled"], &shown["is_linked"]), (&json!(false), &json!(false)));
    assert!(document(&world).await["default"].get("cluster_secret").is_none());
}

/// R7
async fn both_halves_of_a_superduper_admin_are_demanded(world: World) {
    let master = world.master().await;
    let clerk = world.user(&master, &master.account_id, "Master Co.", "clerk", "user").await;
    let child = world.account(&master, "Child").await;
    for rights in ["strict", "kazoo"] {
        world.sup(&["kapps_config", "set_default", "auth", "user_rights", rights]).ok();
        for session in [&clerk, &child] {
            session.api.get(PATH).await.is_forbidden();
            act(session, json!({ "action": "enable" })).await.is_forbidden();
        }
    }
    world.api.get(PATH).await.is_unauthorized();
    assert_eq!(master.api.get(PATH).await.data()["enabled"], false);
}
