//! The endpoints: a file for each noun, and the table of them all.

use crate::http::Routes;

pub mod about;
pub mod accounts;
pub mod api_auth;
pub mod apps_store;
pub mod errors;
pub mod schemas;
pub mod token_auth;
pub mod user_auth;
pub mod users;
pub mod whitelabel;

/// Storefront's API.
pub fn routes() -> Routes {
    let nouns = [
        about::endpoints(),
        accounts::endpoints(),
        api_auth::endpoints(),
        apps_store::endpoints(),
        schemas::endpoints(),
        token_auth::endpoints(),
        user_auth::endpoints(),
        users::endpoints(),
        whitelabel::endpoints(),
    ];
    Routes::new(nouns.into_iter().flatten())
}
