//! An order: what was bought, at which price, under which licence. All else follows from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Rest,
    content::{App, Kind},
    plan::Plan,
};
use crate::kazoo::hex;

/// Characters of an idempotency key.
pub const LONGEST_KEY: usize = 200;

/// That a licence was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acceptance {
    pub name: String,
    pub version: String,
    /// Of the text.
    pub sha256: String,
    pub account_id: String,
    pub user_id: String,
    pub at: u64,
    pub ip: Option<String>,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Subscription(String),
    /// The account had the listing already.
    AlreadySubscribed,
}

/// An order: `order:{id}`, whose id comes of the account and the idempotency key: sent again, it's the same order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub r#type: String,
    pub order_id: String,
    pub account_id: String,
    pub user_id: String,
    pub listing: String,
    pub kind: Kind,
    /// As it was.
    pub plan: Plan,
    pub license: Acceptance,
    pub redirect_url: Option<String>,
    pub app: Option<App>,
    /// The cluster that it's for.
    pub cluster_id: Option<String>,
    /// The version that fits the cluster.
    pub version: Option<String>,
    pub created: u64,
    /// `None` until a subscription was made of it.
    pub outcome: Option<Outcome>,
    #[serde(flatten)]
    pub rest: Rest,
}

impl Order {
    pub fn id(order_id: &str) -> String {
        format!("order:{order_id}")
    }

    /// Whether somebody who sends the key again means the same.
    pub fn is_for(&self, listing: &str, plan_id: &str) -> bool {
        self.listing == listing && self.plan.id == plan_id
    }
}

/// The id of an account's order with this key.
pub fn order_id(account_id: &str, key: &str) -> String {
    let digest = Sha256::new().chain_update(account_id).chain_update([0]).chain_update(key).finalize();
    hex(digest.get(..16).unwrap_or_default())
}

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OrderStatus")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On its way to the cluster.
    Processing,
    Confirmed,
    Failed,
    /// It goes on at the partner's.
    Redirect,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_of_the_same_account_is_the_same_order() {
        assert_eq!(order_id("a", "k"), order_id("a", "k"));
        assert_ne!(order_id("a", "k"), order_id("a", "l"));
        assert_ne!(order_id("a", "bc"), order_id("ab", "c"));
        assert_eq!(order_id("a", "k").len(), 32);
    }
}
