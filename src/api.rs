//! The endpoints: a file for each noun, and the table of them all.

use crate::http::Routes;

pub mod about;
pub mod accounts;
pub mod alerts;
pub mod api_auth;
pub mod apps_store;
pub mod companions;
pub mod errors;
pub mod schemas;
pub mod search;
pub mod token_auth;
pub mod user_auth;
pub mod users;
pub mod whitelabel;

/// Storefront's API. `with_companions` says whether the nouns are there that only stand in for other programs' modules.
pub fn routes(with_companions: bool) -> Routes {
    let nouns = [
        about::endpoints(),
        accounts::endpoints(),
        alerts::endpoints(),
        api_auth::endpoints(),
        apps_store::endpoints(),
        schemas::endpoints(),
        search::endpoints(),
        token_auth::endpoints(),
        user_auth::endpoints(),
        users::endpoints(),
        whitelabel::endpoints(),
    ];
    let companions = if with_companions { companions::endpoints() } else { Vec::new() };
    Routes::new(nouns.into_iter().flatten().chain(companions))
}
