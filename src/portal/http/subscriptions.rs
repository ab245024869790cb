//! `subscriptions`: Manage My Apps.

use actix_web::web::{Data, Json, Path, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    callers::Customer,
    endpoint::{Endpoint, get, post},
    failure::Failure,
    reply::{Created, Private},
};
use crate::{
    market::catalogue::{Page, Paging},
    portal::{
        Error, Portal,
        subscriptions::{SubscriptionRow, SubscriptionView},
    },
};

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/subscriptions", "What the account has bought", list),
        get("/subscriptions/{id}", "One of these: its plan, its delivery, how to use it", show),
        post("/subscriptions/{id}/cancel", "Ends a subscription", cancel).fails(&[403, 409]),
        post("/subscriptions/{id}/redeliver", "Has it delivered once more", redeliver).fails(&[403, 409]),
        post("/subscriptions/{id}/refund_request", "Asks for the money back", request_refund).fails(&[403, 409]),
    ]
}

async fn list(
    portal: Data<Portal>,
    customer: Customer,
    paging: Query<Paging>,
) -> Result<Private<Page<SubscriptionRow>>, Failure> {
    Ok(Private(portal.subscriptions(&customer.session, *paging, &customer.visitor).await?))
}

async fn show(portal: Data<Portal>, customer: Customer, id: Path<String>) -> Result<Private<SubscriptionView>, Failure> {
    Ok(Private(portal.subscription(&customer.session, &id, &customer.visitor).await?))
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Confirmation {
    confirm: bool,
}

async fn cancel(
    portal: Data<Portal>,
    customer: Customer,
    id: Path<String>,
    confirmation: Json<Confirmation>,
) -> Result<Private<SubscriptionView>, Failure> {
    if !confirmation.confirm {
        return Err(Failure(Error::invalid("confirm", "has to be true")));
    }
    Ok(Private(portal.cancel(&customer.session, &id, &customer.visitor).await?))
}

async fn redeliver(portal: Data<Portal>, customer: Customer, id: Path<String>) -> Result<Private<SubscriptionView>, Failure> {
    Ok(Private(portal.redeliver(&customer.session, &id, &customer.visitor).await?))
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct RefundRequest {
    reason: String,
}

async fn request_refund(
    portal: Data<Portal>,
    customer: Customer,
    id: Path<String>,
    request: Json<RefundRequest>,
) -> Result<Created<SubscriptionView>, Failure> {
    Ok(Created(portal.request_refund(&customer.session, &id, &request.reason, &customer.visitor).await?))
}
