//! The addresses that a brand sends mail from, and the codes that prove them.

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    smtp::{Mail, MailServer, set_relay},
    world::{Session, World},
};

on_every_world! {
    an_address_is_added_verified_and_deleted,
    a_wrong_code_is_worth_nothing_and_makes_a_new_one,
    guessing_codes_comes_to_an_end,
    codes_cannot_be_guessed_by_filters,
    another_address_has_to_be_proved_again,
    addresses_must_be_addresses_and_differ,
    of_several_that_add_an_address_at_once_one_does,
    without_a_relay_the_log_says_so_and_not_the_code,
    a_relay_that_wants_a_password_gets_it,
    a_relay_that_is_not_there_is_no_fault_of_the_clients,
}

const SENT: &str = "Email verification code was sent, Please check your email to learn how to verify your email address.";
const WRONG: &str = "Code does not match, a new verification code was sent. Please check your email";

fn code(mail: &Mail) -> String {
    let (_, rest) = mail.text.split_once("code is ").unwrap();
    rest[..4].to_owned()
}

/// Adds an address, and says its id.
async fn add(session: &Session, address: &str) -> String {
    let answer = session.api.put(&session.at("/whitelabel/emails"), json!({ "email": address })).await.is(201);
    answer.json()["metadata"]["id"].as_str().unwrap().to_owned()
}

async fn an_address_is_added_verified_and_deleted(world: World) {
    let server = MailServer::relaying(&world);
    let master = world.master().await;
    let emails = master.at("/whitelabel/emails");
    assert_eq!(master.api.get(&emails).await.is(200).data(), json!([]));
    let added = master.api.put(&emails, json!({ "email": "sales@brand.example", "dkim_selector": "s1" })).await.is(201);
    assert_eq!(added.data(), SENT);
    let metadata = added.json()["metadata"].clone();
    assert_eq!((&metadata["verified"], metadata["created"].is_u64()), (&json!(false), true));
    let id = metadata["id"].as_str().unwrap();
    let path = format!("{emails}/{id}");
    assert_eq!(added.header("location"), Some(path.as_str()));

    let mail = server.next();
    assert_eq!(mail.commands, ["MAIL FROM:<noreply@example.com>", "RCPT TO:<sales@brand.example>"], "{mail:?}");
    assert!(mail.text.contains("To: sales@brand.example"), "{mail:?}");

    let email = json!({ "email": "sales@brand.example", "dkim_selector": "s1", "id": id });
    let shown = master.api.get(&path).await.is(200);
    assert_eq!((shown.data(), &shown.json()["metadata"]["verified"]), (email.clone(), &json!(false)));
    assert_eq!(master.api.get(&emails).await.data(), json!([{ "id": id, "email": "sales@brand.example", "verified": false }]));
    let verified = master.api.post(&format!("{path}/verify"), json!({ "code": code(&mail) })).await.is(200);
    assert_eq!((verified.data(), &verified.json()["metadata"]["verified"]), (email.clone(), &json!(true)));
    assert_eq!(master.api.get(&emails).await.data()[0]["verified"], true);
    // Once is enough.
    master.api.post(&format!("{path}/verify"), json!({ "code": "0000" })).await.is(200);

    let deleted = master.api.delete(&path).await.is(200);
    assert_eq!((deleted.data(), &deleted.json()["metadata"]["deleted"]), (email, &json!(true)));
    let gone = json!({ "cause": id, "message": "bad identifier" });
    master.api.get(&path).await.is_error(404, "bad_identifier", gone.clone());
    master.api.delete(&path).await.is_error(404, "bad_identifier", gone);
    assert_eq!(master.api.get(&emails).await.data(), json!([]));
    assert!(server.is_empty());
}

async fn a_wrong_code_is_worth_nothing_and_makes_a_new_one(world: World) {
    let server = MailServer::relaying(&world);
    let master = world.master().await;
    let path = format!("{}/{}", master.at("/whitelabel/emails"), add(&master, "sales@brand.example").await);
    let first = code(&server.next());
    let wrong = if first == "1000" { "1001" } else { "1000" };
    let refused = json!({ "code": { "invalid": { "message": WRONG } } });
    master.api.post(&format!("{path}/verify"), json!({ "code": wrong })).await.is_invalid(refused);
    let second = code(&server.next());
    assert_eq!(master.api.get(&path).await.json()["metadata"]["verified"], false);
    for malformed in [json!({}), json!({ "code": "12345" }), json!({ "code": "1" }), json!({ "code": [] })] {
        master.api.post(&format!("{path}/verify"), malformed).await.is(400);
    }
    assert!(server.is_empty(), "what can't be a code isn't tried");
    master.api.post(&format!("{path}/verify"), json!({ "code": second })).await.is(200);
}

async fn guessing_codes_comes_to_an_end(world: World) {
    let _server = MailServer::relaying(&world);
    world.run(&["config", "set-default", "token_buckets", "tokens_fill_time", "day"]).ok();
    let master = world.master().await;
    let path = format!("{}/{}/verify", master.at("/whitelabel/emails"), add(&master, "sales@brand.example").await);
    let mut tries = 0;
    while master.api.post(&path, json!({ "code": "0000" })).await.status == 400 {
        tries += 1;
        assert!(tries < 10, "nobody stops the guessing");
    }
    master.api.post(&path, json!({ "code": "0000" })).await.is(429);
}

async fn another_address_has_to_be_proved_again(world: World) {
    let server = MailServer::relaying(&world);
    let master = world.master().await;
    let path = format!("{}/{}", master.at("/whitelabel/emails"), add(&master, "sales@brand.example").await);
    master.api.post(&format!("{path}/verify"), json!({ "code": code(&server.next()) })).await.is(200);
    let same = master.api.post(&path, json!({ "dkim_selector": "s2" })).await.is(200);
    assert_eq!((&same.data()["email"], &same.json()["metadata"]["verified"]), (&json!("sales@brand.example"), &json!(true)));
    let other = master.api.post(&path, json!({ "email": "info@brand.example" })).await.is(200);
    assert_eq!((&other.data()["dkim_selector"], &other.json()["metadata"]["verified"]), (&json!("s2"), &json!(false)));
    let mail = server.next();
    assert!(mail.commands.contains(&"RCPT TO:<info@brand.example>".to_owned()), "{mail:?}");
    master.api.post(&format!("{path}/verify"), json!({ "code": code(&mail) })).await.is(200);
}

async fn addresses_must_be_addresses_and_differ(world: World) {
    let _server = MailServer::relaying(&world);
    let master = world.master().await;
    let emails = master.at("/whitelabel/emails");
    for bad in [json!({}), json!({ "email": 5 }), json!({ "email": "nobody" }), json!({ "email": "a@b\r\nBcc: c@d.example" })] {
        master.api.put(&emails, bad.clone()).await.is(400);
    }
    let id = add(&master, "sales@brand.example").await;
    let other = add(&master, "info@brand.example").await;
    let taken = |cause: &str| {
        let message = "Whitelabel email address is already in use";
        json!({ "email": { "unique": { "message": message, "cause": cause } } })
    };
    master.api.put(&emails, json!({ "email": "Sales@brand.example" })).await.is_invalid(taken("Sales@brand.example"));
    let answer = master.api.post(&format!("{emails}/{other}"), json!({ "email": "sales@brand.example" })).await;
    answer.is_invalid(taken("sales@brand.example"));
    // Nothing here would sign with a key.
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    master.api.raw("POST", &format!("{emails}/{id}"), Some("application/x-pem-file"), key).await.is_bare(415);
    // Private members and ids aren't a client's to set.
    let sneaky = json!({ "pvt_verified": true, "id": "x", "_id": "x" });
    let shown = master.api.post(&format!("{emails}/{id}"), sneaky).await.is(200).json();
    assert_eq!((&shown["data"]["id"], &shown["metadata"]["verified"]), (&json!(id), &json!(false)));

    let child = world.account(&master, "Child").await;
    child.api.get(&emails).await.is_forbidden();
    child.api.put(&emails, json!({ "email": "x@brand.example" })).await.is_forbidden();
    world.api.get(&emails).await.is_unauthorized();
    let plain = world.user(&master, &master.account_id, "masterco", "plain", "user").await;
    plain.api.get(&emails).await.is(200);
    plain.api.put(&emails, json!({ "email": "x@brand.example" })).await.is_forbidden();
    plain.api.delete(&format!("{emails}/{id}")).await.is_forbidden();
    // Other documents of the account are no addresses.
    master.api.get(&format!("{emails}/{}", master.user_id)).await.is(404);
}

async fn of_several_that_add_an_address_at_once_one_does(world: World) {
    let _server = MailServer::relaying(&world);
    let master = world.master().await;
    let emails = master.at("/whitelabel/emails");
    for round in 0..3 {
        let body = json!({ "email": format!("round{round}@brand.example") });
        let answers = join_all((0..4).map(|_| master.api.put(&emails, body.clone()))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 3, "{statuses:?}");
    }
    assert_eq!(master.api.get(&emails).await.data().as_array().map(Vec::len), Some(3));
}

async fn codes_cannot_be_guessed_by_filters(world: World) {
    let master = world.master().await;
    let id = add(&master, "sales@brand.example").await;
    let doc = world.documents().get(&master.db(), &id).await.unwrap();
    let code = doc.get("pvt_code").and_then(Value::as_str).unwrap();
    for filter in [format!("filter_pvt_code={code}"), "has_key=pvt_code".to_owned()] {
        let found = master.api.get(&format!("{}?{filter}", master.at("/whitelabel/emails"))).await.is(200).data();
        assert_eq!(found, json!([]), "{filter}");
    }
}

async fn without_a_relay_the_log_says_so_and_not_the_code(world: World) {
    let master = world.master().await;
    let id = add(&master, "sales@brand.example").await;
    world.server.wait_for_log("no mail is sent to sales@brand.example");
    let doc = world.documents().get(&master.db(), &id).await.unwrap();
    let code = doc.get("pvt_code").and_then(Value::as_str).unwrap();
    let log = world.server.log();
    let line = log.lines().find(|line| line.contains("no mail is sent")).unwrap();
    let (head, said) = line.split_once("no mail is sent").unwrap();
    assert!(head.contains("WARN") && !said.contains(code), "{line}");
    let shown = master.api.get(&format!("{}/{id}", master.at("/whitelabel/emails"))).await;
    assert!(shown.data().get("pvt_code").is_none());
}

async fn a_relay_that_wants_a_password_gets_it(world: World) {
    let server = MailServer::relaying(&world);
    for (key, value) in [("username", "storefront"), ("password", "p w"), ("tls", "never")] {
        world.run(&["config", "set-default", "smtp_client", key, value]).ok();
    }
    let master = world.master().await;
    add(&master, "sales@brand.example").await;
    let plain = BASE64_STANDARD.encode("\0storefront\0p w");
    assert_eq!(server.next().commands[0], format!("AUTH PLAIN {plain}"));
}

async fn a_relay_that_is_not_there_is_no_fault_of_the_clients(world: World) {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    set_relay(&world, "127.0.0.1", closed.port());
    let master = world.master().await;
    add(&master, "sales@brand.example").await;
    world.server.wait_for_log("wasn't sent");
}
