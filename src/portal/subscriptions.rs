//! Manage My Apps: what an account has bought, how it's started, and ending it.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    BASE, Error, Portal, Visitor,
    accounts::{of_account, part},
};
use crate::{
    kazoo::time,
    market::{
        account::Session,
        catalogue::{Page, Paging},
        content::{Content, Kind},
        delivery::{self, Delivery},
        eligibility::Reason,
        instructions::{self, Instructions},
        listing::{Listing, picture_url},
        order::{Acceptance, Order},
        plan::{Model, Plan},
        refund::{self, Refund},
        subscription::{Status, Subscription, parse_name},
    },
    platform::{found, names::MARKETPLACE},
    store::Query,
};

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListingName {
    pub slug: String,
    pub name: String,
    pub icon_url: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeliveryView {
    pub id: Option<String>,
    pub state: delivery::State,
    pub version: Option<String>,
    /// Whether it's being taken away.
    pub remove: bool,
    pub updated: u64,
}

/// A row of the list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SubscriptionRow {
    /// `call-center.1`
    pub id: String,
    pub listing: ListingName,
    pub kind: Kind,
    pub status: Status,
    pub plan: PlanView,
    pub purchased_at: u64,
    pub cancelled_at: Option<u64>,
    pub delivery: Option<DeliveryView>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanView {
    #[serde(flatten)]
    pub plan: Plan,
    pub period: Option<&'static str>,
}

/// When and how much is charged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Charge {
    /// In the currency's smallest unit, without fees for devices or users.
    pub amount: u64,
    pub currency: String,
    /// `month`, for what is charged again and again.
    pub period: Option<&'static str>,
    /// The day of the month; the month's last where there is no such day.
    pub day_of_month: Option<i8>,
}

/// A subscription in full.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SubscriptionView {
    #[serde(flatten)]
    pub row: SubscriptionRow,
    pub order_id: String,
    pub charge: Option<Charge>,
    /// `None` for what isn't delivered.
    pub instructions: Option<Instructions>,
    /// Where a partner's customer goes on.
    pub onboarding_url: Option<String>,
    pub license: Option<Acceptance>,
    pub log: Vec<delivery::Step>,
    pub refund: Option<Refund>,
    /// Until when a refund can be asked for; `None` where it can't.
    pub refundable_until: Option<u64>,
    /// Whether it can be cancelled.
    pub cancellable: bool,
}

impl Portal {
    /// What an account has bought, the newest first; what was cancelled stays.
    pub async fn subscriptions(
        &self,
        session: &Session,
        paging: Paging,
        visitor: &Visitor,
    ) -> Result<Page<SubscriptionRow>, Error> {
        let ascending = of_account(&session.account_id);
        let total = self.count("subscriptions", &ascending).await?;
        let crate::store::Keys::Range { start, end, inclusive_end } = ascending.keys else { return Err(Error::NotFound) };
        let keys = crate::store::Keys::Range { start: end, end: start, inclusive_end };
        let query = part(Query { keys, descending: true, ..Query::default() }, paging);
        let subscriptions: Vec<Subscription> = self.behind("subscriptions", query).await?;
        let listings = self.listings_of(&subscriptions).await?;
        let language = visitor.language.as_deref();
        let items = subscriptions.iter().map(|one| row(one, listings.get(&one.listing), language)).collect();
        Ok(Page { items, total, page: paging.page.max(1), per_page: paging.size() })
    }

    async fn listings_of(&self, subscriptions: &[Subscription]) -> Result<HashMap<String, Listing>, Error> {
        let mut ids: Vec<String> = subscriptions.iter().map(|one| Listing::id(&one.listing)).collect();
        ids.sort();
        ids.dedup();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let docs = found(self.platform.store.get_many(&MARKETPLACE, &ids).await)?.unwrap_or_default();
        let mut listings = HashMap::new();
        for doc in docs.into_iter().flatten() {
            let listing: Listing =
                serde_json::from_value(serde_json::Value::Object((*doc).clone())).map_err(anyhow::Error::from)?;
            listings.insert(listing.slug.clone(), listing);
        }
        Ok(listings)
    }

    /// A subscription of somebody's account.
    async fn own(&self, session: &Session, name: &str) -> Result<Subscription, Error> {
        parse_name(name).ok_or(Error::NotFound)?;
        self.load(&Subscription::id(&session.account_id, name)).await?.ok_or(Error::NotFound)
    }

    pub async fn subscription(&self, session: &Session, name: &str, visitor: &Visitor) -> Result<SubscriptionView, Error> {
        let subscription = self.own(session, name).await?;
        let listing: Option<Listing> = self.load(&Listing::id(&subscription.listing)).await?;
        let order: Option<Order> = self.load(&Order::id(&subscription.order_id)).await?;
        let is_aio_cluster = self.cluster_of(&session.account_id).await?.is_some_and(|cluster| cluster.is_aio_cluster);
        let content = listing.as_ref().map(content_of);
        let is_running = subscription.status.is_running();
        let told = content.zip(subscription.app.as_ref()).filter(|_| is_running);
        let plan = &subscription.plan;
        let is_refundable = refund::check(plan, subscription.purchased_at, subscription.refund.as_ref(), self.now()).is_ok();
        Ok(SubscriptionView {
            row: row(&subscription, listing.as_ref(), visitor.language.as_deref()),
            order_id: subscription.order_id.clone(),
            charge: (plan.model != Model::Free).then(|| charge(plan, subscription.purchased_at)),
            instructions: told.map(|(content, app)| instructions::of(&content.startup, app, is_aio_cluster)),
            onboarding_url: order.as_ref().and_then(|order| order.redirect_url.clone()),
            license: order.map(|order| order.license),
            log: subscription.delivery.map(|delivery| delivery.log).unwrap_or_default(),
            refundable_until: is_refundable.then_some(subscription.purchased_at + refund::WINDOW),
            refund: subscription.refund,
            cancellable: is_running,
        })
    }

    /// Changes a subscription of somebody's account. For admins.
    pub(super) async fn change_subscription(
        &self,
        session: &Session,
        name: &str,
        what: &str,
        visitor: &Visitor,
        edit: impl FnMut(&mut Subscription) -> Result<(), Error>,
    ) -> Result<SubscriptionView, Error> {
        if !session.is_admin() {
            return Err(Error::Forbidden(Reason::NotAdmin));
        }
        parse_name(name).ok_or(Error::NotFound)?;
        let id = Subscription::id(&session.account_id, name);
        self.change(&id, &session.actor(visitor.ip.clone()), what, edit).await?;
        self.subscription(session, name, visitor).await
    }

    /// Ends a subscription; what was delivered is taken away.
    pub async fn cancel(&self, session: &Session, name: &str, visitor: &Visitor) -> Result<SubscriptionView, Error> {
        let now = self.now();
        self.change_subscription(session, name, "subscription.cancel", visitor, |subscription| {
            if !subscription.status.is_running() {
                return Err(Error::conflict("already_cancelled", "It was ended already."));
            }
            subscription.end(Status::Cancelled, now);
            Ok(())
        })
        .await
    }

    /// Has an application delivered again, in the version that is on sale now.
    pub async fn redeliver(&self, session: &Session, name: &str, visitor: &Visitor) -> Result<SubscriptionView, Error> {
        let now = self.now();
        self.change_subscription(session, name, "subscription.redeliver", visitor, |subscription| {
            let is_running = subscription.status.is_running();
            let delivery = subscription.delivery.as_mut().filter(|_| is_running);
            let delivery = delivery.ok_or_else(|| Error::conflict("not_delivered", "Nothing is to be delivered."))?;
            if !delivery.is_done() && delivery.state != delivery::State::Error {
                return Err(Error::conflict("under_way", "It's on its way already."));
            }
            *delivery = delivery.next(false, now);
            Ok(())
        })
        .await
    }
}

/// What a listing says of itself now, or said last.
fn content_of(listing: &Listing) -> &Content {
    listing.content().unwrap_or(&listing.draft)
}

pub(super) fn row(subscription: &Subscription, listing: Option<&Listing>, language: Option<&str>) -> SubscriptionRow {
    let slug = &subscription.listing;
    let content = listing.map(content_of);
    let name = content.and_then(|content| content.texts(language)).map(|texts| texts.name.clone());
    // Only what is on sale shows its pictures.
    let icon = listing.and_then(Listing::content).and_then(|content| content.icon.as_ref());
    let view = |delivery: &Delivery| DeliveryView {
        id: subscription.delivery_name(),
        state: delivery.state,
        version: delivery.version.clone(),
        remove: delivery.remove,
        updated: delivery.updated,
    };
    SubscriptionRow {
        id: subscription.name(),
        listing: ListingName {
            name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| slug.clone()),
            icon_url: icon.map(|picture| picture_url(BASE, slug, "icon", &picture.name)),
            slug: slug.clone(),
        },
        kind: subscription.kind,
        status: subscription.status,
        plan: PlanView { period: subscription.plan.period(), plan: subscription.plan.clone() },
        purchased_at: subscription.purchased_at,
        cancelled_at: subscription.cancelled_at,
        delivery: subscription.delivery.as_ref().map(view),
    }
}

fn charge(plan: &Plan, purchased_at: u64) -> Charge {
    let day = time::iso8601(purchased_at).get(8..10).and_then(|day| day.parse().ok());
    Charge {
        amount: plan.base_price,
        currency: plan.currency.clone(),
        period: plan.period(),
        day_of_month: day.and_then(|day| plan.billing_day(day)),
    }
}
