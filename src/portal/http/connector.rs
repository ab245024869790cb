//! `connector`: what linked clusters ask and say.

use actix_web::web::{Data, Json, Path, Query};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    callers::{Anyone, Connector},
    endpoint::{Endpoint, delete, get, patch, post},
    failure::Failure,
    reply::{Created, Packed, Private, Unlinked},
};
use crate::{
    market::delivery::State,
    portal::{
        Error, Portal,
        clusters::{ClusterChange, ClusterView, LinkRequest, Linked},
        deliveries::{DeliveryOffer, DeliveryReport},
    },
};

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        post("/connector/link", "Links a cluster, given an access code", link).fails(&[401, 409, 422, 429]),
        get("/connector", "The link, as the marketplace sees it", show),
        patch("/connector", "Changes what the marketplace knows of the cluster; what isn't said stays", change),
        delete("/connector", "Ends the link", unlink),
        get("/connector/deliveries", "What is to be installed or removed", deliveries),
        post("/connector/deliveries/{id}", "Tells how far a delivery is", report).fails(&[409]),
        get("/connector/packages/{id}", "The package of an app", package),
    ]
}

async fn link(portal: Data<Portal>, Anyone(visitor): Anyone, request: Json<LinkRequest>) -> Result<Created<Linked>, Failure> {
    Ok(Created(portal.link(&request, visitor.ip).await?))
}

async fn show(portal: Data<Portal>, connector: Connector) -> Result<Private<ClusterView>, Failure> {
    Ok(Private(ClusterView::from(&portal.seen(connector.cluster, connector.ip).await?)))
}

async fn change(
    portal: Data<Portal>,
    connector: Connector,
    change: Json<ClusterChange>,
) -> Result<Private<ClusterView>, Failure> {
    Ok(Private(ClusterView::from(&portal.change_link(&connector.cluster, &change, connector.ip).await?)))
}

async fn unlink(portal: Data<Portal>, connector: Connector) -> Result<Private<Unlinked>, Failure> {
    portal.unlink_itself(&connector.cluster, connector.ip).await?;
    Ok(Private(Unlinked::default()))
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Wanted {
    /// One or several, with commas between them; else all that aren't done.
    state: Option<String>,
}

async fn deliveries(
    portal: Data<Portal>,
    connector: Connector,
    wanted: Query<Wanted>,
) -> Result<Private<Vec<DeliveryOffer>>, Failure> {
    let states = match wanted.state.as_deref().filter(|states| !states.is_empty()) {
        None => vec![State::Queued, State::Delivering, State::Delivered, State::Error],
        Some(states) => {
            let parsed: Option<Vec<State>> = states.split(',').map(State::parse).collect();
            parsed.ok_or_else(|| Error::invalid("state", "is unknown"))?
        }
    };
    let cluster = portal.seen(connector.cluster, connector.ip).await?;
    Ok(Private(portal.deliveries(&cluster, &states).await?))
}

/// How far a delivery is.
#[derive(Serialize, JsonSchema)]
struct Progress {
    id: String,
    state: State,
}

async fn report(
    portal: Data<Portal>,
    connector: Connector,
    id: Path<String>,
    report: Json<DeliveryReport>,
) -> Result<Private<Progress>, Failure> {
    let (id, state) = portal.report_delivery(&connector.cluster, &id, &report, connector.ip).await?;
    Ok(Private(Progress { id, state }))
}

async fn package(portal: Data<Portal>, connector: Connector, id: Path<String>) -> Result<Packed, Failure> {
    let (package, attachment) = portal.package(&connector.cluster, &id).await?;
    Ok(Packed { slug: package.listing, sha256: package.sha256, attachment })
}
