//! Who may use which endpoint: every one of them, for everybody who could ask. An endpoint without a row fails the test.
//!
//! The account in the path is the customer's. Above it are a dealer, the dealer's reseller and the master account; beside it
//! is another customer of the dealer.

use std::collections::BTreeSet;

use serde_json::json;
use storefront::api;

use crate::{
    login::forged::Keys,
    support::{
        client::Api,
        world::{Session, World},
    },
};

mod table;

on_every_world! { every_endpoint_lets_in_whom_it_should }

/// Who asks, in the order of a row's statuses.
const CALLERS: [&str; 10] = [
    "nobody",
    "an expired token",
    "a forged token",
    "a user of the account",
    "an admin of the account",
    "an admin above",
    "an admin beside",
    "the reseller's admin",
    "a user of the master",
    "a superduper admin",
];

/// What each of [`CALLERS`] is answered.
type Statuses = [u16; 10];

/// A verb and path as the API's table has it, and what each caller is answered.
type Row = (&'static str, Statuses);

/// Everybody, whatever token he has.
const fn anybody(status: u16) -> Statuses {
    [status; 10]
}

/// Whoever has a token.
const fn known(status: u16) -> Statuses {
    let yes = status;
    [401, 401, 401, yes, yes, yes, yes, yes, yes, yes]
}

/// The account's users, and those of the accounts above.
const fn family(status: u16) -> Statuses {
    let yes = status;
    [401, 401, 401, yes, yes, yes, 403, yes, yes, yes]
}

/// The account's admins, and those of the accounts above.
const fn admins(status: u16) -> Statuses {
    let yes = status;
    [401, 401, 401, 403, yes, yes, 403, yes, 403, yes]
}

/// As [`admins`], and the user whom the path names.
const fn oneself(status: u16) -> Statuses {
    let yes = status;
    [401, 401, 401, yes, yes, yes, 403, yes, 403, yes]
}

/// The admins of whatever account, for what is their own.
const fn any_admin(status: u16) -> Statuses {
    let yes = status;
    [401, 401, 401, 403, yes, yes, yes, yes, 403, yes]
}

/// Every user of the master account.
const fn masters(status: u16) -> Statuses {
    let yes = status;
    [401, 401, 401, 403, 403, 403, 403, 403, yes, yes]
}

/// Superduper admins.
const fn operators(status: u16) -> Statuses {
    let yes = status;
    [401, 401, 401, 403, 403, 403, 403, 403, 403, yes]
}

/// Nobody, though known.
const fn refused() -> Statuses {
    known(403)
}

/// Everybody who asks, and what stands in the place of a path's parameters.
struct Cast {
    callers: [Api; 10],
    sessions: Vec<Session>,
    params: Vec<(&'static str, String)>,
}

impl Cast {
    async fn of(world: &World) -> Self {
        // So many bad tokens would empty any bucket.
        world.sup(&["kapps_config", "set_default", "token_buckets", "max_bucket_tokens", "100000"]).ok();
        let master = world.master().await;
        let clerk = world.user(&master, &master.account_id, "Master Co.", "clerk", "user").await;
        let reseller = world.account(&master, "Reseller").await;
        master.api.put(&reseller.at("/reseller"), json!({})).await.is(201);
        let dealer = world.account(&reseller, "Dealer").await;
        let beside = world.account(&dealer, "Beside").await;
        let customer = world.account(&dealer, "Customer").await;
        let paul = world.user(&customer, &customer.account_id, "Customer", "paul", "user").await;
        let keys = Keys::of(world).await;
        let mut claims = keys.claims(world, &customer).await;
        let good = keys.sign(&claims);
        claims["exp"] = json!(1_500_000_000);
        let expired = world.api.token(&keys.sign(&claims));
        let (head, signature) = good.rsplit_once('.').unwrap();
        let forged = world.api.token(&format!("{head}.{}", signature.chars().rev().collect::<String>()));
        let params = vec![
            ("account", customer.account_id.clone()),
            ("user", paul.user_id.clone()),
            ("app", world.app("reports").await),
            ("number", "0".into()),
            ("application", "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".into()),
            ("type", "monster_ui".into()),
            ("language", "de-DE".into()),
            ("name", "accounts".into()),
            ("domain", "brand.example.com".into()),
            ("email", "no-such-address".into()),
            ("token", "somebody-elses".into()),
            ("alert", "nosuch".into()),
            ("callflow", "1".into()),
            ("key", keys.kid.clone()),
        ];
        let sessions = vec![paul, customer, dealer, beside, reseller, clerk, master];
        let [a, b, c, d, e, f, g] = [0, 1, 2, 3, 4, 5, 6].map(|place: usize| sessions[place].api.clone());
        Self { callers: [world.api.clone(), expired, forged, a, b, c, d, e, f, g], sessions, params }
    }

    fn path(&self, pattern: &str) -> String {
        let segment = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => {
                let known = self.params.iter().find(|(param, _)| *param == name);
                known.unwrap_or_else(|| panic!("what is {name} of {pattern}?")).1.clone()
            }
            None => segment.to_owned(),
        };
        format!("/v2/{}", pattern.split('/').map(segment).collect::<Vec<_>>().join("/"))
    }

    /// A client for a caller; for what ends a session, one with a session that may end.
    async fn client(&self, world: &World, caller: usize, verb: &str, pattern: &str) -> Api {
        match self.sessions.get(caller.wrapping_sub(3)) {
            Some(session) if verb == "DELETE" && pattern.ends_with("token_auth") => {
                let account = table::ACCOUNT_NAMES[caller - 3];
                world.session(account, &session.username, &session.password).await.api
            }
            _ => self.callers[caller].clone(),
        }
    }
}

async fn every_endpoint_lets_in_whom_it_should(world: World) {
    let rows = table::rows();
    let routes = api::routes(true);
    let there: BTreeSet<String> = routes
        .endpoints()
        .flat_map(|endpoint| endpoint.verbs().map(|verb| format!("{} {}", verb.as_str(), endpoint.path)).collect::<Vec<_>>())
        .collect();
    let told: BTreeSet<String> = rows.iter().map(|(what, _)| (*what).to_owned()).collect();
    assert_eq!(told.len(), rows.len(), "a row stands there twice");
    let missing: Vec<_> = there.difference(&told).collect();
    let gone: Vec<_> = told.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a row: {missing:#?}; a row for what isn't there: {gone:#?}");

    let cast = Cast::of(&world).await;
    let described = api::describe(routes.endpoints());
    let mut complaints = Vec::new();
    for (what, statuses) in rows {
        let (verb, pattern) = what.split_once(' ').unwrap();
        let path = cast.path(pattern);
        for (caller, expected) in statuses.into_iter().enumerate() {
            let mut api = cast.client(&world, caller, verb, pattern).await;
            let body = if verb == "GET" { None } else { Some(json!({ "data": table::data(what) })) };
            if verb != "GET" && expected == table::UNHARMED {
                // Whoever may is stopped by this just before anything is written, so that the next finds the same.
                api = api.with("if-match", "\"0-no-such-revision\"");
            }
            let answer = api.send(verb, &path, body).await;
            if answer.status != expected {
                let text: String = answer.text().chars().take(160).collect();
                complaints.push(format!("{what}: {} gets {}, not {expected}: {text}", CALLERS[caller], answer.status));
            }
            let answers = &described["paths"][format!("/{pattern}")][verb.to_lowercase()]["responses"];
            if answers.get(answer.status.to_string()).is_none() {
                complaints
                    .push(format!("{what}: {} gets {}, of which its description says nothing", CALLERS[caller], answer.status));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
