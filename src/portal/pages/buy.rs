//! Buying: the choice of a plan is confirmed, the licence read and accepted.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    assets, at,
    failure::Failure,
    form::Form,
    labels, see_other, show, show_as,
    viewer::{Member, Viewer},
};
use crate::{
    kazoo::id,
    market::{
        content::Kind,
        listing::{Details, Offer},
        order::Status,
    },
    portal::{Error, Portal, listings::LicenseText, orders::OrderRequest},
};

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/products/{slug}/buy").get(review).post(buy));
}

#[derive(Template)]
#[template(path = "buy.html")]
struct Review<'a> {
    viewer: &'a Viewer,
    details: &'a Details,
    offer: &'a Offer,
    /// Whether there are other plans.
    has_choice: bool,
    notice: &'static str,
    license: &'a LicenseText,
    /// That the form is sent twice mustn't buy twice.
    key: String,
    complaint: Option<&'static str>,
}

impl Review<'_> {
    /// For whom the licence is accepted.
    fn account_name(&self) -> &str {
        self.viewer.session().map(|session| session.account_name.as_str()).unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    plan: String,
}

async fn review(
    portal: Data<Portal>,
    member: Member,
    slug: Path<String>,
    choice: Query<Choice>,
) -> Result<HttpResponse, Failure> {
    page(&portal, &member, &slug, &choice.plan, None).await
}

async fn page(
    portal: &Portal,
    member: &Member,
    slug: &str,
    plan_id: &str,
    complaint: Option<&'static str>,
) -> Result<HttpResponse, Failure> {
    let details = portal.listing(slug, member.viewer.visitor()).await?;
    let pricing = portal.plans(&member.session, slug).await?;
    let offer = pricing.plans.iter().find(|offer| offer.plan.id == plan_id);
    let Some(offer) = offer.filter(|_| pricing.eligibility.can_buy) else {
        // There it says why not.
        return Ok(see_other(&format!("/products/{}/pricing", details.card.slug)));
    };
    let page = Review {
        viewer: &member.viewer,
        details: &details,
        offer,
        has_choice: pricing.plans.len() > 1,
        notice: pricing.notice,
        license: &portal.license(slug).await?,
        key: id::new_id(),
        complaint,
    };
    match complaint {
        None => show(&page),
        Some(_) => show_as(actix_web::http::StatusCode::BAD_REQUEST, &page),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    plan: String,
    license_version: String,
    accept: String,
    key: String,
}

async fn buy(
    portal: Data<Portal>,
    member: Member,
    slug: Path<String>,
    Form(fields): Form<Fields>,
) -> Result<HttpResponse, Failure> {
    let request = OrderRequest {
        listing: slug.clone(),
        plan_id: fields.plan,
        license_version: fields.license_version,
        license_accepted: fields.accept == "yes",
        idempotency_key: fields.key,
    };
    match portal.order(&member.session, &request, member.viewer.ip()).await {
        Ok(order) if order.status == Status::Redirect => Ok(see_other(&format!("/orders/{}/continue", order.id))),
        Ok(order) => Ok(see_other(&format!("/orders/{}", order.id))),
        Err(Error::Invalid(complaints)) => {
            let complaint = match complaints.first().map(|(member, _)| member.as_str()) {
                Some("license_accepted") => "Please read the licence agreement and accept it.",
                Some("license_version") => "The licence agreement has changed meanwhile. Please read it again.",
                _ => return Err(Error::Invalid(complaints).into()),
            };
            page(&portal, &member, &slug, &request.plan_id, Some(complaint)).await
        }
        Err(error) => Err(error.into()),
    }
}
