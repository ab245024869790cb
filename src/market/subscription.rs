//! What an account has bought.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Rest,
    content::{App, Kind},
    delivery::Delivery,
    order::Order,
    plan::Plan,
    refund::Refund,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SubscriptionStatus")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Bought, and on its way to the cluster.
    Pending,
    Active,
    Cancelled,
    Failed,
    Refunded,
}

impl Status {
    /// Whether the listing counts as bought, so that it can't be bought again.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Pending | Self::Active)
    }
}

/// A subscription: `subscription:{account_id}:{slug}:{number}`. The numbers of an account and a listing count up, and the next
/// is only given when the one before is over: of two that want it one gets a conflict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    pub r#type: String,
    pub account_id: String,
    pub listing: String,
    pub number: u32,
    pub kind: Kind,
    pub order_id: String,
    pub status: Status,
    /// As it was bought.
    pub plan: Plan,
    pub app: Option<App>,
    /// The cluster that it's delivered to.
    pub cluster_id: Option<String>,
    pub purchased_at: u64,
    pub cancelled_at: Option<u64>,
    pub delivery: Option<Delivery>,
    pub refund: Option<Refund>,
    #[serde(flatten)]
    pub rest: Rest,
}

impl Subscription {
    /// What an order comes to.
    pub fn of(order: &Order, number: u32) -> Self {
        let is_delivered = order.kind == Kind::Delivered;
        Self {
            r#type: "subscription".into(),
            account_id: order.account_id.clone(),
            listing: order.listing.clone(),
            number,
            kind: order.kind,
            order_id: order.order_id.clone(),
            status: if is_delivered { Status::Pending } else { Status::Active },
            plan: order.plan.clone(),
            app: order.app.clone(),
            cluster_id: order.cluster_id.clone(),
            purchased_at: order.created,
            cancelled_at: None,
            delivery: is_delivered.then(|| Delivery::new(1, false, order.version.clone(), order.created)),
            refund: None,
            rest: Rest::new(),
        }
    }

    /// The document's id.
    pub fn id(account_id: &str, name: &str) -> String {
        format!("{}{name}", Self::prefix(account_id))
    }

    /// What the ids of an account's documents begin with.
    pub fn prefix(account_id: &str) -> String {
        format!("subscription:{account_id}:")
    }

    /// What it's called within the account: `call-center.1`.
    pub fn name(&self) -> String {
        name(&self.listing, self.number)
    }

    /// What the delivery on its way is called: `call-center.1.2`.
    pub fn delivery_name(&self) -> Option<String> {
        self.delivery.as_ref().map(|delivery| format!("{}.{}", self.name(), delivery.number))
    }

    /// Ends it; what was delivered is to be taken away.
    pub fn end(&mut self, status: Status, now: u64) {
        self.status = status;
        self.cancelled_at.get_or_insert(now);
        if let Some(delivery) = self.delivery.as_mut().filter(|delivery| !delivery.remove) {
            *delivery = delivery.next(true, now);
        }
    }
}

/// What a subscription is called within its account.
pub fn name(slug: &str, number: u32) -> String {
    format!("{slug}.{number}")
}

/// Listing and number of a subscription's name.
pub fn parse_name(name: &str) -> Option<(&str, u32)> {
    let (slug, number) = name.split_once('.')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
    (super::plan::is_word(slug) && is_number).then(|| Some((slug, number.parse().ok()?)))?
}

/// A subscription's name and the delivery's number, of the delivery's name.
pub fn parse_delivery_name(name: &str) -> Option<(&str, u32)> {
    let (subscription, number) = name.rsplit_once('.')?;
    parse_name(subscription)?;
    Some((subscription, number.parse().ok()?))
}

/// What is to be done for an order, given all subscriptions of its account to its listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It's there already.
    Done(String),
    /// Another one is running.
    Taken,
    /// Make one with this number.
    Make(u32),
}

pub fn next(order_id: &str, existing: &[Subscription]) -> Next {
    if let Some(own) = existing.iter().find(|one| one.order_id == order_id) {
        return Next::Done(own.name());
    }
    if existing.iter().any(|one| one.status.is_running()) {
        return Next::Taken;
    }
    Next::Make(existing.iter().map(|one| one.number).max().unwrap_or(0) + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subscription(order_id: &str, number: u32, status: &str) -> Subscription {
        serde_json::from_value(json!({
            "type": "subscription", "account_id": "a", "listing": "fax", "number": number, "kind": "delivered",
            "order_id": order_id, "status": status, "plan": {"id": "p", "name": "P", "model": "free"}, "app": null,
            "purchased_at": 1, "delivery": {"number": 1, "state": "verified", "version": "1.0", "updated": 1},
        }))
        .unwrap()
    }

    #[test]
    fn an_order_comes_to_one_subscription_however_often_it_is_looked_at() {
        assert_eq!(next("x", &[]), Next::Make(1));
        assert_eq!(next("x", &[subscription("x", 1, "pending")]), Next::Done("fax.1".into()));
        assert_eq!(next("x", &[subscription("x", 1, "cancelled")]), Next::Done("fax.1".into()));
        assert_eq!(next("y", &[subscription("x", 1, "active")]), Next::Taken);
        assert_eq!(next("y", &[subscription("x", 1, "cancelled"), subscription("w", 2, "refunded")]), Next::Make(3));
    }

    /// R40
    #[test]
    fn an_ended_subscription_is_taken_away_once() {
        let mut one = subscription("x", 1, "active");
        one.end(Status::Cancelled, 5);
        let delivery = one.delivery.clone().unwrap();
        assert_eq!((delivery.number, delivery.remove, delivery.state.as_str()), (2, true, "queued"));
        one.end(Status::Refunded, 9);
        assert_eq!((one.cancelled_at, one.delivery.unwrap().number), (Some(5), 2));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        assert_eq!(parse_name(&name("call-center", 12)), Some(("call-center", 12)));
        assert_eq!(parse_delivery_name("call-center.12.3"), Some(("call-center.12", 3)));
        for wrong in ["", "fax", "fax.", "fax.01", "fax.x", ".1", "../fax.1", "fax.99999999999"] {
            assert_eq!(parse_name(wrong), None, "{wrong}");
        }
        assert_eq!(parse_delivery_name("fax.1"), None);
    }
}
