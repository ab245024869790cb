//! Apps that can't be loaded, wholly or in part.

use std::fs;

use serde_json::{Value, json};

use crate::support::world::{API_URL, World, copy_app};

on_every_world! {
    one_broken_app_doesnt_keep_others_from_being_loaded,
    a_missing_picture_is_told_and_the_app_loaded_without_it,
    a_folder_without_apps_is_told,
}

async fn one_broken_app_doesnt_keep_others_from_being_loaded(world: World) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let edit = |name: &str, edit: &dyn Fn(&mut Value)| {
        let file = copy_app(name, directory.path()).join("metadata/app.json");
        let mut app: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        edit(&mut app);
        fs::write(&file, app.to_string()).unwrap();
    };
    edit("directory", &|_| {});
    edit("webhooks", &|app| app["price"] = json!("much"));
    edit("voicemails", &|app| drop(app.as_object_mut().unwrap().remove("author")));
    let broken = copy_app("fax", directory.path());
    fs::write(broken.join("metadata/app.json"), "{\"name\": \"fax\",").unwrap();
    // Loaded although it begins with what some editors put there.
    let marked = copy_app("numbers", directory.path()).join("metadata/app.json");
    fs::write(&marked, [b"\xef\xbb\xbf".as_slice(), &fs::read(&marked).unwrap()].concat()).unwrap();

    let done = world.sup(&["crossbar_maintenance", "init_apps", path, API_URL]);
    let (stdout, said) = (done.stdout.clone(), done.failed());
    for name in ["directory", "numbers"] {
        assert!(stdout.contains(&format!(" saved app {name} as doc ")), "{stdout}");
    }
    assert!(said.contains("3 of 5 apps failed"), "{said}");
    for (name, reason) in [("fax", "failed to validate app data"), ("webhooks", "price"), ("voicemails", "author")] {
        let line = said.lines().find(|line| line.starts_with("  ") && line.contains(&format!("/{name}"))).unwrap();
        assert!(line.contains(reason), "{line}");
    }
    let master = world.master().await;
    let list = master.api.get(&master.at("/apps_store")).await.data();
    let has = |name: &str| list.as_array().unwrap().iter().any(|app| app["name"] == name);
    assert!(has("directory") && has("numbers") && !has("fax") && !has("webhooks") && !has("voicemails"), "{list}");
}

async fn a_missing_picture_is_told_and_the_app_loaded_without_it(world: World) {
    let directory = tempfile::tempdir().unwrap();
    let path = copy_app("directory", directory.path());
    let app: Value = serde_json::from_slice(&fs::read(path.join("metadata/app.json")).unwrap()).unwrap();
    let icon = app["icon"].as_str().unwrap();
    let picture = fs::read(path.join("metadata/icon").join(icon)).unwrap();
    fs::remove_file(path.join("metadata/icon").join(icon)).unwrap();
    let said = world.sup(&["crossbar_maintenance", "init_app", path.to_str().unwrap(), API_URL]).failed();
    assert!(said.contains("failed to load icon in") && said.contains(icon), "{said}");
    let id = world.app("directory").await;
    let none = json!([id]);
    world.api.get(&format!("/v2/apps_store/{id}/icon")).await.is_error(404, "bad identifier", none);
    world.api.get(&format!("/v2/apps_store/{id}/screenshot/0")).await.is(200);

    fs::write(path.join("metadata/icon").join(icon), &picture).unwrap();
    world.sup(&["crossbar_maintenance", "init_app", path.to_str().unwrap(), API_URL]).ok();
    assert_eq!(world.api.get(&format!("/v2/apps_store/{id}/icon")).await.is(200).body, picture);
}

async fn a_folder_without_apps_is_told(world: World) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let empty = world.sup(&["crossbar_maintenance", "init_apps", path, API_URL]).failed();
    assert!(empty.contains("there is no app below") && empty.contains("metadata/app.json"), "{empty}");
    let missing = directory.path().join("nosuch");
    let said = world.sup(&["crossbar_maintenance", "init_apps", missing.to_str().unwrap()]).failed();
    assert!(said.contains("is no folder"), "{said}");
    let said = world.sup(&["crossbar_maintenance", "init_app", path, API_URL]).failed();
    assert!(said.contains("failed to find metadata in"), "{said}");
    fs::create_dir(directory.path().join("metadata")).unwrap();
    let said = world.sup(&["crossbar_maintenance", "init_app", path, API_URL]).failed();
    assert!(said.contains("there was no app.json in"), "{said}");
}
