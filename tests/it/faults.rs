//! A CouchDB that isn't there, goes away, or keeps its doors shut.

use std::{net::TcpListener, time::Instant};

use serde_json::json;

use crate::support::{
    client::{Api, md5},
    couch::Standin,
    process::{self, Server},
    world::MASTER,
};

mod outage;
mod slowness;

/// A port that is free now, and stays so as far as anybody can know.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn url(port: u16) -> String {
    let mut url = url::Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let (user, password) = Standin::ADMIN;
    url.set_username(user).unwrap();
    url.set_password(Some(password)).unwrap();
    url.to_string()
}

fn create_master(store: &str) {
    process::run(["--store", store, "sup", "crossbar_maintenance", "create_account"].iter().chain(&MASTER)).ok();
}

async fn log_in(api: &Api) -> u16 {
    api.put("/v2/user_auth", json!({ "credentials": md5("admin", "secret123"), "account_name": "masterco" })).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_waits_for_its_database() {
    let port = free_port();
    let mut server = Server::serve(&url(port));
    server.wait_for_log("Trying again");
    assert!(server.log().contains("is the database server running"), "{}", server.log());
    assert!(server.is_running() && server.printed().is_empty());
    let _standin = Standin::start(&["--in-memory", "--port", &port.to_string()]);
    let api = Api::new(server.url());
    assert_eq!(api.get("/readyz").await.status, 200);
    create_master(&url(port));
    assert_eq!(log_in(&api).await, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_reported_and_found_again() {
    let (directory, port) = (tempfile::tempdir().unwrap(), free_port().to_string());
    let arguments = ["--dir", directory.path().to_str().unwrap(), "--port", &port];
    let standin = Standin::start(&arguments);
    let store = standin.url.to_string();
    create_master(&store);
    let server = Server::serve(&store);
    let api = Api::new(server.url());
    assert_eq!(log_in(&api).await, 201);

    drop(standin);
    let began = Instant::now();
    for path in ["/v2/schemas", "/v2/accounts/0123456789abcdef0123456789abcdef"] {
        let answer = api.get(path).await;
        answer.is_error(503, "datastore_unreachable", json!({ "message": "datastore timeout" }));
    }
    assert_eq!(log_in(&api).await, 503);
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    assert_eq!(api.get("/readyz").await.status, 503);
    assert_eq!(api.get("/healthz").await.status, 200);
    server.wait_for_log("failed: ");

    let _standin = Standin::start(&arguments);
    assert_eq!(log_in(&api).await, 201);
    assert_eq!(api.get("/readyz").await.status, 200);
    assert!(!server.log().contains("w%2Frd") && !server.log().contains(Standin::ADMIN.1), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_of_the_database_is_told() {
    let standin = Standin::start(&["--in-memory"]);
    let mut url = standin.url.clone();
    url.set_password(Some("n0tthis1")).unwrap();
    let server = Server::serve(url.as_str());
    server.wait_for_log("are user and password in the store's URL right?");
    assert!(!server.log().contains("n0tthis1"), "{}", server.log());
    let command = process::run(["--store", url.as_str(), "apps"]).failed();
    assert!(command.contains("can't be used") && !command.contains("n0tthis1"), "{command}");
    let elsewhere = process::run(["--store", &self::url(free_port()), "apps"]).failed();
    assert!(elsewhere.contains("can't be used"), "{elsewhere}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_is_given_up_in_time() {
    let standin = Standin::start(&["--in-memory"]);
    create_master(standin.url.as_str());
    let server = Server::serve(standin.url.as_str());
    let api = Api::new(server.url());
    assert_eq!(log_in(&api).await, 201);

    standin.signal("-STOP");
    let began = Instant::now();
    let (reading, logging_in) = futures_util::future::join(api.get("/v2/schemas"), log_in(&api)).await;
    reading.is_error(503, "datastore_unreachable", json!({ "message": "datastore timeout" }));
    assert_eq!(logging_in, 503);
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    assert_eq!(api.get("/healthz").await.status, 200);

    standin.signal("-CONT");
    assert_eq!(log_in(&api).await, 201);
}
