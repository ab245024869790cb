//! Which apps there are, and how they look.

use std::fs;

use serde_json::{Value, json};

use super::{find, names, people};
use crate::support::world::{API_URL, APPS, World, demo_apps};

on_every_world! {
    apps_on_disk_become_apps_of_the_master_account,
    an_account_sees_the_published_apps,
    a_service_plan_says_which_apps_there_are,
    an_app_shows_its_icon_and_screenshots,
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
    let unknown = |id: &str| json!({ "cause": id, "details": id, "message": "bad identifier" });
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
    let unknown = json!({ "cause": "nosuch", "details": "nosuch", "message": "bad identifier" });
    world.api.get("/v2/apps_store/nosuch/icon").await.is_error(404, "bad_identifier", unknown.clone());
    child.api.get(&child.at("/apps_store/nosuch/screenshot/0")).await.is_error(404, "bad_identifier", unknown);
    child.api.get(&format!("/v2/apps_store/{id}/screenshot")).await.is_not_found();
    // Not even an account's own document passes for an app.
    world.api.get(&format!("/v2/apps_store/{}/icon", master.account_id)).await.is(404);
}
