//! `connector`: what linked clusters ask and say.

use actix_web::{
    HttpResponse,
    web::{self, Data, Json, ServiceConfig},
};

use super::{
    callers::{Anyone, Connector},
    failure::Failure,
    reply,
};
use crate::portal::{
    Portal,
    clusters::{ClusterChange, ClusterView, LinkRequest},
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/connector/link", web::post().to(link))
        .route("/connector", web::get().to(show))
        .route("/connector", web::patch().to(change))
        .route("/connector", web::delete().to(unlink));
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
