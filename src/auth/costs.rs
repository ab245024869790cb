//! What a request costs its caller's bucket.

use serde_json::Value;

use crate::platform::Settings;

/// What a request costs where no setting says so.
const USUAL: u64 = 1;
/// What a refused login costs where no setting says so: enough that guessing soon runs dry.
const REFUSED: u64 = 35;

/// The price of a request (`system_config/crossbar`, `token_costs`): a number for all, or an object by account, endpoint and
/// verb, of which the most specific entry counts.
pub fn of_request(crossbar: &Settings, account: Option<&str>, noun: &str, verb: &str) -> u64 {
    let Some(costs) = crossbar.get("token_costs") else {
        return USUAL;
    };
    let of_account = account.into_iter().flat_map(|account| [vec![account, noun, verb], vec![account, noun], vec![account]]);
    let paths = of_account.chain([vec![noun, verb], vec![noun]]);
    let listed = paths.into_iter().find_map(|path| price(path.iter().try_fold(costs, |costs, key| costs.get(key))?));
    listed.or_else(|| price(costs)).unwrap_or(USUAL)
}

/// The price of a login by `noun` (`user_auth`, `api_auth`) that's refused, all in all.
pub fn of_refusal(crossbar: &Settings, noun: &str) -> u64 {
    crossbar.number(&format!("{noun}_tokens")).unwrap_or(REFUSED)
}

/// A number, which may also be written as text.
fn price(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(default: Value) -> Settings {
        Settings::given(default)
    }

    #[test]
    fn the_most_specific_price_counts() {
        let costs = json!({"a": {"users": {"PUT": 7, "GET": 6}, "about": 5}, "b": 4, "users": {"PUT": "3"}, "about": 2});
        let costs = settings(json!({ "token_costs": costs }));
        for (account, noun, verb, price) in [
            (Some("a"), "users", "PUT", 7),
            (Some("a"), "about", "GET", 5),
            (Some("b"), "users", "PUT", 4),
            (Some("c"), "users", "PUT", 3),
            (None, "users", "PUT", 3),
            (None, "users", "GET", 1),
            (None, "about", "GET", 2),
            (Some("a"), "users", "POST", 1),
            (None, "schemas", "GET", 1),
        ] {
            assert_eq!(of_request(&costs, account, noun, verb), price, "{account:?} {noun} {verb}");
        }
    }

    #[test]
    fn one_price_may_be_for_all() {
        assert_eq!(of_request(&settings(json!({})), None, "about", "GET"), 1);
        assert_eq!(of_request(&settings(json!({"token_costs": 3})), Some("a"), "about", "GET"), 3);
        assert_eq!(of_request(&settings(json!({"token_costs": 0})), None, "about", "GET"), 0);
        assert_eq!(of_request(&settings(json!({"token_costs": null})), None, "about", "GET"), 1);
    }

    #[test]
    fn a_refusal_has_a_price_of_its_own() {
        assert_eq!(of_refusal(&settings(json!({})), "user_auth"), 35);
        assert_eq!(of_refusal(&settings(json!({"api_auth_tokens": 10})), "api_auth"), 10);
    }
}
