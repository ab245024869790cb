//! What is in `packaging/`.

use std::{fs, path::PathBuf};

use crate::support::process::run;

fn packaging(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)
}

#[test]
fn the_example_of_a_configuration_is_one() {
    let example = fs::read_to_string(packaging("storefront.toml")).unwrap();
    // What is commented out, too.
    let settings = example.lines().map(|line| line.strip_prefix("#").filter(|rest| !rest.starts_with(' ')).unwrap_or(line));
    let settings: Vec<&str> = settings.collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("storefront.toml");
    fs::write(&path, settings.join("\n").replace("/etc/kazoo/core/config.ini", "/dev/null")).unwrap();
    let shown = run(["config", "show", "--store", "embedded:x", "--config", path.to_str().unwrap()]).ok();
    assert!(!shown.contains("# default"), "the example lacks a setting: {shown}");
    assert!(!shown.contains("isn't set"), "the example lacks a setting: {shown}");
    assert!(run(["config", "show", "--config", packaging("storefront.toml").to_str().unwrap()]).ok().contains("# file"));
}

#[test]
fn the_unit_starts_what_there_is() {
    let unit = fs::read_to_string(packaging("storefront.service")).unwrap();
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/storefront ")).unwrap();
    let arguments: Vec<&str> = start.split(' ').collect();
    assert_eq!(arguments, ["serve", "--config", "/etc/storefront/storefront.toml"]);
    assert!(run([&arguments[..], &["--help"]].concat()).success);
}
