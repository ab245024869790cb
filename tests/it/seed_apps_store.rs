//! The apps store, as its documentation shows it call by call: what's read, installed, changed, uninstalled and forbidden.

use std::fs;

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::support::world::{API_URL, APPS, Session, World, demo_apps};

on_every_world! {
    apps_on_disk_become_apps_of_the_master_account,
    an_account_sees_the_published_apps,
    an_app_is_installed_changed_and_uninstalled,
    each_kind_of_permission_is_stored_as_it_was_sent,
    what_a_permission_says_must_make_sense,
    an_app_shows_its_icon_and_screenshots,
    an_account_above_forbids_apps,
    forbidden_apps_are_forbidden_further_down_too,
    what_is_inherited_can_be_set,
    a_service_plan_says_which_apps_there_are,
    installations_at_the_same_time_all_count,
}

fn names(list: &Value) -> Vec<&str> {
    let mut names: Vec<_> = list.as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn find<'a>(list: &'a Value, id: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|app| app["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}"))
}

/// The master's admin, and the admin of an account below.
async fn people(world: &World) -> (Session, Session) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    (master, child)
}

async fn apps_on_disk_become_apps_of_the_master_account(world: World) {
    let loaded = world.sup(&["crossbar_maintenance", "init_apps", demo_apps().to_str().unwrap(), API_URL]).ok();
    let master = world.master().await;
    let list = master.api.get(&master.at("/apps_store")).await.is(200).data();
    let mut expected: Vec<_> =
        fs::read_dir(demo_apps()).unwrap().map(|app| app.unwrap().file_name().into_string().unwrap()).collect();
    expected.sort_unstable();
    // The master account has all of them, also those that aren't published.
    assert_eq!(names(&list), expected);
    assert!(
        expected.iter().all(|name| loaded.contains(&format!("trying to init app from {}/{name}", demo_apps().display()))),
        "{loaded}"
    );
    let id = find(&list, &world.app("fax").await)["id"].as_str().unwrap().to_owned();
    let app = master.api.get(&master.at(&format!("/apps_store/{id}"))).await.is(200).data();
    let file: Value = serde_json::from_slice(&fs::read(demo_apps().join("fax/metadata/app.json")).unwrap()).unwrap();
    for (key, value) in file.as_object().unwrap() {
        let expected = if key == "api_url" { &json!(API_URL) } else { value };
        assert_eq!(&app[key], expected, "{key}");
    }
    assert_eq!((&app["id"], &app["account_id"]), (&json!(id), &json!(master.account_id)));
    assert_eq!((&app["authority"], &app["published"]), (&json!("super_admin"), &json!(true)));
}

async fn an_account_sees_the_published_apps(world: World) {
    let (master, child) = people(&world).await;
    let published: Vec<_> = APPS.into_iter().filter(|name| *name != "api-console").collect();
    for api in [&child.api, &master.api] {
        let answer = api.get(&child.at("/apps_store")).await.is(200);
        let list = answer.data();
        assert_eq!(names(&list), published);
        let app = find(&list, &world.app("accounts").await);
        for key in [
            "id",
            "name",
            "i18n",
            "tags",
            "api_url",
            "account_id",
            "users",
            "masqueradable",
            "phase",
            "icon",
            "author",
            "version",
            "license",
            "price",
            "screenshots",
            "urls",
            "authority",
            "published",
        ] {
            assert!(!app[key].is_null(), "{key} {app}");
        }
        // "Not installed" to Monster UI.
        assert!(app.get("allowed_users").is_none(), "{app}");
        assert_eq!(app["i18n"]["de-DE"]["label"], "Konten");
        let body = answer.json();
        assert!(body.get("page_size").is_none() && body.get("next_start_key").is_none());
    }
    // Paging and filters are for others.
    let list = child.api.get(&child.at("/apps_store?page_size=1&filter_name=nosuch")).await.data();
    assert_eq!(names(&list), published);
    // Backwards by name.
    assert_eq!(list[0]["name"], "reports");

    let hidden = world.app("api-console").await;
    let unknown = |id: &str| json!({ "details": id, "message": "bad identifier" });
    for id in [hidden.as_str(), "nosuch", child.account_id.as_str()] {
        child.api.get(&child.at(&format!("/apps_store/{id}"))).await.is_error(404, "bad_identifier", unknown(id));
    }
    master.api.get(&master.at(&format!("/apps_store/{hidden}"))).await.is(200);

    // Without an account: who may look at all sees the catalogue's own document, and there's no list.
    let app = world.app("accounts").await;
    assert_eq!(master.api.get(&format!("/v2/apps_store/{app}")).await.is(200).data()["name"], "accounts");
    let refused = master.api.get("/v2/apps_store").await.is(400).json();
    assert!(refused["data"]["account_id"]["required"].is_object(), "{refused}");
    child.api.get(&format!("/v2/apps_store/{app}")).await.is_forbidden();
    world.api.get(&format!("/v2/apps_store/{app}")).await.is_unauthorized();
    world.api.get(&child.at("/apps_store")).await.is_unauthorized();
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
    // What an app is called is for its document to say.
    let renamed = child.api.post(&path, json!({ "allowed_users": "all", "name": "evil", "id": "x" })).await.is(200).data();
    assert_eq!(renamed, json!({ "allowed_users": "all", "name": "accounts" }));
}

async fn an_app_shows_its_icon_and_screenshots(world: World) {
    let (master, child) = people(&world).await;
    let id = world.app("accounts").await;
    let metadata = demo_apps().join("accounts/metadata");
    let icon = fs::read(metadata.join("icon/accounts.png")).unwrap();
    // Anybody may look without an account in the path; with one it takes a token, which an image's URL carries.
    let in_query = child.at(&format!("/apps_store/{id}/icon?auth_token={}", child.token));
    for (api, path) in [
        (&world.api, format!("/v2/apps_store/{id}/icon")),
        (&world.api.token("undefined"), format!("/v2/apps_store/{id}/icon")),
        (&world.api, in_query),
        (&child.api, child.at(&format!("/apps_store/{id}/icon"))),
        (&master.api, child.at(&format!("/apps_store/{id}/icon"))),
    ] {
        let answer = api.get(&path).await.is(200);
        assert_eq!((answer.header("content-type"), answer.body.as_ref()), (Some("image/png"), icon.as_slice()));
    }
    world.api.get(&child.at(&format!("/apps_store/{id}/icon"))).await.is_unauthorized();

    for (n, file) in [("0", "accounts-1.png"), ("1", "accounts-2.png"), ("2", "accounts-3.png"), ("01", "accounts-2.png")] {
        let bytes = fs::read(metadata.join("screenshots").join(file)).unwrap();
        for path in [format!("/v2/apps_store/{id}/screenshot/{n}"), child.at(&format!("/apps_store/{id}/screenshot/{n}"))] {
            let answer = child.api.get(&path).await.is(200);
            assert_eq!(answer.body, bytes);
            assert_eq!(answer.header("content-disposition"), Some(format!("attachment; filename={file}").as_str()));
        }
    }
    for n in ["3", "-1", "x", "1.5", "99999999999999999999"] {
        let none = json!([format!("screenshot/{n}")]);
        child.api.get(&format!("/v2/apps_store/{id}/screenshot/{n}")).await.is_error(404, "bad identifier", none);
    }
    let unknown = json!({ "details": "nosuch", "message": "bad identifier" });
    world.api.get("/v2/apps_store/nosuch/icon").await.is_error(404, "bad_identifier", unknown.clone());
    child.api.get(&child.at("/apps_store/nosuch/screenshot/0")).await.is_error(404, "bad_identifier", unknown);
    child.api.get(&format!("/v2/apps_store/{id}/screenshot")).await.is_not_found();
    // Not even an account's own document passes for an app.
    world.api.get(&format!("/v2/apps_store/{}/icon", master.account_id)).await.is(404);
}

async fn an_account_above_forbids_apps(world: World) {
    let (master, child) = people(&world).await;
    let id = world.app("reports").await;
    let (path, app) = (child.at("/apps_store/blacklist"), child.at(&format!("/apps_store/{id}")));
    child.api.put(&app, json!({ "allowed_users": "all" })).await.is(201);
    assert_eq!(master.api.get(&path).await.is(200).data(), json!({ "blacklist": [] }));
    for api in [&child.api, &world.account(&master, "Other").await.api] {
        api.get(&path).await.is_forbidden();
        api.post(&path, json!({ "blacklist": [] })).await.is_forbidden();
    }
    // Nobody is above the master.
    master.api.get(&master.at("/apps_store/blacklist")).await.is_forbidden();

    let answer = master.api.post(&path, json!({ "blacklist": [id] })).await.is(200);
    assert_eq!(answer.data(), json!({ "blacklist": [id] }));
    let read = master.api.get(&path).await.is(200).json();
    assert_eq!((&read["data"], &read["revision"]), (&json!({ "blacklist": [id] }), &answer.json()["revision"]));
    assert!(!names(&child.api.get(&child.at("/apps_store")).await.data()).contains(&"reports"));
    child.api.get(&app).await.is_error(404, "bad_identifier", json!({ "details": id, "message": "bad identifier" }));
    let forbidden = json!({ "details": id, "message": "forbidden" });
    child.api.post(&app, json!({ "allowed_users": "all" })).await.is_error(403, "forbidden", forbidden);
    child.api.delete(&app).await.is(200);

    // It replaces; what makes no sense is refused and changes nothing.
    let other = world.app("port").await;
    master.api.post(&path, json!({ "blacklist": [other] })).await.is(200);
    for bad in [json!("x"), json!([1]), json!({})] {
        assert_eq!(master.api.post(&path, json!({ "blacklist": bad })).await.is(400).json()["message"], "validation error");
    }
    assert_eq!(master.api.get(&path).await.data(), json!({ "blacklist": [other] }));
    assert_eq!(names(&child.api.get(&child.at("/apps_store")).await.data()), ["accounts", "reports"]);
    master.api.post(&path, json!({})).await.is(200);
    assert_eq!(names(&child.api.get(&child.at("/apps_store")).await.data()).len(), 3);
    assert_eq!(master.api.put(&path, json!({})).await.is(405).header("allow"), Some("OPTIONS, GET, POST"));
}

async fn forbidden_apps_are_forbidden_further_down_too(world: World) {
    let (master, child) = people(&world).await;
    let grandchild = world.account(&child, "Grandchild").await;
    let great = world.account(&grandchild, "Great-grandchild").await;
    let (port, reports) = (world.app("port").await, world.app("reports").await);
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [port] })).await.is(200);
    child.api.post(&grandchild.at("/apps_store/blacklist"), json!({ "blacklist": [reports] })).await.is(200);
    let seen = async |session: &Session| {
        let list = session.api.get(&session.at("/apps_store")).await.data();
        names(&list).join(" ")
    };
    assert_eq!(seen(&master).await, "accounts api-console port reports");
    assert_eq!(seen(&child).await, "accounts reports");
    assert_eq!(seen(&grandchild).await, "accounts");
    assert_eq!(seen(&great).await, "accounts");
    // Each account's list is its own all the same.
    let own = master.api.get(&grandchild.at("/apps_store/blacklist")).await.data();
    assert_eq!(own, json!({ "blacklist": [reports] }));
    assert_eq!(master.api.get(&great.at("/apps_store/blacklist")).await.data(), json!({ "blacklist": [] }));
    let forbidden = json!({ "details": port, "message": "forbidden" });
    let path = great.at(&format!("/apps_store/{port}"));
    great.api.put(&path, json!({ "allowed_users": "all" })).await.is_error(403, "forbidden", forbidden);
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [] })).await.is(200);
    assert_eq!(seen(&great).await, "accounts port");
}

async fn what_is_inherited_can_be_set(world: World) {
    let (master, child) = people(&world).await;
    let grandchild = world.account(&child, "Grandchild").await;
    let port = world.app("port").await;
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [port] })).await.is(200);
    let sees = async || {
        let list = grandchild.api.get(&grandchild.at("/apps_store")).await.data();
        names(&list).contains(&"port")
    };
    assert!(!sees().await);
    world.sup(&["kapps_config", "set_default", "apps_store", "blacklist_inheritance", "none"]).ok();
    assert!(sees().await);
    world.sup(&["kapps_config", "set_default", "apps_store", "blacklist_inheritance", "reseller"]).ok();
    assert!(sees().await);
    // Unless things are strict, an app is hidden, but to be had by its id: Kazoo 5.0's rule.
    let path = child.at(&format!("/apps_store/{port}"));
    child.api.get(&path).await.is(404);
    world.sup(&["kapps_config", "set_default", "apps_store", "strict_by_id", "false"]).ok();
    assert_eq!(child.api.get(&path).await.is(200).data()["published"], false);
    child.api.put(&path, json!({ "allowed_users": "all" })).await.is(201);
}

async fn a_service_plan_says_which_apps_there_are(world: World) {
    let (master, child) = people(&world).await;
    let (port, console) = (world.app("port").await, world.app("api-console").await);
    let plan = json!({
        "_id": "plan_small", "pvt_type": "service_plan", "name": "Small", "applications": {
            &port: { "name": "port", "vendor_id": master.account_id, "enabled": false },
            &console: { "name": "api-console", "enabled": true },
        },
    });
    world.documents().put(&master.db(), plan.as_object().unwrap()).await.unwrap();
    world
        .edit(&storefront::platform::names::SERVICES, &child.account_id, |doc| {
            doc.insert("plans".into(), json!({ "plan_small": { "vendor_id": master.account_id } }));
        })
        .await;
    let list = child.api.get(&child.at("/apps_store")).await.data();
    assert_eq!(names(&list), ["accounts", "api-console", "reports"]);
    assert_eq!(find(&list, &console)["authority"], "service_plan");
    world.sup(&["kapps_config", "set_default", "apps_store", "plan_mode", "whitelist"]).ok();
    assert_eq!(names(&child.api.get(&child.at("/apps_store")).await.data()), ["api-console"]);
    assert_eq!(names(&master.api.get(&master.at("/apps_store")).await.data()).len(), 4);
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
