//! `connector`: what linked clusters ask and say.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Path, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{
    at,
    callers::{Anyone, Connector},
    failure::Failure,
    reply,
};
use crate::{
    market::delivery::State,
    portal::{
        Error, Portal,
        clusters::{ClusterChange, ClusterView, LinkRequest},
        deliveries::DeliveryReport,
    },
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at("/connector/link").post(link))
        .service(at("/connector").get(show).patch(change).delete(unlink))
        .service(at("/connector/deliveries").get(deliveries))
        .service(at("/connector/deliveries/{id}").post(report))
        .service(at("/connector/packages/{id}").get(package));
}

async fn link(portal: Data<Portal>, Anyone(visitor): Anyone, request: Json<LinkRequest>) -> Result<HttpResponse, Failure> {
    reply::private(201, &portal.link(&request, visitor.ip).await?)
}

async fn show(portal: Data<Portal>, connector: Connector) -> Result<HttpResponse, Failure> {
    reply::private(200, &ClusterView::from(&portal.seen(connector.cluster, connector.ip).await?))
}

async fn change(portal: Data<Portal>, connector: Connector, change: Json<ClusterChange>) -> Result<HttpResponse, Failure> {
    reply::private(200, &ClusterView::from(&portal.change_link(&connector.cluster, &change, connector.ip).await?))
}

async fn unlink(portal: Data<Portal>, connector: Connector) -> Result<HttpResponse, Failure> {
    portal.unlink_itself(&connector.cluster, connector.ip).await?;
    reply::private(200, &serde_json::json!({ "linked": false }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    /// One or several, with commas between them; else all that aren't done.
    state: Option<String>,
}

async fn deliveries(portal: Data<Portal>, connector: Connector, wanted: Query<Wanted>) -> Result<HttpResponse, Failure> {
    let states = match wanted.state.as_deref().filter(|states| !states.is_empty()) {
        None => vec![State::Queued, State::Delivering, State::Delivered, State::Error],
        Some(states) => {
            let parsed: Option<Vec<State>> = states.split(',').map(State::parse).collect();
            parsed.ok_or_else(|| Error::invalid("state", "is unknown"))?
        }
    };
    let cluster = portal.seen(connector.cluster, connector.ip).await?;
    reply::private(200, &portal.deliveries(&cluster, &states).await?)
}

async fn report(
    portal: Data<Portal>,
    connector: Connector,
    id: Path<String>,
    report: Json<DeliveryReport>,
) -> Result<HttpResponse, Failure> {
    let (id, state) = portal.report_delivery(&connector.cluster, &id, &report, connector.ip).await?;
    reply::private(200, &serde_json::json!({ "id": id, "state": state }))
}

async fn package(portal: Data<Portal>, connector: Connector, id: Path<String>) -> Result<HttpResponse, Failure> {
    let (package, attachment) = portal.package(&connector.cluster, &id).await?;
    Ok(reply::package(&package.listing, &package.sha256, attachment))
}
