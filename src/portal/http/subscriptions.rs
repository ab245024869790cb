//! `subscriptions`: Manage My Apps.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Path, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{at, callers::Customer, failure::Failure, reply};
use crate::{
    market::catalogue::Paging,
    portal::{Error, Portal},
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at("/subscriptions").get(list))
        .service(at("/subscriptions/{id}").get(show))
        .service(at("/subscriptions/{id}/cancel").post(cancel))
        .service(at("/subscriptions/{id}/redeliver").post(redeliver))
        .service(at("/subscriptions/{id}/refund_request").post(request_refund));
}

async fn list(portal: Data<Portal>, customer: Customer, paging: Query<Paging>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.subscriptions(&customer.session, *paging, &customer.visitor).await?)
}

async fn show(portal: Data<Portal>, customer: Customer, id: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.subscription(&customer.session, &id, &customer.visitor).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Confirmation {
    confirm: bool,
}

async fn cancel(
    portal: Data<Portal>,
    customer: Customer,
    id: Path<String>,
    confirmation: Json<Confirmation>,
) -> Result<HttpResponse, Failure> {
    if !confirmation.confirm {
        return Err(Failure(Error::invalid("confirm", "has to be true")));
    }
    reply::private(200, &portal.cancel(&customer.session, &id, &customer.visitor).await?)
}

async fn redeliver(portal: Data<Portal>, customer: Customer, id: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.redeliver(&customer.session, &id, &customer.visitor).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RefundRequest {
    reason: String,
}

async fn request_refund(
    portal: Data<Portal>,
    customer: Customer,
    id: Path<String>,
    request: Json<RefundRequest>,
) -> Result<HttpResponse, Failure> {
    reply::private(201, &portal.request_refund(&customer.session, &id, &request.reason, &customer.visitor).await?)
}
