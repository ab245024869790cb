//! The rows of Kazoo 5.4's additions around apps.

use super::{super::known, Row, UNHARMED, admins, family, masters};

/// Before the same paths the same rights.
fn behind(prefixes: &[&str], rows: &[Row]) -> Vec<Row> {
    let row = |prefix: &str, (what, statuses): &Row| -> Row {
        let (verb, path) = what.split_once(' ').unwrap();
        (format!("{verb} {prefix}/{path}").leak(), *statuses)
    };
    prefixes.iter().flat_map(|prefix| rows.iter().map(move |known| row(prefix, known))).collect()
}

/// Apps in a language, or under a domain's brand.
pub fn branded() -> Vec<Row> {
    let shown = |statuses| {
        [
            ("GET apps_store/{app}", statuses),
            ("GET apps_store/{app}/icon", statuses),
            ("GET apps_store/{app}/screenshot/{number}", statuses),
        ]
    };
    let without_account =
        ["i18n/{language}", "whitelabel/{domain}", "whitelabel/{domain}/i18n/{language}", "i18n/{language}/whitelabel/{domain}"];
    let with_account = [
        "accounts/{account}/whitelabel/{domain}",
        "accounts/{account}/whitelabel/{domain}/i18n/{language}",
        "accounts/{account}/i18n/{language}/whitelabel/{domain}",
        "accounts/{account}/i18n/{language}",
        "i18n/{language}/accounts/{account}",
        "accounts/{account}/users/{user}",
    ];
    let lists =
        ["accounts/{account}/i18n/{language}", "i18n/{language}/accounts/{account}", "accounts/{account}/whitelabel/{domain}"];
    [
        vec![("GET i18n/{language}", known(200))],
        behind(&without_account, &shown(masters(200))),
        behind(&with_account, &shown(family(200))),
        behind(&lists, &[("GET apps_store", family(200))]),
        behind(&without_account[..2], &[("GET apps_store", masters(400))]),
    ]
    .concat()
}

/// There is no override yet.
pub fn overrides() -> Vec<Row> {
    let accounts = ["accounts/{account}", "accounts/{account}/i18n/{language}", "i18n/{language}/accounts/{account}"];
    behind(
        &accounts,
        &[
            ("GET apps_store/{app}/override", family(404)),
            ("PUT apps_store/{app}/override", admins(UNHARMED)),
            ("POST apps_store/{app}/override", admins(404)),
            ("DELETE apps_store/{app}/override", admins(404)),
            ("GET apps_store/{app}/override/icon", family(404)),
            // It lacks the file.
            ("POST apps_store/{app}/override/icon", admins(400)),
            ("DELETE apps_store/{app}/override/icon", admins(404)),
            ("POST apps_store/{app}/override/screenshot", admins(400)),
            ("GET apps_store/{app}/override/screenshot/{number}", family(404)),
            ("DELETE apps_store/{app}/override/screenshot/{number}", admins(404)),
        ],
    )
}

/// There are no applications.
pub fn applications() -> Vec<Row> {
    let resellers = |yes| [401, 401, 401, 403, 403, 403, 403, yes, 403, yes];
    let in_account = [
        ("GET applications", resellers(200)),
        ("GET applications/application/{application}", resellers(404)),
        ("PUT applications/application/{application}", resellers(UNHARMED)),
        // What is sent isn't enough for an application.
        ("POST applications/application/{application}", resellers(400)),
        ("PATCH applications/application/{application}", resellers(404)),
        ("DELETE applications/application/{application}", resellers(404)),
        ("GET applications/{type}", admins(200)),
        ("GET applications/{type}/{application}", admins(404)),
        ("GET applications/{type}/blocklists", resellers(200)),
        ("GET applications/{type}/{application}/block", resellers(404)),
        ("PUT applications/{type}/{application}/block", resellers(UNHARMED)),
        ("POST applications/{type}/{application}/block", resellers(404)),
        ("DELETE applications/{type}/{application}/block", resellers(404)),
        ("GET applications/{type}/entitlements", admins(200)),
        ("GET applications/{type}/{application}/entitlement", admins(404)),
        ("PUT applications/{type}/{application}/entitlement", admins(UNHARMED)),
        ("POST applications/{type}/{application}/entitlement", admins(404)),
        ("DELETE applications/{type}/{application}/entitlement", admins(404)),
    ];
    let pictures = [
        ("GET applications/application/{application}/icon", resellers(404)),
        ("POST applications/application/{application}/icon", resellers(400)),
        ("DELETE applications/application/{application}/icon", resellers(404)),
        ("POST applications/application/{application}/screenshots", resellers(400)),
        ("GET applications/application/{application}/screenshots/{number}", resellers(404)),
        ("DELETE applications/application/{application}/screenshots/{number}", resellers(404)),
    ];
    let shown = |statuses| {
        [
            ("GET applications/{type}/{application}/icon", statuses),
            ("GET applications/{type}/{application}/screenshots/{number}", statuses),
        ]
    };
    let (account, language) = ("accounts/{account}", "accounts/{account}/i18n/{language}");
    let (user, users_language) = ("accounts/{account}/users/{user}", "accounts/{account}/users/{user}/i18n/{language}");
    let of_a_user = [("GET applications/{type}", family(200)), ("GET applications/{type}/{application}", family(404))];
    [
        behind(&[account], &in_account),
        behind(&[account, language], &pictures),
        behind(&[account, language], &shown(admins(404))),
        behind(&[user], &of_a_user),
        behind(&[user, users_language], &shown(family(404))),
    ]
    .concat()
}
