//! The endpoints: a file for each noun, and the table of them all.

use crate::http::Routes;

pub mod about;
pub mod accounts;
pub mod api_auth;
pub mod apps_store;
pub mod auth;
pub mod errors;
pub mod schemas;
pub mod token_auth;
pub mod token_restrictions;
pub mod user_auth;
pub mod users;
pub mod whitelabel;

/// Storefront's API.
pub fn routes() -> Routes {
    let nouns = [
        ("about", about::endpoints()),
        ("accounts", accounts::endpoints()),
        ("api_auth", api_auth::endpoints()),
        ("apps_store", apps_store::endpoints()),
        ("auth", auth::endpoints()),
        ("schemas", schemas::endpoints()),
        ("token_auth", token_auth::endpoints()),
        ("token_restrictions", token_restrictions::endpoints()),
        ("user_auth", user_auth::endpoints()),
        ("users", users::endpoints()),
        ("whitelabel", whitelabel::endpoints()),
    ];
    Routes::new(nouns.into_iter().flat_map(|(noun, endpoints)| endpoints.into_iter().map(move |endpoint| endpoint.of(noun))))
}
