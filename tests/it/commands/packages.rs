//! Loading a folder as it may come from anywhere: forty apps, many of them broken in some way.

use std::{collections::BTreeMap, fs};

use serde_json::Value;
use storefront::store::{Query, View};

use self::folder::{
    Fate::{Loaded, Refused, Without},
    Package, app, forty, write,
};
use crate::support::{
    process::{Done, Server},
    world::{API_URL, Session, World},
};

mod folder;

on_every_world! {
    each_of_forty_apps_is_loaded_or_reported,
    an_interrupted_load_can_be_repeated,
}

/// Every document of the master account, by id, with its revision.
async fn revisions(world: &World, master: &Session) -> BTreeMap<String, Value> {
    let rows = world.documents().view(&master.db(), View::ALL_DOCS, &Query::default()).await.unwrap();
    rows.into_iter().map(|row| (row.id.unwrap(), row.value)).collect()
}

fn judge(packages: &[Package], Done { stdout, stderr, code, .. }: &Done) {
    let mut failed = 0;
    for Package { folder, name, fate } in packages {
        let folder = folder.to_str().unwrap();
        let tried = format!("trying to init app from {folder}\n");
        assert!(stdout.contains(&tried), "{tried}");
        let told = |reason: &str| stderr.lines().any(|line| line.contains(reason) && line.starts_with("  failed"));
        match fate {
            Loaded => assert!(!stderr.contains(&format!("in {folder}:")), "{name}: {stderr}"),
            Without(kind, reason) => {
                let line = format!("  failed to load {kind} in {folder}: ");
                let line = stderr.lines().find(|said| said.starts_with(&line)).unwrap_or_else(|| panic!("{line} {stderr}"));
                assert!(line.contains(reason), "{line}");
            }
            Refused(reason) => assert!(told(reason), "{name}: {reason}: {stderr}"),
        }
        let counted = stderr.lines().last().unwrap().contains(folder);
        assert_eq!(counted, !matches!(fate, Loaded), "{name}: {stderr}");
        failed += usize::from(counted);
    }
    assert!(stderr.contains(&format!("{failed} of 40 apps failed: ")), "{stderr}");
    assert_eq!(*code, Some(1));
}

async fn each_of_forty_apps_is_loaded_or_reported(world: World) {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let packages = forty(root.path(), elsewhere.path());
    let path = root.path().to_str().unwrap();
    let master = world.master().await;
    let done = world.run(&["init-apps", path, API_URL]);
    judge(&packages, &done);
    let list = master.api.get(&master.at("/apps_store")).await.is(200).data();
    for Package { folder, name, fate } in &packages {
        let listed: Vec<_> = list.as_array().unwrap().iter().filter(|app| app["name"] == name.as_str()).collect();
        if matches!(fate, Refused(_)) {
            assert_eq!(listed.len(), usize::from(name == "twin"), "{name}");
            continue;
        }
        let [app] = listed[..] else { panic!("{name}: {listed:?}") };
        let saved = format!(" saved app {name} as doc {}\n", app["id"].as_str().unwrap());
        assert!(done.stdout.contains(&saved), "{saved}");
        let (icon, screenshots) = match fate {
            Without("icon", _) => (404, 200),
            Without(..) => (200, 404),
            _ => (200, 200),
        };
        let at = format!("/v2/apps_store/{}", app["id"].as_str().unwrap());
        let shown = world.api.get(&format!("{at}/icon")).await.is(icon);
        if icon == 200 {
            let file = folder.join("metadata/icon").join(app["icon"].as_str().unwrap());
            assert_eq!(shown.body, fs::read(file).unwrap(), "{name}");
        }
        for (n, file) in app["screenshots"].as_array().unwrap().iter().enumerate() {
            // One that has the icon's name shows the icon.
            let status = if file == &app["icon"] { 200 } else { screenshots };
            let shown = world.api.get(&format!("{at}/screenshot/{n}")).await.is(status);
            if screenshots == 200 {
                let file = folder.join("metadata/screenshots").join(file.as_str().unwrap());
                assert_eq!(shown.body, fs::read(file).unwrap(), "{name}");
            }
        }
    }
    let types = |name: &str| {
        let app = list.as_array().unwrap().iter().find(|app| app["name"] == name).unwrap();
        format!("/v2/apps_store/{}", app["id"].as_str().unwrap())
    };
    let icon = world.api.get(&(types("svg") + "/icon")).await;
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
    for (n, expected) in ["image/jpeg", "image/jpeg", "image/gif", "application/octet-stream"].into_iter().enumerate() {
        let shown = world.api.get(&format!("{}/screenshot/{n}", types("jpeg"))).await;
        assert_eq!(shown.header("content-type"), Some(expected));
    }

    let before = revisions(&world, &master).await;
    judge(&packages, &world.run(&["init-apps", path, API_URL]));
    world.run(&["refresh-apps", path, API_URL]).failed();
    assert_eq!(revisions(&world, &master).await, before, "loading again changes nothing");
}

async fn an_interrupted_load_can_be_repeated(world: World) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().to_str().unwrap();
    for number in 0..40 {
        write(&root.path().join(format!("app-{number}")), &app(&format!("app-{number}")));
    }
    let master = world.master().await;
    for saved in [1, 7, 2, 5, 3] {
        let command = Server::start(["--store", &world.store, "init-apps", path, API_URL]);
        command.wait_for_print(|text| text.matches(" saved app ").count() >= saved);
        // Dropping it kills it on the spot.
        drop(command);
        master.api.get(&master.at("/apps_store")).await.is(200);
    }
    let said = world.run(&["init-apps", path, API_URL]).ok();
    let (new, known) = (said.matches(" saved app ").count(), said.matches(" already loaded in system").count());
    assert!(new + known == 40 && known >= 18, "{new} {known}");
    let list = master.api.get(&master.at("/apps_store")).await.data();
    for number in 0..40 {
        let name = format!("app-{number}");
        let listed: Vec<_> = list.as_array().unwrap().iter().filter(|app| app["name"] == name.as_str()).collect();
        let [app] = listed[..] else { panic!("{name}: {listed:?}") };
        let at = format!("/v2/apps_store/{}", app["id"].as_str().unwrap());
        assert_eq!(world.api.get(&format!("{at}/icon")).await.is(200).text(), "icon icon.png");
        assert_eq!(world.api.get(&format!("{at}/screenshot/1")).await.is(200).text(), "screenshots two.jpg");
    }
    let before = revisions(&world, &master).await;
    world.run(&["init-apps", path, API_URL]).ok();
    assert_eq!(revisions(&world, &master).await, before);
}
