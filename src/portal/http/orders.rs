//! `orders`: buying.

use actix_web::{
    Either,
    web::{Data, Json, Path},
};

use super::{
    callers::Customer,
    endpoint::{Endpoint, get, post},
    failure::Failure,
    reply::{Accepted, Created, Private},
};
use crate::{
    market::order::Status,
    portal::{
        Portal,
        orders::{OrderRequest, OrderView},
    },
};

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        post("/orders", "Buys; sent again with its key it's the same order", order).fails(&[403, 404, 409, 412]),
        get("/orders/{id}", "What has become of an order", show),
    ]
}

/// What is delivered takes its time; what is bought elsewhere is done.
type Ordered = Either<Created<OrderView>, Accepted<OrderView>>;

async fn order(portal: Data<Portal>, customer: Customer, request: Json<OrderRequest>) -> Result<Ordered, Failure> {
    let order = portal.order(&customer.session, &request, customer.visitor.ip).await?;
    Ok(if order.status == Status::Redirect { Either::Left(Created(order)) } else { Either::Right(Accepted(order)) })
}

async fn show(portal: Data<Portal>, customer: Customer, id: Path<String>) -> Result<Private<OrderView>, Failure> {
    Ok(Private(portal.order_status(&customer.session, &id).await?))
}
