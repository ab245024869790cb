//! What a command line means, and what's said of one that means nothing.

use crate::support::process;

#[test]
fn unknown_words_are_answered_with_those_that_are_known() {
    let directory = tempfile::tempdir().unwrap();
    let store = format!("embedded:{}", directory.path().display());
    for words in [
        &["crossbar_maintenance", "nosuch"][..],
        &["nosuch", "apps"],
        &["crossbar_maintenance", "init_apps"],
        &["crossbar_maintenance", "create_account", "only", "three", "words"],
        &["kapps_config", "get", "one"],
    ] {
        let said = process::run(["--store", &store, "sup"].iter().chain(words)).failed();
        assert!(said.contains("please try again"), "{said}");
        for known in ["crossbar_maintenance init_apps PATH [URL]", "kapps_maintenance refresh [DATABASE]"] {
            assert!(said.contains(known), "{said}");
        }
    }
}

#[test]
fn help_says_what_one_needs_to_begin() {
    let help = process::run(["--help"]).ok();
    for wanted in ["storefront demo", "serve", "create-account", "init-apps", "sup", "--store", "STOREFRONT_STORE", "CouchDB"] {
        assert!(help.contains(wanted), "{wanted}: {help}");
    }
    let serve = process::run(["serve", "--help"]).ok();
    for wanted in ["--listen", "127.0.0.1:8000", "STOREFRONT_LISTEN"] {
        assert!(serve.contains(wanted), "{wanted}: {serve}");
    }
    let sup = process::run(["sup", "--help"]).ok();
    assert!(sup.contains("crossbar_maintenance init_apps"), "{sup}");
    assert!(process::run(["--version"]).ok().starts_with("storefront "));
    assert_eq!(process::run(["nosuch"]).code, Some(2));
}

#[test]
fn a_store_that_cant_be_used_is_told_without_its_password() {
    for store in ["ftp://a:s3cret@b", "a:s3cret@b:5984", "embedded:"] {
        for command in [&["apps"][..], &["serve"]] {
            let said = process::run([&["--store", store], command].concat()).failed();
            assert!(said.contains("embedded:DIRECTORY") && !said.contains("s3cret"), "{said}");
        }
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let said = process::run(["--store", &format!("embedded:{}", file.path().display()), "apps"]).failed();
    assert!(said.contains("can't be opened"), "{said}");
}
