//! The endpoints: a file for each noun, and the table of them all.

use serde_json::Value;

use crate::http::{Endpoint, Routes, openapi};

pub mod about;
pub mod accounts;
pub mod alerts;
pub mod api_auth;
pub mod applications;
pub mod apps_store;
pub mod auth;
pub mod companions;
pub mod description;
pub mod errors;
pub mod i18n;
pub mod schemas;
pub mod search;
pub mod token_auth;
pub mod token_restrictions;
pub mod user_auth;
pub mod users;
pub mod whitelabel;

/// Storefront's API. `with_companions` says whether the nouns are there that only stand in for other programs' modules.
pub fn routes(with_companions: bool) -> Routes {
    let nouns = [
        ("about", about::endpoints()),
        ("accounts", accounts::endpoints()),
        ("alerts", alerts::endpoints()),
        ("api_auth", api_auth::endpoints()),
        ("applications", applications::endpoints()),
        ("apps_store", apps_store::endpoints()),
        ("auth", auth::endpoints()),
        ("i18n", i18n::endpoints()),
        ("schemas", schemas::endpoints()),
        ("search", search::endpoints()),
        ("token_auth", token_auth::endpoints()),
        ("token_restrictions", token_restrictions::endpoints()),
        ("user_auth", user_auth::endpoints()),
        ("users", users::endpoints()),
        ("whitelabel", whitelabel::endpoints()),
    ];
    let own = nouns.into_iter().flat_map(|(noun, endpoints)| endpoints.into_iter().map(move |endpoint| endpoint.of(noun)));
    let companions = if with_companions { companions::endpoints() } else { Vec::new() };
    Routes::new(own.chain(companions))
}

/// The description of some endpoints of the API, as OpenAPI has it.
pub fn describe<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> Value {
    openapi::document(endpoints, &description::GUIDE)
}
