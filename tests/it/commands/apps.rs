//! Loading apps, and showing them.

use std::fs;

use serde_json::{Value, json};

use crate::support::world::{API_URL, APPS, Session, World, copy_app};

on_every_world! {
    apps_that_are_there_already_stay_as_they_are,
    a_refreshed_app_is_brought_up_to_date,
    apps_are_shown,
    a_new_app_is_stored_as_its_file_says,
    what_a_refresh_brings_up_to_date_can_be_set,
    of_two_apps_of_one_name_none_is_touched,
}

/// The documents of all apps.
async fn documents(world: &World, master: &Session) -> Vec<Value> {
    let mut documents = Vec::new();
    for name in APPS {
        let doc = world.documents().get(&master.db(), &world.app(name).await).await.unwrap();
        documents.push(Value::Object((*doc).clone()));
    }
    documents
}

async fn apps_that_are_there_already_stay_as_they_are(world: World) {
    let (master, directory) = (world.master().await, tempfile::tempdir().unwrap());
    for name in APPS {
        copy_app(name, directory.path());
    }
    let path = directory.path().to_str().unwrap();
    let before = documents(&world, &master).await;
    for command in ["init_apps", "refresh_apps", "init_apps"] {
        let said = world.sup(&["crossbar_maintenance", command, path, API_URL]).ok();
        assert_eq!(said.matches("already loaded in system").count(), APPS.len(), "{said}");
        assert_eq!(said.matches("no metadata changes for app").count(), APPS.len(), "{said}");
        assert_eq!(documents(&world, &master).await, before);
    }
    // One by one, and in this program's own words.
    let one = directory.path().join("port");
    world.sup(&["crossbar_maintenance", "init_app", one.to_str().unwrap(), API_URL]).ok();
    world.run(&["refresh-app", one.to_str().unwrap()]).ok();
    assert_eq!(documents(&world, &master).await, before);

    // Another URL is all that init changes, and each app keeps its id.
    world.run(&["init-apps", path, "https://other.example.com/v2"]).ok();
    for (old, new) in before.iter().zip(documents(&world, &master).await) {
        assert_eq!(new["api_url"], "https://other.example.com/v2");
        assert_eq!((&new["_id"], &new["i18n"], &new["pvt_created"]), (&old["_id"], &old["i18n"], &old["pvt_created"]));
        assert_ne!(new["_rev"], old["_rev"]);
    }
}

async fn a_refreshed_app_is_brought_up_to_date(world: World) {
    let (master, directory) = (world.master().await, tempfile::tempdir().unwrap());
    let path = copy_app("reports", directory.path());
    let id = world.app("reports").await;
    let get = async || master.api.get(&master.at(&format!("/apps_store/{id}"))).await.is(200).data();
    let before = get().await;
    let file = path.join("metadata/app.json");
    let mut app: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    app["version"] = json!("99.1");
    app["i18n"]["en-US"]["label"] = json!("Renamed");
    app["author"] = json!("Somebody");
    // What isn't said isn't taken away.
    app["tags"] = json!([]);
    fs::write(&file, app.to_string()).unwrap();
    let icon = format!("metadata/icon/{}", app["icon"].as_str().unwrap());
    fs::write(path.join(&icon), b"another picture").unwrap();

    // Init minds URL and pictures only.
    let init = world.sup(&["crossbar_maintenance", "init_app", path.to_str().unwrap(), API_URL]).ok();
    assert!(init.contains("saved") && init.contains(app["icon"].as_str().unwrap()), "{init}");
    assert_eq!(get().await["version"], before["version"]);
    let shown = world.api.get(&format!("/v2/apps_store/{id}/icon")).await.is(200);
    assert_eq!(shown.body.as_ref(), b"another picture");

    let refresh = world.sup(&["crossbar_maintenance", "refresh_app", path.to_str().unwrap(), API_URL]).ok();
    assert!(
        refresh.contains("preparing to update version") && refresh.contains("not updating license, it is unchanged"),
        "{refresh}"
    );
    let after = get().await;
    assert_eq!((&after["version"], &after["author"]), (&json!("99.1"), &json!("Somebody")));
    assert_eq!(after["i18n"]["en-US"]["label"], "Renamed");
    assert_eq!(after["tags"], before["tags"]);
    assert_eq!((&after["id"], &after["api_url"]), (&before["id"], &json!(API_URL)));
    // Without a URL a known app keeps the one it has.
    world.sup(&["crossbar_maintenance", "refresh_app", path.to_str().unwrap()]).ok();
    assert_eq!(get().await["api_url"], API_URL);
}

async fn apps_are_shown(world: World) {
    let all = world.sup(&["crossbar_maintenance", "apps"]).ok();
    for name in APPS {
        assert!(all.contains(&format!("App {name}\n")), "{all}");
        let one = world.sup(&["crossbar_maintenance", "app", name]).ok();
        assert!(one.starts_with(&format!("App {name}\n")) && all.contains(&one), "{one}");
        assert_eq!(world.run(&["app", &world.app(name).await]).ok(), one);
    }
    assert_eq!(world.run(&["apps"]).ok(), all);
    assert!(world.sup(&["crossbar_maintenance", "app", "nosuch"]).failed().contains("unknown app"));
}

async fn a_new_app_is_stored_as_its_file_says(world: World) {
    let (master, directory) = (world.master().await, tempfile::tempdir().unwrap());
    let path = copy_app("fax", directory.path());
    let file = path.join("metadata/app.json");
    let mut app: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let own = json!({ "_id": "f".repeat(32), "source_url": "http://elsewhere.example", "pvt_type": "other", "pvt_theirs": 1,
        "colour": { "of": "theirs" }, "_rev": "1-x", "_attachments": { "x": {} } });
    app.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    fs::write(&file, app.to_string()).unwrap();
    world.sup(&["crossbar_maintenance", "init_app", path.to_str().unwrap()]).ok();
    let stored = world.documents().get(&master.db(), &"f".repeat(32)).await.unwrap();
    assert_eq!((&stored["pvt_type"], &stored["pvt_theirs"], &stored["colour"]), (&json!("app"), &json!(1), &app["colour"]));
    assert_eq!(
        (&stored["pvt_account_id"], &stored["pvt_account_db"]),
        (&json!(master.account_id), &json!(master.db().as_str().replace('/', "%2F")))
    );
    assert!(stored["pvt_created"].is_u64() && stored["pvt_modified"].is_u64());
    // Where its code is, Monster UI knows itself; without a URL it uses its own API.
    assert!(stored.get("source_url").is_none() && stored.get("api_url").is_none(), "{stored:?}");
    assert!(stored["_attachments"].get("x").is_none());

    // What the file has for a URL isn't used, and has to be there all the same.
    app.as_object_mut().unwrap().shift_remove("api_url");
    fs::write(&file, app.to_string()).unwrap();
    let said = world.sup(&["crossbar_maintenance", "init_app", path.to_str().unwrap(), API_URL]).failed();
    assert!(said.contains("failed to validate app data") && said.contains("api_url"), "{said}");
}

async fn what_a_refresh_brings_up_to_date_can_be_set(world: World) {
    let (master, directory) = (world.master().await, tempfile::tempdir().unwrap());
    let path = copy_app("reports", directory.path());
    let file = path.join("metadata/app.json");
    let mut app: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    (app["version"], app["author"], app["pvt_type"]) = (json!("99.1"), json!("Somebody"), json!("user"));
    fs::write(&file, app.to_string()).unwrap();
    world.run(&["config", "set-default", "crossbar", "refresh_app_keys", r#"["version", "pvt_type", "_id"]"#]).ok();
    let said = world.sup(&["crossbar_maintenance", "refresh_app", path.to_str().unwrap(), API_URL]).ok();
    let id = world.app("reports").await;
    assert!(
        said.contains(" preparing to update version") && said.contains(&format!(" updated reports app {id} metadata")),
        "{said}"
    );
    let stored = world.documents().get(&master.db(), &id).await.unwrap();
    assert_eq!((&stored["version"], &stored["pvt_type"]), (&json!("99.1"), &json!("app")));
    assert_ne!(stored["author"], "Somebody");
}

async fn of_two_apps_of_one_name_none_is_touched(world: World) {
    let (master, directory) = (world.master().await, tempfile::tempdir().unwrap());
    let path = copy_app("reports", directory.path());
    let twin = json!({ "_id": "twin", "pvt_type": "app", "name": "reports" });
    world.documents().put(&master.db(), twin.as_object().unwrap()).await.unwrap();
    let before = documents(&world, &master).await;
    for command in ["init_app", "refresh_app"] {
        let said = world.sup(&["crossbar_maintenance", command, path.to_str().unwrap(), "http://other.example/v2"]).failed();
        assert!(said.contains("failed to find app reports: there are 2 of that name"), "{said}");
    }
    assert_eq!(documents(&world, &master).await, before);
}
