//! Product details: what a listing is, what is new in it, and what it costs for those who are logged in.

use actix_web::{
    HttpResponse,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use super::{assets, at, failure::Failure, labels, show, viewer::Viewer};
use crate::{
    market::{
        eligibility::{Explained, Reason},
        listing::Details,
    },
    portal::{Portal, listings::Pricing},
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at("/products/{slug}").get(overview))
        .service(at("/products/{slug}/releases").get(releases))
        .service(at("/products/{slug}/pricing").get(pricing));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Overview,
    Releases,
    Pricing,
}

#[derive(Template)]
#[template(path = "product.html")]
struct Product<'a> {
    viewer: &'a Viewer,
    tab: Tab,
    details: &'a Details,
    /// `None` for whoever isn't logged in: then there is no price to be shown.
    pricing: Option<&'a Pricing>,
    obstacles: Vec<Obstacle>,
}

/// Why something can't be bought or linked now, and where that can be changed.
pub struct Obstacle {
    pub message: &'static str,
    /// Address and words of a link.
    pub way: Option<(String, &'static str)>,
}

/// Reasons with the ways around them.
pub fn obstacles(reasons: &[Explained], contact: Option<&str>) -> Vec<Obstacle> {
    let way = |code: Reason| match code {
        Reason::ClusterNotLinked => Some(("/settings/account/link-cluster".into(), "Link My Cluster")),
        Reason::KazooVersionMissing | Reason::KazooVersionMismatch => {
            Some(("/settings/account/manage-cluster".into(), "Manage Cluster"))
        }
        Reason::AlreadyLinked => Some(("/settings/account/manage-cluster".into(), "Manage Cluster")),
        Reason::NotEarlyAccess => contact.and_then(labels::mail_url).map(|url| (url, "Write to us")),
        Reason::NotSuperduperAdmin => Some(("/docs#superduper".into(), "Who is that?")),
        Reason::NotAdmin | Reason::KazooTooOld => None,
    };
    reasons.iter().map(|reason| Obstacle { message: reason.message, way: way(reason.code) }).collect()
}

async fn overview(portal: Data<Portal>, viewer: Viewer, slug: Path<String>) -> Result<HttpResponse, Failure> {
    product(&portal, &viewer, &slug, Tab::Overview).await
}

async fn releases(portal: Data<Portal>, viewer: Viewer, slug: Path<String>) -> Result<HttpResponse, Failure> {
    product(&portal, &viewer, &slug, Tab::Releases).await
}

async fn pricing(portal: Data<Portal>, viewer: Viewer, slug: Path<String>) -> Result<HttpResponse, Failure> {
    product(&portal, &viewer, &slug, Tab::Pricing).await
}

async fn product(portal: &Portal, viewer: &Viewer, slug: &str, tab: Tab) -> Result<HttpResponse, Failure> {
    let details = portal.listing(slug, viewer.visitor()).await?;
    let pricing = match viewer.session().filter(|_| tab == Tab::Pricing) {
        Some(session) => Some(portal.plans(session, slug).await?),
        None => None,
    };
    let eligibility = pricing.as_ref().map(|pricing| &pricing.eligibility);
    let obstacles = eligibility.map(|one| obstacles(&one.reasons, one.contact.as_deref())).unwrap_or_default();
    show(&Product { viewer, tab, details: &details, pricing: pricing.as_ref(), obstacles })
}
