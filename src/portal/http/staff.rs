//! `staff`: what the operator's people do.

use actix_web::web::{Data, Json, Path, Query};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    callers::Staff,
    endpoint::{Endpoint, get, patch, post, put},
    failure::Failure,
    reply::{Created, Private},
};
use crate::{
    market::{
        catalogue::{Page, Paging, Taxonomy},
        refund,
        review::{Action, State},
    },
    portal::{Error, Portal, refunds::RefundView, submissions::Submission, vendors},
};

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/staff/listings", "All listings, or those in a state", listings),
        get("/staff/listings/{slug}", "One of them, with its draft", listing),
        post("/staff/listings/{slug}/{action:approve|deny|revoke}", "Decides about a listing; a denial has a reason", act)
            .fails(&[409]),
        get("/staff/vendors", "The vendors", vendors),
        post("/staff/vendors", "A new vendor, with a token that's told once", add_vendor),
        post("/staff/vendors/{id}/token", "Another token for a vendor, in the place of the last", renew_vendor),
        get("/staff/accounts", "The customers' accounts", accounts),
        patch("/staff/accounts/{id}", "Lets an account see what isn't for everybody yet, or not", change_account),
        get("/staff/refunds", "Requests for refunds: open ones, or those in a state", refunds),
        post("/staff/refunds/{id}/{verdict:approve|reject}", "Decides about such a request", decide).fails(&[409]),
        get("/staff/taxonomy", "The labels that listings are sorted under", taxonomy),
        put("/staff/taxonomy", "Sets these", set_taxonomy),
        get("/staff/audit", "Who did what and when, the newest first", audit),
    ]
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Wanted {
    /// Those in this state.
    state: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct About {
    /// What was done to one document: `order:…`, `listing:…`.
    subject: Option<String>,
}

async fn listings(
    portal: Data<Portal>,
    _: Staff,
    wanted: Query<Wanted>,
    paging: Query<Paging>,
) -> Result<Private<Page<Value>>, Failure> {
    let state = match wanted.state.as_deref().filter(|state| !state.is_empty()) {
        Some(state) => Some(State::parse(state).ok_or_else(|| Error::invalid("state", "is unknown"))?),
        None => None,
    };
    Ok(Private(portal.all_submissions(state, *paging).await?))
}

async fn listing(portal: Data<Portal>, _: Staff, slug: Path<String>) -> Result<Private<Submission>, Failure> {
    Ok(Private(portal.submission(&slug, None).await?))
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Decision {
    reason: Option<String>,
}

async fn act(
    portal: Data<Portal>,
    Staff(actor): Staff,
    path: Path<(String, String)>,
    decision: Option<Json<Decision>>,
) -> Result<Private<Submission>, Failure> {
    let (slug, action) = path.into_inner();
    let action = match action.as_str() {
        "approve" => Action::Approve,
        "deny" => Action::Deny,
        "revoke" => Action::Revoke,
        _ => return Err(Failure(Error::NotFound)),
    };
    let reason = decision.as_ref().and_then(|decision| decision.reason.as_deref());
    Ok(Private(portal.move_listing(&slug, action, reason, None, &actor).await?))
}

async fn vendors(portal: Data<Portal>, _: Staff, paging: Query<Paging>) -> Result<Private<Page<Value>>, Failure> {
    Ok(Private(portal.vendors(*paging).await?))
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct NewVendor {
    name: String,
    email: String,
}

async fn add_vendor(
    portal: Data<Portal>,
    Staff(actor): Staff,
    new: Json<NewVendor>,
) -> Result<Created<vendors::NewVendor>, Failure> {
    Ok(Created(portal.add_vendor(&new.name, &new.email, &actor).await?))
}

async fn renew_vendor(
    portal: Data<Portal>,
    Staff(actor): Staff,
    id: Path<String>,
) -> Result<Created<vendors::NewVendor>, Failure> {
    Ok(Created(portal.renew_vendor(&id, &actor).await?))
}

async fn accounts(portal: Data<Portal>, _: Staff, paging: Query<Paging>) -> Result<Private<Page<Value>>, Failure> {
    Ok(Private(portal.accounts(*paging).await?))
}

#[derive(Deserialize, JsonSchema)]
struct AccountChange {
    early_access: bool,
}

/// A customer's account, as the staff sees it.
#[derive(Serialize, JsonSchema)]
struct Account {
    id: String,
    name: String,
    early_access: bool,
}

async fn change_account(
    portal: Data<Portal>,
    Staff(actor): Staff,
    id: Path<String>,
    change: Json<AccountChange>,
) -> Result<Private<Account>, Failure> {
    let account = portal.set_early_access(&id, change.early_access, &actor).await?;
    Ok(Private(Account { id: account.account_id, name: account.name, early_access: account.early_access }))
}

async fn refunds(
    portal: Data<Portal>,
    _: Staff,
    wanted: Query<Wanted>,
    paging: Query<Paging>,
) -> Result<Private<Page<RefundView>>, Failure> {
    let state = match wanted.state.as_deref() {
        None | Some("" | "requested") => refund::State::Requested,
        Some("approved") => refund::State::Approved,
        Some("rejected") => refund::State::Rejected,
        Some(_) => return Err(Failure(Error::invalid("state", "is unknown"))),
    };
    Ok(Private(portal.refunds(state, *paging).await?))
}

async fn decide(
    portal: Data<Portal>,
    Staff(actor): Staff,
    path: Path<(String, String)>,
    decision: Option<Json<Decision>>,
) -> Result<Private<RefundView>, Failure> {
    let (id, verdict) = path.into_inner();
    let approve = match verdict.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(Failure(Error::NotFound)),
    };
    let answer = decision.as_ref().and_then(|decision| decision.reason.as_deref());
    Ok(Private(portal.decide_refund(&id, approve, answer, &actor).await?))
}

async fn taxonomy(portal: Data<Portal>, _: Staff) -> Result<Private<Taxonomy>, Failure> {
    Ok(Private(portal.taxonomy().await?))
}

async fn set_taxonomy(portal: Data<Portal>, Staff(actor): Staff, taxonomy: Json<Taxonomy>) -> Result<Private<Taxonomy>, Failure> {
    portal.set_taxonomy(&taxonomy, &actor).await?;
    Ok(Private(portal.taxonomy().await?))
}

async fn audit(
    portal: Data<Portal>,
    _: Staff,
    about: Query<About>,
    paging: Query<Paging>,
) -> Result<Private<Page<Value>>, Failure> {
    Ok(Private(portal.audit(about.subject.as_deref(), *paging).await?))
}
