//! `account`: the customer's account and its cluster.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json, ServiceConfig},
};
use serde::Deserialize;

use super::{at, callers::Customer, failure::Failure, reply};
use crate::portal::{Portal, accounts::ContactChange, clusters::Settings};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at("/account").get(show).patch(change))
        .service(at("/account/cluster").get(cluster).patch(change_cluster).delete(unlink))
        .service(at("/account/cluster/access_code").post(access_code))
        .service(at("/kazoo_versions").get(kazoo_versions));
}

async fn show(portal: Data<Portal>, customer: Customer) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.account(&customer.session).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Change {
    contact: ContactChange,
}

async fn change(portal: Data<Portal>, customer: Customer, change: Json<Change>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.change_contact(&customer.session, &change.contact, customer.visitor.ip).await?)
}

async fn cluster(portal: Data<Portal>, customer: Customer) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.cluster(&customer.session).await?)
}

async fn change_cluster(portal: Data<Portal>, customer: Customer, settings: Json<Settings>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.change_cluster(&customer.session, &settings, customer.visitor.ip).await?)
}

async fn unlink(portal: Data<Portal>, customer: Customer) -> Result<HttpResponse, Failure> {
    portal.unlink(&customer.session, customer.visitor.ip).await?;
    reply::private(200, &serde_json::json!({ "linked": false }))
}

async fn access_code(portal: Data<Portal>, customer: Customer) -> Result<HttpResponse, Failure> {
    reply::private(201, &portal.new_access_code(&customer.session, customer.visitor.ip).await?)
}

async fn kazoo_versions(portal: Data<Portal>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    reply::public(&request, &portal.kazoo_versions().await?)
}
