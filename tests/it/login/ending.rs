//! All that ends tokens before their time, and how far each reaches.

use serde_json::{Value, json};
use storefront::{
    platform::names,
    store::{Query, View},
};

use crate::support::{
    client::{Answer, Api},
    world::{Session, World},
};

on_every_world! {
    a_users_new_secret_ends_his_tokens_and_nobody_elses,
    an_accounts_new_secret_ends_the_tokens_of_its_api_key,
    the_systems_new_secret_ends_every_token,
    a_new_key_ends_what_the_old_one_signed,
    tokens_that_were_logged_out_are_not_remembered_for_longer_than_they_last,
}

async fn reset(api: &Api, path: &str) -> Answer {
    api.send("PUT", path, Some(json!({ "action": "reset_signature_secret", "data": {} }))).await
}

/// Whether somebody's token still works.
async fn lives(who: &Session) -> bool {
    let status = who.api.get(&who.at("")).await.status;
    assert!([200, 401].contains(&status), "{status}");
    status == 200
}

async fn a_users_new_secret_ends_his_tokens_and_nobody_elses(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let other = world.account(&master, "Other").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let ann = world.user(&child, &child.account_id, "Child", "ann", "user").await;
    let path = |who: &Session| child.at(&format!("/users/{}/auth", who.user_id));
    // Only he himself, and the admins of his account and of those above.
    for api in [&ann.api, &other.api] {
        reset(api, &path(&paul)).await.is_forbidden();
    }
    reset(&world.api, &path(&paul)).await.is_unauthorized();
    assert!(lives(&paul).await);
    let done = reset(&paul.api, &path(&paul)).await.is(201).json();
    assert!(done.get("data").is_none() && done["status"] == "success", "{done}");
    assert!(!lives(&paul).await && lives(&ann).await && lives(&child).await);
    let paul = world.session("Child", "paul", &paul.password).await;
    reset(&child.api, &path(&paul)).await.is(201);
    assert!(!lives(&paul).await && lives(&child).await);
    reset(&master.api, &path(&ann)).await.is(201);
    assert!(!lives(&ann).await && lives(&master).await);
    let unknown = json!({ "cause": "nosuch", "message": "bad identifier" });
    reset(&child.api, &child.at("/users/nosuch/auth")).await.is_error(404, "bad_identifier", unknown);
    // A design document is no user.
    reset(&child.api, &child.at("/users/_design%2Fusers/auth")).await.is(404);
}

async fn an_accounts_new_secret_ends_the_tokens_of_its_api_key(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let key = world.documents().get(&child.db(), &child.account_id).await.unwrap()["pvt_api_key"].clone();
    let log_in = async || world.api.token(&world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(201).auth_token());
    let keyed = log_in().await;
    keyed.get(&child.at("")).await.is(200);
    reset(&paul.api, &child.at("/auth")).await.is_forbidden();
    keyed.get(&child.at("")).await.is(200);
    reset(&child.api, &child.at("/auth")).await.is(201);
    keyed.get(&child.at("")).await.is_unauthorized();
    assert!(lives(&child).await && lives(&paul).await);
    log_in().await.get(&child.at("")).await.is(200);
    // Both copies of the account have it.
    let store = world.documents();
    let own = store.get(&child.db(), &child.account_id).await.unwrap();
    let copy = store.get(&names::ACCOUNTS, &child.account_id).await.unwrap();
    assert_eq!(own["pvt_signature_secret"], copy["pvt_signature_secret"]);
}

async fn the_systems_new_secret_ends_every_token(world: World) {
    let master = world.master().await;
    let clerk = world.user(&master, &master.account_id, "Master Co.", "clerk", "user").await;
    let child = world.account(&master, "Child").await;
    for api in [&clerk.api, &child.api] {
        reset(api, "/v2/auth").await.is_forbidden();
    }
    // It takes both: the account, and an admin of it.
    let key = world.documents().get(&master.db(), &master.account_id).await.unwrap()["pvt_api_key"].clone();
    let keyed = world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(201).auth_token();
    reset(&world.api.token(&keyed), "/v2/auth").await.is_forbidden();
    assert!(lives(&master).await && lives(&child).await);
    reset(&master.api, "/v2/auth").await.is(201);
    for who in [&master, &clerk, &child] {
        assert!(!lives(who).await);
    }
    assert!(lives(&world.session("Master Co.", "admin", "secret123").await).await);
}

async fn a_new_key_ends_what_the_old_one_signed(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let keys = master.api.get("/v2/auth/keys").await.is(200).data();
    let path = format!("/v2/auth/keys/{}", keys[0].as_str().unwrap());
    let action = json!({ "action": "reset_private_key", "data": {} });
    let before = master.api.get(&path).await.is(200).data();
    child.api.send("PUT", &path, Some(action.clone())).await.is_forbidden();
    master.api.put(&path, json!({})).await.is_forbidden();
    master.api.send("PUT", "/v2/auth/keys/0123456789abcdef0123456789abcdef", Some(action.clone())).await.is(404);
    assert!(lives(&master).await && lives(&child).await);
    master.api.send("PUT", &path, Some(action)).await.is(201);
    assert!(!lives(&master).await && !lives(&child).await);
    let again = world.session("Master Co.", "admin", "secret123").await;
    assert_eq!(again.api.get("/v2/auth/keys").await.data(), keys);
    assert_ne!(again.api.get(&path).await.is(200).data(), before);
}

async fn tokens_that_were_logged_out_are_not_remembered_for_longer_than_they_last(world: World) {
    let master = world.master().await;
    let store = world.documents();
    let note = |id: &str, expires: Value| json!({ "_id": id, "pvt_type": "revoked_token", "pvt_expires": expires });
    for note in [note("past", json!(63_000_000_000_u64)), note("future", json!(99_000_000_000_u64)), note("ever", json!(null))] {
        store.put(&names::TOKEN_AUTH, note.as_object().unwrap()).await.unwrap();
    }
    master.api.delete("/v2/token_auth").await.is(200);
    assert!(!lives(&master).await);
    let rows = store.view(&names::TOKEN_AUTH, View::ALL_DOCS, &Query::default()).await.unwrap();
    let mut left: Vec<_> = rows.into_iter().filter_map(|row| row.id).filter(|id| !id.starts_with("_design/")).collect();
    left.retain(|id| id.len() != 64);
    assert_eq!(left, ["ever", "future"]);
}
