//! `staff`: what the operator's people do.

use actix_web::{
    HttpResponse,
    web::{self, Data, Json, Path, Query, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;

use super::{at, callers::Staff, failure::Failure, reply};
use crate::{
    market::{
        catalogue::{Paging, Taxonomy},
        refund,
        review::{Action, State},
    },
    portal::{Error, Portal},
};

pub fn configure(config: &mut ServiceConfig) {
    config.service(
        web::scope("/staff")
            .service(at("/listings").get(listings))
            .service(at("/listings/{slug}").get(listing))
            .service(at("/listings/{slug}/{action:approve|deny|revoke}").post(act))
            .service(at("/vendors").get(vendors).post(add_vendor))
            .service(at("/vendors/{id}/token").post(renew_vendor))
            .service(at("/accounts").get(accounts))
            .service(at("/accounts/{id}").patch(change_account))
            .service(at("/refunds").get(refunds))
            .service(at("/refunds/{id}/{verdict:approve|reject}").post(decide))
            .service(at("/taxonomy").get(taxonomy).put(set_taxonomy))
            .service(at("/audit").get(audit)),
    );
}

/// A page is said beside what else the query says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Search {
    page: Option<usize>,
    per_page: Option<usize>,
    state: Option<String>,
    subject: Option<String>,
}

impl Search {
    fn paging(&self) -> Paging {
        let usual = Paging::default();
        Paging { page: self.page.unwrap_or(usual.page), per_page: self.per_page.unwrap_or(usual.per_page) }
    }
}

async fn listings(portal: Data<Portal>, _: Staff, search: Query<Search>) -> Result<HttpResponse, Failure> {
    let state = match search.state.as_deref().filter(|state| !state.is_empty()) {
        Some(state) => Some(State::parse(state).ok_or_else(|| Error::invalid("state", "is unknown"))?),
        None => None,
    };
    reply::private(200, &portal.all_submissions(state, search.paging()).await?)
}

async fn listing(portal: Data<Portal>, _: Staff, slug: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.submission(&slug, None).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Decision {
    reason: Option<String>,
}

async fn act(
    portal: Data<Portal>,
    Staff(actor): Staff,
    path: Path<(String, String)>,
    decision: Option<Json<Decision>>,
) -> Result<HttpResponse, Failure> {
    let (slug, action) = path.into_inner();
    let action = match action.as_str() {
        "approve" => Action::Approve,
        "deny" => Action::Deny,
        "revoke" => Action::Revoke,
        _ => return Err(Failure(Error::NotFound)),
    };
    let reason = decision.as_ref().and_then(|decision| decision.reason.as_deref());
    reply::private(200, &portal.move_listing(&slug, action, reason, None, &actor).await?)
}

async fn vendors(portal: Data<Portal>, _: Staff, paging: Query<Paging>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.vendors(*paging).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NewVendor {
    name: String,
    email: String,
}

async fn add_vendor(portal: Data<Portal>, Staff(actor): Staff, new: Json<NewVendor>) -> Result<HttpResponse, Failure> {
    reply::private(201, &portal.add_vendor(&new.name, &new.email, &actor).await?)
}

async fn renew_vendor(portal: Data<Portal>, Staff(actor): Staff, id: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(201, &portal.renew_vendor(&id, &actor).await?)
}

async fn accounts(portal: Data<Portal>, _: Staff, paging: Query<Paging>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.accounts(*paging).await?)
}

#[derive(Deserialize)]
struct AccountChange {
    early_access: bool,
}

async fn change_account(
    portal: Data<Portal>,
    Staff(actor): Staff,
    id: Path<String>,
    change: Json<AccountChange>,
) -> Result<HttpResponse, Failure> {
    let account = portal.set_early_access(&id, change.early_access, &actor).await?;
    reply::private(200, &json!({ "id": account.account_id, "name": account.name, "early_access": account.early_access }))
}

async fn refunds(portal: Data<Portal>, _: Staff, search: Query<Search>) -> Result<HttpResponse, Failure> {
    let state = match search.state.as_deref() {
        None | Some("" | "requested") => refund::State::Requested,
        Some("approved") => refund::State::Approved,
        Some("rejected") => refund::State::Rejected,
        Some(_) => return Err(Failure(Error::invalid("state", "is unknown"))),
    };
    reply::private(200, &portal.refunds(state, search.paging()).await?)
}

async fn decide(
    portal: Data<Portal>,
    Staff(actor): Staff,
    path: Path<(String, String)>,
    decision: Option<Json<Decision>>,
) -> Result<HttpResponse, Failure> {
    let (id, verdict) = path.into_inner();
    let approve = match verdict.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(Failure(Error::NotFound)),
    };
    let answer = decision.as_ref().and_then(|decision| decision.reason.as_deref());
    reply::private(200, &portal.decide_refund(&id, approve, answer, &actor).await?)
}

async fn taxonomy(portal: Data<Portal>, _: Staff) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.taxonomy().await?)
}

async fn set_taxonomy(portal: Data<Portal>, Staff(actor): Staff, taxonomy: Json<Taxonomy>) -> Result<HttpResponse, Failure> {
    portal.set_taxonomy(&taxonomy, &actor).await?;
    reply::private(200, &portal.taxonomy().await?)
}

async fn audit(portal: Data<Portal>, _: Staff, search: Query<Search>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.audit(search.subject.as_deref(), search.paging()).await?)
}
