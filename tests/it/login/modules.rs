//! How logins are configured: for all, and by accounts for themselves and those below.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::support::{
    client::{Api, md5, sha1},
    world::{PASSWORD, Session, World},
};

on_every_world! {
    a_way_of_logging_in_can_be_switched_off,
    how_long_a_token_lasts_is_set_by_the_nearest_account,
    a_second_factor_cannot_be_got_around,
    what_basic_authentication_sends_is_set_by_the_account,
    a_login_tells_where_other_services_are,
    a_token_is_repeated_in_answers_unless_that_is_switched_off,
}

/// Sets what an account wants of logins.
async fn configure(world: &World, account: &Session, settings: Value) {
    world
        .edit(&account.db(), "configs_crossbar.auth", |doc| {
            doc.retain(|key, _| key.starts_with('_'));
            doc.insert("pvt_type".into(), "account_config".into());
            doc.extend(settings.as_object().unwrap().clone());
        })
        .await;
}

fn system(world: &World, category: &str, key: &str, value: &str) {
    world.sup(&["kapps_config", "set_default", category, key, value]).ok();
}

fn user_auth(settings: Value) -> Value {
    json!({ "auth_modules": { "cb_user_auth": settings } })
}

async fn a_way_of_logging_in_can_be_switched_off(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let key = world.documents().get(&child.db(), &child.account_id).await.unwrap()["pvt_api_key"].clone();
    let key = json!({ "api_key": key });
    configure(&world, &child, user_auth(json!({ "enabled": false }))).await;
    world.log_in("Child", "boss", PASSWORD).await.is_error(401, "invalid credentials", json!({}));
    // Who guesses learns nothing of it.
    world.log_in("Child", "boss", "wrong").await.is_unauthorized();
    world.api.put("/v2/api_auth", key.clone()).await.is(201);
    child.api.get(&child.at("")).await.is(200);
    // It's one of many ways, and the account's word goes before the system's.
    system(&world, "crossbar.auth", "auth_modules.cb_api_auth.enabled", "false");
    world.api.put("/v2/api_auth", key.clone()).await.is_error(401, "invalid credentials", json!({}));
    configure(&world, &child, json!({ "auth_modules": { "cb_api_auth": { "enabled": true } } })).await;
    world.api.put("/v2/api_auth", key).await.is(201);
    world.log_in("Child", "boss", PASSWORD).await.is(201);
}

async fn how_long_a_token_lasts_is_set_by_the_nearest_account(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    world.account(&child, "Grandchild").await;
    let lasts = async || {
        let session = world.session("Grandchild", "boss", PASSWORD).await;
        let claims = session.api.get("/v2/token_auth").await.is(200).data();
        claims.get("exp").map(|exp| exp.as_u64().unwrap() - storefront::platform::unix_now())
    };
    let about = |seconds: u64, lasts: Option<u64>| lasts.is_some_and(|lasts| (seconds - 60..=seconds).contains(&lasts));
    assert!(about(3600, lasts().await));
    system(&world, "crossbar.auth", "token_auth_expiry_s", "7200");
    assert!(about(7200, lasts().await));
    configure(&world, &child, user_auth(json!({ "token_auth_expiry_s": 1000 }))).await;
    assert!(about(1000, lasts().await));
    configure(&world, &child, json!({})).await;
    system(&world, "crossbar.auth", "token_auth_expiry_s", "0");
    assert_eq!(lasts().await, None);
}

async fn a_second_factor_cannot_be_got_around(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    let wanted = json!({ "message": "client needs to preform second-factor authentication" });
    configure(&world, &child, user_auth(json!({ "multi_factor": { "enabled": true } }))).await;
    world.log_in("Child", "boss", PASSWORD).await.is_error(401, "invalid_credentials", wanted.clone());
    world.log_in("Child", "boss", "wrong").await.is_unauthorized();
    world.log_in("Grandchild", "boss", PASSWORD).await.is(201);
    configure(&world, &child, user_auth(json!({ "multi_factor": { "enabled": true, "include_subaccounts": true } }))).await;
    world.log_in("Grandchild", "boss", PASSWORD).await.is_error(401, "invalid_credentials", wanted);
    configure(&world, &grandchild, user_auth(json!({ "multi_factor": { "enabled": false } }))).await;
    world.log_in("Grandchild", "boss", PASSWORD).await.is(201);
    // Somebody who takes a user's place has proven enough.
    let path = child.at(&format!("/users/{}/user_auth", child.user_id));
    master.api.put(&path, json!({ "action": "impersonate_user" })).await.is(201);
}

async fn what_basic_authentication_sends_is_set_by_the_account(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    system(&world, "token_buckets", "max_bucket_tokens", "100000");
    let basic = |secret: String| -> Api {
        let credential = BASE64_STANDARD.encode(format!("{}:{secret}", child.account_id));
        world.api.with("authorization", &format!("Basic {credential}"))
    };
    let [md5, sha1, plain] = [md5("boss", PASSWORD), sha1("boss", PASSWORD), format!("boss:{PASSWORD}")].map(basic);
    let works = async |ways: [bool; 3]| {
        for (api, works) in [&md5, &sha1, &plain].into_iter().zip(ways) {
            api.get(&child.at("")).await.is(if works { 200 } else { 401 });
        }
    };
    works([true, false, false]).await;
    system(&world, "crossbar.auth", "basic_auth_type", "sha");
    works([false, true, false]).await;
    configure(&world, &child, json!({ "basic_auth_type": "plain" })).await;
    works([false, false, true]).await;
    configure(&world, &child, json!({ "basic_auth_type": "md5" })).await;
    works([true, false, false]).await;
    // Whoever is disabled is so here, too.
    world.edit(&child.db(), &child.user_id, |doc| drop(doc.insert("enabled".into(), false.into()))).await;
    works([false, false, false]).await;
}

async fn a_login_tells_where_other_services_are(world: World) {
    system(&world, "provisioner", "provisioning_url", "https://p.example.com");
    system(&world, "blackhole", "url", "wss://b.example.com");
    system(&world, "webrtc", "url", "");
    let data = world.log_in("Master Co.", "admin", "secret123").await.is(201).data();
    let apis = json!({ "provisioner": { "url": "https://p.example.com" }, "kazoo_websocket": { "url": "wss://b.example.com" } });
    assert_eq!(data["ui_config"], json!({ "api": apis }));
    let user = json!({
        "first_name": "Account", "last_name": "Admin", "username": "admin", "priv_level": "admin", "full_name": "Account Admin",
    });
    assert_eq!(data["user_info"], user);
}

async fn a_token_is_repeated_in_answers_unless_that_is_switched_off(world: World) {
    let master = world.master().await;
    assert_eq!(master.api.get("/v2/about").await.auth_token(), master.token);
    assert_eq!(master.api.get("/v2/nosuch/x").await.is(404).header("content-type"), None);
    system(&world, "crossbar", "include_auth_token", "false");
    assert!(master.api.get("/v2/about").await.is(200).json().get("auth_token").is_none());
    assert!(world.log_in("Master Co.", "admin", "secret123").await.is(201).json()["auth_token"].is_string());
}
