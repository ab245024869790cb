//! Settings, views and schemas, changed beside a running server.

use serde_json::json;
use storefront::{
    platform::names,
    store::{Error, Query, View},
};

use crate::support::world::{World, account_db};

on_every_world! {
    a_setting_is_read_and_set,
    a_running_server_minds_a_setting_at_once,
    what_was_deleted_is_put_back,
    schemas_are_put_back_as_they_came,
}

async fn a_setting_is_read_and_set(world: World) {
    let get = |category: &str, key: &str| world.sup(&["kapps_config", "get", category, key]).ok().trim().to_owned();
    let set = |key: &str, value: &str| world.sup(&["kapps_config", "set_default", "crossbar.test", key, value]).ok();
    assert_eq!(get("crossbar.test", "nosuch"), "undefined");
    for (value, read) in [("text", "\"text\""), ("12", "12"), ("true", "true"), ("[1,{\"a\":2}]", "[1,{\"a\":2}]"), ("", "\"\"")]
    {
        assert_eq!(set("key", value).trim(), "ok");
        assert_eq!(get("crossbar.test", "key"), read);
    }
    set("[\"auth_modules\",\"cb_x\",\"enabled\"]", "false");
    set("auth_modules.cb_y", "1");
    assert_eq!(get("crossbar.test", "auth_modules"), json!({ "cb_x": { "enabled": false }, "cb_y": 1 }).to_string());
    assert_eq!(world.run(&["config", "get", "crossbar.test", "auth_modules.cb_y"]).ok().trim(), "1");
    world.run(&["config", "set-default", "crossbar.test", "own", "words"]).ok();
    let doc = world.documents().get(&names::SYSTEM_CONFIG, "crossbar.test").await.unwrap();
    assert_eq!((&doc["default"]["own"], &doc["pvt_type"]), (&json!("words"), &json!("config")));
}

async fn a_running_server_minds_a_setting_at_once(world: World) {
    let master = world.master().await;
    let set = |category: &str, key: &str, value: &str| world.sup(&["kapps_config", "set_default", category, key, value]).ok();
    world.user(&master, &master.account_id, "masterco", "ann", "user").await;
    for size in [1, 2, 1] {
        set("crossbar", "pagination_page_size", &size.to_string());
        assert_eq!(master.api.get(&master.at("/users")).await.is(200).json()["page_size"], size);
    }
    set("crossbar", "max_upload_size", "1000");
    let long = json!({ "first_name": "a".repeat(1000), "last_name": "b" });
    let said = master.api.put(&master.at("/users"), long).await.is(400).json();
    assert_eq!(said["data"]["file"]["maxSize"]["target"], 1000);
    set("crossbar.auth", "auth_modules.cb_user_auth.enabled", "false");
    let answer = world.log_in("masterco", "admin", "secret123").await;
    answer.is_error(401, "invalid credentials", json!({}));
    set("crossbar.auth", "auth_modules.cb_user_auth.enabled", "true");
    world.master().await;
    // A new secret of the system's ends every token.
    set("auth", "secret_for_user_signature", "0123456789abcdef0123456789abcdef");
    master.api.get(&master.at("")).await.is_unauthorized();
    world.master().await;
}

async fn what_was_deleted_is_put_back(world: World) {
    let master = world.master().await;
    let (store, db) = (world.documents(), account_db(&master.account_id));
    let view = View::new("users", "crossbar_listing");
    let delete = async || {
        let design = store.get(&db, "_design/users").await.unwrap();
        store.delete(&db, "_design/users", design["_rev"].as_str().unwrap()).await.unwrap();
        assert!(matches!(store.view(&db, view, &Query::default()).await, Err(Error::NoView { .. })));
    };
    for name in [master.account_id.as_str(), db.as_str(), &db.as_str().replace('/', "%2F")] {
        delete().await;
        let said = world.sup(&["kapps_maintenance", "refresh", name]).ok();
        assert!(said.contains(&format!("(1/1) refreshed database {db}")), "{said}");
        assert_eq!(store.view(&db, view, &Query::default()).await.unwrap().len(), 1);
    }
    delete().await;
    let all = world.run(&["refresh"]).ok();
    assert!(all.contains(&format!("refreshed database {db}")) && all.contains("refreshed database system_config"), "{all}");
    store.view(&db, view, &Query::default()).await.unwrap();
    // Nor does a server stumble that finds it missing.
    delete().await;
    master.api.get(&master.at("/users")).await.is(200);
    let nobody = "f".repeat(32);
    let said = world.sup(&["kapps_maintenance", "refresh", &nobody]).failed();
    assert!(said.contains("there is no database account/ff/ff/"), "{said}");
    assert!(world.sup(&["kapps_maintenance", "refresh", "NO NAME"]).failed().contains("is no database's name"));
}

async fn schemas_are_put_back_as_they_came(world: World) {
    let original = world.api.get("/v2/schemas/user_auth").await.is(200).data();
    world
        .edit(&names::SYSTEM_SCHEMAS, "user_auth", |schema| {
            schema.insert("required".into(), json!(["credentials", "nonsense"]));
        })
        .await;
    // What an operator changed counts, and stays through a restart or a refresh of what's missing.
    let said = world.log_in("masterco", "admin", "secret123").await.is(400).json();
    assert!(said["data"]["nonsense"]["required"].is_object(), "{said}");
    world.sup(&["kapps_maintenance", "refresh", "system_schemas"]).ok();
    world.log_in("masterco", "admin", "secret123").await.is(400);
    world.sup(&["crossbar_maintenance", "update_schemas"]).ok();
    world.log_in("masterco", "admin", "secret123").await.is(201);
    assert_eq!(world.api.get("/v2/schemas/user_auth").await.data(), original);
}
