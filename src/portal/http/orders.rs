//! `orders`: buying.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Path, ServiceConfig},
};

use super::{at, callers::Customer, failure::Failure, reply};
use crate::{
    market::order::Status,
    portal::{Portal, orders::OrderRequest},
};

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/orders").post(order)).service(at("/orders/{id}").get(show));
}

async fn order(portal: Data<Portal>, customer: Customer, request: Json<OrderRequest>) -> Result<HttpResponse, Failure> {
    let order = portal.order(&customer.session, &request, customer.visitor.ip).await?;
    reply::private(if order.status == Status::Redirect { 201 } else { 202 }, &order)
}

async fn show(portal: Data<Portal>, customer: Customer, id: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.order_status(&customer.session, &id).await?)
}
