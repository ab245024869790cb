//! What waits for a cluster, and what it says about it.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Error, Portal, accounts::of_account};
use crate::market::{
    cluster::Cluster,
    content::AppKind,
    delivery::State,
    listing::Listing,
    release,
    subscription::{Status, Subscription, parse_delivery_name},
    version::Version,
};

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeliveredApp {
    pub name: String,
    pub version: Option<String>,
    pub kind: AppKind,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PackageLink {
    /// Relative to the API.
    pub url: String,
    pub sha256: String,
    pub size: u64,
}

/// Something that a cluster has to do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeliveryOffer {
    pub id: String,
    pub subscription_id: String,
    pub state: State,
    pub app: DeliveredApp,
    /// `None` where something is to be removed and there's nothing to install.
    pub package: Option<PackageLink>,
    pub remove: bool,
}

/// What a cluster says about a delivery.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct DeliveryReport {
    pub state: State,
    #[serde(default)]
    pub detail: Option<String>,
}

impl Portal {
    /// What a cluster has to do, of these states, the oldest first. Installations are held while the Kazoo version that was chosen
    /// isn't the cluster's; removals need none.
    pub async fn deliveries(&self, cluster: &Cluster, states: &[State]) -> Result<Vec<DeliveryOffer>, Error> {
        let subscriptions: Vec<Subscription> = self.behind("deliveries", of_account(&cluster.account_id)).await?;
        let (now, kazoo) = (self.now(), cluster.delivery_version().ok());
        let mut listings: HashMap<String, Option<Listing>> = HashMap::new();
        let mut offers = Vec::new();
        for subscription in subscriptions {
            let state = subscription.delivery.as_ref().map(|delivery| delivery.offered_as(now));
            if !state.is_some_and(|state| states.contains(&state)) {
                continue;
            }
            let slug = &subscription.listing;
            if !listings.contains_key(slug) {
                listings.insert(slug.clone(), self.load(&Listing::id(slug)).await?);
            }
            let listing = listings.get(slug).and_then(Option::as_ref);
            offers.extend(offer(&subscription, listing, kazoo.as_ref(), now));
        }
        Ok(offers)
    }

    /// Takes what a cluster says about one of its deliveries. The same again changes nothing.
    pub async fn report_delivery(
        &self,
        cluster: &Cluster,
        name: &str,
        report: &DeliveryReport,
        ip: Option<String>,
    ) -> Result<(String, State), Error> {
        let (subscription, number) = parse_delivery_name(name).ok_or(Error::NotFound)?;
        let now = self.now();
        let version = self.version_on_its_way(cluster, subscription).await?;
        let edit = |subscription: &mut Subscription| {
            let delivery = subscription.delivery.as_mut().ok_or(Error::NotFound)?;
            if delivery.number != number {
                return Err(Error::conflict("superseded", "Another delivery has taken its place."));
            }
            // The cluster got what it was offered when it began.
            if report.state == State::Delivering && delivery.state != State::Delivering && !delivery.remove && version.is_some() {
                delivery.version.clone_from(&version);
            }
            delivery
                .step(report.state, report.detail.as_deref(), now)
                .map_err(|bad| Error::conflict("wrong_state", bad.to_string()))?;
            if delivery.is_done() && !delivery.remove && subscription.status == Status::Pending {
                subscription.status = Status::Active;
            }
            Ok(())
        };
        let id = Subscription::id(&cluster.account_id, subscription);
        self.change(&id, &cluster.actor(ip), "delivery.report", edit).await?;
        Ok((name.to_owned(), report.state))
    }

    /// The version that a subscription's delivery brings now.
    async fn version_on_its_way(&self, cluster: &Cluster, subscription: &str) -> Result<Option<String>, Error> {
        let Some((slug, _)) = crate::market::subscription::parse_name(subscription) else { return Ok(None) };
        let Some(listing) = self.load::<Listing>(&Listing::id(slug)).await? else { return Ok(None) };
        let fitting = cluster.delivery_version().ok().and_then(|kazoo| release::fitting(&listing.releases, &kazoo));
        Ok(fitting.map(|release| release.version.to_string()))
    }

    /// The package of a delivery that has this name.
    pub(super) async fn package_of_delivery(&self, cluster: &Cluster, name: &str) -> Result<String, Error> {
        let (subscription, _) = parse_delivery_name(name).ok_or(Error::NotFound)?;
        let subscription: Subscription =
            self.load(&Subscription::id(&cluster.account_id, subscription)).await?.ok_or(Error::NotFound)?;
        let listing: Listing = self.load(&Listing::id(&subscription.listing)).await?.ok_or(Error::NotFound)?;
        let kazoo = cluster.delivery_version().map_err(|_| Error::NotFound)?;
        let release = release::fitting(&listing.releases, &kazoo).ok_or(Error::NotFound)?;
        release.package.as_ref().map(|package| package.id.clone()).ok_or(Error::NotFound)
    }
}

/// What is to be done for a subscription; `None` while nothing can be.
fn offer(subscription: &Subscription, listing: Option<&Listing>, kazoo: Option<&Version>, now: u64) -> Option<DeliveryOffer> {
    let (delivery, app) = (subscription.delivery.as_ref()?, subscription.app.as_ref()?);
    let release = listing.zip(kazoo).and_then(|(listing, kazoo)| release::fitting(&listing.releases, kazoo));
    let package = release.and_then(|release| release.package.as_ref()).filter(|_| !delivery.remove);
    if package.is_none() && !delivery.remove {
        return None;
    }
    let version = match release.filter(|_| !delivery.remove) {
        Some(release) => Some(release.version.to_string()),
        None => delivery.version.clone(),
    };
    Some(DeliveryOffer {
        id: subscription.delivery_name()?,
        subscription_id: subscription.name(),
        state: delivery.offered_as(now),
        app: DeliveredApp { name: app.name.clone(), version, kind: app.kind },
        package: package.map(|package| PackageLink {
            url: format!("connector/packages/{}", package.id),
            sha256: package.sha256.clone(),
            size: package.size,
        }),
        remove: delivery.remove,
    })
}
