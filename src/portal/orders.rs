//! Buying. The order is written first, under an id that comes of the account and the idempotency key; all else follows from it
//! and can be done again at any time: when the order is sent again or asked for, and when a portal starts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Error, Portal};
use crate::{
    market::{
        Rest,
        account::Session,
        content::{Content, Kind},
        listing::{Listing, digest},
        order::{Acceptance, LONGEST_KEY, Order, Outcome, Status, order_id},
        plan::Plan,
        release,
        subscription::{self, Next, Subscription},
        trail::{Actor, Who},
    },
    store::Query,
};

/// Orders that a start finishes at once; more are finished by the next, or when they're asked for.
const SETTLED_AT_ONCE: usize = 1_000;

/// What somebody wants to buy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OrderRequest {
    pub listing: String,
    pub plan_id: String,
    /// Of the licence that was read.
    pub license_version: String,
    pub license_accepted: bool,
    /// Of whoever asks: the same key is the same order, however often it's sent.
    pub idempotency_key: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OrderView {
    pub id: String,
    pub status: Status,
    pub listing: String,
    pub plan: Plan,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    pub created: u64,
}

impl Portal {
    /// Buys. [`Error::Conflict`] when the account has the listing, or has used the key for something else.
    pub async fn order(&self, session: &Session, request: &OrderRequest, ip: Option<String>) -> Result<OrderView, Error> {
        let key = request.idempotency_key.as_str();
        if key.trim().is_empty() || key.len() > LONGEST_KEY {
            return Err(Error::invalid("idempotency_key", "is missing or too long"));
        }
        let id = order_id(&session.account_id, key);
        if let Some(order) = self.load::<Order>(&Order::id(&id)).await? {
            return self.answer_again(order, request).await;
        }
        let order = self.new_order(session, request, id, ip.clone()).await?;
        self.refuse_second(&order).await?;
        if !self.create(&Order::id(&order.order_id), &order, &session.actor(ip), "order.create").await? {
            // Sent twice at once.
            let order = self.load(&Order::id(&order.order_id)).await?.ok_or(Error::NotFound)?;
            return self.answer_again(order, request).await;
        }
        self.finish(order).await
    }

    async fn answer_again(&self, order: Order, request: &OrderRequest) -> Result<OrderView, Error> {
        if !order.is_for(&request.listing, &request.plan_id) {
            return Err(Error::conflict("key_used", "The idempotency key was used for another order."));
        }
        self.finish(order).await
    }

    /// Settles an order and tells what came of it.
    async fn finish(&self, order: Order) -> Result<OrderView, Error> {
        let order = self.settle(order).await?;
        match order.outcome {
            Some(Outcome::AlreadySubscribed) => Err(already_subscribed()),
            _ => self.view(order).await,
        }
    }

    /// An order as it would be, if all is as it has to be for it.
    async fn new_order(
        &self,
        session: &Session,
        request: &OrderRequest,
        order_id: String,
        ip: Option<String>,
    ) -> Result<Order, Error> {
        let listing = self.on_sale(&request.listing).await.map_err(|error| match error {
            Error::NotFound => Error::invalid("listing", "isn't on sale"),
            error => error,
        })?;
        let content = listing.content().ok_or(Error::NotFound)?;
        let plan = content.plan(&request.plan_id).ok_or_else(|| Error::invalid("plan_id", "is unknown"))?;
        check_license(content, request)?;
        let reasons = self.reasons_not_to_sell(session, &listing).await?;
        if let Some(reason) = reasons.iter().find(|reason| reason.is_about_rights()) {
            return Err(Error::Forbidden(*reason));
        }
        if !reasons.is_empty() {
            return Err(Error::NotYet(reasons));
        }
        let now = self.now();
        let license = Acceptance {
            name: content.license.name.clone(),
            version: content.license.version.clone(),
            sha256: digest(&content.license.text),
            account_id: session.account_id.clone(),
            user_id: session.user_id.clone(),
            at: now,
            ip,
        };
        let (cluster_id, version) = self.target(session, &listing).await?;
        Ok(Order {
            r#type: "order".into(),
            order_id,
            account_id: session.account_id.clone(),
            user_id: session.user_id.clone(),
            listing: listing.slug.clone(),
            kind: listing.kind,
            plan: plan.clone(),
            license,
            redirect_url: content.onboarding_url.clone().filter(|_| listing.kind != Kind::Delivered),
            app: content.app.clone().filter(|_| listing.kind == Kind::Delivered),
            cluster_id,
            version,
            created: now,
            outcome: None,
            rest: Rest::new(),
        })
    }

    /// The cluster that a listing is delivered to, and the version that fits it.
    async fn target(&self, session: &Session, listing: &Listing) -> Result<(Option<String>, Option<String>), Error> {
        if listing.kind != Kind::Delivered {
            return Ok((None, None));
        }
        let Some(cluster) = self.cluster_of(&session.account_id).await? else { return Ok((None, None)) };
        let fitting = cluster.delivery_version().ok().and_then(|kazoo| release::fitting(&listing.releases, &kazoo));
        Ok((Some(cluster.cluster_id.clone()), fitting.map(|release| release.version.to_string())))
    }

    /// Tells a second purchase before an order is made of it. That there is never a second one is no matter of this.
    async fn refuse_second(&self, order: &Order) -> Result<(), Error> {
        let existing = self.subscriptions_to(&order.account_id, &order.listing).await?;
        match subscription::next(&order.order_id, &existing) {
            Next::Taken => Err(already_subscribed()),
            Next::Done(_) | Next::Make(_) => Ok(()),
        }
    }

    /// All subscriptions of an account to a listing, ended ones too.
    pub(super) async fn subscriptions_to(&self, account_id: &str, slug: &str) -> Result<Vec<Subscription>, Error> {
        self.beginning(&Subscription::id(account_id, &format!("{slug}."))).await
    }

    /// Makes of an order what follows from it, whatever of that is there already.
    async fn settle(&self, order: Order) -> Result<Order, Error> {
        if order.outcome.is_some() {
            return Ok(order);
        }
        let who = Who::Customer { account_id: order.account_id.clone(), user_id: order.user_id.clone() };
        let actor = Actor { who, ip: order.license.ip.clone() };
        let outcome = loop {
            let existing = self.subscriptions_to(&order.account_id, &order.listing).await?;
            match subscription::next(&order.order_id, &existing) {
                Next::Done(name) => break Outcome::Subscription(name),
                Next::Taken => break Outcome::AlreadySubscribed,
                // When somebody else takes the number, the next look shows what for.
                Next::Make(number) => {
                    let new = Subscription::of(&order, number);
                    self.create(&Subscription::id(&order.account_id, &new.name()), &new, &actor, "subscription.create").await?;
                }
            }
        };
        let edit = |order: &mut Order| {
            order.outcome.get_or_insert(outcome.clone());
            Ok(())
        };
        Ok(self.change(&Order::id(&order.order_id), &actor, "order.settle", edit).await?.0)
    }

    /// Finishes what was begun when a portal ended. Returns how many orders that were.
    pub async fn settle_open_orders(&self) -> Result<usize, Error> {
        let open: Vec<Order> = self.behind("open_orders", Query::default().limit(SETTLED_AT_ONCE)).await?;
        let mut settled = 0;
        for order in open {
            let id = order.order_id.clone();
            match self.settle(order).await {
                Ok(_) => settled += 1,
                // One that can't be finished mustn't keep everything else from beginning.
                Err(error) => log::error!("order {id} stays open: {error}"),
            }
        }
        Ok(settled)
    }

    /// An order of somebody's account.
    pub async fn order_status(&self, session: &Session, order_id: &str) -> Result<OrderView, Error> {
        if !crate::kazoo::id::is_id(order_id) {
            return Err(Error::NotFound);
        }
        let order: Option<Order> = self.load(&Order::id(order_id)).await?;
        let order = order.filter(|order| order.account_id == session.account_id).ok_or(Error::NotFound)?;
        self.view(self.settle(order).await?).await
    }

    async fn view(&self, order: Order) -> Result<OrderView, Error> {
        let (subscription_id, error) = match &order.outcome {
            Some(Outcome::Subscription(name)) => (Some(name.clone()), None),
            Some(Outcome::AlreadySubscribed) => (None, Some("already_subscribed")),
            None => (None, None),
        };
        let subscription: Option<Subscription> = match &subscription_id {
            Some(name) => self.load(&Subscription::id(&order.account_id, name)).await?,
            None => None,
        };
        let status = match subscription.map(|subscription| subscription.status) {
            _ if order.redirect_url.is_some() && error.is_none() => Status::Redirect,
            Some(subscription::Status::Pending) => Status::Processing,
            Some(subscription::Status::Failed) => Status::Failed,
            Some(_) => Status::Confirmed,
            None if error.is_some() => Status::Failed,
            None => Status::Processing,
        };
        Ok(OrderView {
            id: order.order_id,
            status,
            listing: order.listing,
            plan: order.plan,
            redirect_url: order.redirect_url,
            subscription_id,
            error,
            created: order.created,
        })
    }
}

fn check_license(content: &Content, request: &OrderRequest) -> Result<(), Error> {
    if !request.license_accepted {
        return Err(Error::invalid("license_accepted", "has to be true"));
    }
    if request.license_version != content.license.version {
        return Err(Error::invalid("license_version", "isn't the one that counts now"));
    }
    Ok(())
}

fn already_subscribed() -> Error {
    Error::conflict("already_subscribed", "The account has it already.")
}
