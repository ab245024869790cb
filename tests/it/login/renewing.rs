//! A new token for an old one.

use serde_json::json;

use crate::support::world::World;

on_every_world! {
    a_token_is_renewed_for_whom_it_was_issued_to,
    a_renewed_token_forgets_whom_else_it_spoke_for,
    without_a_word_that_is_known_nothing_happens,
}

async fn a_token_is_renewed_for_whom_it_was_issued_to(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let action = json!({ "action": "refresh_token", "data": {} });
    let answer = paul.api.send("PUT", "/v2/auth", Some(action.clone())).await.is(201);
    assert_eq!((&answer.data()["account_id"], &answer.data()["owner_id"]), (&json!(child.account_id), &json!(paul.user_id)));
    assert_eq!(answer.data()["user_info"]["username"], "paul");
    let renewed = world.api.token(&answer.auth_token());
    let claims = renewed.get("/v2/token_auth").await.is(200).data();
    assert_eq!((&claims["method"], &claims["owner_id"]), (&json!("cb_auth"), &json!(paul.user_id)));
    // The old one goes on; the word may stand elsewhere, too.
    paul.api.put("/v2/auth?action=refresh_token", json!({})).await.is(201);
    paul.api.put("/v2/auth", json!({ "action": "refresh_token" })).await.is(201);
    world.api.send("PUT", "/v2/auth", Some(action.clone())).await.is_unauthorized();
    // An api key's token stays without a user, and its time is set apart.
    world.sup(&["kapps_config", "set_default", "crossbar.auth", "auth_modules.cb_auth.token_auth_expiry_s", "77"]).ok();
    let key = world.documents().get(&child.db(), &child.account_id).await.unwrap()["pvt_api_key"].clone();
    let keyed = world.api.token(&world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(201).auth_token());
    let keyed = keyed.send("PUT", "/v2/auth", Some(action.clone())).await.is(201);
    assert!(keyed.data().get("owner_id").is_none() && keyed.data().get("user_info").is_none());
    let claims = world.api.token(&keyed.auth_token()).get("/v2/token_auth").await.data();
    assert!(claims["exp"].as_u64().unwrap() <= storefront::platform::unix_now() + 77, "{claims}");
    // Where it's switched off, a good token is still no bad one.
    world.sup(&["kapps_config", "set_default", "crossbar.auth", "auth_modules.cb_auth.enabled", "false"]).ok();
    paul.api.send("PUT", "/v2/auth", Some(action)).await.is_forbidden();
}

async fn a_renewed_token_forgets_whom_else_it_spoke_for(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let action = json!({ "action": "refresh_token", "data": {} });
    let renew = async |token: &str| {
        let renewed = world.api.token(token).send("PUT", "/v2/auth", Some(action.clone())).await.is(201).auth_token();
        world.api.token(&renewed).get("/v2/token_auth").await.is(200).data()
    };
    let path = child.at(&format!("/users/{}/user_auth", child.user_id));
    let disguised = master.api.send("PUT", &path, Some(json!({ "action": "impersonate_user", "data": {} }))).await.auth_token();
    let claims = renew(&disguised).await;
    assert_eq!((&claims["owner_id"], claims.get("original_owner_id")), (&json!(child.user_id), None));
    let login = json!({
        "credentials": crate::support::client::md5("admin", "secret123"), "account_name": "masterco",
        "as": { "account_id": child.account_id, "owner_id": child.user_id },
    });
    let claims = renew(&world.api.put("/v2/user_auth", login).await.is(201).auth_token()).await;
    assert_eq!((&claims["account_id"], &claims["owner_id"]), (&json!(master.account_id), &json!(master.user_id)));
    assert!(claims.get("as").is_none());
}

async fn without_a_word_that_is_known_nothing_happens(world: World) {
    let master = world.master().await;
    for path in ["/v2/auth".to_owned(), master.at("/auth"), master.at(&format!("/users/{}/auth", master.user_id))] {
        master.api.put(&path, json!({})).await.is_forbidden();
        master.api.put(&path, json!({ "action": "no_such_word" })).await.is_forbidden();
        master.api.put(&path, json!({ "action": { "a": 1 } })).await.is_forbidden();
        master.api.get(&path).await.is_error(405, "invalid_method", json!({ "message": "method not allowed" }));
    }
    // What is meant for one place doesn't work at another.
    master.api.put(&master.at("/auth"), json!({ "action": "refresh_token" })).await.is_forbidden();
    master.api.get("/v2/auth/nosuch").await.is_not_found();
}
