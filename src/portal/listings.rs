//! What can be seen by whoever comes by, and the prices for those who are logged in.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{BASE, Error, Portal, Visitor};
use crate::{
    market::{
        account::Session,
        catalogue::{Card, Counted, Facet, Filter, Item, Page, Paging, Taxonomy},
        content::{Kind, Picture},
        eligibility::{self, Explained, Reason},
        listing::{Details, Listing, Offer, PRICE_NOTICE, ReleaseNotes, release_notes},
        plan,
        subscription::Subscription,
    },
    platform::names::MARKETPLACE,
    store::{Attachment, Query},
};

/// The document with the labels.
pub(super) const TAXONOMY: &str = "taxonomy";

/// The prices of a listing, and whether whoever asks can buy it.
#[derive(Clone, Debug, Serialize)]
pub struct Pricing {
    pub plans: Vec<Offer>,
    pub notice: &'static str,
    pub eligibility: Eligibility,
}

/// Whether somebody can buy a listing now.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Eligibility {
    pub can_buy: bool,
    /// What is to be done first, the nearest first.
    pub reasons: Vec<Explained>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// What the subscription is called that the account has already.
    pub subscription: Option<String>,
}

/// A page of what is looked for, and the labels with the number of listings under each.
#[derive(Clone, Debug, Serialize)]
pub struct Shelf {
    pub found: Page<Item>,
    pub solutions: Vec<Counted>,
    pub categories: Vec<Counted>,
    pub collections: Vec<Counted>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LicenseText {
    pub name: String,
    pub version: String,
    pub text: String,
}

/// Which of a listing's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Icon,
    Hero,
    /// From 1.
    Screenshot(usize),
}

impl Portal {
    /// What is on sale, in the order of names.
    pub(super) async fn cards(&self) -> Result<Vec<Card>, Error> {
        let rows = self.rows("listings", &Query::default()).await?;
        let cards = rows.into_iter().filter_map(|row| {
            let card = serde_json::from_value(row.value);
            // One that is broken mustn't hide the others.
            card.inspect_err(|error| log::error!("marketplace/{}: {error}", row.id.unwrap_or_default())).ok()
        });
        Ok(cards.collect())
    }

    /// What is on sale and is looked for.
    pub async fn listings(&self, filter: &Filter, paging: Paging, visitor: &Visitor) -> Result<Page<Item>, Error> {
        Ok(select(&self.cards().await?, filter, paging, visitor.language.as_deref()))
    }

    /// What is on sale and is looked for, and the labels to look by.
    pub async fn shelf(&self, filter: &Filter, paging: Paging, visitor: &Visitor) -> Result<Shelf, Error> {
        let (cards, taxonomy, language) = (self.cards().await?, self.taxonomy().await?, visitor.language.as_deref());
        let count = |facet| taxonomy.count(facet, &cards, language);
        Ok(Shelf {
            found: select(&cards, filter, paging, language),
            solutions: count(Facet::Solutions),
            categories: count(Facet::Categories),
            collections: count(Facet::Collections),
        })
    }

    /// The labels of a kind, with the number of listings under each.
    pub async fn facet(&self, facet: Facet, visitor: &Visitor) -> Result<Vec<Counted>, Error> {
        Ok(self.taxonomy().await?.count(facet, &self.cards().await?, visitor.language.as_deref()))
    }

    pub async fn taxonomy(&self) -> Result<Taxonomy, Error> {
        Ok(self.load(TAXONOMY).await?.unwrap_or_default())
    }

    /// A listing that is on sale; [`Error::NotFound`] for any other.
    pub(super) async fn on_sale(&self, slug: &str) -> Result<Listing, Error> {
        let listing = if plan::is_word(slug) { self.load::<Listing>(&Listing::id(slug)).await? } else { None };
        listing.filter(|listing| listing.live.is_some()).ok_or(Error::NotFound)
    }

    /// A listing in full. Without prices.
    pub async fn listing(&self, slug: &str, visitor: &Visitor) -> Result<Details, Error> {
        Details::of(&self.on_sale(slug).await?, visitor.language.as_deref(), BASE).ok_or(Error::NotFound)
    }

    /// What was new in each version.
    pub async fn releases(&self, slug: &str) -> Result<Vec<ReleaseNotes>, Error> {
        Ok(release_notes(&self.on_sale(slug).await?))
    }

    pub async fn license(&self, slug: &str) -> Result<LicenseText, Error> {
        let listing = self.on_sale(slug).await?;
        let license = listing.content().map(|content| content.license.clone()).ok_or(Error::NotFound)?;
        Ok(LicenseText { name: license.name, version: license.version, text: license.text })
    }

    /// What a listing costs. That there is a session is all that it takes.
    pub async fn plans(&self, session: &Session, slug: &str) -> Result<Pricing, Error> {
        let listing = self.on_sale(slug).await?;
        let plans = listing.content().map(|content| content.plans.iter().map(|plan| Offer::new(plan, listing.kind)).collect());
        Ok(Pricing {
            plans: plans.unwrap_or_default(),
            notice: PRICE_NOTICE,
            eligibility: self.eligibility_for(session, &listing).await?,
        })
    }

    /// Whether somebody can buy a listing, and what keeps him from it.
    pub async fn eligibility(&self, session: &Session, slug: &str) -> Result<Eligibility, Error> {
        let listing = self.on_sale(slug).await?;
        self.eligibility_for(session, &listing).await
    }

    async fn eligibility_for(&self, session: &Session, listing: &Listing) -> Result<Eligibility, Error> {
        let reasons = self.reasons_not_to_sell(session, listing).await?;
        let existing = self.subscriptions_to(&session.account_id, &listing.slug).await?;
        let subscription = existing.iter().find(|one| one.status.is_running()).map(Subscription::name);
        Ok(Eligibility {
            can_buy: reasons.is_empty() && subscription.is_none(),
            reasons: reasons.into_iter().map(Explained::from).collect(),
            contact: self.contact().await?,
            subscription,
        })
    }

    /// Why somebody can't buy a listing.
    pub(super) async fn reasons_not_to_sell(&self, session: &Session, listing: &Listing) -> Result<Vec<Reason>, Error> {
        if listing.kind != Kind::Delivered {
            return Ok(eligibility::to_buy(session, listing.kind, false, None, &[]));
        }
        let (account, cluster) = (self.account_of(session).await?, self.cluster_of(&session.account_id).await?);
        Ok(eligibility::to_buy(session, listing.kind, account.early_access, cluster.as_ref(), &listing.releases))
    }

    /// A picture of a listing that is on sale.
    pub async fn picture(&self, slug: &str, which: Which) -> Result<(Picture, Attachment), Error> {
        let listing = self.on_sale(slug).await?;
        let content = listing.content().ok_or(Error::NotFound)?;
        let picture = match which {
            Which::Icon => content.icon.as_ref(),
            Which::Hero => content.hero.as_ref(),
            Which::Screenshot(number) => number.checked_sub(1).and_then(|at| content.screenshots.get(at)),
        };
        let picture = picture.cloned().ok_or(Error::NotFound)?;
        let attachment = self.platform.store.attachment(&MARKETPLACE, &Listing::id(slug), &picture.name, None).await?;
        Ok((picture, attachment))
    }

    /// Sets the labels. For staff.
    pub async fn set_taxonomy(&self, taxonomy: &Taxonomy, actor: &crate::market::trail::Actor) -> Result<(), Error> {
        let ids = [&taxonomy.solutions, &taxonomy.categories, &taxonomy.collections].into_iter().flatten();
        if ids.into_iter().any(|term| term.id.is_empty() || term.id.len() > 100 || term.label.is_empty()) {
            return Err(Error::invalid("id", "and label are there for each"));
        }
        if self.create(TAXONOMY, taxonomy, actor, "taxonomy.set").await? {
            return Ok(());
        }
        let new = serde_json::to_value(taxonomy).map_err(anyhow::Error::from)?;
        self.change(TAXONOMY, actor, "taxonomy.set", |doc: &mut Value| {
            if let (Some(doc), Some(new)) = (doc.as_object_mut(), new.as_object()) {
                doc.extend(new.clone());
            }
            Ok(())
        })
        .await?;
        Ok(())
    }
}

/// A page of what is looked for, in the order of names.
fn select(cards: &[Card], filter: &Filter, paging: Paging, language: Option<&str>) -> Page<Item> {
    let wanted = cards.iter().filter(|card| filter.takes(card));
    let mut items: Vec<Item> = wanted.map(|card| card.item(language, BASE)).collect();
    items.sort_by_cached_key(|item| (item.name.to_lowercase(), item.slug.clone()));
    paging.cut(items)
}
