//! Which words of a path are nouns, that is, name one of the modules of Kazoo's API. The last one answers.

/// The modules of Kazoo's API that stand in paths, from 4.2 to 5.4, sorted.
const MODULES: &[&str] = &[
    "about",
    "access_lists",
    "account_configs",
    "accounts",
    "acdc_call_stats",
    "acls",
    "agents",
    "alerts",
    "allotments",
    "api_auth",
    "applications",
    "apps_link",
    "apps_store",
    "auth",
    "basic_auth",
    "blacklists",
    "braintree",
    "bulk",
    "call_inspector",
    "callflows",
    "cccps",
    "cdrs",
    "channels",
    "clicktocall",
    "comments",
    "conferences",
    "configs",
    "connectivity",
    "contact_list",
    "devices",
    "dialplans",
    "directories",
    "events",
    "external_numbers",
    "faxboxes",
    "faxes",
    "freeswitch",
    "functions",
    "global_provisioner_templates",
    "global_resources",
    "google_auth",
    "groups",
    "hotdesks",
    "i18n",
    "ip_auth",
    "ips",
    "jobs",
    "ledgers",
    "limits",
    "lists",
    "local_provisioner_templates",
    "local_resources",
    "media",
    "menus",
    "messages",
    "metaflows",
    "migrations",
    "mms",
    "multi_factor",
    "notifications",
    "onboard",
    "parked_calls",
    "phone_numbers",
    "pivot",
    "port_requests",
    "presence",
    "profile",
    "promised_payment",
    "push_notification_subscriptions",
    "queues",
    "quickcall",
    "rate_limits",
    "rates",
    "recordings",
    "registrations",
    "resource_selectors",
    "resource_templates",
    "resources",
    "schemas",
    "search",
    "security",
    "service_plans",
    "services",
    "shared_auth",
    "signup",
    "skels",
    "sms",
    "storage",
    "sup",
    "system_configs",
    "tasks",
    "templates",
    "temporal_rules",
    "temporal_rules_sets",
    "token_auth",
    "token_restrictions",
    "topup",
    "transactions",
    "ubiquiti_auth",
    "user_auth",
    "users",
    "vmboxes",
    "webhooks",
    "websockets",
    "whitelabel",
];

/// Those behind which everything belongs to them, whatever it's called.
const GREEDY: [&str; 5] = ["schemas", "braintree", "system_configs", "configs", "sup"];

/// The module of this name.
pub fn module(word: &str) -> Option<&'static str> {
    MODULES.binary_search(&word).ok().and_then(|at| MODULES.get(at)).copied()
}

/// Where the noun stands that answers a path: the last one. A first word that is none leads nowhere, and `None` is said.
///
/// `more` are nouns beside Kazoo's own.
pub fn last(segments: &[String], more: impl Fn(&str) -> bool) -> Option<usize> {
    let is_noun = |word: &str| word == "account" || module(word).is_some() || more(word);
    if !segments.first().is_some_and(|first| is_noun(first)) {
        return None;
    }
    let mut last = 0;
    for (at, word) in segments.iter().enumerate().filter(|(_, word)| is_noun(word)) {
        // An alias of `accounts` and the caller's own account, but only in front.
        if word == "account" && at > 0 {
            continue;
        }
        last = at;
        if GREEDY.contains(&word.as_str()) {
            break;
        }
    }
    Some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noun(path: &str) -> Option<&str> {
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        let at = last(&segments, |word| word == "extra")?;
        path.split('/').nth(at)
    }

    #[test]
    fn modules_are_sorted() {
        assert!(MODULES.is_sorted());
    }

    #[test]
    fn the_last_noun_answers() {
        for (path, expected) in [
            ("accounts/A", "accounts"),
            ("accounts/A/descendants", "accounts"),
            ("accounts/A/devices/D", "devices"),
            ("accounts/A/users/U/quickcall/1000", "quickcall"),
            ("accounts/A/users/U/photo", "users"),
            ("accounts/A/extra/x", "extra"),
            ("account/devices", "devices"),
            ("account", "account"),
            ("users/account", "users"),
            ("accounts/users", "users"),
            ("system_configs/accounts", "system_configs"),
            ("accounts/A/schemas/devices", "schemas"),
            ("i18n/fr-fr/accounts/A/apps_store", "apps_store"),
        ] {
            assert_eq!(noun(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_path_begins_with_a_noun() {
        for path in ["", "nosuch", "nosuch/accounts/A"] {
            assert_eq!(noun(path), None, "{path}");
        }
    }
}
