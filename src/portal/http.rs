//! The portal's API, below `/api/v1`.

pub mod account;
pub mod at;
pub mod books;
pub mod callers;
pub mod connector;
mod description;
pub mod endpoint;
pub mod failure;
pub mod listings;
pub mod operation;
pub mod orders;
pub mod reply;
pub mod session;
pub mod staff;
pub mod subscriptions;
pub mod vendor;

use actix_web::{
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use serde_json::Value;

use super::{pages, submissions::LARGEST_PICTURE};
use endpoint::Endpoint;

/// Bytes of a JSON body.
const LARGEST_JSON: usize = 512 * 1024;

/// Lets a server answer for the portal: the API, and the pages on all paths that are left.
pub fn configure(options: pages::Options) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let all = web::scope("").wrap(from_fn(books::keep)).configure(api).configure(pages::configure(options));
        config.service(all);
    }
}

/// The API, as OpenAPI describes it.
pub fn describe() -> Value {
    description::document(&endpoints())
}

/// Every endpoint of the API.
fn endpoints() -> Vec<Endpoint> {
    [
        session::endpoints(),
        account::endpoints(),
        listings::endpoints(),
        orders::endpoints(),
        subscriptions::endpoints(),
        connector::endpoints(),
        vendor::endpoints(),
        staff::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn api(config: &mut ServiceConfig) {
    config.service(
        web::scope(super::BASE)
            .app_data(
                web::JsonConfig::default().limit(LARGEST_JSON).content_type_required(false).error_handler(failure::bad_json),
            )
            .app_data(web::QueryConfig::default().error_handler(failure::bad_query))
            .app_data(web::PathConfig::default().error_handler(failure::bad_path))
            .app_data(web::PayloadConfig::new(LARGEST_PICTURE + 1))
            .configure(|config| endpoint::configure(endpoints(), config))
            .default_service(web::route().to(failure::not_found)),
    );
}
