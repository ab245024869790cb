//! `listings`, and the labels that they're sorted under: open to anybody, but for the prices.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query, ServiceConfig},
};

use super::{
    at,
    callers::{Anyone, Customer},
    failure::Failure,
    reply,
};
use crate::{
    market::catalogue::{Facet, Filter, Paging},
    portal::{Portal, listings::Which},
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at("/solutions").get(solutions))
        .service(at("/categories").get(categories))
        .service(at("/collections").get(collections))
        .service(at("/listings").get(list))
        .service(at("/listings/{slug}").get(show))
        .service(at("/listings/{slug}/icon").get(icon))
        .service(at("/listings/{slug}/hero").get(hero))
        .service(at("/listings/{slug}/screenshots/{number}").get(screenshot))
        .service(at("/listings/{slug}/releases").get(releases))
        .service(at("/listings/{slug}/plans").get(plans))
        .service(at("/listings/{slug}/eligibility").get(eligibility))
        .service(at("/listings/{slug}/license").get(license));
}

async fn solutions(portal: Data<Portal>, Anyone(visitor): Anyone, request: HttpRequest) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.facet(Facet::Solutions, &visitor).await?)
}

async fn categories(portal: Data<Portal>, Anyone(visitor): Anyone, request: HttpRequest) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.facet(Facet::Categories, &visitor).await?)
}

async fn collections(portal: Data<Portal>, Anyone(visitor): Anyone, request: HttpRequest) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.facet(Facet::Collections, &visitor).await?)
}

async fn list(
    portal: Data<Portal>,
    Anyone(visitor): Anyone,
    filter: Query<Filter>,
    paging: Query<Paging>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.listings(&filter, *paging, &visitor).await?)
}

async fn show(
    portal: Data<Portal>,
    Anyone(visitor): Anyone,
    slug: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.listing(&slug, &visitor).await?)
}

async fn icon(portal: Data<Portal>, slug: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (picture, attachment) = portal.picture(&slug, Which::Icon).await?;
    Ok(reply::picture(&request, &picture, attachment))
}

async fn hero(portal: Data<Portal>, slug: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (picture, attachment) = portal.picture(&slug, Which::Hero).await?;
    Ok(reply::picture(&request, &picture, attachment))
}

async fn screenshot(portal: Data<Portal>, path: Path<(String, String)>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (slug, number) = path.into_inner();
    // What is no number is none that there is.
    let which = Which::Screenshot(number.parse().unwrap_or(0));
    let (picture, attachment) = portal.picture(&slug, which).await?;
    Ok(reply::picture(&request, &picture, attachment))
}

async fn releases(portal: Data<Portal>, slug: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.releases(&slug).await?)
}

async fn plans(portal: Data<Portal>, customer: Customer, slug: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.plans(&customer.session, &slug).await?.plans)
}

async fn eligibility(portal: Data<Portal>, customer: Customer, slug: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.eligibility(&customer.session, &slug).await?)
}

async fn license(portal: Data<Portal>, slug: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.license(&slug).await?)
}
