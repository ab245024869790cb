//! Two who want the same name at once.

use futures_util::future::join;
use serde_json::{Value, json};
use storefront::{
    platform::names,
    store::{Query, View},
};

use crate::support::{
    client::{Answer, Api},
    process::Server,
    world::{Session, World},
};

on_every_world! {
    of_two_accounts_of_one_realm_exactly_one_is_made,
    of_two_accounts_of_one_name_exactly_one_is_made,
    of_many_accounts_of_one_name_exactly_one_is_made,
    an_edit_and_a_creation_do_not_end_up_with_one_name,
    of_two_edits_to_one_realm_exactly_one_is_made,
    two_servers_on_one_store_do_not_give_one_name_twice,
    of_two_accounts_with_one_chosen_id_exactly_one_is_made,
    two_accounts_that_go_below_one_another_do_not_both_arrive,
    an_account_is_not_made_below_one_that_goes,
}

const ROUNDS: usize = 8;

/// Exactly one is a success; the other was told why not.
#[track_caller]
fn one_of(answers: [&Answer; 2], field: &str) {
    let good = answers.iter().filter(|answer| answer.status < 300).count();
    assert_eq!(good, 1, "{} {}", answers[0].text(), answers[1].text());
    let refused = answers.iter().find(|answer| answer.status >= 300).unwrap();
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.json()["data"][field]["unique"].is_object(), "{}", refused.text());
}

/// Everything that accounts leave in a store: databases, documents of what is shared.
async fn everything(world: &World) -> (Vec<String>, Vec<String>, Vec<String>) {
    let store = world.documents();
    let ids = async |db| -> Vec<String> {
        let rows = store.view(db, View::ALL_DOCS, &Query::default()).await.unwrap();
        rows.into_iter().filter_map(|row| row.id).collect()
    };
    let databases = store.databases(names::ACCOUNT_PREFIX).await.unwrap();
    (databases.iter().map(ToString::to_string).collect(), ids(&names::ACCOUNTS).await, ids(&names::SERVICES).await)
}

async fn create(by: &Api, parent: &Session, data: Value) -> Answer {
    by.put(&parent.at(""), data).await
}

async fn edit(by: &Api, account: &Session, data: Value) -> Answer {
    by.patch(&account.at(""), data).await
}

async fn of_two_accounts_of_one_realm_exactly_one_is_made(world: World) {
    let master = world.master().await;
    for round in 0..ROUNDS {
        let before = everything(&world).await;
        let new = |name: &str| json!({ "name": format!("{name} {round}"), "realm": format!("R{round}.example.com") });
        let (one, other) = join(create(&master.api, &master, new("One")), create(&master.api, &master, new("Other"))).await;
        one_of([&one, &other], "realm");
        let after = everything(&world).await;
        // An account with its month, and nothing of the other.
        assert_eq!(after.0.len(), before.0.len() + 2, "{after:?}");
        assert_eq!((after.1.len(), after.2.len()), (before.1.len() + 1, before.2.len() + 1));
    }
}

async fn of_two_accounts_of_one_name_exactly_one_is_made(world: World) {
    let master = world.master().await;
    for round in 0..ROUNDS {
        // Only letters and digits count.
        let (one, other) = (json!({ "name": format!("Twin {round}") }), json!({ "name": format!("TWIN-{round}!") }));
        let (one, other) = join(create(&master.api, &master, one), create(&master.api, &master, other)).await;
        one_of([&one, &other], "name");
    }
}

async fn of_many_accounts_of_one_name_exactly_one_is_made(world: World) {
    let master = world.master().await;
    let before = everything(&world).await;
    let attempts = (0..10).map(|_| create(&master.api, &master, json!({ "name": "Many" })));
    let answers = futures_util::future::join_all(attempts).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 9, "{statuses:?}");
    assert_eq!(everything(&world).await.0.len(), before.0.len() + 2);
}

async fn an_edit_and_a_creation_do_not_end_up_with_one_name(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    for round in 0..ROUNDS {
        let realm = format!("wanted{round}.example.com");
        let new = json!({ "name": format!("New {round}"), "realm": realm });
        let wanted = json!({ "realm": realm });
        let (made, edited) = join(create(&master.api, &master, new), edit(&child.api, &child, wanted)).await;
        one_of([&made, &edited], "realm");
        // Both copies agree on it.
        let own = world.documents().get(&child.db(), &child.account_id).await.unwrap();
        let copy = world.documents().get(&names::ACCOUNTS, &child.account_id).await.unwrap();
        assert_eq!(own["realm"], copy["realm"]);
        assert_eq!(own["realm"] == realm.as_str(), edited.status == 200);
    }
}

async fn of_two_edits_to_one_realm_exactly_one_is_made(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    for round in 0..ROUNDS {
        let wanted = json!({ "realm": format!("wanted{round}.example.com") });
        let (first, second) = join(edit(&master.api, &one, wanted.clone()), edit(&other.api, &other, wanted)).await;
        one_of([&first, &second], "realm");
    }
}

async fn two_servers_on_one_store_do_not_give_one_name_twice(world: World) {
    let master = world.master().await;
    let second = Server::serve(&world.store);
    let elsewhere = Api::new(second.url()).token(&master.token);
    for round in 0..ROUNDS {
        let new = |name: &str| json!({ "name": format!("{name} {round}"), "realm": format!("both{round}.example.com") });
        let (one, other) = join(create(&master.api, &master, new("One")), create(&elsewhere, &master, new("Other"))).await;
        one_of([&one, &other], "realm");
    }
    let known = master.api.get(&master.at("/children?paginate=false")).await.data();
    assert_eq!(known.as_array().unwrap().len(), ROUNDS);
}

async fn of_two_accounts_with_one_chosen_id_exactly_one_is_made(world: World) {
    let master = world.master().await;
    for round in 0..ROUNDS {
        let id = format!("{round:032x}");
        let new = |name: &str| json!({ "name": format!("{name} {round}"), "id": id });
        let (one, other) = join(create(&master.api, &master, new("One")), create(&master.api, &master, new("Other"))).await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.text(), other.text());
        master.api.get(&format!("/v2/accounts/{id}")).await.is(200);
    }
}

async fn two_accounts_that_go_below_one_another_do_not_both_arrive(world: World) {
    let master = world.master().await;
    for round in 0..4 {
        let one = world.account(&master, &format!("One {round}")).await;
        let other = world.account(&master, &format!("Other {round}")).await;
        let (first, second) = join(
            master.api.post(&one.at("/move"), json!({ "to": other.account_id })),
            master.api.post(&other.at("/move"), json!({ "to": one.account_id })),
        )
        .await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "{} {}", first.text(), second.text());
    }
}

async fn an_account_is_not_made_below_one_that_goes(world: World) {
    let master = world.master().await;
    for round in 0..6 {
        let parent = master.api.put(&master.at(""), json!({ "name": format!("Parent {round}") })).await.is(201).data();
        let path = format!("/v2/accounts/{}", parent["id"].as_str().unwrap());
        let (made, gone) =
            join(master.api.put(&path, json!({ "name": format!("Child {round}") })), master.api.delete(&path)).await;
        // Either the child is there and its parent too, or neither is.
        match (made.status, gone.status) {
            (201, 409) => {
                master.api.get(&path).await.is(200);
            }
            (400 | 404, 200) => {
                master.api.get(&path).await.is(404);
            }
            other => panic!("{other:?} {} {}", made.text(), gone.text()),
        }
    }
}
