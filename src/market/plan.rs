//! What a listing costs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a plan is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// A licence, paid once.
    OneTime,
    /// Paid once a calendar month.
    Monthly,
    Free,
}

/// A fee for each of something, which the base price doesn't include.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitFee {
    /// `device`, `user`, …
    pub unit: String,
    /// In the currency's smallest unit.
    pub price: u64,
}

/// A way to buy a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    pub id: String,
    pub name: String,
    pub model: Model,
    /// In the currency's smallest unit. Without what each device or user costs.
    #[serde(default)]
    pub base_price: u64,
    /// ISO 4217.
    #[serde(default = "dollars")]
    pub currency: String,
    #[serde(default)]
    pub unit_fees: Vec<UnitFee>,
    #[serde(default)]
    pub description: String,
    /// What the button says that leads on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cta_label: Option<String>,
}

fn dollars() -> String {
    "USD".into()
}

impl Plan {
    /// How often it's charged, for those that are charged again.
    pub fn period(&self) -> Option<&'static str> {
        (self.model == Model::Monthly).then_some("month")
    }

    /// The day of each month on which it's charged: that of the purchase, or the month's last where there is no such day.
    pub fn billing_day(&self, purchase_day: i8) -> Option<i8> {
        (self.model == Model::Monthly).then_some(purchase_day)
    }

    /// What is wrong with it: member and complaint.
    pub fn complaints(&self) -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        let mut check = |is_right: bool, member, complaint| {
            if !is_right {
                found.push((member, complaint));
            }
        };
        check(is_word(&self.id), "id", "is lower-case letters, digits and hyphens, at most 64");
        check(!self.name.trim().is_empty(), "name", "is missing");
        check(self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase()), "currency", "is three letters");
        let is_paid = self.base_price > 0 || self.unit_fees.iter().any(|fee| fee.price > 0);
        check(is_paid == (self.model != Model::Free), "base_price", "a free plan costs nothing, any other does");
        check(self.unit_fees.iter().all(|fee| !fee.unit.trim().is_empty()), "unit_fees", "each says for what it is");
        found
    }
}

/// Whether something can stand in a path as it is.
pub fn is_word(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 64 && text.bytes().all(is_plain) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(model: Model, base_price: u64) -> Plan {
        let plan = json!({"id": "basic", "name": "Basic", "model": model, "base_price": base_price});
        serde_json::from_value(plan).unwrap()
    }

    /// R52, R44
    #[test]
    fn there_are_three_models_and_prices_in_minor_units() {
        for (model, price, period) in [(Model::OneTime, 4900, None), (Model::Monthly, 990, Some("month")), (Model::Free, 0, None)]
        {
            let plan = plan(model, price);
            assert_eq!(plan.complaints(), vec![], "{model:?}");
            assert_eq!((plan.period(), plan.currency.as_str()), (period, "USD"));
        }
        assert_eq!(
            serde_json::to_value([Model::OneTime, Model::Monthly, Model::Free]).unwrap(),
            json!(["one_time", "monthly", "free"])
        );
        assert!(serde_json::from_value::<Plan>(json!({"id": "a", "name": "A", "model": "free", "base_price": 1.5})).is_err());
        assert!(serde_json::from_value::<Plan>(json!({"id": "a", "name": "A", "model": "yearly"})).is_err());
    }

    /// R53
    #[test]
    fn a_free_plan_costs_nothing_and_any_other_something() {
        assert_eq!(plan(Model::Free, 1).complaints().len(), 1);
        assert_eq!(plan(Model::Monthly, 0).complaints().len(), 1);
    }

    #[test]
    fn words_fit_into_paths() {
        assert!(is_word("call-center-2"));
        for wrong in ["", "-a", "a-", "A", "a/b", "a.b", "ä", &"a".repeat(65)] {
            assert!(!is_word(wrong), "{wrong}");
        }
    }
}
