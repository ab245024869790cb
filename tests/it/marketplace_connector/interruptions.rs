//! A fetching process that is killed, at every step there is: nothing is ever half installed, and nothing is installed twice.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::json;
use walkdir::WalkDir;

use super::{fetch, linked, package::Zip};
use crate::support::{
    portal::{Portal, Say},
    process::Server,
    world::{Session, World},
};

on_every_world! {
    whoever_was_killed_while_the_marketplace_was_asked_goes_on,
    whoever_was_killed_at_work_goes_on,
    an_app_that_was_taken_from_its_place_goes_back,
}

/// An app that takes a while to unpack.
fn package(name: &str, version: &str) -> Vec<u8> {
    (0..100).fold(Zip::app(name, version), |zip, number| zip.file(&format!("js/{number}.js"), version.as_bytes())).done()
}

/// The files of an app in its place, but for the note; nothing if it isn't there.
fn files(place: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = WalkDir::new(place).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    let relative = |path: &Path| path.strip_prefix(place).unwrap().to_str().unwrap().to_owned();
    let files = files.filter(|file| file.file_name() != ".storefront.json");
    files.map(|file| (relative(file.path()), fs::read(file.path()).unwrap())).collect()
}

/// Fails the test unless an app is as this version has it, or as it was before.
fn is_whole(world: &World, name: &str, versions: &[Option<&str>]) {
    let found = files(&world.apps.path().join(name));
    let whole = |version: &Option<&str>| match version {
        None => found.is_empty(),
        Some(version) => {
            found.len() == 103
                && found["app.js"] == format!("// {name} {version}").into_bytes()
                && (0..100).all(|number| found[&format!("js/{number}.js")] == version.as_bytes())
        }
    };
    assert!(versions.iter().any(whole), "{name}: {:?} of {}", found.get("app.js"), found.len());
}

fn start(world: &World) -> Server {
    let apps = world.apps.path().to_str().unwrap();
    Server::start(["--store", &world.store, "marketplace-fetch", "--marketplace-apps", apps])
}

/// Fails the test unless an app is installed once, in this version.
async fn is_finished(world: &World, portal: &Portal, master: &Session, id: &str, name: &str, version: &str) {
    fetch(world).ok();
    is_whole(world, name, &[Some(version)]);
    assert_eq!(portal.told(id).0.last().unwrap(), "verified", "{id}");
    let list = master.api.get(&master.at("/apps_store")).await.is(200).data();
    let listed: Vec<_> = list.as_array().unwrap().iter().filter(|app| app["name"] == name).collect();
    assert!(listed.len() == 1 && listed[0]["version"] == version, "{name}: {listed:?}");
}

/// Fails the test if anything is left to be done.
fn is_at_rest(world: &World, portal: &Portal) {
    let told = || (portal.asked("POST").len(), portal.asked("GET connector/packages").len());
    let before = told();
    fetch(world).ok();
    assert_eq!(told(), before);
}

async fn whoever_was_killed_while_the_marketplace_was_asked_goes_on(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    let half = |package: &[u8]| Say::Stall(package.len() as u64, package[..package.len() / 2].to_vec().into());
    let steps: [(&str, Option<Say>, usize); 9] = [
        ("GET connector/deliveries", Some(Say::Hang), 1),
        ("POST connector/deliveries/ID delivering", Some(Say::Hang), 1),
        ("POST connector/deliveries/ID delivering", Some(Say::Swallow), 1),
        ("GET connector/packages/ID", Some(Say::Hang), 2),
        // Half of the package.
        ("GET connector/packages/ID", None, 2),
        ("POST connector/deliveries/ID delivered", Some(Say::Hang), 1),
        ("POST connector/deliveries/ID delivered", Some(Say::Swallow), 1),
        ("POST connector/deliveries/ID verified", Some(Say::Hang), 1),
        ("POST connector/deliveries/ID verified", Some(Say::Swallow), 1),
    ];
    for (number, (what, say, packages)) in steps.into_iter().enumerate() {
        let (first, second, name) = (format!("d{number}-1"), format!("d{number}-2"), format!("app{number}"));
        let mut before = None;
        for (id, version) in [(first, "1.0"), (second, "2.0")] {
            let package = package(&name, version);
            portal.deliver(&id, &name, version, &package);
            let what = what.replace("ID", &id);
            let seen = portal.asked(&what).len();
            portal.say(&what, 1, say.clone().unwrap_or_else(|| half(&package)));
            let killed = start(&world);
            portal.wait_for(&what, seen + 1);
            drop(killed);
            portal.say_the_usual();
            is_whole(&world, &name, &[before, Some(version)]);
            is_finished(&world, &portal, &master, &id, &name, version).await;
            assert!(portal.asked(&format!("GET connector/packages/{id}")).len() <= packages, "{what}");
            before = Some(version);
        }
    }
    is_at_rest(&world, &portal);
}

async fn whoever_was_killed_at_work_goes_on(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    let steps = ["delivery ", "  downloaded ", "  unpacked ", "  put it in its place", " saved app ", " is verified"];
    for (number, step) in steps.into_iter().enumerate() {
        let name = format!("app{number}");
        let mut before = None;
        for version in ["1.0", "2.0"] {
            let id = format!("d{number}-{version}");
            portal.deliver(&id, &name, version, &package(&name, version));
            let step = match (step, version) {
                (" saved app ", "2.0") => " updated ",
                (step, _) => step,
            };
            let killed = start(&world);
            killed.wait_for_print(|text| text.contains(step));
            drop(killed);
            is_whole(&world, &name, &[before, Some(version)]);
            is_finished(&world, &portal, &master, &id, &name, version).await;
            before = Some(version);
        }
    }
    is_at_rest(&world, &portal);
}

async fn an_app_that_was_taken_from_its_place_goes_back(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    portal.deliver("d1", "shop", "1.0", &package("shop", "1.0"));
    fetch(&world).ok();
    let (place, corner) = (world.apps.path().join("shop"), world.apps.path().join(".storefront"));
    // As it is between the two renamings, with another app half unpacked.
    fs::rename(&place, corner.join("old/shop")).unwrap();
    fs::create_dir(corner.join("new/half")).unwrap();
    fs::write(corner.join("new/half/app.js"), "// half").unwrap();
    fetch(&world).ok();
    is_whole(&world, "shop", &[Some("1.0")]);
    assert!(!corner.join("new/half").exists() && !corner.join("old/shop").exists());
    // And where the other had come into its place already.
    fs::create_dir_all(corner.join("old/shop/js")).unwrap();
    fetch(&world).ok();
    is_whole(&world, "shop", &[Some("1.0")]);
    assert!(!corner.join("old/shop").exists());
    portal.deliver("d2", "shop", "2.0", &package("shop", "2.0"));
    is_finished(&world, &portal, &master, "d2", "shop", "2.0").await;
    // What the document says of a delivery that nobody can understand any longer keeps nobody from the others.
    world
        .edit(&storefront::platform::names::SYSTEM_DATA, "storefront_marketplace", |doc| {
            doc.insert("deliveries".into(), json!({ "x": { "id": "x" } }));
        })
        .await;
    portal.deliver("d3", "shop", "3.0", &package("shop", "3.0"));
    is_finished(&world, &portal, &master, "d3", "shop", "3.0").await;
    is_at_rest(&world, &portal);
}
