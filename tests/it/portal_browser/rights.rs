//! What those may not do who are no superduper admins.

use crate::support::{browser::Browser, world::World};

use super::{ACCOUNT, furnished, logged_in};

/// R3, R6, R7, R25, R48
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_neither_link_a_cluster_nor_buy_for_it() {
    let world = World::embedded();
    let master = world.master().await;
    let boss = world.account(&master, "Child").await;
    let paul = world.user(&master, &master.account_id, ACCOUNT, "paul", "user").await;
    let market = furnished(world);
    market.early().await;
    for (account, user, may_buy) in [("Child", &boss, true), (ACCOUNT, &paul, false)] {
        let browser = logged_in(&market, account, &user.username, &user.password).await;
        browser.go("/settings/account").await;
        browser.sees("Only an admin of the cluster's top-level account can do this.").await;
        is_off(&browser, "button[aria-describedby=why]").await;
        browser.go("/settings/account/link-cluster").await;
        is_off(&browser, "form[action$='link-cluster'] button").await;
        browser.go("/products/wallboard/pricing").await;
        browser.sees("$299.00 once").await;
        is_off(&browser, ".plan button").await;
        browser.go("/products/textline/pricing").await;
        browser.sees("$39.00 a month").await;
        if may_buy {
            assert!(browser.find(".plan button").await.is_enabled().await.unwrap());
        } else {
            is_off(&browser, ".plan button").await;
            browser.sees("Only an admin of the account can buy.").await;
        }
        browser.quit().await;
    }
}

async fn is_off(browser: &Browser, css: &str) {
    assert!(!browser.find(css).await.is_enabled().await.unwrap(), "{css}");
}
