//! `storefront demo`: something to look at within seconds.

use serde_json::json;

use crate::support::{
    client::{Api, md5},
    process::Server,
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
