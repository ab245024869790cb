//! What is written is told to Kazoo by way of its message broker.

use serde_json::json;

use crate::support::{
    broker::Broker,
    client::Api,
    process::{Server, run},
    world::World,
};

/// One broker for all of it: it takes its time to start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_are_told_also_after_the_broker_was_away() {
    let mut broker = Broker::new();
    broker.start();
    let url = broker.url();
    let mut world = World::embedded();
    let server = Server::serve_with(&world.store, &["--no-cache", "--amqp", &url]);
    world.api = Api::new(server.url());
    let master = world.master().await;
    let listener = broker.listen().await;

    // A new account: its database, its document in both places.
    let child = world.account(&master, "Child").await;
    let database = child.db().as_str().replace('/', "%2F");
    listener.until(&format!("db_created.{database}.database.")).await;
    let (key, told) = listener.until(&format!(".accounts.account.{}", child.account_id)).await;
    assert!(key.starts_with("doc_"), "{key}");
    assert_eq!((&told["ID"], &told["Account-ID"]), (&json!(child.account_id), &json!(child.account_id)));
    // An edit.
    child.api.patch(&child.at(""), json!({ "name": "Other" })).await.is(200);
    let (_, told) = listener.until(&format!("doc_edited.{database}.account.{}", child.account_id)).await;
    let doc = world.documents().get(&child.db(), &child.account_id).await.unwrap();
    assert_eq!((&told["Rev"], &told["Date-Modified"]), (&doc["_rev"], &doc["pvt_modified"]));
    assert_eq!((&told["Event-Name"], &told["Event-Category"]), (&json!("doc_edited"), &json!("configuration")));
    assert_eq!((&told["Database"], &told["Type"]), (&json!(database), &json!("account")));
    assert!(told["Node"].as_str().unwrap().starts_with("storefront@"), "{told}");
    // A soft deletion, and a hard one, which doesn't bring the document along.
    let users = child.at("/users");
    let made = async |name: &str| {
        let user = json!({ "first_name": name, "last_name": "B" });
        child.api.put(&users, user).await.is(201).data()["id"].as_str().unwrap().to_owned()
    };
    let (soft, hard) = (made("Soft").await, made("Hard").await);
    child.api.delete(&format!("{users}/{soft}")).await.is(200);
    let (_, told) = listener.until(&format!("doc_deleted.{database}.user.{soft}")).await;
    assert_eq!(told["Is-Soft-Deleted"], true);
    child.api.delete(&format!("{users}/{hard}?should_soft_delete=false")).await.is(200);
    let (_, told) = listener.until(&format!("doc_deleted.{database}.user.{hard}")).await;
    assert_eq!(told["Is-Soft-Deleted"], false);
    // A command.
    run(["--store", &world.store, "--amqp", &url, "config", "set-default", "crossbar", "default_language", "de-DE"]).ok();
    listener.until(".system_config.config.crossbar").await;

    broker.stop();
    // Whether it had something to say in between or not.
    for name in ["One", "Two", "Three"] {
        child.api.patch(&child.at(""), json!({ "name": name })).await.is(200);
    }
    server.wait_for_log("change notices wait for the broker");
    broker.start();
    let listener = broker.listen().await;
    for _ in 0..3 {
        listener.until(&format!("doc_edited.{database}.account.{}", child.account_id)).await;
    }
    let answer = world.api.get("/metrics").await;
    let metrics = answer.text();
    assert!(metrics.contains("storefront_notices_lost_total 0"), "{metrics}");
    assert!(!server.log().contains("guest"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_everything_works_and_the_log_says_so_once() {
    let mut world = World::embedded();
    let url = "amqp://kazoo:geheim@127.0.0.1:1/kazoo";
    let mut server = Server::serve_with(&world.store, &["--no-cache", "--amqp", url]);
    world.api = Api::new(server.url());
    let master = world.master().await;
    for name in ["One", "Two"] {
        master.api.patch(&master.at(""), json!({ "name": name })).await.is(200);
    }
    server.wait_for_log("change notices wait for the broker at 127.0.0.1");
    server.signal("-TERM");
    assert!(server.wait(), "{}", server.log());
    let log = server.log();
    assert_eq!(log.matches("wait for the broker").count(), 1, "{log}");
    assert!(log.contains("could not be sent") && !log.contains("geheim"), "{log}");
}

#[test]
fn what_is_no_brokers_address_is_refused_without_repeating_it() {
    let world = World::embedded();
    for url in ["http://kazoo:geheim@127.0.0.1", "geheim", "amqp://kazoo:geheim@127.0.0.1:port"] {
        let said = run(["--store", &world.store, "--amqp", url, "apps"]).failed();
        assert!(said.contains("--amqp") && said.contains("amqp://USER:PASSWORD@HOST") && !said.contains("geheim"), "{said}");
    }
    let shown = run(["--amqp", "amqp://kazoo:geheim@127.0.0.1:5672/kazoo", "config", "show"]).ok();
    assert!(shown.contains("127.0.0.1:5672/kazoo") && !shown.contains("geheim"), "{shown}");
}
