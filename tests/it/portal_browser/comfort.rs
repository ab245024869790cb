//! Phones, keyboards, and what the browser itself complains of.

use serde_json::json;

use crate::support::world::World;

use super::{ACCOUNT, PASSWORD, USER, furnished, logged_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_fit_a_phone_and_name_their_fields() {
    let market = furnished(World::embedded());
    let (master, _cluster) = market.ready().await;
    let order = json!({
        "listing": "call-center", "plan_id": "standard", "license_version": "1", "license_accepted": true, "idempotency_key": "k",
    });
    master.post("orders", order).await.is(202);
    let browser = logged_in(&market, ACCOUNT, USER, PASSWORD).await;
    browser.becomes_a_phone().await;
    for path in [
        "/",
        "/products/call-center",
        "/products/call-center/pricing",
        "/products/wallboard/buy?plan=licence",
        "/docs",
        "/settings/account",
        "/settings/account/manage-cluster",
        "/settings/account/apps",
        "/nowhere",
    ] {
        browser.go(path).await;
        browser.find("h1").await;
        let width = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        assert_eq!(browser.evaluate(width).await, json!(true), "{path} is wider than a phone");
        let nameless = "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]\
                        .filter((field) => !field.labels.length).length";
        assert_eq!(browser.evaluate(nameless).await, json!(0), "{path} has a field without a label");
        let unheaded = "return document.querySelectorAll('h1').length";
        assert_eq!(browser.evaluate(unheaded).await, json!(1), "{path}");
    }
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_menu_opens_and_closes_by_keyboard() {
    let market = furnished(World::embedded());
    let browser = logged_in(&market, ACCOUNT, USER, PASSWORD).await;
    let summary = browser.find("details.account summary").await;
    summary.send_keys("\n").await.unwrap();
    browser.find("details.account[open]").await;
    browser.find("details.account a").await.send_keys(thirtyfour::Key::Escape + "").await.unwrap();
    browser.find("details.account:not([open])").await;
    let focused = "return document.activeElement.tagName";
    assert_eq!(browser.evaluate(focused).await, json!("SUMMARY"));
    browser.click("details.account summary").await;
    browser.press("Log Out").await;
    browser.sees("Log In").await;
    browser.quit().await;
}
