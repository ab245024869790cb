//! Where settings come from.

use std::{fs, path::Path};

use crate::support::{
    client::Api,
    process::{Server, run, run_in},
};

/// Runs `config show` with a file, variables and flags.
fn show(file: Option<&str>, variables: &[(&str, &str)], flags: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("storefront.toml");
    let mut arguments = vec!["config", "show"];
    if let Some(text) = file {
        fs::write(&path, text).unwrap();
        arguments.extend(["--config", path.to_str().unwrap()]);
    }
    arguments.extend(flags);
    run_in(variables, arguments).ok()
}

#[track_caller]
fn assert_says(shown: &str, line: &str) {
    assert!(shown.lines().any(|said| said == line), "{line}: {shown}");
}

#[test]
fn flags_go_before_variables_and_these_before_the_file() {
    let file = "listen = '127.0.0.1:1'\nworkers = 5\ncache_size = 5\nno_cache = true\n";
    assert_says(&show(None, &[], &[]), "listen = \"127.0.0.1:8000\"  # default");
    let shown = show(Some(file), &[], &[]);
    for line in ["listen = \"127.0.0.1:1\"  # file", "workers = 5  # file", "no_cache = true  # file", "# companions isn't set"] {
        assert_says(&shown, line);
    }
    let variables = [("STOREFRONT_WORKERS", "6"), ("STOREFRONT_CACHE_SIZE", "6")];
    let shown = show(Some(file), &variables, &["--cache-size", "7", "--no-cache", "false"]);
    for line in ["workers = 6  # environment", "cache_size = 7  # flag", "no_cache = false  # flag"] {
        assert_says(&shown, line);
    }
    assert_says(&shown, "listen = \"127.0.0.1:1\"  # file");
}

#[test]
fn what_is_shown_is_a_file_that_says_the_same() {
    let shown = show(Some("workers = 3\ncompanions = false\n"), &[], &["--cache-max-age", "1.5"]);
    let without_source =
        |text: &str| text.lines().filter_map(|line| line.split("  #").next().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(without_source(&show(Some(&shown), &[], &[])), without_source(&shown));
}

#[test]
fn passwords_are_not_shown() {
    let file = "store = 'http://admin:s3cret@db.example.com:5984'";
    let shown = show(Some(file), &[], &[]);
    assert_says(&shown, "store = \"http://admin:***@db.example.com:5984/\"  # file");
    let shown = show(None, &[("STOREFRONT_STORE", "http://admin:s3cret@db.example.com:5984")], &[]);
    assert!(shown.contains("# environment") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("storefront.toml");
    let path = path.to_str().unwrap();
    for (text, reason) in [
        ("lisen = '127.0.0.1:1'", "there is no setting \"lisen\""),
        ("workers = 'many'", "invalid value 'many' for '--workers"),
        ("workers = 2\nstore = 's3cret", "line 2"),
        ("[serve]\nworkers = 2", "there is no setting \"serve\""),
        ("listen = {a = 1}", "listen is neither a plain value nor a list"),
        ("store = 's3cret'", "--store: not a store"),
    ] {
        fs::write(path, text).unwrap();
        let error = run(["--config", path, "config", "show"]).failed();
        assert!(error.contains(reason) && !error.contains("s3cret"), "{text}: {error}");
    }
    assert!(run(["--config", "/nosuch", "config", "show"]).failed().contains("can't be read"));
}

#[test]
fn the_database_can_be_that_of_kazoo() {
    let dir = tempfile::tempdir().unwrap();
    let ini = dir.path().join("config.ini");
    fs::write(&ini, "[bigcouch]\nip = \"10.0.0.9\"\nport = 15984\nusername = \"kazoo\"\npassword = \"s3cret\"\n").unwrap();
    let ini = ini.to_str().unwrap();
    let shown = show(Some(&format!("kazoo_config = '{ini}'")), &[], &[]);
    assert_says(&shown, "store = \"http://kazoo:***@10.0.0.9:15984/\"  # kazoo_config");
    let shown = show(None, &[], &["--kazoo-config", ini, "--store", "embedded:/x"]);
    assert_says(&shown, "store = \"embedded:/x\"  # flag");
    assert!(run(["--kazoo-config", "/nosuch.ini", "config", "show"]).failed().contains("/nosuch.ini can't be read"));
}

#[tokio::test]
async fn a_server_is_started_by_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("storefront.toml");
    let store = dir.path().join("data");
    fs::write(&path, format!("store = 'embedded:{}'\nlisten = '127.0.0.1:0'\n", store.display())).unwrap();
    let server = Server::start(["serve", "--config", path.to_str().unwrap()]);
    Api::new(server.url()).get("/readyz").await.is(200);
    assert!(store.join("storefront.db").exists());
}

#[test]
fn every_setting_is_documented() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")).unwrap();
    for line in show(None, &[], &[]).lines() {
        let name = line.trim_start_matches("# ").split([' ', '\'']).next().unwrap();
        for written in [format!("`--{}`", name.replace('_', "-")), format!("`STOREFRONT_{}`", name.to_uppercase())] {
            assert!(docs.contains(&written), "docs/configuration.md lacks {written}");
        }
    }
}
