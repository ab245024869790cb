//! Other ways to a token: an api key, somebody else's place, a forgotten password.

use serde_json::json;
use storefront::store::{Db, Object, Query, View};

use crate::support::{
    client::md5,
    smtp::MailServer,
    world::{PASSWORD, World},
};

on_every_world! {
    an_api_key_logs_an_account_in,
    a_superduper_admin_may_take_somebody_elses_place,
    a_superduper_accounts_api_key_may_take_anybodys_place,
    a_key_that_was_replaced_opens_nothing,
    a_forgotten_password_can_be_reset_once,
    the_link_of_a_reset_leads_nowhere_but_home,
    a_reset_is_for_those_who_may_log_in_and_ends_in_time,
}

async fn an_api_key_logs_an_account_in(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let key = world.documents().get(&child.db(), &child.account_id).await.unwrap()["pvt_api_key"].clone();
    assert_eq!(key.as_str().unwrap().len(), 64);
    let answer = world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(201);
    assert_eq!(answer.header("location"), Some(format!("/v2/api_auth/{}", child.account_id).as_str()));
    assert_eq!(answer.data()["account_id"], child.account_id);
    assert!(answer.data().get("owner_id").is_none());
    let keyed = world.api.token(&answer.auth_token());
    // It stands for the account, not for a plain user of it.
    keyed.get(&child.at("/users")).await.is(200);
    keyed.put(&child.at(&format!("/apps_store/{}", world.app("port").await)), json!({ "allowed_users": "all" })).await.is(201);
    keyed.get(&master.at("")).await.is_forbidden();
    // Nor for an admin: it doesn't replace itself.
    keyed.put(&child.at("/api_key"), json!({})).await.is_forbidden();
    assert_eq!(keyed.get("/v2/token_auth").await.data()["method"], "cb_api_auth");
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_enabled".into(), false.into()))).await;
    keyed.get(&child.at("/users")).await.is_unauthorized();
    world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(400);
}

async fn a_superduper_admin_may_take_somebody_elses_place(world: World) {
    let master = world.master().await;
    let clerk = world.user(&master, &master.account_id, "Master Co.", "clerk", "user").await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    let envelope = json!({ "action": "impersonate_user", "data": {} });
    let path = grandchild.at(&format!("/users/{}/user_auth", grandchild.user_id));
    let token = master.api.send("PUT", &path, Some(envelope.clone())).await.is(201).auth_token();
    let disguised = world.api.token(&token);
    disguised.get(&grandchild.at("")).await.is(200);
    disguised.get(&master.at("")).await.is_forbidden();
    let user = disguised.put(&grandchild.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is(201).data();
    let doc = world.documents().get(&grandchild.db(), user["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(doc["pvt_auth_user_id"], grandchild.user_id);
    assert_eq!(doc["pvt_original_auth_account_id"], master.account_id);
    assert_eq!(doc["pvt_original_auth_owner_id"], master.user_id);

    for api in [&child.api, &clerk.api, &disguised] {
        api.send("PUT", &path, Some(envelope.clone())).await.is_forbidden();
    }
    world.api.send("PUT", &path, Some(envelope.clone())).await.is_unauthorized();
    let own = master.at(&format!("/users/{}/user_auth", clerk.user_id));
    master.api.send("PUT", &own, Some(envelope.clone())).await.is_forbidden();
    master.api.put(&path, json!({})).await.is_forbidden();
    master.api.put("/v2/user_auth?action=impersonate_user", json!({})).await.is_forbidden();
    let nobody = grandchild.at("/users/nosuch/user_auth");
    let unknown = json!({ "cause": "nosuch", "message": "bad identifier" });
    master.api.send("PUT", &nobody, Some(envelope)).await.is_error(404, "bad_identifier", unknown);
}

async fn a_superduper_accounts_api_key_may_take_anybodys_place(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let keyed = async |of: &crate::support::world::Session| {
        let key = world.documents().get(&of.db(), &of.account_id).await.unwrap()["pvt_api_key"].clone();
        world.api.token(&world.api.put("/v2/api_auth", json!({ "api_key": key })).await.is(201).auth_token())
    };
    let envelope = json!({ "action": "impersonate_user", "data": {} });
    let key = keyed(&master).await;
    for whom in [&master, &child] {
        let path = whom.at(&format!("/users/{}/user_auth", whom.user_id));
        let token = key.send("PUT", &path, Some(envelope.clone())).await.is(201).auth_token();
        let disguised = world.api.token(&token);
        let claims = disguised.get("/v2/token_auth").await.is(200).data();
        assert_eq!((&claims["owner_id"], &claims["original_account_id"]), (&json!(whom.user_id), &json!(master.account_id)));
        assert!(claims.get("original_owner_id").is_none());
        let user = disguised.put(&whom.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is(201).data();
        let doc = world.documents().get(&whom.db(), user["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(doc["pvt_original_auth_account_id"], master.account_id);
        assert!(!doc.contains_key("pvt_original_auth_owner_id"));
        keyed(&child).await.send("PUT", &path, Some(envelope.clone())).await.is_forbidden();
    }
    // Nobody becomes a document that is no user, or a user of an account that's disabled.
    key.send("PUT", &child.at("/users/_design%2Fusers/user_auth"), Some(envelope.clone())).await.is(404);
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_enabled".into(), false.into()))).await;
    let path = child.at(&format!("/users/{}/user_auth", child.user_id));
    let disabled = json!({ "account": { "disabled": { "message": "account disabled" } } });
    key.send("PUT", &path, Some(envelope)).await.is_invalid(disabled);
}

async fn a_key_that_was_replaced_opens_nothing(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let old = child.api.get(&child.at("/api_key")).await.is(200).data();
    let token = world.api.put("/v2/api_auth", old.clone()).await.is(201).auth_token();
    let new = child.api.put(&child.at("/api_key"), json!({})).await.is(201).data();
    world.api.put("/v2/api_auth", json!({ "api_key": old["api_key"] })).await.is_unauthorized();
    world.api.put("/v2/api_auth", json!({ "api_key": new["api_key"] })).await.is(201);
    // What it opened before stays open until it's closed: that is another secret's affair.
    world.api.token(&token).get(&child.at("")).await.is(200);
}

async fn a_forgotten_password_can_be_reset_once(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let request =
        |account: &str, user: &str| json!({ "account_name": account, "username": user, "ui_url": "http://ui.example/#/x" });
    let recovery = "/v2/user_auth/recovery";
    let required = |key: &str| json!({ "message": "Field is required but missing", "value": key });
    let nothing = json!({ "ui_url": { "required": required("ui_url") }, "username": { "required": required("username") } });
    world.api.put(recovery, json!({})).await.is_invalid(nothing);
    let account = json!({ "not_found": { "message": "The provided account name could not be found", "cause": "nosuch" } });
    world.api.put(recovery, request("nosuch", "boss")).await.is_invalid(json!({ "account_name": account }));
    for unknown in ["nobody", "BOSS"] {
        let user = json!({ "not_found": { "message": "The provided user name was not found", "cause": unknown } });
        world.api.put(recovery, request("child", unknown)).await.is_invalid(json!({ "username": user }));
    }
    let mut short = request("child", "boss");
    short["ui_url"] = json!("http://short/");
    assert_eq!(world.api.put(recovery, short).await.is(400).json()["data"]["ui_url"]["minLength"]["target"], 14);
    // Without an address there is nowhere to send it.
    let without = world.api.put(recovery, request("child", "boss")).await.is(201);
    assert!(without.json().get("data").is_none());
    let path = child.at(&format!("/users/{}", child.user_id));
    let mails = MailServer::relaying(&world);
    child.api.patch(&path, json!({ "email": "boss@example.com" })).await.is(200);
    // Nobody knows that there is a user interface at that address; and it's not for everybody to say so.
    let from = async |origin: &str, account: &str, user: &str, password: &str| {
        let login = json!({ "credentials": md5(user, password), "account_name": account });
        world.api.with("origin", origin).put("/v2/user_auth", login).await.is(201);
    };
    from("http://ui.example", "Child", "boss", PASSWORD).await;
    let unknown = json!({
        "message": "The provided ui_url is not known as a user interface of this system", "cause": "http://ui.example/#/x",
    });
    world.api.put(recovery, request("child", "boss")).await.is_invalid(json!({ "ui_url": { "invalid": unknown } }));
    assert!(mails.is_empty());
    world.server.wait_for_log("\"http://ui.example\", which isn't known as a user interface of this system: it isn't sent");
    // The operator logs in there.
    from("null", "Master Co.", "admin", "secret123").await;
    from("http://ui.example", "Master Co.", "admin", "secret123").await;
    let with = world.api.put(recovery, request("child", "boss")).await.is(201);
    assert_eq!(with.data(), "Request for password reset handled, email sent to: boss@example.com");

    let reset_id = reset_id(&world, &child.db()).await;
    let mail = mails.next();
    assert!(mail.commands.contains(&"RCPT TO:<boss@example.com>".to_owned()), "{mail:?}");
    assert!(mail.text.contains(&format!("http://ui.example/#/x?recovery={reset_id}")), "{mail:?}");
    assert!(mails.is_empty());
    let login = world.api.post(recovery, json!({ "reset_id": reset_id })).await.is(200);
    assert_eq!(login.data()["owner_id"], child.user_id);
    let reset = world.api.token(&login.auth_token());
    assert_eq!(reset.get(&path).await.data()["require_password_update"], true);
    reset.patch(&path, json!({ "password": "brand new" })).await.is(200);
    world.log_in("Child", "boss", "brand new").await.is(201);
    world.log_in("Child", "boss", PASSWORD).await.is_unauthorized();

    for used in [reset_id.as_str(), &"a".repeat(132)] {
        let unknown = json!({ "not_found": { "message": "The provided reset_id did not resolve to any user", "cause": used } });
        world.api.post(recovery, json!({ "reset_id": used })).await.is_invalid(json!({ "user": unknown }));
    }
    let pattern = "^[a-fA-F0-9]{40,250}$";
    let bad = json!({ "message": format!("Failed to match pattern '{pattern}'"), "target": pattern, "value": "abcdef" });
    world.api.post(recovery, json!({ "reset_id": "abcdef" })).await.is_invalid(json!({ "reset_id": { "pattern": bad } }));
}

async fn the_link_of_a_reset_leads_nowhere_but_home(world: World) {
    let reseller = world.account(&world.master().await, "Reseller").await;
    let child = world.account(&reseller, "Child").await;
    let other = world.account(&world.master().await, "Other").await;
    child.api.patch(&child.at(&format!("/users/{}", child.user_id)), json!({ "email": "boss@example.com" })).await.is(200);
    let domain = |name: &'static str| move |doc: &mut Object| drop(doc.insert("pvt_whitelabel_domain".into(), name.into()));
    world.edit_account(&reseller.account_id, domain("Brand.example")).await;
    world.edit_account(&other.account_id, domain("other.example")).await;
    let set = |key: &str, value: &str| world.sup(&["kapps_config", "set_default", "crossbar", key, value]).ok();
    set("recovery_ui_urls", r#"["https://ui.example:8443/monster/", "https://second.example"]"#);
    set("reset_id_size", "1");
    // What the operator lists is all there is.
    let login = json!({ "credentials": md5("admin", "secret123"), "account_name": "Master Co." });
    world.api.with("origin", "https://third.example").put("/v2/user_auth", login).await.is(201);
    let mails = MailServer::relaying(&world);
    for (asked, link) in [
        ("https://second.example/#/login?x=y", "https://second.example/#/login?x=y&recovery="),
        ("https://brand.example/ui/?to=//evil.example", "https://brand.example/ui/?recovery="),
        ("https://evil.example/#/", "https://ui.example:8443/monster/?recovery="),
        ("https://other.example/#/", "https://ui.example:8443/monster/?recovery="),
        ("https://third.example/#/", "https://ui.example:8443/monster/?recovery="),
        ("https://ui.example:8443@evil.example/", "https://ui.example:8443/monster/?recovery="),
        ("no address but text\nand more", "https://ui.example:8443/monster/?recovery="),
    ] {
        let request = json!({ "account_name": "Child", "username": "boss", "ui_url": asked });
        world.api.put("/v2/user_auth/recovery", request).await.is(201);
        let mail = mails.next();
        let (_, rest) = mail.text.split_once(link).unwrap_or_else(|| panic!("{asked}: {}", mail.text));
        assert_eq!(rest.chars().take_while(char::is_ascii_hexdigit).count(), 70, "{rest}");
        assert!(!mail.text.contains("evil") && !mail.text.contains("and more"), "{asked}: {}", mail.text);
    }
}

async fn a_reset_is_for_those_who_may_log_in_and_ends_in_time(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    world.sup(&["kapps_config", "set_default", "crossbar", "recovery_ui_urls", "http://ui.example"]).ok();
    let path = child.at(&format!("/users/{}", child.user_id));
    child.api.patch(&path, json!({ "email": "boss@example.com" })).await.is(200);
    let recovery = "/v2/user_auth/recovery";
    let request = json!({ "account_name": "Child", "username": "boss", "ui_url": "http://ui.example/#/x" });
    world.api.put(recovery, request.clone()).await.is(201);
    let reset_id = reset_id(&world, &child.db()).await;
    let reset = json!({ "reset_id": reset_id });

    world.edit(&child.db(), &child.user_id, |doc| drop(doc.insert("enabled".into(), false.into()))).await;
    let user = json!({ "not_found": { "message": "The provided user name was not found", "cause": "boss" } });
    world.api.put(recovery, request.clone()).await.is_invalid(json!({ "username": user }));
    let unknown = json!({ "not_found": { "message": "The provided reset_id did not resolve to any user", "cause": reset_id } });
    world.api.post(recovery, reset.clone()).await.is_invalid(json!({ "user": unknown }));
    world.edit(&child.db(), &child.user_id, |doc| drop(doc.insert("enabled".into(), true.into()))).await;
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_enabled".into(), false.into()))).await;
    let disabled = json!({ "account": { "disabled": { "message": "account disabled" } } });
    world.api.post(recovery, reset.clone()).await.is_invalid(disabled);
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_enabled".into(), true.into()))).await;

    world.sup(&["kapps_config", "set_default", "crossbar", "reset_id_expiry_s", "0"]).ok();
    let expired = json!({ "reason": "The provided reset_id is expired", "cause": reset_id });
    world.api.post(recovery, reset.clone()).await.is_error(403, "forbidden", expired);
    world.sup(&["kapps_config", "set_default", "crossbar", "reset_id_expiry_s", "3600"]).ok();
    world.api.post(recovery, reset).await.is(200);
    // By another name of the account, or none.
    for (data, key, message) in [
        (json!({ "account_realm": "no.such.realm" }), "account_realm", "The provided account realm could not be found"),
        (json!({ "phone_number": "+14155550100" }), "phone_number", "The provided phone number could not be found"),
        (json!({ "account_id": "f".repeat(32) }), "account_id", "The provided account ID could not be found"),
    ] {
        let mut request = json!({ "username": "boss", "ui_url": "http://ui.example/#/x" });
        request.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
        let detail = json!({ "not_found": { "message": message, "cause": data[key] } });
        world.api.put(recovery, request).await.is_invalid(json!({ key: detail }));
    }
    // Each that led nowhere is told; one that leads on is enough.
    let mut request = json!({
        "username": "boss", "ui_url": "http://ui.example/#/x", "phone_number": "+1", "account_realm": "no.such.realm",
        "account_name": "nosuch",
    });
    let told = world.api.put(recovery, request.clone()).await.is(400).json()["data"].clone();
    assert_eq!(told.as_object().unwrap().keys().collect::<Vec<_>>(), ["account_name", "account_realm", "phone_number"]);
    request["account_id"] = json!(child.account_id);
    world.api.put(recovery, request.clone()).await.is(201);
    request["account_name"] = json!("child");
    world.api.put(recovery, request).await.is(201);
    let realm = child.api.get(&child.at("")).await.is(200).data()["realm"].clone();
    let by_realm = json!({ "username": "boss", "ui_url": "http://ui.example/#/x", "realm": realm });
    world.api.put(recovery, by_realm).await.is(201);
}

/// The id of the only reset that is kept in the account's month.
async fn reset_id(world: &World, account_db: &Db) -> String {
    let store = world.documents();
    let months = store.databases(&format!("{account_db}-")).await.unwrap();
    let rows = store.view(&months[0], View::ALL_DOCS, &Query::default()).await.unwrap();
    let ids: Vec<_> = rows.into_iter().filter_map(|row| row.id).filter(|id| id.len() > 100).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    ids.into_iter().next().unwrap()
}
