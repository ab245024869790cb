//! What a token is good for, in which forms it comes, and when it ends.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use storefront::platform::names;

use crate::support::{
    client::md5,
    world::{PASSWORD, World},
};

on_every_world! {
    a_token_is_taken_from_wherever_it_stands,
    a_credential_can_be_presented_without_a_login,
    a_token_ends_when_it_is_logged_out,
    a_token_ends_with_the_password,
    tokens_may_be_let_outlive_the_password,
    a_token_says_whose_it_is,
}

async fn a_token_is_taken_from_wherever_it_stands(world: World) {
    let master = world.master().await;
    let (token, path) = (&master.token, master.at(""));
    assert!(token.len() < 1500, "{}", token.len());
    assert_eq!(token.split('.').count(), 3);
    let bearer = format!("Bearer {token}");
    for answer in [
        world.api.token(token).get(&path).await,
        world.api.with("authorization", &bearer).get(&path).await,
        world.api.get(&format!("{path}?auth_token={token}")).await,
        world.api.get(&format!("{path}?authorization=Bearer%20{token}")).await,
        world.api.send("GET", &path, Some(json!({ "auth_token": token, "data": {} }))).await,
        world.api.send("GET", &path, Some(json!({ "Auth-Token": token, "data": {} }))).await,
        world.api.send("GET", &path, Some(json!({ "data": { "auth_token": token } }))).await,
        // The header comes first.
        world.api.token(token).get(&format!("{path}?auth_token=nope")).await,
        world.api.token(token).with("x-auth-account-id", &master.account_id).get(&path).await,
    ] {
        assert_eq!(answer.is(200).data()["id"], master.account_id);
    }
    for api in [
        world.api.clone(),
        world.api.token(""),
        world.api.token("undefined"),
        world.api.token("0123456789abcdef0123456789abcdef"),
        world.api.token(&format!("{token}x")),
        world.api.token("nope").with("authorization", &bearer),
        world.api.with("authorization", &format!("bearer {token}")),
        world.api.with("authorization", &format!("Token {token}")),
        world.api.with("authorization", "Bearer nope"),
        world.api.with("authorization", token),
        world.api.token(token).with("x-auth-account-id", &"f".repeat(32)),
    ] {
        api.get(&path).await.is_unauthorized();
    }
}

async fn a_credential_can_be_presented_without_a_login(world: World) {
    world.sup(&["kapps_config", "set_default", "token_buckets", "max_bucket_tokens", "100000"]).ok();
    let master = world.master().await;
    let basic = |account: &str, secret: &str| {
        world.api.with("authorization", &format!("Basic {}", BASE64_STANDARD.encode(format!("{account}:{secret}"))))
    };
    let answer = basic(&master.account_id, &md5("admin", "secret123")).get(&master.at("")).await.is(200);
    assert_eq!(answer.data()["id"], master.account_id);
    assert!(answer.json().get("auth_token").is_none(), "a password's hash isn't sent back");
    let shown = basic(&master.account_id, &md5("admin", "secret123")).get("/v2/token_auth").await.is(200);
    assert_eq!(shown.data()["method"], "cb_basic_auth");
    assert!(shown.data().get("identity_sig").is_none() && !shown.text().contains(&md5("admin", "secret123")));
    let other = "f".repeat(32);
    for (account, secret) in [
        (master.account_id.as_str(), md5("admin", "wrong")),
        (other.as_str(), md5("admin", "secret123")),
        ("Master Co.", md5("admin", "secret123")),
        ("", String::new()),
    ] {
        let answer = basic(account, &secret).get(&master.at("")).await;
        answer.is_unauthorized();
        assert_eq!(answer.header("www-authenticate"), None);
    }
    world.api.with("authorization", "Basic !!!").get(&master.at("")).await.is_unauthorized();

    // A token that's kept in the system's database, by the id it's kept under.
    let kept = json!({ "_id": "kept-token", "pvt_type": "bearer-token", "Token": master.token });
    world.documents().put(&names::SYSTEM_AUTH, kept.as_object().unwrap()).await.unwrap();
    world.api.with("authorization", "Bearer kept-token").get(&master.at("")).await.is(200);
    for (id, other) in [("no-token", json!({ "pvt_type": "provider" })), ("gone", json!({ "pvt_deleted": true }))] {
        let mut doc = kept.clone();
        doc["_id"] = json!(id);
        doc.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        world.documents().put(&names::SYSTEM_AUTH, doc.as_object().unwrap()).await.unwrap();
        world.api.with("authorization", &format!("Bearer {id}")).get(&master.at("")).await.is_unauthorized();
    }
}

async fn a_token_ends_when_it_is_logged_out(world: World) {
    let one = world.master().await;
    let other = world.user(&one, &one.account_id, "masterco", "ann", "admin").await;
    assert_eq!(one.api.delete("/v2/token_auth").await.is(200).json()["status"], "success");
    one.api.get("/v2/about").await.is_unauthorized();
    one.api.delete("/v2/token_auth").await.is_unauthorized();
    world.api.with("authorization", &format!("Bearer {}", one.token)).get("/v2/about").await.is_unauthorized();
    other.api.get("/v2/about").await.is(200);
    // It stays so for a server that is started later.
    let later = crate::support::process::Server::serve(&world.store);
    let api = crate::support::client::Api::new(later.url());
    api.token(&one.token).get("/v2/about").await.is_unauthorized();
    world.api.delete("/v2/token_auth").await.is_unauthorized();
}

async fn a_token_ends_with_the_password(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let path = child.at(&format!("/users/{}", paul.user_id));
    // The same password again changes nothing, nor does another's.
    paul.api.patch(&path, json!({ "password": PASSWORD })).await.is(200);
    paul.api.get(&path).await.is(200);
    child.api.patch(&path, json!({ "password": "another" })).await.is(200);
    paul.api.get(&path).await.is_unauthorized();
    child.api.get(&path).await.is(200);
    world.log_in("Child", "paul", PASSWORD).await.is_unauthorized();
    let again = world.session("Child", "paul", "another").await;
    let shown = again.api.get(&path).await.is(200);
    for secret in ["another", "pvt_", &md5("paul", "another")] {
        assert!(!shown.text().contains(secret), "{}", shown.text());
    }
}

async fn tokens_may_be_let_outlive_the_password(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let path = child.at(&format!("/users/{}", child.user_id));
    world.sup(&["kapps_config", "set_default", "crossbar.users", "reset_identity_secret_on_rehash", "false"]).ok();
    child.api.patch(&path, json!({ "password": "another" })).await.is(200);
    child.api.get(&path).await.is(200);
    world.log_in("Child", "boss", "another").await.is(201);
}

async fn a_token_says_whose_it_is(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    for path in ["/v2/token_auth".to_owned(), child.at("/token_auth"), child.at(&format!("/user_auth/{}", child.token))] {
        let data = child.api.get(&path).await.is(200).data();
        assert_eq!((&data["account_id"], &data["owner_id"]), (&json!(child.account_id), &json!(child.user_id)));
        assert_eq!((&data["iss"], &data["method"]), (&json!("kazoo"), &json!("cb_user_auth")));
        assert!(data["exp"].is_u64() && data["apps"].is_array() && data["account_name"] == "Child");
    }
    // Nobody else's, and not without the account.
    child.api.get(&format!("/v2/user_auth/{}", child.token)).await.is_forbidden();
    child.api.get(&child.at(&format!("/user_auth/{}", master.token))).await.is_forbidden();
    world.api.get(&child.at(&format!("/user_auth/{}", child.token))).await.is_unauthorized();
}
