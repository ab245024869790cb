//! Accounts: their place in the tree, and what is shown of them beside their public fields.

use serde_json::{Value, json};

use super::document::{self, Object, flag, text};

pub mod documents;

/// Members that are derived when an account is shown. A client that sends back what it got sends them too; to store them would
/// show an old value, and an api key to everybody.
const DERIVED: [&str; 12] = [
    "id",
    "api_key",
    "billing_mode",
    "created",
    "descendants_count",
    "is_reseller",
    "modified",
    "notification_preference",
    "reseller_id",
    "superduper_admin",
    "trial_time_left",
    "wnm_allow_additions",
];

/// Takes what isn't a client's to store out of what it sent: private and derived members.
pub fn strip_derived(data: &mut Object) {
    data.retain(|key, _| !document::is_private(key) && !DERIVED.contains(&key.as_str()));
}

/// The ids of an account's ancestors, oldest first, its parent last.
pub fn tree(account: &Object) -> impl DoubleEndedIterator<Item = &str> {
    account.get("pvt_tree").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether the account's callers may reach everything.
pub fn is_superduper(account: &Object) -> bool {
    flag(account, "pvt_superduper_admin")
}

/// Whether the account may be used; an account that doesn't say may.
pub fn is_enabled(account: &Object) -> bool {
    account.get("pvt_enabled") != Some(&Value::Bool(false))
}

/// What a client says about whether an account is enabled; the schema takes the text, too. `None` when it says nothing.
pub fn wants_enabled(data: &Object) -> Option<bool> {
    match data.get("enabled")? {
        Value::Bool(enabled) => Some(*enabled),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Since when an account's trial is over; `now` in gregorian seconds.
pub fn expired_since(account: &Object, now: u64) -> Option<u64> {
    account.get("pvt_trial_expires").and_then(Value::as_u64).filter(|expires| *expires <= now)
}

/// Whether the account's services document makes it a reseller.
pub fn is_reseller(services: Option<&Object>) -> bool {
    services.is_some_and(|services| flag(services, "pvt_reseller"))
}

/// What is known around an account when it's shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub is_reseller: bool,
    /// The nearest reseller above, else the master account.
    pub reseller_id: Option<String>,
    /// Whom the services document names as its reseller, which somebody may have set by hand.
    pub assigned_reseller_id: Option<String>,
    pub master_id: Option<String>,
}

/// What an account shows beside its public fields.
///
/// `auth_account_id` is the caller's; how an account is billed depends on who asks. `now` in gregorian seconds.
pub fn derived(account: &Object, standing: &Standing, auth_account_id: &str, with_api_key: bool, now: u64) -> Object {
    let number = |key: &str| account.get(key).cloned();
    let members = [
        ("wnm_allow_additions", Some(flag(account, "pvt_wnm_allow_additions").into())),
        ("superduper_admin", Some(is_superduper(account).into())),
        ("api_key", number("pvt_api_key").filter(|_| with_api_key)),
        ("created", number("pvt_created")),
        ("enabled", Some(is_enabled(account).into())),
        ("reseller_id", standing.reseller_id.clone().map(Value::from)),
        ("is_reseller", Some(standing.is_reseller.into())),
        ("billing_mode", Some(billing_mode(standing, auth_account_id).into())),
        ("notification_preference", notification_preference(account).map(Value::from)),
        ("trial_time_left", account.get("pvt_trial_expires").and_then(Value::as_i64).map(|end| json!(end - now as i64))),
    ];
    members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// An account as a client sees it: public fields, `id`, and what's derived.
pub fn shown(account: &Object, derived: Object) -> Object {
    let mut shown = document::public(account);
    shown.shift_remove("trial_time_left");
    shown.extend(derived);
    shown
}

fn billing_mode(standing: &Standing, auth_account_id: &str) -> &'static str {
    match standing.reseller_id.as_deref() {
        Some(reseller) if reseller == auth_account_id => "limits_only",
        Some(reseller) if Some(reseller) == standing.master_id.as_deref() => "normal",
        _ => "manual",
    }
}

/// Which of Kazoo's two ways to notify an account prefers; `None` when it has said nothing.
pub fn notification_preference(account: &Object) -> Option<&'static str> {
    let notifications = account.get("notifications");
    let preference = text(account, "pvt_notification_preference")
        .or_else(|| ["voicemail_to_email", "fax_to_email"].into_iter().find_map(|key| notifications?.get(key)?.as_str()))?;
    Some(if preference == "teletype" { "teletype" } else { "notify" })
}

/// The part of the 5.4 envelope's `metadata` that tells an account's flags.
pub fn metadata(derived: &Object) -> Object {
    let told = ["superduper_admin", "is_reseller", "reseller_id", "billing_mode", "wnm_allow_additions", "created", "enabled"];
    told.into_iter().filter_map(|key| Some((key.to_owned(), derived.get(key)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn billing_depends_on_who_asks() {
        let standing = |reseller: Option<&str>| Standing {
            reseller_id: reseller.map(str::to_owned),
            master_id: Some("master".into()),
            ..Standing::default()
        };
        assert_eq!(billing_mode(&standing(Some("r")), "r"), "limits_only");
        assert_eq!(billing_mode(&standing(Some("master")), "child"), "normal");
        assert_eq!(billing_mode(&standing(Some("r")), "child"), "manual");
        assert_eq!(billing_mode(&standing(None), "child"), "manual");
    }

    #[test]
    fn flags_are_derived_with_their_defaults() {
        let account = object(json!({"_id": "a", "name": "A", "pvt_created": 5, "pvt_trial_expires": 90, "pvt_api_key": "k"}));
        let shown = shown(&account, derived(&account, &Standing::default(), "a", false, 100));
        let expected = json!({
            "name": "A", "id": "a", "wnm_allow_additions": false, "superduper_admin": false, "created": 5, "enabled": true,
            "is_reseller": false, "billing_mode": "manual", "trial_time_left": -10
        });
        assert_eq!(Value::Object(shown), expected);
        assert_eq!(derived(&account, &Standing::default(), "a", true, 100).get("api_key"), Some(&json!("k")));
    }

    #[test]
    fn what_is_derived_or_private_is_not_a_clients_to_store() {
        let mut data = object(json!({
            "id": "x", "_id": "x", "pvt_tree": [], "name": "A", "api_key": "k", "descendants_count": 9, "is_reseller": true,
            "enabled": false, "custom": {"_a": 1, "api_key": 2}
        }));
        strip_derived(&mut data);
        assert_eq!(Value::Object(data), json!({"name": "A", "enabled": false, "custom": {"_a": 1, "api_key": 2}}));
    }

    #[test]
    fn an_account_notifies_as_it_says_or_as_its_mails_do() {
        for (account, told) in [
            (json!({}), None),
            (json!({"pvt_notification_preference": "teletype"}), Some("teletype")),
            (json!({"pvt_notification_preference": "other"}), Some("notify")),
            (json!({"notifications": {"voicemail_to_email": "teletype", "fax_to_email": "x"}}), Some("teletype")),
            (json!({"notifications": {"fax_to_email": "teletype"}}), Some("teletype")),
            (json!({"pvt_notification_preference": "x", "notifications": {"fax_to_email": "teletype"}}), Some("notify")),
            (json!({"notifications": {"voicemail_to_email": {"email_from": "a@b.c"}}}), None),
        ] {
            assert_eq!(notification_preference(&object(account.clone())), told, "{account}");
        }
    }

    #[test]
    fn a_trial_that_is_over_says_since_when() {
        let account = object(json!({"pvt_trial_expires": 90}));
        assert_eq!(expired_since(&account, 90), Some(90));
        assert_eq!(expired_since(&account, 89), None);
    }
}
