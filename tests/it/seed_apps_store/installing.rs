//! Installing apps, changing who may use them, uninstalling.

use futures_util::future::{join, join_all};
use serde_json::json;

use super::{find, people};
use crate::support::world::World;

on_every_world! {
    an_app_is_installed_changed_and_uninstalled,
    each_kind_of_permission_is_stored_as_it_was_sent,
    what_a_permission_says_must_make_sense,
    what_is_installed_is_stored_as_kazoo_stores_it,
    whatever_a_client_stores_with_a_permission_counts_over_the_app,
    installations_at_the_same_time_all_count,
}

async fn an_app_is_installed_changed_and_uninstalled(world: World) {
    let (_, child) = people(&world).await;
    let id = world.app("accounts").await;
    let path = child.at(&format!("/apps_store/{id}"));
    let not_installed = |answer: crate::support::client::Answer| answer.is_error(400, "Application is not installed", json!({}));
    not_installed(child.api.post(&path, json!({ "allowed_users": "all" })).await);
    not_installed(child.api.delete(&path).await);

    let data = json!({ "allowed_users": "specific", "users": [] });
    let installed = child.api.put(&path, data.clone()).await.is(201);
    assert_eq!(installed.data(), json!({ "allowed_users": "specific", "users": [], "name": "accounts" }));
    assert_eq!(installed.header("location"), Some(format!("{path}/apps_store").as_str()));
    child.api.put(&path, data).await.is_error(400, "Application already installed", json!({}));

    let changed = child.api.post(&path, json!({ "allowed_users": "all" })).await.is(200);
    assert_eq!(changed.data(), json!({ "allowed_users": "all", "name": "accounts" }));
    let listed = child.api.get(&child.at("/apps_store")).await.data();
    assert_eq!((&find(&listed, &id)["allowed_users"], &find(&listed, &id)["users"]), (&json!("all"), &json!([])));
    assert_eq!(child.api.get(&path).await.data()["authority"], "app_store");

    let body = json!({ "data": { "ui_metadata": { "ui": "monster-ui" } } });
    assert_eq!(child.api.send("DELETE", &path, Some(body)).await.is(200).data(), json!({}));
    not_installed(child.api.delete(&path).await);
    let listed = child.api.get(&child.at("/apps_store")).await.data();
    assert!(find(&listed, &id).get("allowed_users").is_none());

    let forbidden = json!({ "details": "nosuch", "message": "forbidden" });
    for method in ["PUT", "POST", "DELETE"] {
        let answer = child.api.send(method, &child.at("/apps_store/nosuch"), Some(json!({ "data": {} }))).await;
        answer.is_error(403, "forbidden", forbidden.clone());
    }
    // An app that the account may not have can't be had by knowing its id, but got rid of.
    let hidden = world.app("api-console").await;
    let path = child.at(&format!("/apps_store/{hidden}"));
    let forbidden = json!({ "details": hidden, "message": "forbidden" });
    child.api.put(&path, json!({ "allowed_users": "all" })).await.is_error(403, "forbidden", forbidden);
}

async fn each_kind_of_permission_is_stored_as_it_was_sent(world: World) {
    let (_, child) = people(&world).await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let id = world.app("reports").await;
    let path = child.at(&format!("/apps_store/{id}"));
    child.api.put(&path, json!({})).await.is(201);
    for sent in [
        json!({ "allowed_users": "specific", "users": [] }),
        json!({ "allowed_users": "specific", "users": [{ "id": paul.user_id }] }),
        json!({ "allowed_users": "specific", "users": [paul.user_id] }),
        json!({ "allowed_users": "admins" }),
        json!({ "allowed_users": "all", "users": [], "ui_metadata": { "ui": "monster-ui", "origin": "apploader" } }),
    ] {
        let mut stored = sent.clone();
        stored["name"] = json!("reports");
        let mut answer = child.api.post(&path, sent.clone()).await.is(200).data();
        answer.as_object_mut().unwrap().sort_keys();
        stored.as_object_mut().unwrap().sort_keys();
        assert_eq!(answer, stored);
        let listed = child.api.get(&child.at("/apps_store")).await.data();
        assert_eq!(find(&listed, &id)["allowed_users"], sent["allowed_users"]);
        if let Some(users) = sent.get("users") {
            assert_eq!(&find(&listed, &id)["users"], users);
        }
    }
    // Without a word: for nobody in particular.
    child.api.delete(&path).await.is(200);
    let empty = child.api.put(&path, json!({})).await.is(201).data();
    assert_eq!((&empty["allowed_users"], &empty["users"]), (&json!("specific"), &json!([])));
}

async fn what_a_permission_says_must_make_sense(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at(&format!("/apps_store/{}", world.app("accounts").await));
    child.api.put(&path, json!({ "allowed_users": "all" })).await.is(201);
    for (data, key, code) in [
        (json!({ "allowed_users": "nonsense" }), "allowed_users", "enum"),
        (json!({ "allowed_users": 1 }), "allowed_users", "enum"),
        (json!({ "allowed_users": "specific", "users": "x" }), "users", "type"),
        (json!({ "allowed_users": "specific", "users": [1] }), "users.0", "type"),
    ] {
        let said = child.api.post(&path, data).await.is(400).json();
        assert!(said["data"][key][code]["message"].is_string(), "{said}");
    }
    assert_eq!(child.api.post(&path, json!([])).await.is(400).json()["message"], "validation error");
    assert_eq!(child.api.get(&path).await.data()["allowed_users"], "all");
    // Not each of a great many is told.
    let many = json!({ "allowed_users": "specific", "users": vec![1; 100_000] });
    assert_eq!(child.api.post(&path, many).await.is(400).json()["data"].as_object().map(|told| told.len()), Some(100));
    // What an app is called is for its document to say.
    let renamed = child.api.post(&path, json!({ "allowed_users": "all", "name": "evil", "id": "x" })).await.is(200).data();
    assert_eq!(renamed, json!({ "allowed_users": "all", "name": "accounts" }));
}

async fn what_is_installed_is_stored_as_kazoo_stores_it(world: World) {
    let (master, child) = people(&world).await;
    let id = world.app("accounts").await;
    let path = child.at(&format!("/apps_store/{id}"));
    let stored = async || world.documents().get(&child.db(), "apps_store").await.unwrap();
    // A new account has one, nearly empty; here it's missing, as with accounts from long ago.
    let empty = stored().await["_rev"].as_str().unwrap().to_owned();
    world.documents().delete(&child.db(), "apps_store", &empty).await.unwrap();
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": ["x"] })).await.is(200);
    world.edit(&child.db(), "apps_store", |doc| drop(doc.insert("pvt_unknown".into(), json!({ "stays": true })))).await;
    let answer = child.api.put(&path, json!({ "allowed_users": "specific", "users": [{ "id": child.user_id }] })).await.is(201);
    let first = stored().await;
    let permission = json!({ "allowed_users": "specific", "users": [{ "id": child.user_id }], "name": "accounts" });
    assert_eq!(first["apps"], json!({ (id.as_str()): permission }));
    assert_eq!((&first["blacklist"], &first["pvt_unknown"]), (&json!(["x"]), &json!({ "stays": true })));
    assert_eq!(first["_rev"], answer.json()["revision"]);
    for (key, value) in [
        ("pvt_vsn", json!("1")),
        ("pvt_account_id", json!(child.account_id)),
        ("pvt_account_db", json!(child.db().as_str().replace('/', "%2F"))),
        ("pvt_is_authenticated", json!(true)),
        ("pvt_auth_account_id", json!(child.account_id)),
        ("pvt_auth_user_id", json!(child.user_id)),
        ("pvt_request_id", answer.json()["request_id"].clone()),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    // Without a type: Kazoo's views know it by its id.
    assert!(first.get("pvt_type").is_none() && first["pvt_created"].is_u64() && first["pvt_modified"].is_u64());
    // A change replaces the permission, and that it's somebody else's is told.
    master.api.post(&path, json!({ "allowed_users": "all" })).await.is(200);
    let second = stored().await;
    assert_eq!(second["apps"][&id], json!({ "allowed_users": "all", "name": "accounts" }));
    assert_eq!((&second["pvt_created"], &second["pvt_auth_user_id"]), (&first["pvt_created"], &json!(master.user_id)));
    child.api.delete(&path).await.is(200);
    assert_eq!(stored().await["apps"], json!({}));
}

async fn whatever_a_client_stores_with_a_permission_counts_over_the_app(world: World) {
    let (master, child) = people(&world).await;
    let id = world.app("accounts").await;
    let path = child.at(&format!("/apps_store/{id}"));
    let sent = json!({ "allowed_users": "all", "api_url": "http://other.example.com/v2", "phase": null, "pvt_type": "user",
        "i18n": { "en-US": { "label": "Ours" } }, "extra": 1 });
    child.api.put(&path, sent).await.is(201);
    let app = child.api.get(&path).await.data();
    assert_eq!((&app["api_url"], &app["extra"]), (&json!("http://other.example.com/v2"), &json!(1)));
    assert_eq!((&app["i18n"]["en-US"]["label"], &app["i18n"]["de-DE"]["label"]), (&json!("Ours"), &json!("Konten")));
    assert!(app.get("phase").is_none() && app["i18n"]["en-US"]["description"].is_string(), "{app}");
    let list = child.api.get(&child.at("/apps_store")).await.data();
    assert_eq!(find(&list, &id)["api_url"], "http://other.example.com/v2");
    // The catalogue is as it was.
    let app = master.api.get(&master.at(&format!("/apps_store/{id}"))).await.data();
    assert!(app.get("extra").is_none() && app["i18n"]["en-US"]["label"] != "Ours");
}

async fn installations_at_the_same_time_all_count(world: World) {
    let (master, child) = people(&world).await;
    let mut ids = Vec::new();
    for name in ["accounts", "port", "reports"] {
        ids.push(world.app(name).await);
    }
    let blacklist = child.at("/apps_store/blacklist");
    let all = json!({ "allowed_users": "all" });
    for _ in 0..3 {
        let installs = join_all(ids.iter().map(|id| {
            let (api, path, all) = (&child.api, child.at(&format!("/apps_store/{id}")), all.clone());
            async move { api.put(&path, all).await.status }
        }));
        // Into the very same document, from elsewhere.
        let (installed, forbidden) = join(installs, master.api.post(&blacklist, json!({ "blacklist": ["nosuch"] }))).await;
        assert_eq!((installed, forbidden.status), (vec![201, 201, 201], 200));
        let list = child.api.get(&child.at("/apps_store")).await.data();
        assert!(ids.iter().all(|id| find(&list, id)["allowed_users"] == "all"), "{list}");
        assert_eq!(master.api.get(&blacklist).await.data(), json!({ "blacklist": ["nosuch"] }));
        // Of several who do the same, one has done it.
        let path = child.at(&format!("/apps_store/{}", ids[0]));
        let mut removed: Vec<_> = join_all((0..3).map(|_| child.api.delete(&path))).await.iter().map(|one| one.status).collect();
        removed.sort_unstable();
        assert_eq!(removed, [200, 400, 400]);
        for id in &ids[1..] {
            child.api.delete(&child.at(&format!("/apps_store/{id}"))).await.is(200);
        }
    }
}
