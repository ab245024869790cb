//! The promises of `docs/architecture.md` that can be read off the source.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What each module of the crate may import. A new one goes where `docs/architecture.md` says it belongs.
const LAYERS: [(&str, &[&str]); 12] = [
    ("cli", &["server", "portal", "api", "sup", "http", "auth", "platform", "market", "notices", "kazoo", "store"]),
    ("server", &["api", "portal", "http", "auth", "platform", "notices", "kazoo", "store"]),
    ("api", &["http", "auth", "platform", "kazoo", "store"]),
    ("portal", &["http", "auth", "platform", "market", "kazoo", "store"]),
    ("market", &["kazoo"]),
    ("sup", &["platform", "kazoo", "store"]),
    ("http", &["auth", "platform", "kazoo", "store"]),
    ("auth", &["platform", "kazoo", "store"]),
    ("platform", &["kazoo", "store"]),
    ("notices", &["kazoo", "store"]),
    ("kazoo", &[]),
    ("store", &[]),
];

#[test]
fn imports_go_down() {
    let mut complaints = Vec::new();
    for (file, code) in sources() {
        let module = file.split(['/', '.']).next().unwrap();
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            complaints.push(format!("src/{file}: {module} isn't in the list of tests/it/layers.rs"));
            continue;
        };
        let imported = imports(&code);
        let wrong = imported.iter().filter(|import| *import != module && !below.contains(&import.as_str()));
        // A macro that is exported is found at the top, wherever it was written.
        complaints.extend(wrong.filter(|import| *import != "handler").map(|import| format!("src/{file} imports {import}")));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn what_belongs_to_one_place_is_named_there_only() {
    let rules: [(&str, &[&str]); 10] = [
        ("couch_rs", &["store/couch"]),
        ("reqwest", &["store/couch", "http/upstream", "platform/connector/exchange", "portal/identity"]),
        ("rusqlite", &["store/embedded"]),
        ("rquickjs", &["store/embedded/views"]),
        ("jsonwebtoken", &["auth/token", "platform/keys"]),
        ("hickory_resolver", &["platform/dns"]),
        ("lapin", &["notices/bus"]),
        ("lettre", &["platform/mail"]),
        ("actix_web", &["http", "server", "cli", "portal/http", "portal/pages"]),
        ("SystemTime::now", &["platform", "store"]),
    ];
    let mut complaints = Vec::new();
    for (file, code) in sources() {
        for (name, places) in rules {
            if code.contains(name) && !places.iter().any(|place| file.starts_with(place)) {
                complaints.push(format!("src/{file} names {name}, which belongs into {places:?}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_rules_do_no_io() {
    for (file, code) in sources().into_iter().filter(|(file, _)| file.starts_with("kazoo") || file.starts_with("market")) {
        for word in ["async ", ".await", "std::fs", "std::net", "std::env", "tokio", "log::"] {
            assert!(!code.contains(word), "src/{file} has {word:?}");
        }
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    let code = "use crate::{\n    kazoo::{document::{a, b}, id},\n    store,\n    auth::Caller,\n};\nlet x = crate::sup::run();";
    assert_eq!(imports(code).into_iter().collect::<Vec<_>>(), ["auth", "kazoo", "store", "sup"]);
}

/// Every file below `src`, by its path there, without comments.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = fs::read_to_string(&path).unwrap();
                let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                found.push((path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), code));
            }
        }
    }
    found.sort();
    found
}

/// The names that come right behind `crate::`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.extend(first_word(rest)),
            Some(group) => found.extend(members(group).into_iter().filter_map(first_word)),
        }
    }
    found
}

/// The parts of a group `a, b::{c, d}}` that stand on its first level.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}
