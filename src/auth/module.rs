//! The ways of logging in, as they are configured: in `system_config/crossbar.auth` for all, in an account's
//! `configs_crossbar.auth` for itself and the accounts below it.

use serde_json::Value;

use crate::{
    kazoo::document::is_true,
    platform::{
        Platform,
        settings::{AccountSettings, value_at},
    },
    store::{Error, Object},
};

const CATEGORY: &str = "crossbar.auth";
/// How long a token is good, in seconds, where no setting says so.
const TOKEN_SECONDS: i64 = 3600;

/// How one module logs users of an account in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Kazoo's name for it, which its tokens bear: `cb_user_auth`, `cb_api_auth`, `cb_auth`.
    pub name: &'static str,
    pub enabled: bool,
    /// Seconds that its tokens are good; `None`: forever.
    pub lifetime: Option<u64>,
    /// Whether a second factor is demanded.
    pub second_factor: bool,
}

impl Platform {
    /// How a module works for an account.
    pub async fn auth_module(&self, name: &'static str, account: &Object) -> Result<Module, Error> {
        Ok(Module::of(name, &self.account_settings(account, CATEGORY).await?))
    }
}

impl Module {
    fn of(name: &'static str, settings: &AccountSettings) -> Self {
        let of_module = |key: &str| settings.get(&format!("auth_modules.{name}.{key}"));
        let seconds = |value: Option<&Value>| value.and_then(Value::as_i64);
        let own = seconds(of_module("token_auth_expiry_s")).filter(|time| *time > 0);
        let lifetime = own.or_else(|| seconds(settings.get("token_auth_expiry_s"))).unwrap_or(TOKEN_SECONDS);
        Self {
            name,
            enabled: of_module("enabled").is_none_or(is_true),
            lifetime: u64::try_from(lifetime).ok().filter(|time| *time > 0),
            second_factor: wants_second_factor(name, settings),
        }
    }
}

/// Whether a second factor is demanded: by the account itself, by one above it for those below, or by the system.
fn wants_second_factor(name: &str, settings: &AccountSettings) -> bool {
    let path = format!("auth_modules.{name}.multi_factor");
    let is = |factor: &Value, key: &str| factor.get(key).is_some_and(is_true);
    let mut own = settings.own().map(|settings| settings.and_then(|settings| value_at(settings, &path)));
    match own.next().flatten().filter(|factor| factor.get("enabled").is_some()) {
        Some(factor) => is(factor, "enabled"),
        None => {
            own.flatten().any(|factor| is(factor, "enabled") && is(factor, "include_subaccounts"))
                || settings.system().get(&path).is_some_and(|factor| is(factor, "enabled"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A module's settings from those of an account, those of its parent, and the system's.
    fn module(own: Value, parent: Value, system: Value) -> Module {
        Module::of("cb_user_auth", &AccountSettings::layered(&[own, parent], &system))
    }

    #[test]
    fn without_settings_a_login_works_and_lasts_an_hour() {
        let plain = Module { name: "cb_user_auth", enabled: true, lifetime: Some(3600), second_factor: false };
        assert_eq!(module(json!({}), json!({}), json!({})), plain);
    }

    #[test]
    fn the_nearest_account_has_the_first_word() {
        let of = |value: Value| json!({"auth_modules": {"cb_user_auth": value}});
        let (off, on) = (of(json!({"enabled": false})), of(json!({"enabled": true})));
        assert!(!module(json!({}), json!({}), off.clone()).enabled);
        assert!(module(json!({}), on.clone(), off.clone()).enabled);
        assert!(!module(off.clone(), on, json!({})).enabled);
        let lasts = |seconds: i64| of(json!({"token_auth_expiry_s": seconds}));
        assert_eq!(module(lasts(60), lasts(70), lasts(80)).lifetime, Some(60));
        assert_eq!(module(json!({}), lasts(70), lasts(80)).lifetime, Some(70));
    }

    #[test]
    fn a_lifetime_that_is_not_positive_gives_way_to_the_general_one() {
        let of = |general: Value, own: Value| json!({"token_auth_expiry_s": general, "auth_modules": {"cb_user_auth": {"token_auth_expiry_s": own}}});
        assert_eq!(module(json!({}), json!({}), of(json!(7200), json!(0))).lifetime, Some(7200));
        assert_eq!(module(json!({}), json!({}), of(json!(0), json!(-1))).lifetime, None);
        assert_eq!(module(json!({"token_auth_expiry_s": 60}), json!({}), of(json!(7200), json!(null))).lifetime, Some(60));
    }

    #[test]
    fn a_second_factor_of_an_account_above_counts_only_where_it_includes_those_below() {
        let of = |factor: Value| json!({"auth_modules": {"cb_user_auth": {"multi_factor": factor}}});
        let (on, off) = (of(json!({"enabled": true})), of(json!({"enabled": false})));
        let below_too = of(json!({"enabled": true, "include_subaccounts": true}));
        assert!(module(on.clone(), json!({}), json!({})).second_factor);
        assert!(!module(json!({}), on.clone(), json!({})).second_factor);
        assert!(module(json!({}), below_too.clone(), json!({})).second_factor);
        assert!(!module(off, below_too, on.clone()).second_factor);
        assert!(module(json!({}), json!({}), on).second_factor);
    }
}
