//! The texts of the API's description that are no endpoint's: what everybody has to know, what the nouns are about, and what
//! stands in the place of paths' parameters.

use crate::http::openapi::{Guide, Param};

/// What is said of the API as a whole.
pub const GUIDE: Guide = Guide {
    title: "Storefront",
    introduction: INTRODUCTION,
    nouns: &[
        ("about", "Which version runs here"),
        ("accounts", "Customers, resellers and their departments, one below the other"),
        ("alerts", "Notices to the users of some accounts, or of all"),
        ("api_auth", "Logging in with an account's api key"),
        ("applications", "A catalogue of apps of any type: kept by the master account and resellers, activated by accounts"),
        ("apps_store", "The apps of the web interface: which an account may have, and which it has"),
        ("auth", "Renewing tokens and ending them, and the keys that sign them"),
        ("callflows", NOT_HERE),
        ("external_numbers", NOT_HERE),
        ("i18n", "Languages in a path"),
        ("ledgers", NOT_HERE),
        ("limits", NOT_HERE),
        ("multi_factor", NOT_HERE),
        ("phone_numbers", NOT_HERE),
        ("schemas", "The JSON schemas that bodies are held against"),
        ("search", "Finding accounts, users and other documents by how they begin"),
        ("security", NOT_HERE),
        ("token_auth", "What one's token says, and logging out"),
        ("token_restrictions", "What the tokens of an account's users are good for"),
        ("user_auth", "Logging in with a user's credentials, forgotten passwords, impersonation"),
        ("users", "The users of an account"),
        ("whitelabel", "How a reseller brands the platform, and what its visitors see"),
    ],
    params: &[
        Param { pattern: ID, ..param("account", "An account's id") },
        param("alert", "An alert's id"),
        param("app", "An app's id"),
        param("application", "An application's id, a UUID"),
        param("callflow", "Any id"),
        param("domain", "A brand's domain"),
        param("email", "A mail address's id"),
        param("key", "A key's id"),
        param("language", "A language, like `en-US`"),
        param("name", "A schema's name"),
        param("number", "A screenshot's number, from 0, or its name"),
        param("token", "One's own token"),
        param("type", "What kind of applications, like `monster_ui`"),
        param("user", "A user's id"),
    ],
};

const NOT_HERE: &str = "Isn't Storefront's subject; these are the answers that Monster UI can't do without";

const ID: Option<&str> = Some("^[0-9a-f]{32}$");

const fn param(name: &'static str, about: &'static str) -> Param {
    Param { name, about, pattern: None }
}

const INTRODUCTION: &str = "\
The part of Kazoo's API, version 2, that sells and brands the platform.

A request's data stands in a JSON object under `data`, and so does an answer's. A GET needs no body; `data` may also come as a \
form. Whoever isn't anybody logs in first (`PUT user_auth`) and sends the token with every request, as header `X-Auth-Token` or \
in one of the other ways below.

Every request may also have `pretty_print=true` (a body that is indented), `accept=csv` (lists as CSV) and `jsonp=NAME`. \
`/account/…` stands for the caller's own account. Entity tags are honoured: `If-None-Match` at a GET, `If-Match` at what \
writes.

Bodies are held against the schemas below, unless an operator has put others in their place: `GET schemas/{name}` shows those \
that count.";
