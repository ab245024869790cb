//! `storefront demo`: something to look at within seconds.

use serde_json::json;

use crate::support::{
    client::{Api, md5},
    process::{Server, run},
};

const USERS: [(&str, &str); 4] =
    [("Demo Master", "admin"), ("Demo Reseller", "rita"), ("Demo Customer", "carla"), ("Demo Customer", "paul")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_says_what_to_try_and_it_works() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().join("demo");
    let arguments = ["demo", "--dir", directory.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let server = Server::start(arguments);
    let api = Api::new(server.url());
    assert_eq!(api.get("/readyz").await.status, 200);
    let guide = server.printed();
    for (account, user) in USERS {
        assert!(guide.lines().any(|line| line.contains(account) && line.contains(user) && line.contains("demo")), "{guide}");
    }
    assert_eq!(guide.matches("curl ").count(), 3, "{guide}");

    // The marketplace is there too, and the cluster's connector knows where.
    let market =
        guide.lines().find_map(|line| line.strip_prefix("The marketplace listens on ")).expect("a marketplace").to_owned();
    let front = Api::new(market.clone()).get("/").await.is(200);
    assert!(front.text().contains("12 listings") && front.text().contains("Call Center"), "{}", front.text());

    let mut master = None;
    for (account, user) in USERS {
        let login = json!({ "credentials": md5(user, "demo"), "account_name": account });
        let answer = api.put("/v2/user_auth", login).await.is(201);
        let (data, api) = (answer.data(), api.token(&answer.auth_token()));
        let path = format!("/v2/accounts/{}/apps_store", data["account_id"].as_str().unwrap());
        let apps = api.get(&path).await.is(200).data();
        assert!(apps.as_array().unwrap().len() >= 10, "{apps}");
        for app in apps.as_array().unwrap() {
            let icon = api.get(&format!("{path}/{}/icon", app["id"].as_str().unwrap())).await.is(200);
            assert!(icon.header("content-type").unwrap().starts_with("image/"));
            assert!(!icon.body.is_empty());
            // They use the API that lists them, whatever its address.
            assert!(app.get("api_url").is_none(), "{app}");
        }
        assert_eq!(
            (&data["is_reseller"], &data["is_master_account"]),
            match account {
                "Demo Master" => (&json!(true), &json!(true)),
                "Demo Reseller" => (&json!(true), &json!(false)),
                _ => (&json!(false), &json!(false)),
            }
        );
        if account == "Demo Master" {
            assert_eq!(api.get("/v2/apps_store/marketplace").await.is(200).data()["marketplace_url"], market);
            let login = json!({ "account_name": account, "username": user, "password": "demo" });
            let portal = Api::new(market.clone());
            let body = login.to_string();
            let session = portal.raw("POST", "/api/v1/session", Some("application/json"), body).await.is(201).json();
            let me = portal.with("authorization", &format!("Bearer {}", session["token"].as_str().unwrap()));
            assert_eq!(me.get("/api/v1/me").await.is(200).json()["cluster"]["eligible"], true);
            master = Some(data["account_id"].clone());
        }
    }

    drop(server);
    let server = Server::start(arguments);
    let api = Api::new(server.url());
    let login = json!({ "credentials": md5("admin", "demo"), "account_name": "Demo Master" });
    let again = api.put("/v2/user_auth", login).await.is(201).data();
    assert_eq!(Some(&again["account_id"]), master.as_ref());
    assert!(!server.log().contains("Making a demo"), "{}", server.log());
}

#[test]
fn a_demo_is_not_made_among_other_accounts() {
    let directory = tempfile::tempdir().unwrap();
    let store = format!("embedded:{}", directory.path().join("mine").display());
    run(["--store", &store, "create-account", "My Company", "sip.example.com", "me", "s3cret"]).ok();
    let files = directory.path().join("demo");
    let refused = run(["--store", &store, "demo", "--dir", files.to_str().unwrap(), "--listen", "127.0.0.1:0"]).failed();
    assert!(refused.contains("accounts that are no demo's") && refused.contains("storefront serve"), "{refused}");
    assert!(!files.exists() && !run(["--store", &store, "config", "get", "storefront_demo", "state"]).stdout.contains("begun"));
}
