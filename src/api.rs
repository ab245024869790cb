//! The endpoints: a file for each noun, and the table that finds them.

use futures_util::future::LocalBoxFuture;

use crate::{
    http::{Endpoint, Failure, Routes, path::Noun},
    platform::Platform,
};

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

/// A place in the API: the parameters of the last noun, and what stands before it.
pub struct Place<'a> {
    /// Whether the path begins with `accounts/{id}`.
    pub in_account: bool,
    /// Whether `users/{id}` stands before the last noun.
    pub under_user: bool,
    pub params: Vec<&'a str>,
}

type Find = fn(&Place<'_>) -> Option<Endpoint>;

/// Every noun, and who knows its paths.
const NOUNS: [(&str, Find); 9] = [
    ("about", about::endpoint),
    ("accounts", accounts::endpoint),
    ("api_auth", api_auth::endpoint),
    ("apps_store", apps_store::endpoint),
    ("schemas", schemas::endpoint),
    ("token_auth", token_auth::endpoint),
    ("user_auth", user_auth::endpoint),
    ("users", users::endpoint),
    ("whitelabel", whitelabel::endpoint),
];

/// Storefront's API.
pub struct Api;

impl Routes for Api {
    fn is_noun(&self, word: &str) -> bool {
        NOUNS.iter().any(|(noun, _)| *noun == word)
    }

    fn swallows(&self, noun: &str) -> bool {
        noun == "schemas"
    }

    fn endpoint<'a>(
        &'a self,
        platform: &'a Platform,
        nouns: &'a [Noun],
    ) -> LocalBoxFuture<'a, Result<Option<Endpoint>, Failure>> {
        Box::pin(async move {
            match find(nouns) {
                Some(endpoint) => accounts::keep_master(platform, nouns, endpoint).await.map(Some),
                None => Ok(None),
            }
        })
    }
}

fn find(nouns: &[Noun]) -> Option<Endpoint> {
    let (last, outer) = nouns.split_last()?;
    let mut place = Place { in_account: false, under_user: false, params: last.params.iter().map(String::as_str).collect() };
    for noun in outer {
        match (noun.name.as_str(), noun.params.len()) {
            ("accounts", 1) => place.in_account = true,
            ("users", 1) => place.under_user = true,
            _ => return None,
        }
    }
    let (_, find) = NOUNS.iter().find(|(noun, _)| *noun == last.name)?;
    find(&place)
}
