//! The portal's API, below `/api/v1`.

pub mod account;
pub mod at;
pub mod books;
pub mod callers;
pub mod connector;
pub mod failure;
pub mod listings;
pub mod orders;
pub mod reply;
pub mod session;
pub mod staff;
pub mod subscriptions;
pub mod vendor;

use actix_web::{
    HttpResponse,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use super::pages;
use at::At;

/// Bytes of a JSON body.
const LARGEST_JSON: usize = 512 * 1024;

/// Lets a server answer for the portal: the API, and the pages on all paths that are left.
pub fn configure(options: pages::Options) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let all = web::scope("").wrap(from_fn(books::keep)).configure(api).configure(pages::configure(options));
        config.service(all);
    }
}

/// A path of the API.
fn at(path: &str) -> At<fn(&str) -> HttpResponse> {
    At::new(path, failure::wrong_verb)
}

/// Every path of the API.
fn api(config: &mut ServiceConfig) {
    config.service(
        web::scope(super::BASE)
            .app_data(
                web::JsonConfig::default().limit(LARGEST_JSON).content_type_required(false).error_handler(failure::bad_json),
            )
            .app_data(web::QueryConfig::default().error_handler(failure::bad_query))
            .configure(session::configure)
            .configure(account::configure)
            .configure(listings::configure)
            .configure(orders::configure)
            .configure(subscriptions::configure)
            .configure(connector::configure)
            .configure(vendor::configure)
            .configure(staff::configure)
            .default_service(web::route().to(failure::not_found)),
    );
}
