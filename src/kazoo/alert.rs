//! Alerts: notices to the users of some accounts, and who they are for.

use serde_json::{Value, json};

use super::document::Object;

/// Who reads alerts.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The account whose alerts are asked for.
    pub account_id: &'a str,
    pub is_reseller: bool,
    /// The user who asks; `None` for an api key.
    pub user_id: Option<&'a str>,
    /// Whether that is an admin of this very account.
    pub is_admin: bool,
}

impl Reader<'_> {
    /// The addresses, `[type, value]`, under which alerts reach the reader. What concerns accounts below comes beside, see
    /// [`Reader::concerns`].
    pub fn addresses(&self) -> Vec<Value> {
        let mut groups = vec!["all", self.account_id];
        groups.extend(self.is_reseller.then_some("resellers"));
        let mut addresses: Vec<Value> =
            groups.iter().flat_map(|group| self.audiences().map(move |audience| json!([group, audience]))).collect();
        addresses.extend(self.user_id.map(|user| json!([self.account_id, user])));
        addresses
    }

    /// The account below which an alert for `descendants` is about, where the reader may be meant: `value` is that account's
    /// id and whom there it addresses.
    pub fn concerns<'a>(&self, value: &'a Value) -> Option<&'a str> {
        let account_id = value.get(0)?.as_str()?;
        let audience = value.get(1)?.as_str()?;
        self.audiences().any(|one| one == audience).then_some(account_id)
    }

    fn audiences(&self) -> impl Iterator<Item = &'static str> + use<> {
        ["all", "users"].into_iter().chain(self.is_admin.then_some("admins"))
    }
}

/// Whether an alert is past its time. `now` is in gregorian seconds.
pub fn is_expired(alert: &Value, now: u64) -> bool {
    alert.get("expiration_date").and_then(Value::as_u64).is_some_and(|at| at <= now)
}

/// To whom an alert goes: each element's type and value.
pub fn recipients(alert: &Object) -> impl Iterator<Item = (&Value, &Value)> {
    let to = alert.get("to").and_then(Value::as_array).into_iter().flatten();
    to.filter_map(|one| Some((one.get("type")?, one.get("value")?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_of_a_reseller_is_reached_by_every_address() {
        let reader = Reader { account_id: "A", is_reseller: true, user_id: Some("U"), is_admin: true };
        let expected = json!([
            ["all", "all"],
            ["all", "users"],
            ["all", "admins"],
            ["A", "all"],
            ["A", "users"],
            ["A", "admins"],
            ["resellers", "all"],
            ["resellers", "users"],
            ["resellers", "admins"],
            ["A", "U"],
        ]);
        assert_eq!(Value::from(reader.addresses()), expected);
        assert_eq!(reader.concerns(&json!(["D", "admins"])), Some("D"));
    }

    #[test]
    fn a_plain_user_is_not_reached_by_what_is_for_admins() {
        let reader = Reader { account_id: "A", is_reseller: false, user_id: None, is_admin: false };
        assert_eq!(Value::from(reader.addresses()), json!([["all", "all"], ["all", "users"], ["A", "all"], ["A", "users"]]));
        assert_eq!(reader.concerns(&json!(["D", "users"])), Some("D"));
        for other in [json!(["D", "admins"]), json!(["D"]), json!("D"), json!([["D"], "all"]), json!(null)] {
            assert_eq!(reader.concerns(&other), None, "{other}");
        }
    }

    #[test]
    fn an_alert_without_a_date_does_not_expire() {
        assert!(is_expired(&json!({"expiration_date": 10}), 10));
        assert!(!is_expired(&json!({"expiration_date": 11}), 10));
        assert!(!is_expired(&json!({}), 10));
    }
}
