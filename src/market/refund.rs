//! Money back: asked for within 30 days of the purchase, decided by the operator.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::{Model, Plan};

/// Seconds after the purchase within which a refund can be asked for.
pub const WINDOW: u64 = 30 * 24 * 60 * 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RefundState")]
#[serde(rename_all = "snake_case")]
pub enum State {
    Requested,
    Approved,
    Rejected,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refund {
    pub state: State,
    pub requested_at: u64,
    /// The user who asked.
    pub requested_by: String,
    pub reason: String,
    pub decided_at: Option<u64>,
    /// What the operator says about it.
    pub answer: Option<String>,
}

/// Why a refund can't be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    #[error("a refund can be asked for within 30 days of the purchase")]
    TooLate,
    #[error("nothing was paid")]
    NothingPaid,
    #[error("a refund was asked for already")]
    AskedAlready,
}

/// Whether a refund can be asked for.
pub fn check(plan: &Plan, purchased_at: u64, earlier: Option<&Refund>, now: u64) -> Result<(), Refused> {
    if earlier.is_some() {
        return Err(Refused::AskedAlready);
    }
    if plan.model == Model::Free {
        return Err(Refused::NothingPaid);
    }
    if now.saturating_sub(purchased_at) > WINDOW {
        return Err(Refused::TooLate);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(model: &str) -> Plan {
        serde_json::from_value(json!({"id": "a", "name": "A", "model": model, "base_price": 100})).unwrap()
    }

    /// R54
    #[test]
    fn a_refund_can_be_asked_for_on_the_thirtieth_day_and_not_after() {
        assert_eq!(check(&plan("monthly"), 1_000, None, 1_000 + WINDOW), Ok(()));
        assert_eq!(check(&plan("monthly"), 1_000, None, 1_001 + WINDOW), Err(Refused::TooLate));
        assert_eq!(check(&plan("free"), 1_000, None, 1_000), Err(Refused::NothingPaid));
    }

    /// R54
    #[test]
    fn it_is_asked_for_once() {
        let earlier = Refund {
            state: State::Rejected,
            requested_at: 1,
            requested_by: "u".into(),
            reason: String::new(),
            decided_at: None,
            answer: None,
        };
        assert_eq!(check(&plan("one_time"), 0, Some(&earlier), 1), Err(Refused::AskedAlready));
    }
}
