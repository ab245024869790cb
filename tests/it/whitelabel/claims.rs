//! A domain leads to one account, however many want it, and whenever they do.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::world::World;

on_every_world! {
    a_domain_that_is_taken_is_refused_in_any_case,
    of_many_who_want_a_domain_at_once_one_gets_it,
    who_does_not_get_a_domain_keeps_the_old_one,
    a_domain_that_two_have_is_nobodys,
    a_deleted_accounts_domain_is_free,
}

fn taken(domain: &str) -> serde_json::Value {
    json!({ "domain": { "unique": { "message": "White label domain is already in use", "cause": domain } } })
}

async fn a_domain_that_is_taken_is_refused_in_any_case(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    one.api.put(&one.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(201);
    for domain in ["wl.example", "WL.Example"] {
        other.api.put(&other.at("/whitelabel"), json!({ "domain": domain })).await.is_invalid(taken(domain));
    }
    other.api.put(&other.at("/whitelabel"), json!({ "domain": "other.example" })).await.is(201);
    other.api.post(&other.at("/whitelabel"), json!({ "domain": "WL.example" })).await.is_invalid(taken("WL.example"));
    // One's own may be written another way.
    one.api.post(&one.at("/whitelabel"), json!({ "domain": "Wl.ExAmple" })).await.is(200);
    // What is given up, by whichever verb, can be had.
    one.api.post(&one.at("/whitelabel"), json!({})).await.is(200);
    other.api.post(&other.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(200);
    other.api.delete(&other.at("/whitelabel")).await.is(200);
    one.api.post(&one.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(200);
}

async fn of_many_who_want_a_domain_at_once_one_gets_it(world: World) {
    let master = world.master().await;
    let mut accounts = Vec::new();
    for n in 0..4 {
        accounts.push(world.account(&master, &format!("Account {n}")).await);
    }
    for round in 0..6 {
        let domain = format!("round{round}.example");
        let want = |n: usize| {
            let (session, domain) = (&accounts[n], &domain);
            // The first round makes the documents, the later ones change them.
            let method = if round == 0 { "PUT" } else { "POST" };
            let spelled = if n < 2 { domain.clone() } else { domain.to_uppercase() };
            let body = json!({ "data": { "domain": spelled } });
            async move { session.api.send(method, &session.at("/whitelabel"), Some(body)).await }
        };
        let answers = join_all((0..accounts.len()).map(want)).await;
        let mut winners = Vec::new();
        for (n, answer) in answers.iter().enumerate() {
            match answer.status {
                200 | 201 => winners.push(n),
                _ => assert_eq!(
                    (answer.status, &answer.json()["data"]["domain"]["unique"]["message"]),
                    (400, &taken("")["domain"]["unique"]["message"])
                ),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        let visited = world.api.get(&format!("/v2/whitelabel/{domain}")).await.is(200).data();
        let owned = accounts[winners[0]].api.get(&accounts[winners[0]].at("/whitelabel")).await.data();
        assert_eq!(visited, owned);
        if round == 0 {
            for account in &accounts {
                // Losers have nothing, and can have something else.
                if account.api.get(&account.at("/whitelabel")).await.status == 404 {
                    account.api.put(&account.at("/whitelabel"), json!({})).await.is(201);
                }
            }
        }
    }
}

async fn who_does_not_get_a_domain_keeps_the_old_one(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    one.api.put(&one.at("/whitelabel"), json!({ "domain": "one.example" })).await.is(201);
    other.api.put(&other.at("/whitelabel"), json!({ "domain": "other.example", "company_name": "Other" })).await.is(201);
    let change = |session: &crate::support::world::Session| {
        let (api, path) = (session.api.clone(), session.at("/whitelabel"));
        async move { api.post(&path, json!({ "domain": "both.example" })).await.status }
    };
    let (a, b) = futures_util::future::join(change(&one), change(&other)).await;
    let mut statuses = [a, b];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    world.api.get("/v2/whitelabel/both.example").await.is(200);
    let kept = if a == 200 { "other.example" } else { "one.example" };
    assert_eq!(world.api.get(&format!("/v2/whitelabel/{kept}")).await.is(200).data()["domain"], kept);
}

async fn a_domain_that_two_have_is_nobodys(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    one.api.put(&one.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(201);
    // As another program may leave it.
    world
        .edit_account(&other.account_id, |account| {
            account.insert("pvt_whitelabel_domain".into(), json!("WL.example"));
        })
        .await;
    world.api.get("/v2/whitelabel/wl.example").await.is(404);
    one.api.post(&one.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is_invalid(taken("wl.example"));
}

async fn a_deleted_accounts_domain_is_free(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    one.api.put(&one.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(201);
    master.api.delete(&one.at("")).await.is(200);
    world.api.get("/v2/whitelabel/wl.example").await.is(404);
    world.api.get("/v2/whitelabel/wl.example/logo").await.is(404);
    other.api.put(&other.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(201);
    world.api.get("/v2/whitelabel/wl.example").await.is(200);
}
