//! All of it, in the order in which a customer does it.

use crate::support::{browser::Browser, world::World};

use super::{ACCOUNT, PASSWORD, USER, fetch, furnished, link, listed};

/// R1, R2, R4, R5, R9 to R14, R19 to R23, R26, R27, R29 to R33, R35 to R40
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_found_bought_delivered_started_and_cancelled() {
    let market = furnished(World::embedded());
    let master = market.world.master().await;
    market.early().await;
    let browser = Browser::at(market.api.url()).await;

    // Looking around, without a login and without a price.
    browser.go("/").await;
    browser.sees("12 listings").await;
    browser.click(".filters a[href*='contact_center']").await;
    browser.press("Call Center").await;
    browser.sees("Queues, agents and waiting callers, live.").await;
    browser.find(".screenshots img").await;
    browser.press("Release Notes").await;
    browser.sees("Skills can be weighed.").await;
    browser.press("Pricing").await;
    browser.sees("Log in to see what it costs").await;
    assert!(!browser.text().await.contains('$'));

    // Logging in leads back to the price, and to what is missing.
    browser.click("main a[href^='/login']").await;
    browser.log_in(ACCOUNT, USER, PASSWORD).await;
    browser.sees("$199.00 a month").await;
    browser.sees("plus $9.00 for each agent").await;
    browser.sees("Prices are base prices").await;
    browser.sees("Link your cluster first.").await;
    assert!(!browser.find(".plan button").await.is_enabled().await.unwrap());

    // Linking the cluster.
    browser.click("details.account summary").await;
    browser.press("Manage Account").await;
    browser.sees("You haven't linked a cluster to this account yet.").await;
    browser.press("Link My Cluster").await;
    browser.press("Generate Access Code").await;
    let code = browser.find("#access-code").await.text().await.unwrap();
    browser.press("Copy").await;
    browser.sees("Copied").await;
    link(&master, &code).await;
    browser.press("Manage Cluster").await;
    browser.sees("https://api.lab.example:8443/v2/").await;
    browser.sees("Until then no application can be delivered.").await;
    assert_eq!(browser.find("#name").await.value().await.unwrap().unwrap(), "Zwicky");
    browser.choose("Kazoo version", "5.4").await;
    browser.press("Save Changes").await;
    browser.sees("Your changes were saved.").await;

    // Buying.
    browser.go("/products/call-center/pricing").await;
    browser.click(".plan:first-child button").await;
    browser.sees("Confirm your plan").await;
    browser.sees("You may use Call Center on the cluster that it is delivered to").await;
    browser.click("input[name=accept]").await;
    browser.click("form[action$='/buy'] button").await;
    browser.sees("Your purchase is confirmed").await;
    browser.sees("It's on its way").await;
    assert!(listed(&master, "acdc").await.is_none());
    fetch(&market.world);
    // The page finds out by itself.
    browser.sees("It has been delivered to your cluster.").await;

    // The app is there, and says how it's started.
    let app = listed(&master, "acdc").await.expect("it's in the catalogue");
    assert_eq!(app["i18n"]["en-US"]["label"], "Call Center");
    let icon = master.api.get(&format!("/v2/apps_store/{}/icon", app["id"].as_str().unwrap())).await.is(200);
    assert!(icon.header("content-type").unwrap().starts_with("image/svg+xml"));
    // The master account is offered everything, published or not; others show which it is.
    let child = market.world.account(&master, "Child").await;
    assert!(listed(&child, "acdc").await.is_some());
    browser.click("main a[href^='/settings/account/apps']").await;
    browser.sees("Present on your cluster").await;
    browser.sees("sup kapps_controller start_app acdc").await;
    browser.sees("SSH").await;
    browser.sees("Scripts tab").await;
    browser.sees("all-in-one").await;

    // The chevron closes and opens the details.
    browser.click("details.about > summary").await;
    assert!(!browser.text().await.contains("start_app acdc"));

    // Cancelling.
    browser.click("details.more summary").await;
    browser.press("Cancel subscription").await;
    browser.sees("Cancel the subscription to Call Center?").await;
    browser.press("Yes, Proceed").await;
    browser.sees("The subscription was cancelled. It stays in this list.").await;
    browser.sees("Cancelled").await;
    browser.sees("Waiting for your cluster to remove it").await;
    fetch(&market.world);
    assert!(listed(&child, "acdc").await.is_none());
    browser.go("/settings/account/apps?open=call-center.1").await;
    browser.sees("Removed from your cluster").await;
    browser.quit().await;
}
