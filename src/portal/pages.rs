//! The portal's web pages: written by the server, whole without JavaScript.
//!
//! A handler asks for a [`viewer::Viewer`] (anybody) or a [`viewer::Member`] (somebody who is logged in), calls the service and fills
//! a template. [`frame`] goes around all of them: it finds out who looks, adds the headers that keep a browser in bounds, and makes
//! pages of errors.

mod account;
mod apps;
pub mod assets;
mod browse;
mod buy;
mod cluster;
mod docs;
mod failure;
mod form;
mod frame;
mod labels;
mod login;
mod orders;
mod product;
mod viewer;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use askama::Template;

use super::http::at::At;
use failure::Failure;

/// What the pages have to know of where they're served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether sessions may travel over plain HTTP. For development.
    pub plain_http: bool,
}

/// Every page. Registered last, as it takes all paths that are left.
pub fn configure(options: Options) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.configure(assets::configure).service(
            web::scope("")
                .app_data(Data::new(options))
                .wrap(from_fn(frame::around))
                .configure(browse::configure)
                .configure(product::configure)
                .configure(login::configure)
                .configure(account::configure)
                .configure(cluster::configure)
                .configure(apps::configure)
                .configure(buy::configure)
                .configure(orders::configure)
                .configure(docs::configure)
                .default_service(web::route().to(nowhere)),
        );
    }
}

/// What a page's handler says.
type Said = Result<HttpResponse, Failure>;

/// The path of a page.
fn at(path: &str) -> At<fn(&str) -> Said> {
    At::new(path, |allowed| Err(Failure::WrongVerb { allowed: allowed.to_owned() }))
}

/// A page, with success.
fn show(page: &impl Template) -> Result<HttpResponse, Failure> {
    show_as(StatusCode::OK, page)
}

/// A page with another status.
fn show_as(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Failure> {
    let body = page.render().map_err(anyhow::Error::from)?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body))
}

/// Leads on after a form was taken, so that loading the page again doesn't send it again.
fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

async fn nowhere() -> Result<HttpResponse, Failure> {
    Err(crate::portal::Error::NotFound.into())
}
