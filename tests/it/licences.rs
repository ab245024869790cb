//! What is depended on, held against `deny.toml` as cargo-deny would, but without it and without a network.

use std::{collections::HashSet, fs, path::Path, process::Command};

use serde_json::Value;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[test]
fn every_dependency_comes_from_crates_io_under_a_licence_that_is_allowed() {
    let allowed = allowed();
    let mut complaints = Vec::new();
    for package in packages() {
        let text = |key: &str| package.get(key).and_then(Value::as_str);
        let name = format!("{} {}", text("name").unwrap(), text("version").unwrap());
        match text("license") {
            Some(licence) if permits(licence, &allowed) == Some(true) => {}
            Some(licence) => complaints.push(format!("{name}: the licence {licence:?} isn't allowed by deny.toml")),
            None => complaints.push(format!("{name} names no licence")),
        }
        if let Some(source) = text("source").filter(|source| *source != CRATES_IO) {
            complaints.push(format!("{name} comes from {source}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn an_expression_is_allowed_when_its_conditions_can_be_met() {
    let allowed = allowed();
    for expression in [
        "MIT",
        "MIT OR GPL-3.0-only",
        "GPL-2.0-or-later/MIT",
        "GPL-2.0-or-later / MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR LGPL-2.1-or-later",
        "ISC AND (GPL-3.0-only OR ISC)",
    ] {
        assert_eq!(permits(expression, &allowed), Some(true), "{expression}");
    }
    for expression in [
        "GPL-3.0-or-later",
        "AGPL-3.0-only OR LGPL-2.1-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR Apache-2.0) AND LGPL-3.0-only",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "Proprietary",
    ] {
        assert_eq!(permits(expression, &allowed), Some(false), "{expression}");
    }
    for expression in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND MIT", "MIT)"] {
        assert_eq!(permits(expression, &allowed), None, "{expression:?}");
    }
}

/// Every package that a build for this platform has downloaded, and the project's own.
fn packages() -> Vec<Value> {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

/// The list `allow` under `[licenses]`.
fn allowed() -> HashSet<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap();
    let (_, section) = text.split_once("\n[licenses]\n").unwrap();
    let (_, list) = section.split_once("\nallow = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    list.split(',').map(|entry| entry.trim().trim_matches('"').to_owned()).filter(|entry| !entry.is_empty()).collect()
}

/// Whether the licences allowed satisfy an SPDX expression; a slash is an old way to write `OR`. `None` when it isn't one.
fn permits(expression: &str, allowed: &HashSet<String>) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = words.as_slice();
    let verdict = either(&mut words, allowed)?;
    words.is_empty().then_some(verdict)
}

fn either(words: &mut &[&str], allowed: &HashSet<String>) -> Option<bool> {
    let mut verdict = both(words, allowed)?;
    while take(words, "OR") {
        verdict |= both(words, allowed)?;
    }
    Some(verdict)
}

fn both(words: &mut &[&str], allowed: &HashSet<String>) -> Option<bool> {
    let mut verdict = one(words, allowed)?;
    while take(words, "AND") {
        verdict &= one(words, allowed)?;
    }
    Some(verdict)
}

fn one(words: &mut &[&str], allowed: &HashSet<String>) -> Option<bool> {
    if take(words, "(") {
        let verdict = either(words, allowed)?;
        return take(words, ")").then_some(verdict);
    }
    let licence = name(words)?;
    if take(words, "WITH") {
        let exception = name(words)?;
        return Some(allowed.contains(&format!("{licence} WITH {exception}")));
    }
    Some(allowed.contains(licence))
}

fn take(words: &mut &[&str], word: &str) -> bool {
    let there = words.first() == Some(&word);
    if there {
        *words = &words[1..];
    }
    there
}

fn name<'a>(words: &mut &[&'a str]) -> Option<&'a str> {
    let (first, rest) = words.split_first()?;
    if ["AND", "OR", "WITH", "(", ")"].contains(first) {
        return None;
    }
    *words = rest;
    Some(first)
}
