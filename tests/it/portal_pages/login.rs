//! Logging in and out.

use serde_json::json;

use crate::support::{
    marketplace::Market,
    reader::Reader,
    world::{MASTER, World},
};

on_every_world! {
    whoever_logs_in_sees_his_account_and_comes_back_to_where_he_was,
    a_wrong_login_says_so_and_keeps_what_was_typed,
    somebody_who_tries_too_often_has_to_wait,
    logging_out_ends_the_session,
    pages_of_an_account_ask_for_a_login,
}

/// R2, R4
async fn whoever_logs_in_sees_his_account_and_comes_back_to_where_he_was(world: World) {
    let market = Market::on(world);
    let reader = Reader::of(&market);
    let form = reader.get("/login?next=%2Fdocs%3Fa%3Db%26c").await.is(200);
    let [account, _, user, password] = MASTER;
    let fields = [("account_name", account), ("username", user), ("password", password)];
    reader.submit(&form, "/login", &fields).await.leads_to("/docs?a=b&c");
    let front = reader.get("/").await.is(200);
    front.has("<span class=\"name\">Master Co.</span>").has("href=\"/settings/account\">Manage Account").has("Superduper admin");
    front.lacks("Log In");
    reader.get("/login").await.leads_to("/");
}

async fn a_wrong_login_says_so_and_keeps_what_was_typed(world: World) {
    let market = Market::on(world);
    let reader = Reader::of(&market);
    let [account, _, user, password] = MASTER;
    let refused = reader.log_in("<b>\"Nobody\"", "a&b", "secret-that-is-wrong").await.is(403);
    refused.has("Account name, user name or password is wrong.").has("value=\"&#60;b&#62;&#34;Nobody&#34;\"");
    refused.has("value=\"a&#38;b\"").lacks("secret-that-is-wrong").lacks("<b>\"");
    assert!(!reader.cookies().contains_key("session"));
    // Nobody is sent elsewhere by a login.
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let form = reader.get("/login").await.is(200);
        let fields = [("account_name", account), ("username", user), ("password", password), ("next", next)];
        let one = Reader::of(&market);
        one.set_cookie("guest", &reader.cookies()["guest"]);
        let csrf = form.between("name=\"csrf\" value=\"", "\"");
        one.post("/login", &[&fields[..], &[("csrf", csrf)]].concat()).await.leads_to("/");
    }
    reader.log_in("", user, password).await.is(400).has("Account name is missing.");
}

/// R43
async fn somebody_who_tries_too_often_has_to_wait(world: World) {
    let market = Market::on(world);
    let reader = Reader::of(&market);
    for _ in 0..30 {
        let page = reader.log_in("Nobody", "nobody", "wrong").await;
        if page.status == 429 {
            page.has("too many attempts");
            assert!(page.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
            return;
        }
        page.is(403);
    }
    panic!("thirty wrong logins weren't too many");
}

async fn logging_out_ends_the_session(world: World) {
    let market = Market::on(world);
    let reader = Reader::master(&market).await;
    let session = reader.cookies()["session"].clone();
    let front = reader.get("/").await;
    reader.submit(&front, "/logout", &[]).await.leads_to("/");
    assert!(!reader.cookies().contains_key("session"));
    reader.get("/").await.has("Log In").lacks("Master Co.");
    // Not only the cookie is gone.
    reader.set_cookie("session", &session);
    reader.get("/settings/account").await.leads_to("/login?next=%2Fsettings%2Faccount");
    assert!(!reader.cookies().contains_key("session"));
    market.api.bearer(&session).get("me").await.is(401);
}

async fn pages_of_an_account_ask_for_a_login(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let reader = Reader::of(&market);
    for path in [
        "/settings/account",
        "/settings/account/link-cluster",
        "/settings/account/manage-cluster",
        "/settings/account/manage-cluster/disconnect",
        "/settings/account/apps",
        "/settings/account/apps/alpha.1/cancel",
        "/settings/account/apps/alpha.1/refund",
        "/products/alpha/buy?plan=basic",
        "/orders/00000000000000000000000000000000",
    ] {
        let to = url::form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
        reader.get(path).await.leads_to(&format!("/login?next={to}"));
    }
}
