//! Makes a folder of forty apps: sound ones, odd ones, broken ones.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

/// What should become of an app, and what an operator should be told.
pub enum Fate {
    Loaded,
    /// Loaded, but not its icon (or screenshots).
    Without(&'static str, &'static str),
    Refused(&'static str),
}

use Fate::{Loaded, Refused, Without};

/// An app on disk.
pub struct Package {
    pub folder: PathBuf,
    pub name: String,
    pub fate: Fate,
}

pub fn app(name: &str) -> Value {
    json!({
        "name": name, "author": "Generator", "version": "1.0", "license": "-", "price": 0, "api_url": "http://localhost/v2",
        "i18n": { "en-US": { "label": "An app", "description": "Made for a test" } },
        "icon": "icon.png", "screenshots": ["one.png", "two.jpg"],
    })
}

/// Writes an app with its pictures, whose bytes are their names.
pub fn write(folder: &Path, app: &Value) {
    for (kind, names) in [("icon", std::slice::from_ref(&app["icon"])), ("screenshots", app["screenshots"].as_array().unwrap())] {
        let folder = folder.join("metadata").join(kind);
        fs::create_dir_all(&folder).unwrap();
        for name in names.iter().filter_map(Value::as_str).filter(|name| !name.contains('/')) {
            fs::write(folder.join(name), format!("{kind} {name}")).unwrap();
        }
    }
    fs::write(folder.join("metadata/app.json"), app.to_string()).unwrap();
}

fn as_it_is(_: &mut Value) {}

fn untouched(_: &Path) {}

fn sized(file: &Path, bytes: u64) {
    File::create(file).unwrap().set_len(bytes).unwrap();
}

/// Fills a folder with forty apps; `elsewhere` is what links lead to.
pub fn forty(root: &Path, elsewhere: &Path) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut make = |folder: &str, name: &str, fate: Fate, edit: &dyn Fn(&mut Value), after: &dyn Fn(&Path)| {
        let folder = root.join(folder);
        let mut app = app(name);
        edit(&mut app);
        write(&folder, &app);
        after(&folder.join("metadata"));
        packages.push(Package { folder, name: name.to_owned(), fate });
    };

    make("svg", "svg", Loaded, &|app| app["icon"] = json!("icon.svg"), &untouched);
    make("jpeg", "jpeg", Loaded, &|app| app["screenshots"] = json!(["1.jpg", "2.JPEG", "3.gif", "4"]), &untouched);
    make("spaces", "spaces", Loaded, &|app| app["icon"] = json!("my  icon (1).png"), &untouched);
    let named = |app: &mut Value| {
        (app["icon"], app["screenshots"]) = (json!("Übersicht.png"), json!(["日本 1.png", "a%20b+c.png", "q?#.png"]))
    };
    make("unicode", "unicode", Loaded, &named, &untouched);
    make("Büro & Co", "büro", Loaded, &as_it_is, &untouched);
    make("group/deeper/nested", "nested", Loaded, &as_it_is, &untouched);
    make("no-screenshots", "no-screenshots", Loaded, &|app| app["screenshots"] = json!([]), &untouched);
    make("same-twice", "same-twice", Loaded, &|app| app["screenshots"] = json!(["one.png", "one.png"]), &untouched);
    make("private", "private", Loaded, &|app| (app["pvt_type"], app["pvt_deleted"]) = (json!("user"), json!(null)), &untouched);
    make("large", "large", Loaded, &as_it_is, &|path| sized(&path.join("screenshots/one.png"), 3 << 20));
    let marked = |path: &Path| {
        let bytes = fs::read(path.join("app.json")).unwrap();
        fs::write(path.join("app.json"), [b"\xef\xbb\xbf".as_slice(), &bytes].concat()).unwrap();
    };
    make("marked", "marked", Loaded, &as_it_is, &marked);
    let linked_inside = |path: &Path| {
        fs::rename(path.join("icon/icon.png"), path.join("icon/real.png")).unwrap();
        symlink("real.png", path.join("icon/icon.png")).unwrap();
    };
    make("linked-inside", "linked-inside", Loaded, &as_it_is, &linked_inside);

    let no_icon = |path: &Path| fs::remove_file(path.join("icon/icon.png")).unwrap();
    make("no-icon", "no-icon", Without("icon", "icon.png: No such file"), &as_it_is, &no_icon);
    let no_folder = |path: &Path| fs::remove_dir_all(path.join("screenshots")).unwrap();
    make("no-folder", "no-folder", Without("screenshots", "No such file"), &as_it_is, &no_folder);
    make("one-missing", "one-missing", Without("screenshots", "two.jpg"), &as_it_is, &|path| {
        fs::remove_file(path.join("screenshots/two.jpg")).unwrap();
    });
    make("huge-icon", "huge-icon", Without("icon", "more than 16 MiB"), &as_it_is, &|path| {
        sized(&path.join("icon/icon.png"), 5 << 30);
    });
    let secret = elsewhere.join("secret.png");
    fs::write(&secret, "secret").unwrap();
    make("linked-out", "linked-out", Without("icon", "leads out of the app's folder"), &as_it_is, &|path| {
        no_icon(path);
        symlink(&secret, path.join("icon/icon.png")).unwrap();
    });
    make("linked-folder", "linked-folder", Without("screenshots", "leads out of the app's folder"), &as_it_is, &|path| {
        no_folder(path);
        fs::create_dir_all(elsewhere.join("pictures")).unwrap();
        fs::write(elsewhere.join("pictures/one.png"), "1").unwrap();
        symlink(elsewhere.join("pictures"), path.join("screenshots")).unwrap();
    });
    make("dangling", "dangling", Without("icon", "No such file"), &as_it_is, &|path| {
        no_icon(path);
        symlink(elsewhere.join("nowhere.png"), path.join("icon/icon.png")).unwrap();
    });
    make("climbing", "climbing", Without("icon", "is no picture's name"), &|app| app["icon"] = json!("../app.json"), &untouched);
    make(
        "absolute",
        "absolute",
        Without("screenshots", "is no picture's name"),
        &|app| app["screenshots"] = json!(["/etc/passwd"]),
        &untouched,
    );
    make("reserved", "reserved", Without("icon", "is no picture's name"), &|app| app["icon"] = json!("_icon.png"), &untouched);
    make("a-folder", "a-folder", Without("icon", "isn't a file"), &as_it_is, &|path| {
        no_icon(path);
        fs::create_dir(path.join("icon/icon.png")).unwrap();
    });
    make("a-pipe", "a-pipe", Without("icon", "isn't a file"), &as_it_is, &|path| {
        no_icon(path);
        assert!(Command::new("mkfifo").arg(path.join("icon/icon.png")).status().unwrap().success());
    });
    let clashing = |app: &mut Value| app["screenshots"] = json!(["icon.png"]);
    make("clashing", "clashing", Without("screenshots", "is another picture"), &clashing, &untouched);

    make("cut-off", "cut-off", Refused("EOF while parsing"), &as_it_is, &|path| {
        fs::write(path.join("app.json"), "{\"name\":").unwrap()
    });
    make("a-list", "a-list", Refused("it isn't an object"), &as_it_is, &|path| fs::write(path.join("app.json"), "[]").unwrap());
    make("empty", "empty", Refused("failed to validate"), &as_it_is, &|path| fs::write(path.join("app.json"), "").unwrap());
    make("latin1", "latin1", Refused("failed to validate"), &as_it_is, &|path| {
        fs::write(path.join("app.json"), b"{\"name\":\"\xfc\"}").unwrap()
    });
    make("deep", "deep", Refused("recursion limit"), &as_it_is, &|path| {
        fs::write(path.join("app.json"), "[".repeat(9000)).unwrap()
    });
    make("endless", "endless", Refused("more than 1 MiB"), &as_it_is, &|path| sized(&path.join("app.json"), 5 << 30));
    make("no-author", "no-author", Refused("author"), &|app| drop(app.as_object_mut().unwrap().remove("author")), &untouched);
    make("bad-price", "bad-price", Refused("price"), &|app| app["price"] = json!("much"), &untouched);
    make("no-label", "no-label", Refused("label"), &|app| app["i18n"]["en-US"] = json!({ "description": "None" }), &untouched);
    make("json-out", "json-out", Refused("leads out of the app's folder"), &as_it_is, &|path| {
        fs::rename(path.join("app.json"), elsewhere.join("app.json")).unwrap();
        symlink(elsewhere.join("app.json"), path.join("app.json")).unwrap();
    });
    make("json-folder", "json-folder", Refused("isn't a file"), &as_it_is, &|path| {
        fs::remove_file(path.join("app.json")).unwrap();
        fs::create_dir(path.join("app.json")).unwrap();
    });
    // Of several with one name that is loaded whose folder bears it, wherever it stands in the alphabet.
    make("twin", "twin", Loaded, &as_it_is, &untouched);
    make("a copy of twin", "twin", Refused("another of that name in"), &as_it_is, &untouched);
    make("zz-twin", "twin", Refused("another of that name in"), &|app| app["version"] = json!("9"), &untouched);
    // A whole app may be a link.
    write(&elsewhere.join("linked-app"), &app("linked-app"));
    symlink(elsewhere.join("linked-app"), root.join("linked-app")).unwrap();
    packages.push(Package { folder: root.join("linked-app"), name: "linked-app".into(), fate: Loaded });
    // What is no app doesn't count: no folder `metadata`, other files' names, circles.
    fs::create_dir_all(root.join("noise/data")).unwrap();
    fs::write(root.join("noise/data/app.json"), "{}").unwrap();
    fs::write(root.join("twin/metadata/app.json.bak"), "{").unwrap();
    symlink(root, root.join("noise/circle")).unwrap();
    assert_eq!(packages.len(), 40);
    packages
}
