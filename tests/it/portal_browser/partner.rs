//! A partner's listing.

use crate::support::world::World;

use super::{furnished, logged_in};

/// R24, R26, R27, R28
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partners_listing_leads_to_the_partners_own_page() {
    let world = World::embedded();
    let boss = world.account(&world.master().await, "Child").await;
    let market = furnished(world);
    let browser = logged_in(&market, "Child", &boss.username, &boss.password).await;
    browser.go("/?kind=affiliated").await;
    browser.press("Textline").await;
    browser.press("See pricing").await;
    browser.sees("plus $5.00 for each user").await;
    browser.click(".plan button").await;
    browser.sees("Confirm your plan").await;
    // Without accepting the licence the browser doesn't even send it.
    browser.click("form[action$='/buy'] button").await;
    browser.sees("Confirm your plan").await;
    browser.click("input[name=accept]").await;
    browser.click("form[action$='/buy'] button").await;
    browser.is_at("https://").await;
    browser.go("/settings/account/apps").await;
    browser.sees("Textline").await;
    browser.sees("Active").await;
    browser.click("details.about > summary").await;
    browser.sees("Continue at the partner").await;
    browser.quit().await;
}
