//! The table: a row for each endpoint and verb.

use serde_json::{Value, json};

use super::{Row, admins, any_admin, anybody, family, known, masters, oneself, operators, refused};

mod apps;

/// The status of a write that would have been done: it's stopped at the last moment by a precondition that fails.
pub const UNHARMED: u16 = 412;

/// The names of the accounts of those callers who have one.
pub const ACCOUNT_NAMES: [&str; 7] = ["Customer", "Customer", "Dealer", "Beside", "Reseller", "Master Co.", "Master Co."];

pub fn rows() -> Vec<Row> {
    [
        accounts(),
        users(),
        logins(),
        auth(),
        apps_store(),
        apps::branded(),
        apps::overrides(),
        apps::applications(),
        whitelabel(),
        others(),
        companions(),
    ]
    .concat()
}

/// What a request has to send to get as far as the write.
pub fn data(what: &str) -> Value {
    match what {
        "PUT accounts" | "PUT accounts/{account}" => json!({ "name": "New" }),
        "PUT accounts/{account}/users" | "POST accounts/{account}/users/{user}" => {
            json!({ "first_name": "Paul", "last_name": "New" })
        }
        "PUT accounts/{account}/alerts" => json!({ "title": "t", "message": "m", "from": [], "to": [] }),
        "POST accounts/{account}" => json!({ "name": "Customer" }),
        "POST accounts/{account}/apps_store/blacklist" => json!({ "blacklist": [] }),
        "PUT accounts/{account}/whitelabel/emails" => json!({ "email": "sales@brand.example.com" }),
        "PUT auth" => json!({ "action": "refresh_token" }),
        "PUT accounts/{account}/auth" | "PUT accounts/{account}/users/{user}/auth" => {
            json!({ "action": "reset_signature_secret" })
        }
        "PUT auth/keys/{key}" => json!({ "action": "reset_private_key" }),
        "PUT accounts/{account}/apps_store/{app}" => json!({ "allowed_users": "all" }),
        "PUT accounts/{account}/applications/application/{application}" => {
            json!({ "name": "app", "type": "monster_ui", "author": "Us", "license": "MPL", "version": "1" })
        }
        _ if what.ends_with("apps_store/marketplace") => json!({ "action": "enable" }),
        _ if what.ends_with("/entitlement") => json!({ "type": "all" }),
        _ => json!({}),
    }
}

fn accounts() -> Vec<Row> {
    vec![
        ("PUT accounts", any_admin(UNHARMED)),
        ("GET accounts/{account}", family(200)),
        ("PUT accounts/{account}", admins(UNHARMED)),
        ("POST accounts/{account}", admins(UNHARMED)),
        ("PATCH accounts/{account}", admins(UNHARMED)),
        ("DELETE accounts/{account}", admins(UNHARMED)),
        ("GET accounts/{account}/children", family(200)),
        ("GET accounts/{account}/descendants", family(200)),
        // Not of one's own account, unless one is a superduper admin.
        ("GET accounts/{account}/siblings", [401, 401, 401, 403, 403, 200, 403, 200, 200, 200]),
        ("GET accounts/{account}/parents", family(200)),
        ("GET accounts/{account}/tree", family(200)),
        ("GET accounts/{account}/api_key", admins(200)),
        ("PUT accounts/{account}/api_key", admins(UNHARMED)),
        ("PUT accounts/{account}/reseller", operators(UNHARMED)),
        ("DELETE accounts/{account}/reseller", operators(UNHARMED)),
        // It lacks where to.
        ("POST accounts/{account}/move", admins(400)),
    ]
}

fn users() -> Vec<Row> {
    vec![
        ("GET accounts/{account}/users", family(200)),
        ("PUT accounts/{account}/users", admins(UNHARMED)),
        ("GET accounts/{account}/users/{user}", family(200)),
        ("POST accounts/{account}/users/{user}", oneself(UNHARMED)),
        ("PATCH accounts/{account}/users/{user}", oneself(UNHARMED)),
        ("DELETE accounts/{account}/users/{user}", admins(UNHARMED)),
        // There is no picture, and none is sent.
        ("GET accounts/{account}/users/{user}/photo", family(404)),
        ("POST accounts/{account}/users/{user}/photo", oneself(400)),
        ("DELETE accounts/{account}/users/{user}/photo", oneself(404)),
        ("GET accounts/{account}/users/{user}/vcard", family(200)),
    ]
}

/// Without credentials in it a login is no login: 400.
fn logins() -> Vec<Row> {
    vec![
        ("PUT user_auth", anybody(400)),
        ("PUT user_auth/recovery", anybody(400)),
        ("POST user_auth/recovery", anybody(400)),
        ("PUT accounts/{account}/user_auth", family(400)),
        // Nobody is shown another's token.
        ("GET user_auth/{token}", refused()),
        ("GET accounts/{account}/user_auth/{token}", refused()),
        // Nor does anybody become somebody else without saying so.
        ("PUT accounts/{account}/users/{user}/user_auth", refused()),
        ("PUT api_auth", anybody(400)),
        ("PUT accounts/{account}/api_auth", family(400)),
        ("GET token_auth", known(200)),
        ("DELETE token_auth", known(200)),
        ("GET accounts/{account}/token_auth", family(200)),
        ("DELETE accounts/{account}/token_auth", family(200)),
        ("GET accounts/{account}/token_restrictions", admins(404)),
        ("POST accounts/{account}/token_restrictions", admins(UNHARMED)),
        ("DELETE accounts/{account}/token_restrictions", admins(404)),
    ]
}

fn auth() -> Vec<Row> {
    // The admins of whatever account, and every user of the master.
    let readers = [401, 401, 401, 403, 200, 200, 200, 200, 200, 200];
    vec![
        ("PUT auth", known(201)),
        ("PUT accounts/{account}/auth", admins(UNHARMED)),
        ("PUT accounts/{account}/users/{user}/auth", oneself(UNHARMED)),
        // It lacks the token that is asked for.
        ("GET auth/tokeninfo", anybody(404)),
        ("POST auth/tokeninfo", anybody(404)),
        ("GET auth/keys", readers),
        ("GET auth/keys/{key}", readers),
        ("PUT auth/keys/{key}", operators(UNHARMED)),
        ("GET auth/apps", known(200)),
        ("GET auth/links", known(200)),
        ("GET auth/providers", known(200)),
        // No other provider is trusted.
        ("PUT auth/authorize", anybody(403)),
        ("PUT auth/callback", anybody(403)),
    ]
}

fn apps_store() -> Vec<Row> {
    vec![
        // It lacks the account.
        ("GET apps_store", masters(400)),
        ("GET apps_store/{app}", masters(200)),
        ("PUT apps_store/{app}", operators(400)),
        ("POST apps_store/{app}", operators(400)),
        ("DELETE apps_store/{app}", operators(400)),
        ("GET apps_store/{app}/icon", anybody(200)),
        ("GET apps_store/{app}/screenshot/{number}", anybody(200)),
        ("GET apps_store/marketplace", operators(200)),
        ("PATCH apps_store/marketplace", operators(UNHARMED)),
        ("GET accounts/{account}/apps_store/marketplace", operators(200)),
        ("PATCH accounts/{account}/apps_store/marketplace", operators(UNHARMED)),
        ("GET accounts/{account}/apps_store", family(200)),
        ("GET accounts/{account}/users/{user}/apps_store", family(200)),
        // An account doesn't say itself what it may not have.
        ("GET accounts/{account}/apps_store/blacklist", [401, 401, 401, 403, 403, 200, 403, 200, 200, 200]),
        ("POST accounts/{account}/apps_store/blacklist", [401, 401, 401, 403, 403, 412, 403, 412, 403, 412]),
        ("GET accounts/{account}/apps_store/{app}", family(200)),
        ("PUT accounts/{account}/apps_store/{app}", admins(UNHARMED)),
        // It isn't installed.
        ("POST accounts/{account}/apps_store/{app}", admins(400)),
        ("DELETE accounts/{account}/apps_store/{app}", admins(400)),
        ("GET accounts/{account}/apps_store/{app}/icon", family(200)),
        ("GET accounts/{account}/apps_store/{app}/screenshot/{number}", family(200)),
    ]
}

/// There is no brand, nor a mail address, and no file is sent.
fn whitelabel() -> Vec<Row> {
    vec![
        // It lacks the account.
        ("GET whitelabel", masters(400)),
        // It lacks the domain.
        ("GET whitelabel/domains", anybody(400)),
        ("POST whitelabel/domains", operators(UNHARMED)),
        ("GET whitelabel/{domain}", anybody(404)),
        ("GET whitelabel/{domain}/logo", anybody(404)),
        ("GET whitelabel/{domain}/icon", anybody(404)),
        ("GET whitelabel/{domain}/welcome", anybody(404)),
        ("GET accounts/{account}/whitelabel", family(404)),
        ("PUT accounts/{account}/whitelabel", admins(UNHARMED)),
        ("POST accounts/{account}/whitelabel", admins(404)),
        ("DELETE accounts/{account}/whitelabel", admins(404)),
        ("GET accounts/{account}/whitelabel/logo", family(404)),
        ("POST accounts/{account}/whitelabel/logo", admins(400)),
        ("GET accounts/{account}/whitelabel/icon", family(404)),
        ("POST accounts/{account}/whitelabel/icon", admins(400)),
        ("GET accounts/{account}/whitelabel/welcome", family(404)),
        ("POST accounts/{account}/whitelabel/welcome", admins(400)),
        ("GET accounts/{account}/whitelabel/domains", family(400)),
        // A question, though it's a POST.
        ("POST accounts/{account}/whitelabel/domains", family(400)),
        ("GET accounts/{account}/whitelabel/{domain}", family(404)),
        ("GET accounts/{account}/whitelabel/{domain}/logo", family(404)),
        ("POST accounts/{account}/whitelabel/{domain}/logo", admins(404)),
        ("GET accounts/{account}/whitelabel/{domain}/icon", family(404)),
        ("POST accounts/{account}/whitelabel/{domain}/icon", admins(404)),
        ("GET accounts/{account}/whitelabel/{domain}/welcome", family(404)),
        ("POST accounts/{account}/whitelabel/{domain}/welcome", admins(404)),
        ("GET accounts/{account}/whitelabel/emails", family(200)),
        ("PUT accounts/{account}/whitelabel/emails", admins(UNHARMED)),
        ("GET accounts/{account}/whitelabel/emails/{email}", family(404)),
        ("POST accounts/{account}/whitelabel/emails/{email}", admins(404)),
        ("DELETE accounts/{account}/whitelabel/emails/{email}", admins(404)),
        ("POST accounts/{account}/whitelabel/emails/{email}/verify", admins(404)),
    ]
}

fn others() -> Vec<Row> {
    vec![
        ("GET about", masters(200)),
        ("GET accounts/{account}/about", family(200)),
        ("GET accounts/{account}/alerts", family(200)),
        ("PUT accounts/{account}/alerts", operators(UNHARMED)),
        ("GET accounts/{account}/alerts/{alert}", family(404)),
        ("DELETE accounts/{account}/alerts/{alert}", admins(404)),
        // They lack what to look for.
        ("GET search", known(400)),
        ("GET search/multi", known(400)),
        ("GET accounts/{account}/search", family(400)),
        ("GET accounts/{account}/search/multi", family(400)),
        ("GET schemas", anybody(200)),
        ("GET schemas/{name}", anybody(200)),
        ("PUT schemas/{name}/validation", masters(400)),
        ("GET accounts/{account}/schemas", family(200)),
        ("GET accounts/{account}/schemas/{name}", family(200)),
        ("PUT accounts/{account}/schemas/{name}/validation", family(400)),
    ]
}

fn companions() -> Vec<Row> {
    vec![
        ("GET accounts/{account}/callflows", family(200)),
        ("PUT accounts/{account}/callflows", admins(201)),
        ("GET accounts/{account}/callflows/{callflow}", family(200)),
        ("GET accounts/{account}/external_numbers", family(200)),
        ("GET accounts/{account}/ledgers/total", family(200)),
        ("GET accounts/{account}/limits", family(200)),
        ("POST accounts/{account}/limits", admins(200)),
        ("GET accounts/{account}/multi_factor", family(200)),
        ("GET accounts/{account}/phone_numbers/classifiers", family(200)),
        ("GET accounts/{account}/security", family(200)),
    ]
}
