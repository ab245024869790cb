//! Packages that are broken, or meant to break something.

use std::fs;

use serde_json::json;
use walkdir::WalkDir;

use super::{
    API_URL, fetch, linked,
    package::{Zip, app_json, packed, renamed},
};
use crate::support::{portal::Say, world::World};

on_every_world! {
    a_package_that_is_no_good_harms_nothing_and_is_told,
    a_package_comes_from_the_marketplace_only,
}

/// Name of the app, package, and what the marketplace is told of it.
fn bad_packages() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = || Zip::app("good", "1").done();
    let with = |name: &str| Zip::app("bad", "1").file(name, b"x");
    let long = format!("{}x", "d/".repeat(25));
    let many = || (0..10_001).fold(Zip::app("bad", "1"), |zip, number| zip.file(&format!("f{number}"), b"")).done();
    let mut unpublishable = app_json("bad", "1");
    unpublishable["tags"] = json!("none");
    let mut without_icon = app_json("bad", "1");
    without_icon["icon"] = "missing.png".into();
    let mut leading_out = app_json("bad", "1");
    leading_out["icon"] = "../../../../etc/passwd".into();
    let only = |app: &serde_json::Value| Zip::new().file("metadata/app.json", app.to_string().as_bytes()).done();
    let mut torn = good();
    torn.truncate(torn.len() / 2);
    let mut flipped = packed("reports");
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    vec![
        ("bad", b"no zip at all".to_vec(), "can't be unpacked"),
        ("bad", Vec::new(), "can't be unpacked"),
        ("bad", torn, "can't be unpacked"),
        ("reports", flipped, "can't be unpacked"),
        ("bad", renamed(with("aa/../bb.js").done(), "aa/../bb.js", "../../../xx"), "leads elsewhere"),
        ("bad", renamed(with("_etc/passwd").done(), "_etc/passwd", "/etc/passwd"), "leads elsewhere"),
        ("bad", renamed(with("x_/x.js").done(), "x_/x.js", "../x.js"), "leads elsewhere"),
        ("bad", renamed(with("a_b.js").done(), "a_b.js", "a\\b.js"), "characters"),
        ("bad", renamed(with("a_b.js").done(), "a_b.js", "a\0b.js"), "characters"),
        ("bad", renamed(with("a_b.js").done(), "a_b.js", "a:b.js"), "characters"),
        ("bad", with(&long).done(), "too deep"),
        ("bad", with(&"x".repeat(300)).done(), "too long"),
        ("bad", with("APP.js").done(), "are the same"),
        ("bad", renamed(with("aap.js").done(), "aap.js", "app.js"), "are the same"),
        ("bad", with("app.js/x").done(), "are the same"),
        ("bad", with("Metadata/x").done(), "are the same"),
        ("bad", Zip::app("bad", "1").link("passwd", "/etc/passwd").done(), "neither a file nor a folder"),
        ("bad", Zip::app("bad", "1").link("out", "..").file("out/x", b"x").done(), "neither a file nor a folder"),
        ("bad", many(), "more than 10000 files"),
        ("bad", Zip::new().file("app.js", b"x").done(), "failed to find metadata"),
        ("bad", Zip::new().file("metadata/app.json", b"{").done(), "failed to validate app data"),
        ("bad", Zip::new().file("metadata/app.json", b"[]").done(), "it isn't an object"),
        ("bad", only(&unpublishable), "failed to validate app data"),
        ("bad", only(&without_icon), "missing.png"),
        ("bad", only(&leading_out), "no picture's name"),
        ("bad", good(), "another app in it: \"good\""),
    ]
}

async fn a_package_that_is_no_good_harms_nothing_and_is_told(world: World) {
    let (master, portal) = (world.master().await, linked(&world).await);
    let packages = bad_packages();
    for (number, (app, package, _)) in packages.iter().enumerate() {
        portal.deliver(&format!("d{number}"), app, "1", package);
    }
    let good = Zip::app_below("good-1.0/", "good", "1.0").done();
    let sha256 = "0".repeat(64);
    portal.deliver_as("wrong-digest", "good", "1", &good, json!({ "sha256": sha256, "size": good.len() }));
    portal.deliver("short", "good", "1", &good);
    portal.say("GET connector/packages/short", 10, Say::Bytes(good[..good.len() - 1].to_vec().into()));
    portal.deliver("long", "good", "1", &good);
    portal.say("GET connector/packages/long", 10, Say::Bytes([&good[..], b"x"].concat().into()));
    portal.deliver("cut", "good", "1", &good);
    portal.say("GET connector/packages/cut", 10, Say::Cut(good.len() as u64, good[..good.len() / 2].to_vec().into()));
    portal.deliver("missing", "good", "1", &good);
    portal.say("GET connector/packages/missing", 10, Say::Json(404, json!({ "message": "no such package" })));
    portal.queue(json!({ "id": "senseless", "app": { "name": "../x" } }));
    portal.queue(json!({ "app": { "name": "x" } }));
    portal.deliver("last", "good", "1.0", &good);

    let done = fetch(&world);
    done.stdout
        .lines()
        .last()
        .filter(|line| *line == format!("1 delivered, {} failed, 0 to be tried again", packages.len() + 7))
        .unwrap_or_else(|| panic!("{done:#?}"));
    let in_the_end = [
        ("wrong-digest", "SHA-256"),
        ("short", "hasn't the size"),
        ("long", "hasn't the size"),
        ("cut", "broke off"),
        ("missing", "no such package"),
    ];
    let expected = packages.iter().enumerate().map(|(number, (_, _, detail))| (format!("d{number}"), *detail));
    for (id, expected) in expected.chain(in_the_end.map(|(id, detail)| (id.to_owned(), detail))) {
        let (states, detail) = portal.told(&id);
        assert_eq!(states, ["delivering", "error"], "{id} {detail}");
        assert!(detail.contains(expected), "{id}: {expected}: {detail}");
        assert!(!detail.contains(world.apps.path().to_str().unwrap()), "{detail}");
    }
    assert_eq!(portal.told("senseless").0, ["error"]);
    assert_eq!(portal.told("last").0, ["delivering", "delivered", "verified"]);
    // The good one is there, and nothing of the others, neither here nor around.
    let list = master.api.get(&master.at("/apps_store")).await.data();
    let known: Vec<&str> = list.as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    assert!(known.contains(&"good") && !known.contains(&"bad"), "{known:?}");
    let good = list.as_array().unwrap().iter().find(|app| app["name"] == "good").unwrap();
    assert_eq!(good["api_url"], API_URL);
    let mut here: Vec<_> = fs::read_dir(world.apps.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    here.sort();
    assert_eq!(here, [".storefront", "good"]);
    let left = WalkDir::new(world.apps.path().join(".storefront"))
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file());
    let left: Vec<_> = left.map(|entry| entry.file_name().to_owned()).collect();
    assert!(left.len() == 2, "{left:?}");
    let parent = world.apps.path().parent().unwrap();
    assert!(!parent.join("x.js").exists() && !parent.join("xx").exists());
}

async fn a_package_comes_from_the_marketplace_only(world: World) {
    let portal = linked(&world).await;
    let elsewhere = crate::support::portal::Portal::start();
    elsewhere.link(true);
    let package = Zip::app("good", "1").done();
    let deliver = |id: &str, url: String| {
        use sha2::{Digest, Sha256};
        let sha256: String = Sha256::digest(&package).iter().map(|byte| format!("{byte:02x}")).collect();
        portal.deliver_as(id, "good", "1", &package, json!({ "url": url, "sha256": sha256, "size": package.len() }));
    };
    deliver("other-host", format!("{}/api/v1/connector/packages/d", elsewhere.url));
    deliver("other-scheme", "file:///etc/passwd".into());
    deliver("redirected", "connector/packages/redirected".into());
    portal.say("GET connector/packages/redirected", 1, Say::Redirect(format!("{}/x", elsewhere.url)));
    fetch(&world).failed();
    for id in ["other-host", "other-scheme", "redirected"] {
        assert_eq!(portal.told(id).0, ["delivering", "error"], "{id}");
    }
    assert!(elsewhere.asked("").is_empty(), "{:?}", elsewhere.asked(""));
    deliver("relative", "connector/packages/relative".into());
    fetch(&world).ok();
    assert_eq!(portal.told("relative").0.last().unwrap(), "verified");
}
