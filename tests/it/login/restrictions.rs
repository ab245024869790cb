//! Token restrictions: what an account's tokens are good for.

use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    world::{Session, World},
};

on_every_world! {
    restrictions_are_kept_with_the_account,
    a_token_is_good_for_what_its_account_says,
    the_system_speaks_where_an_account_says_nothing,
    superduper_admins_are_never_restricted,
}

fn denied(answer: &Answer) {
    let cause = "access denied by token restrictions";
    answer.is_error(403, "forbidden", json!({ "cause": cause, "message": "forbidden" }));
}

/// What these rules look like for every token of an account.
fn for_all(rules: Value) -> Value {
    json!({ "restrictions": { "_": { "_": rules } } })
}

/// The rules that a parent puts upon an account.
async fn restrict(by: &Session, whom: &Session, restrictions: Value) {
    by.api.post(&whom.at("/token_restrictions"), restrictions).await.is(200);
}

async fn restrictions_are_kept_with_the_account(world: World) {
    let master = world.master().await;
    let (child, other) = (world.account(&master, "Child").await, world.account(&master, "Other").await);
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let path = child.at("/token_restrictions");
    let none = json!({ "cause": "token_restrictions", "message": "bad identifier" });
    child.api.get(&path).await.is_error(404, "bad_identifier", none.clone());
    child.api.delete(&path).await.is_error(404, "bad_identifier", none.clone());
    let rules = json!({ "restrictions": { "cb_api_auth": { "_": { "users": [{ "rules": { "/": ["GET"] } }] } } } });
    let made = child.api.post(&path, rules.clone()).await.is(200).data();
    assert_eq!(made["restrictions"], rules["restrictions"]);
    assert_eq!(child.api.get(&path).await.is(200).data(), made);
    let doc = world.documents().get(&child.db(), "token_restrictions").await.unwrap();
    assert_eq!((&doc["pvt_type"], &doc["pvt_account_id"]), (&json!("token_restrictions"), &json!(child.account_id)));
    for bad in [json!({ "restrictions": 7 }), json!({ "restrictions": { "_": { "_": { "users": { "rules": {} } } } } })] {
        assert!(child.api.post(&path, bad).await.is(400).json()["data"].is_object());
    }
    for api in [&paul.api, &other.api] {
        api.get(&path).await.is_forbidden();
        api.post(&path, rules.clone()).await.is_forbidden();
        api.delete(&path).await.is_forbidden();
    }
    child.api.with("if-match", "\"1-0\"").post(&path, rules).await.is_bare(412);
    child.api.delete(&path).await.is(200);
    child.api.get(&path).await.is_error(404, "bad_identifier", none);
    child.api.put(&path, json!({})).await.is_error(405, "invalid_method", json!({ "message": "method not allowed" }));
}

async fn a_token_is_good_for_what_its_account_says(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let me = child.at(&format!("/users/{}", paul.user_id));
    let key = world.documents().get(&child.db(), &child.account_id).await.unwrap()["pvt_api_key"].clone();
    let keyed = world.api.token(&world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(201).auth_token());

    // By noun, what follows it, and verb.
    let users = json!([{ "rules": { "/": ["GET"], "*": ["GET", "PATCH"] } }]);
    restrict(&master, &child, for_all(json!({ "users": users, "accounts": [{ "rules": { "*": ["GET"] } }] }))).await;
    child.api.get(&child.at("/users")).await.is(200);
    child.api.get(&me).await.is(200);
    child.api.patch(&me, json!({ "first_name": "P" })).await.is(200);
    denied(&child.api.put(&child.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await);
    denied(&child.api.delete(&me).await);
    denied(&child.api.get(&child.at("/apps_store")).await);
    child.api.get(&child.at("")).await.is(200);
    denied(&child.api.get(&child.at("/children")).await);
    // The verb that's meant counts, and what isn't there or isn't his is told first.
    denied(&child.api.post(&format!("{me}?verb=DELETE"), json!({})).await);
    child.api.get(&child.at("/nosuch")).await.is_not_found();
    child.api.get(&master.at("/users")).await.is_forbidden();
    // What is open to all stays open, and others' tokens are their accounts' affair.
    child.api.get("/v2/schemas").await.is(200);
    master.api.get(&child.at("/apps_store")).await.is(200);
    grandchild.api.get(&grandchild.at("/apps_store")).await.is(200);

    // By the account in the path.
    let own = json!({ "allowed_accounts": ["{AUTH_ACCOUNT_ID}"], "rules": { "#": ["GET"] } });
    let below = json!({ "allowed_accounts": ["{DESCENDANT_ACCOUNT_ID}"], "rules": { "#": ["_"] } });
    restrict(&master, &child, for_all(json!({ "_": [own, below] }))).await;
    child.api.get(&me).await.is(200);
    denied(&child.api.patch(&me, json!({ "first_name": "P" })).await);
    child.api.put(&grandchild.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is(201);

    // By how the token was got, and by whose it is; an api key counts as an admin's.
    let read = json!({ "_": [{ "rules": { "#": ["GET"] } }] });
    let nothing = json!({ "_": [] });
    let by_whom = json!({ "cb_user_auth": { "user": nothing }, "cb_api_auth": { "admin": read } });
    restrict(&master, &child, json!({ "restrictions": by_whom })).await;
    denied(&paul.api.get(&me).await);
    child.api.patch(&me, json!({ "first_name": "P" })).await.is(200);
    keyed.get(&me).await.is(200);
    denied(&keyed.patch(&me, json!({ "first_name": "P" })).await);

    master.api.delete(&child.at("/token_restrictions")).await.is(200);
    keyed.patch(&me, json!({ "first_name": "P" })).await.is(200);
    paul.api.get(&me).await.is(200);
}

async fn the_system_speaks_where_an_account_says_nothing(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let set = |key: &str, value: Value| {
        world.sup(&["kapps_config", "set_default", "crossbar.token_restrictions", key, &value.to_string()]).ok();
    };
    set("cb_user_auth", json!({ "admin": { "users": [{ "rules": { "#": ["GET"] } }] } }));
    child.api.get(&child.at("/users")).await.is(200);
    denied(&child.api.put(&child.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await);
    denied(&child.api.get(&child.at("")).await);
    // The account's word on the method goes before the system's; here it restricts others only.
    restrict(&master, &child, json!({ "restrictions": { "cb_user_auth": { "user": {} } } })).await;
    child.api.put(&child.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is(201);
    // Who has no user is what is set for him.
    let key = world.documents().get(&child.db(), &child.account_id).await.unwrap()["pvt_api_key"].clone();
    let keyed = world.api.token(&world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(201).auth_token());
    set("cb_api_auth", json!({ "guest": {} }));
    keyed.get(&child.at("")).await.is(200);
    set("default_priv_level", json!("guest"));
    denied(&keyed.get(&child.at("")).await);
}

async fn superduper_admins_are_never_restricted(world: World) {
    let master = world.master().await;
    restrict(&master, &master, for_all(json!({}))).await;
    let clerk = world.user(&master, &master.account_id, "Master Co.", "clerk", "user").await;
    clerk.api.get(&master.at("")).await.is(200);
    master.api.delete(&master.at("/token_restrictions")).await.is(200);
}
