//! Apps changed by hand: `set_app_*`, and renaming.

use std::fs;

use serde_json::{Value, json};

use crate::support::world::{API_URL, Session, World, copy_app};

on_every_world! {
    a_member_of_an_app_is_set_as_the_schema_wants_it,
    what_is_private_or_makes_no_sense_is_not_set,
    texts_and_features_are_set_in_english,
    pictures_are_added_and_shown_once_the_app_names_them,
    a_renamed_app_keeps_its_id_and_permissions,
}

async fn document(world: &World, master: &Session, id: &str) -> Value {
    Value::Object((*world.documents().get(&master.db(), id).await.unwrap()).clone())
}

fn set(world: &World, function: &str, arguments: &[&str]) -> crate::support::process::Done {
    world.sup(&[&["crossbar_maintenance", function], arguments].concat())
}

async fn a_member_of_an_app_is_set_as_the_schema_wants_it(world: World) {
    let (master, id) = (world.master().await, world.app("reports").await);
    for (field, value, stored) in [
        ("version", "1.1", json!("1.1")),
        ("price", "5", json!(5)),
        ("published", "false", json!(false)),
        ("published", "true", json!(true)),
        ("phase", "beta", json!("beta")),
        ("colour", "5", json!("5")),
        ("api.url", "x", json!("x")),
    ] {
        let said = set(&world, "set_app_field", &[&id, field, value]).ok();
        assert!(said.starts_with("App reports\n"), "{said}");
        assert_eq!(document(&world, &master, &id).await[field], stored, "{field}");
    }
    // By its name as well; and what is so already isn't written again.
    let before = document(&world, &master, &id).await;
    set(&world, "set_app_field", &["reports", "version", "1.1"]).ok();
    assert_eq!(document(&world, &master, &id).await, before);
    let shown = master.api.get(&master.at(&format!("/apps_store/{id}"))).await.data();
    assert_eq!((&shown["version"], &shown["price"]), (&json!("1.1"), &json!(5)));
    // An app without a URL of its own is one all the same.
    world.edit(&master.db(), &id, |doc| drop(doc.shift_remove("api_url"))).await;
    set(&world, "set_app_field", &[&id, "price", "7"]).ok();
    let after = document(&world, &master, &id).await;
    assert_eq!((&after["price"], after.get("api_url")), (&json!(7), None));
}

async fn what_is_private_or_makes_no_sense_is_not_set(world: World) {
    let (master, id) = (world.master().await, world.app("reports").await);
    let before = document(&world, &master, &id).await;
    for (field, value, reason) in [
        ("_id", "x", "isn't to be set"),
        ("_attachments", "x", "isn't to be set"),
        ("pvt_type", "x", "isn't to be set"),
        ("price", "much", "price"),
        ("phase", "omega", "phase"),
        ("author", "x", "author"),
        ("name", "port", "another app of that name"),
    ] {
        let said = set(&world, "set_app_field", &[&id, field, value]).failed();
        assert!(said.contains(&format!("updating {id} failed: ")) && said.contains(reason), "{field}: {said}");
    }
    assert!(set(&world, "set_app_description", &[&id, "x"]).failed().contains("i18n.en-US.description"));
    let said = set(&world, "set_app_label", &["nosuch", "Label"]).failed();
    assert!(said.contains("updating nosuch failed: unknown app"), "{said}");
    assert_eq!(document(&world, &master, &id).await, before);
}

async fn texts_and_features_are_set_in_english(world: World) {
    let (master, id) = (world.master().await, world.app("accounts").await);
    let before = document(&world, &master, &id).await;
    set(&world, "set_app_label", &[&id, "Kundenkonten"]).ok();
    set(&world, "set_app_description", &[&id, "All of them"]).ok();
    set(&world, "set_app_extended_description", &[&id, "Each and every one"]).ok();
    let said = set(&world, "set_app_features", &[&id, "Fast@@Small @ Gut"]).ok();
    assert!(said.contains("\"features\":[\"Fast\",\"Small\",\"Gut\"]"), "{said}");
    let after = document(&world, &master, &id).await;
    let expected = json!({ "label": "Kundenkonten", "description": "All of them", "extended_description": "Each and every one",
        "features": ["Fast", "Small", "Gut"] });
    assert_eq!(after["i18n"]["en-US"], expected);
    assert_eq!((&after["i18n"]["de-DE"], &after["_attachments"]), (&before["i18n"]["de-DE"], &before["_attachments"]));
}

async fn pictures_are_added_and_shown_once_the_app_names_them(world: World) {
    let (master, id, directory) = (world.master().await, world.app("reports").await, tempfile::tempdir().unwrap());
    let file = directory.path().join("a new one.png");
    let (path, folder) = (file.to_str().unwrap(), directory.path().to_str().unwrap());
    assert!(set(&world, "set_app_icon", &[&id, path]).failed().contains("failed to load icon in"));
    assert!(set(&world, "set_app_screenshots", &[&id, folder]).failed().contains("there is no *.png"));
    fs::write(&file, b"picture one").unwrap();
    fs::write(directory.path().join("b.png"), b"picture two").unwrap();
    fs::write(directory.path().join("c.jpg"), b"no png").unwrap();

    let icon = async || world.api.get(&format!("/v2/apps_store/{id}/icon")).await.is(200);
    let before = icon().await.body;
    let done = set(&world, "set_app_icon", &[&id, path]);
    assert!(done.stdout.contains(&format!("   saved a new one.png to {id}")) && done.stdout.contains("App reports"), "{done:?}");
    assert!(done.stderr.contains("hint: ") && done.success, "{done:?}");
    assert_eq!(icon().await.body, before, "what the app calls its icon stays");
    set(&world, "set_app_field", &[&id, "icon", "a new one.png"]).ok();
    assert_eq!(icon().await.body.as_ref(), b"picture one");
    let rev = document(&world, &master, &id).await["_rev"].clone();
    assert!(!set(&world, "set_app_icon", &[&id, path]).stderr.contains("hint"));
    assert_eq!(document(&world, &master, &id).await["_rev"], rev);

    let said = set(&world, "set_app_screenshots", &[&id, folder]).ok();
    assert!(said.contains("saved b.png") && !said.contains("c.jpg"), "{said}");
    let stored = document(&world, &master, &id).await;
    assert!(stored["_attachments"]["b.png"]["length"] == 11 && !stored["screenshots"].to_string().contains("b.png"), "{stored}");
}

async fn a_renamed_app_keeps_its_id_and_permissions(world: World) {
    let (master, directory) = (world.master().await, tempfile::tempdir().unwrap());
    let child = world.account(&master, "Child").await;
    let id = world.app("reports").await;
    child.api.put(&child.at(&format!("/apps_store/{id}")), json!({ "allowed_users": "all" })).await.is(201);
    let path = copy_app("reports", directory.path());
    let file = path.join("metadata/app.json");
    let mut app: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    app["name"] = json!("insights");
    app["version"] = json!("2.0");
    fs::write(&file, app.to_string()).unwrap();
    let path = path.to_str().unwrap();

    for said in [
        set(&world, "rename_and_refresh_app", &[path, "reports", API_URL]).ok(),
        // Again, in this program's words: it has the name by now.
        world.run(&["rename-and-refresh-app", path, "reports", API_URL]).ok(),
    ] {
        assert!(said.contains("trying to refresh app from") && said.contains(&id), "{said}");
    }
    assert_eq!(world.app("insights").await, id);
    let shown = child.api.get(&child.at(&format!("/apps_store/{id}"))).await.data();
    assert_eq!((&shown["version"], &shown["allowed_users"]), (&json!("2.0"), &json!("all")));
    // Clients load an app's code by its name: it's the new one wherever it was installed before.
    assert_eq!(shown["name"], "insights");
    let changed = child.api.post(&child.at(&format!("/apps_store/{id}")), json!({ "allowed_users": "admins" })).await.is(200);
    assert_eq!(changed.data()["name"], "insights");
    assert!(world.sup(&["crossbar_maintenance", "app", "reports"]).failed().contains("unknown app"));

    app["name"] = json!("port");
    fs::write(&file, app.to_string()).unwrap();
    let said = set(&world, "rename_and_refresh_app", &[path, "insights", API_URL]).failed();
    assert!(said.contains("can't be called port"), "{said}");
    app["name"] = json!("elsewhere");
    fs::write(&file, app.to_string()).unwrap();
    assert!(set(&world, "rename_and_refresh_app", &[path, "nosuch"]).failed().contains("failed to find app nosuch"));
    assert_eq!(document(&world, &master, &id).await["name"], "insights");
}
