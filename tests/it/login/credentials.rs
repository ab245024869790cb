//! Who gets a token.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, md5, sha1},
    world::{PASSWORD, World},
};

on_every_world! {
    a_login_tells_what_a_client_wants_to_know_first,
    an_account_is_found_by_name_or_realm_however_they_are_written,
    whatever_is_wrong_the_answer_is_the_same,
    a_login_that_is_malformed_is_told_why,
    of_accounts_of_one_name_the_one_that_knows_the_password_lets_in,
    a_login_speaks_the_users_language_or_the_accounts_or_else_the_systems,
    a_reseller_that_somebody_assigned_is_told,
    who_has_no_secret_yet_gets_one_by_logging_in,
    users_that_no_login_should_find_are_not_found,
    a_user_or_account_that_was_disabled_gets_no_token_and_loses_those_it_has,
}

async fn a_login_tells_what_a_client_wants_to_know_first(world: World) {
    let master = world.master().await;
    let answer = world.log_in("Master Co.", "admin", "secret123").await.is(201);
    assert_eq!(answer.header("location"), Some(format!("/v2/user_auth/{}", master.user_id).as_str()));
    let body = answer.json();
    assert_eq!((&body["page_size"], &body["revision"]), (&json!(1), &json!("automatic")));
    let data = &body["data"];
    for (key, value) in [
        ("account_id", json!(master.account_id)),
        ("owner_id", json!(master.user_id)),
        ("account_name", json!("Master Co.")),
        ("language", json!("en-US")),
        ("reseller_id", json!(master.account_id)),
        ("is_reseller", json!(true)),
        ("is_master_account", json!(true)),
        ("capabilities", json!({ "voicemail": { "transcription": { "available": false, "default": false } } })),
        ("ui_config", json!({})),
    ] {
        assert_eq!(data[key], value, "{key}");
    }
    assert_eq!(data["cluster_id"].as_str().unwrap().len(), 32);
    let child = world.account(&master, "Child").await;
    child.api.patch(&child.at(&format!("/users/{}", child.user_id)), json!({ "language": "de-DE" })).await.is(200);
    let data = world.log_in("Child", "boss", PASSWORD).await.data();
    assert_eq!((&data["is_reseller"], &data["is_master_account"]), (&json!(false), &json!(false)));
    assert_eq!((&data["language"], &data["reseller_id"]), (&json!("de-DE"), &json!(master.account_id)));
    // The apps that he may have, with labels in his language where there are any.
    let apps: Vec<_> = data["apps"].as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    assert_eq!(apps, ["accounts", "port", "reports"]);
    assert_eq!(data["apps"][0]["label"], "Konten");
    assert!(data["apps"][0]["id"].is_string() && data["apps"][0]["api_url"].is_string());
}

async fn an_account_is_found_by_name_or_realm_however_they_are_written(world: World) {
    let master = world.master().await;
    let [md5, sha1] = [md5("admin", "secret123"), sha1("admin", "secret123")];
    for data in [
        json!({ "credentials": md5, "account_name": "Master Co." }),
        json!({ "credentials": md5, "account_name": " master-CO  " }),
        json!({ "credentials": md5, "account_name": "masterco" }),
        json!({ "credentials": md5, "account_realm": "master.example.com" }),
        json!({ "credentials": md5, "account_realm": "Master.EXAMPLE.com" }),
        json!({ "credentials": md5, "realm": "master.example.com" }),
        // A way that leads nowhere is followed by the next.
        json!({ "credentials": md5, "account_realm": "no.such.realm", "account_name": "masterco" }),
        json!({ "credentials": md5, "phone_number": "+14155550100", "account_name": "masterco" }),
        json!({ "credentials": md5, "account_id": master.account_id }),
        json!({ "credentials": md5, "account_name": "nosuchaccount", "account_id": master.account_id }),
        json!({ "credentials": md5, "account_name": "masterco", "method": "md5" }),
        json!({ "credentials": sha1, "account_name": "masterco", "method": "sha" }),
        json!({ "credentials": md5, "account_name": "masterco", "ui_metadata": { "ui": "x" }, "account_id": "f".repeat(32) }),
    ] {
        let answer = world.api.put("/v2/user_auth", data.clone()).await;
        assert_eq!(answer.status, 201, "{data} {}", answer.text());
    }
    // An old token, or rubbish, never keeps anybody from logging in.
    for token in ["undefined", "", "aaaa.bbbb.cccc"] {
        let login = json!({ "credentials": md5, "account_name": "masterco" });
        world.api.token(token).put("/v2/user_auth", login).await.is(201);
    }
}

/// A refusal without what is different in every answer.
fn lasting(answer: &Answer) -> Value {
    let mut body = answer.json();
    for key in ["request_id", "timestamp", "tokens"] {
        body.as_object_mut().unwrap().remove(key);
    }
    body
}

async fn whatever_is_wrong_the_answer_is_the_same(world: World) {
    world.sup(&["kapps_config", "set_default", "token_buckets", "max_bucket_tokens", "100000"]).ok();
    let master = world.master().await;
    let good = md5("admin", "secret123");
    let (mut bodies, mut tokens) = (Vec::new(), Vec::new());
    for data in [
        json!({ "credentials": md5("admin", "wrong"), "account_name": "masterco" }),
        json!({ "credentials": md5("nobody", "secret123"), "account_name": "masterco" }),
        json!({ "credentials": good, "account_name": "nosuchaccount" }),
        json!({ "credentials": good, "account_realm": "no.such.realm" }),
        json!({ "credentials": good, "phone_number": "+14155550100" }),
        json!({ "credentials": good, "account_id": "f".repeat(32) }),
        json!({ "credentials": good, "account_id": master.user_id }),
        json!({ "credentials": good }),
        json!({ "credentials": "abc", "account_name": "masterco" }),
        json!({ "credentials": good.to_uppercase(), "account_name": "masterco" }),
        json!({ "credentials": good, "account_name": "masterco", "method": "sha" }),
        json!({ "credentials": sha1("admin", "secret123"), "account_name": "masterco" }),
        json!({ "credentials": good, "account_name": "!?" }),
    ] {
        let answer = world.api.put("/v2/user_auth", data.clone()).await;
        answer.is_unauthorized();
        tokens.push(answer.json()["tokens"]["consumed"].clone());
        bodies.push((data, lasting(&answer)));
    }
    let unknown_key = world.api.put("/v2/api_auth", json!({ "api_key": "a".repeat(64) })).await;
    bodies.push((json!("api_auth"), lasting(&unknown_key)));
    for (data, body) in &bodies {
        assert_eq!(body, &bodies[0].1, "{data}");
    }
    assert!(tokens.iter().all(|consumed| consumed == &tokens[0]), "{tokens:?}");
}

async fn a_login_that_is_malformed_is_told_why(world: World) {
    let good = md5("admin", "secret123");
    for (data, key, code) in [
        (json!({ "account_name": "masterco" }), "credentials", "required"),
        (json!({ "credentials": "", "account_name": "masterco" }), "credentials", "minLength"),
        (json!({ "credentials": "a".repeat(65), "account_name": "masterco" }), "credentials", "maxLength"),
        (json!({ "credentials": { "a": 1 }, "account_name": "masterco" }), "credentials", "type"),
        (json!({ "credentials": good, "account_name": "masterco", "method": "plain" }), "method", "enum"),
        (json!({ "credentials": good, "account_name": "" }), "account_name", "minLength"),
        (json!({ "credentials": good, "account_name": "n".repeat(129) }), "account_name", "maxLength"),
        (json!({ "credentials": good, "account_realm": "abc" }), "account_realm", "minLength"),
        (json!({ "credentials": good, "account_realm": "r".repeat(254) }), "account_realm", "maxLength"),
        (json!({ "credentials": good, "phone_number": "1".repeat(65) }), "phone_number", "maxLength"),
        (json!({ "credentials": good, "account_realm": "a b" }), "account_realm", "pattern"),
        (json!({ "credentials": good, "account_id": "short" }), "account_id", "minLength"),
    ] {
        let said = world.api.put("/v2/user_auth", data.clone()).await.is(400).json();
        assert!(said["data"][key][code]["message"].is_string(), "{data} {said}");
    }
    for (key, code) in [("short", "minLength"), (&"a".repeat(65), "maxLength")] {
        let said = world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(400).json();
        assert!(said["data"]["api_key"][code]["message"].is_string(), "{said}");
    }
    let more = json!({ "api_key": "a".repeat(64), "account_name": "masterco" });
    let said = world.api.put("/v2/api_auth", more).await.is(400).json();
    assert!(said["data"]["account_name"]["additionalProperties"].is_object(), "{said}");
}

async fn of_accounts_of_one_name_the_one_that_knows_the_password_lets_in(world: World) {
    let master = world.master().await;
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "ensure_unique_name", "false"]).ok();
    for user in ["ann", "bob"] {
        let made = master.api.put(&master.at(""), json!({ "name": "Twins" })).await.is(201).data();
        let account = made["id"].as_str().unwrap();
        assert_eq!(world.user(&master, account, "Twins", user, "user").await.account_id, account);
    }
    world.log_in("Twins", "ann", PASSWORD).await.is(201);
    world.log_in("Twins", "bob", PASSWORD).await.is(201);
    world.log_in("Twins", "cid", PASSWORD).await.is_unauthorized();
}

async fn a_login_speaks_the_users_language_or_the_accounts_or_else_the_systems(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let language = async || world.log_in("Child", "boss", PASSWORD).await.is(201).data()["language"].clone();
    assert_eq!(language().await, "en-US");
    world.sup(&["kapps_config", "set_default", "crossbar", "default_language", "it-IT"]).ok();
    assert_eq!(language().await, "it-IT");
    child.api.patch(&child.at(""), json!({ "language": "fr-FR" })).await.is(200);
    assert_eq!(language().await, "fr-FR");
    child.api.patch(&child.at(&format!("/users/{}", child.user_id)), json!({ "language": "de-DE" })).await.is(200);
    assert_eq!(language().await, "de-DE");
}

async fn a_reseller_that_somebody_assigned_is_told(world: World) {
    let master = world.master().await;
    let (child, other) = (world.account(&master, "Child").await, world.account(&master, "Other").await);
    world.sup(&["kazoo_services_maintenance", "set_reseller_id", &other.account_id, &child.account_id]).ok();
    assert_eq!(world.log_in("Child", "boss", PASSWORD).await.is(201).data()["reseller_id"], other.account_id);
    // The account's own answer tells who is nearest above, whatever is assigned.
    assert_eq!(child.api.get(&child.at("")).await.is(200).data()["reseller_id"], master.account_id);
}

async fn who_has_no_secret_yet_gets_one_by_logging_in(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let secret = "pvt_signature_secret";
    world.edit(&child.db(), &child.user_id, |user| drop(user.shift_remove(secret))).await;
    child.api.get(&child.at("")).await.is_unauthorized();
    let again = world.session("Child", "boss", PASSWORD).await;
    again.api.get(&child.at("")).await.is(200);
    let store = world.documents();
    assert_eq!(store.get(&child.db(), &child.user_id).await.unwrap()[secret].as_str().unwrap().len(), 32);
    // An account's is in both places where the account is kept.
    let key = again.api.get(&child.at("/api_key")).await.is(200).data();
    world.edit_account(&child.account_id, |account| drop(account.shift_remove(secret))).await;
    let token = world.api.put("/v2/api_auth", key).await.is(201).auth_token();
    world.api.token(&token).get(&child.at("")).await.is(200);
    let own = store.get(&child.db(), &child.account_id).await.unwrap();
    let copy = store.get(&storefront::platform::names::ACCOUNTS, &child.account_id).await.unwrap();
    assert_eq!(own[secret].as_str().unwrap().len(), 32);
    assert_eq!(own[secret], copy[secret]);
}

async fn users_that_no_login_should_find_are_not_found(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let store = world.documents();
    let boss = store.get(&child.db(), &child.user_id).await.unwrap();
    // Another program's user, who doesn't say whether he's enabled.
    world.edit(&child.db(), &child.user_id, |user| drop(user.shift_remove("enabled"))).await;
    world.log_in("Child", "boss", PASSWORD).await.is_unauthorized();
    // What has a hash and is no user.
    let hash = boss["pvt_md5_auth"].clone();
    let device = json!({ "_id": "a-device", "pvt_type": "device", "enabled": true, "pvt_md5_auth": hash });
    store.put(&child.db(), device.as_object().unwrap()).await.unwrap();
    world.log_in("Child", "boss", PASSWORD).await.is_unauthorized();
    // Of two with one hash it's either; where the user can't be told, as in basic authentication, it's nobody.
    world.edit(&child.db(), &child.user_id, |user| drop(user.insert("enabled".into(), true.into()))).await;
    let basic = world.api.with("authorization", &basic(&child.account_id, &md5("boss", PASSWORD)));
    basic.get(&child.at("")).await.is(200);
    let twin =
        json!({ "_id": "zzz", "pvt_type": "user", "enabled": true, "pvt_md5_auth": hash, "pvt_account_id": child.account_id });
    store.put(&child.db(), twin.as_object().unwrap()).await.unwrap();
    assert_eq!(world.log_in("Child", "boss", PASSWORD).await.is(201).data()["owner_id"], child.user_id);
    basic.get(&child.at("")).await.is_unauthorized();
}

fn basic(account_id: &str, hash: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{account_id}:{hash}")))
}

async fn a_user_or_account_that_was_disabled_gets_no_token_and_loses_those_it_has(world: World) {
    world.sup(&["kapps_config", "set_default", "token_buckets", "max_bucket_tokens", "100000"]).ok();
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let user = child.at(&format!("/users/{}", paul.user_id));
    child.api.patch(&user, json!({ "enabled": false })).await.is(200);
    world.log_in("Child", "paul", PASSWORD).await.is_unauthorized();
    paul.api.get(&child.at("")).await.is_unauthorized();
    child.api.patch(&user, json!({ "enabled": true })).await.is(200);
    paul.api.get(&child.at("")).await.is(200);

    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_enabled".into(), false.into()))).await;
    let disabled = json!({ "account": { "disabled": { "message": "account disabled" } } });
    world.log_in("Child", "boss", PASSWORD).await.is_invalid(disabled);
    // Only who knows the password is told so.
    world.log_in("Child", "boss", "wrong").await.is_unauthorized();
    child.api.get(&child.at("")).await.is_unauthorized();
    let basic = world.api.with("authorization", &basic(&child.account_id, &md5("boss", PASSWORD)));
    basic.get(&child.at("")).await.is_unauthorized();
    assert_eq!(master.api.get(&child.at("")).await.is(200).data()["enabled"], false);

    let since = 63_800_000_000_u64;
    world
        .edit_account(&child.account_id, |doc| {
            doc.insert("pvt_enabled".into(), true.into());
            doc.insert("pvt_trial_expires".into(), since.into());
        })
        .await;
    let expired = json!({ "account": { "expired": { "message": "account expired", "cause": since } } });
    world.log_in("Child", "boss", PASSWORD).await.is_invalid(expired.clone());
    child.api.get(&child.at("")).await.is_invalid(expired.clone());
    basic.get(&child.at("")).await.is_invalid(expired);
    // Whose time isn't over yet may go on.
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_trial_expires".into(), 99_000_000_000_u64.into()))).await;
    world.log_in("Child", "boss", PASSWORD).await.is(201);
    child.api.get(&child.at("")).await.is(200);

    // A user that's deleted is gone with his tokens.
    child.api.delete(&user).await.is(200);
    paul.api.get(&child.at("")).await.is_unauthorized();
    world.log_in("Child", "paul", PASSWORD).await.is_unauthorized();
}
