//! The portal on an address: its API below `/api/v1`, and the server.

pub mod account;
pub mod callers;
pub mod connector;
pub mod failure;
pub mod listings;
pub mod orders;
pub mod reply;
pub mod server;
pub mod session;
pub mod staff;
pub mod subscriptions;
pub mod vendor;

use actix_web::web::{self, ServiceConfig};

/// Bytes of a JSON body.
const LARGEST_JSON: usize = 512 * 1024;

/// Every path of the API.
pub fn configure(config: &mut ServiceConfig) {
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
