//! The marketplace's handbook for its customers.

use actix_web::{
    HttpResponse,
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{assets, at, failure::Failure, labels, show, viewer::Viewer};
use crate::portal::Portal;

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/docs").get(docs));
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs<'a> {
    viewer: &'a Viewer,
    /// Whom to write to.
    contact: Option<String>,
}

async fn docs(portal: Data<Portal>, viewer: Viewer) -> Result<HttpResponse, Failure> {
    show(&Docs { viewer: &viewer, contact: portal.contact().await? })
}
