//! `listings`, and the labels that they're sorted under: open to anybody, but for the prices.

use actix_web::web::{Data, Path, Query};

use super::{
    callers::{Anyone, Customer},
    endpoint::{Endpoint, get},
    failure::Failure,
    reply::{Private, Public, Shown},
};
use crate::{
    market::{
        catalogue::{Counted, Facet, Filter, Item, Page, Paging},
        listing::{Details, Offer, ReleaseNotes},
    },
    portal::{
        Portal,
        listings::{Eligibility, LicenseText, Which},
    },
};

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/solutions", "What apps can solve, and how many do", solutions),
        get("/categories", "The categories, and how many apps are in them", categories),
        get("/collections", "The collections, and how many apps are in them", collections),
        get("/listings", "What is on sale", list),
        get("/listings/{slug}", "All about one of these", show),
        get("/listings/{slug}/icon", "Its icon", icon),
        get("/listings/{slug}/hero", "The large picture on its page", hero),
        get("/listings/{slug}/screenshots/{number}", "A picture of it at work", screenshot),
        get("/listings/{slug}/releases", "Its releases, the newest first", releases),
        get("/listings/{slug}/plans", "What it costs", plans),
        get("/listings/{slug}/eligibility", "Whether the customer can buy it, or what is in the way", eligibility),
        get("/listings/{slug}/license", "Its licence's text", license),
    ]
}

async fn solutions(portal: Data<Portal>, Anyone(visitor): Anyone) -> Result<Public<Vec<Counted>>, Failure> {
    Ok(Public(portal.facet(Facet::Solutions, &visitor).await?))
}

async fn categories(portal: Data<Portal>, Anyone(visitor): Anyone) -> Result<Public<Vec<Counted>>, Failure> {
    Ok(Public(portal.facet(Facet::Categories, &visitor).await?))
}

async fn collections(portal: Data<Portal>, Anyone(visitor): Anyone) -> Result<Public<Vec<Counted>>, Failure> {
    Ok(Public(portal.facet(Facet::Collections, &visitor).await?))
}

async fn list(
    portal: Data<Portal>,
    Anyone(visitor): Anyone,
    filter: Query<Filter>,
    paging: Query<Paging>,
) -> Result<Public<Page<Item>>, Failure> {
    Ok(Public(portal.listings(&filter, *paging, &visitor).await?))
}

async fn show(portal: Data<Portal>, Anyone(visitor): Anyone, slug: Path<String>) -> Result<Public<Details>, Failure> {
    Ok(Public(portal.listing(&slug, &visitor).await?))
}

async fn icon(portal: Data<Portal>, slug: Path<String>) -> Result<Shown, Failure> {
    let (picture, attachment) = portal.picture(&slug, Which::Icon).await?;
    Ok(Shown(picture, attachment))
}

async fn hero(portal: Data<Portal>, slug: Path<String>) -> Result<Shown, Failure> {
    let (picture, attachment) = portal.picture(&slug, Which::Hero).await?;
    Ok(Shown(picture, attachment))
}

async fn screenshot(portal: Data<Portal>, path: Path<(String, String)>) -> Result<Shown, Failure> {
    let (slug, number) = path.into_inner();
    // What is no number is none that there is.
    let which = Which::Screenshot(number.parse().unwrap_or(0));
    let (picture, attachment) = portal.picture(&slug, which).await?;
    Ok(Shown(picture, attachment))
}

async fn releases(portal: Data<Portal>, slug: Path<String>) -> Result<Public<Vec<ReleaseNotes>>, Failure> {
    Ok(Public(portal.releases(&slug).await?))
}

async fn plans(portal: Data<Portal>, customer: Customer, slug: Path<String>) -> Result<Private<Vec<Offer>>, Failure> {
    Ok(Private(portal.plans(&customer.session, &slug).await?.plans))
}

async fn eligibility(portal: Data<Portal>, customer: Customer, slug: Path<String>) -> Result<Private<Eligibility>, Failure> {
    Ok(Private(portal.eligibility(&customer.session, &slug).await?))
}

async fn license(portal: Data<Portal>, slug: Path<String>) -> Result<Public<LicenseText>, Failure> {
    Ok(Public(portal.license(&slug).await?))
}
