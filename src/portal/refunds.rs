//! Money back: customers ask, staff decides.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Error, Portal, Visitor,
    accounts::part,
    subscriptions::{SubscriptionRow, SubscriptionView, row},
};
use crate::{
    market::{
        account::Session,
        catalogue::{Page, Paging},
        refund::{self, Refund, State},
        subscription::{Status, Subscription, parse_name},
        trail::Actor,
    },
    store::Query,
};

/// Bytes of a reason.
const LONGEST: usize = 4_000;

/// A refund as staff sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RefundView {
    /// `{account_id}:{subscription}`
    pub id: String,
    pub account_id: String,
    pub subscription: SubscriptionRow,
    pub refund: Refund,
}

impl Portal {
    /// Asks for a refund, within 30 days of the purchase.
    pub async fn request_refund(
        &self,
        session: &Session,
        name: &str,
        reason: &str,
        visitor: &Visitor,
    ) -> Result<SubscriptionView, Error> {
        if reason.len() > LONGEST {
            return Err(Error::invalid("reason", "is too long"));
        }
        let now = self.now();
        self.change_subscription(session, name, "refund.request", visitor, |subscription| {
            let earlier = subscription.refund.as_ref();
            refund::check(&subscription.plan, subscription.purchased_at, earlier, now).map_err(|refused| {
                let code = match refused {
                    refund::Refused::TooLate => "too_late",
                    refund::Refused::NothingPaid => "nothing_paid",
                    refund::Refused::AskedAlready => "asked_already",
                };
                Error::conflict(code, refused.to_string())
            })?;
            subscription.refund = Some(Refund {
                state: State::Requested,
                requested_at: now,
                requested_by: session.user_id.clone(),
                reason: reason.to_owned(),
                decided_at: None,
                answer: None,
            });
            Ok(())
        })
        .await
    }

    /// Refunds that were asked for, in a state. For staff.
    pub async fn refunds(&self, state: State, paging: Paging) -> Result<Page<RefundView>, Error> {
        let query = Query::range(serde_json::json!([state]), serde_json::json!([state, {}]));
        let total = self.count("refunds", &query).await?;
        let subscriptions: Vec<Subscription> = self.behind("refunds", part(query, paging)).await?;
        let items = subscriptions.iter().filter_map(view).collect();
        Ok(Page { items, total, page: paging.page.max(1), per_page: paging.size() })
    }

    /// Decides about a refund; one that is approved ends the subscription. For staff.
    pub async fn decide_refund(&self, id: &str, approve: bool, answer: Option<&str>, actor: &Actor) -> Result<RefundView, Error> {
        let (account_id, name) = id.split_once(':').ok_or(Error::NotFound)?;
        parse_name(name).filter(|_| crate::kazoo::id::is_id(account_id)).ok_or(Error::NotFound)?;
        let now = self.now();
        let what = if approve { "refund.approve" } else { "refund.reject" };
        let edit = |subscription: &mut Subscription| {
            let refund = subscription.refund.as_mut().ok_or(Error::NotFound)?;
            if refund.state != State::Requested {
                return Err(Error::conflict("decided", "It was decided already."));
            }
            refund.state = if approve { State::Approved } else { State::Rejected };
            refund.decided_at = Some(now);
            refund.answer = answer.map(|answer| answer.chars().take(LONGEST).collect());
            if approve {
                subscription.end(Status::Refunded, now);
            }
            Ok(())
        };
        let (subscription, ()) = self.change(&Subscription::id(account_id, name), actor, what, edit).await?;
        view(&subscription).ok_or(Error::NotFound)
    }
}

fn view(subscription: &Subscription) -> Option<RefundView> {
    Some(RefundView {
        id: format!("{}:{}", subscription.account_id, subscription.name()),
        account_id: subscription.account_id.clone(),
        subscription: row(subscription, None, None),
        refund: subscription.refund.clone()?,
    })
}
