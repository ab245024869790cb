//! `account`: the customer's account and its cluster.

use actix_web::web::{Data, Json};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    callers::Customer,
    endpoint::{Endpoint, delete, get, patch, post},
    failure::Failure,
    reply::{Created, Private, Public, Unlinked},
};
use crate::portal::{
    Portal,
    accounts::{AccountView, ContactChange},
    clusters::{ClusterState, ClusterView, NewCode, Settings},
};

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/account", "The customer's account", show),
        patch("/account", "Changes whom to write to; what isn't said stays", change).fails(&[403]),
        get("/account/cluster", "The account's cluster, or why it has none", cluster),
        patch("/account/cluster", "Changes what the cluster is called, or which Kazoo is delivered to", change_cluster)
            .fails(&[403, 404]),
        delete("/account/cluster", "Ends the cluster's link", unlink).fails(&[403, 404]),
        post("/account/cluster/access_code", "A code with which a cluster links itself, once", access_code).fails(&[403, 409]),
        get("/kazoo_versions", "The Kazoo versions that something is on sale for", kazoo_versions),
    ]
}

async fn show(portal: Data<Portal>, customer: Customer) -> Result<Private<AccountView>, Failure> {
    Ok(Private(portal.account(&customer.session).await?))
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Change {
    contact: ContactChange,
}

async fn change(portal: Data<Portal>, customer: Customer, change: Json<Change>) -> Result<Private<AccountView>, Failure> {
    Ok(Private(portal.change_contact(&customer.session, &change.contact, customer.visitor.ip).await?))
}

async fn cluster(portal: Data<Portal>, customer: Customer) -> Result<Private<ClusterState>, Failure> {
    Ok(Private(portal.cluster(&customer.session).await?))
}

async fn change_cluster(
    portal: Data<Portal>,
    customer: Customer,
    settings: Json<Settings>,
) -> Result<Private<ClusterView>, Failure> {
    Ok(Private(portal.change_cluster(&customer.session, &settings, customer.visitor.ip).await?))
}

async fn unlink(portal: Data<Portal>, customer: Customer) -> Result<Private<Unlinked>, Failure> {
    portal.unlink(&customer.session, customer.visitor.ip).await?;
    Ok(Private(Unlinked::default()))
}

async fn access_code(portal: Data<Portal>, customer: Customer) -> Result<Created<NewCode>, Failure> {
    Ok(Created(portal.new_access_code(&customer.session, customer.visitor.ip).await?))
}

async fn kazoo_versions(portal: Data<Portal>) -> Result<Public<Vec<String>>, Failure> {
    Ok(Public(portal.kazoo_versions().await?))
}
