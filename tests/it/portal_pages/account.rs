//! Manage Account.

use serde_json::json;

use crate::support::{
    marketplace::Market,
    reader::Reader,
    world::{MASTER, World},
};

on_every_world! {
    an_account_without_a_cluster_is_invited_to_link_one,
    whoever_may_not_link_is_told_why,
    admins_change_how_the_customer_is_reached,
}

/// R5, R35
async fn an_account_without_a_cluster_is_invited_to_link_one(world: World) {
    let market = Market::on(world);
    market.early().await;
    let reader = Reader::master(&market).await;
    let page = reader.get("/settings/account").await.is(200);
    page.has("linked a cluster to this account yet").has("href=\"/settings/account/link-cluster\">Link My Cluster</a>");
    page.has("href=\"/settings/account/apps\">Manage My Apps</a>").has("superduper admin");
    market.link(&market.master().await, "c1").await;
    let page = reader.get("/settings/account").await.is(200);
    page.has("<strong>lab</strong> is linked since").lacks("linked a cluster to this account yet");
}

/// R3, R6, R7, R47
async fn whoever_may_not_link_is_told_why(world: World) {
    let session = world.master().await;
    let boss = world.account(&session, "Child").await;
    let paul = world.user(&session, &session.account_id, MASTER[0], "paul", "user").await;
    let set = ["config", "set-default", "marketplace", "contact", "market@operator.example"];
    world.run(&set).ok();
    let market = Market::on(world);
    let master = Reader::master(&market).await;
    let page = master.get("/settings/account").await.is(200);
    page.has("early access customers")
        .has("href=\"mailto:market@operator.example\"")
        .lacks("href=\"/settings/account/link-cluster\"");
    page.has("disabled aria-describedby=\"why\">Link My Cluster");
    market.early().await;
    for (account, user) in [("Child", &boss), (MASTER[0], &paul)] {
        let reader = Reader::user(&market, account, user).await;
        let page = reader.get("/settings/account").await.is(200);
        page.has("top-level account").has("disabled aria-describedby=\"why\">Link My Cluster");
        let form = reader.get("/settings/account/link-cluster").await.is(200);
        form.has("disabled aria-describedby=\"why\">Generate Access Code");
        // Nor by sending the form all the same.
        reader.submit(&form, "/settings/account/link-cluster", &[]).await.is(403).has("You may not do this").lacks("access-code");
    }
}

async fn admins_change_how_the_customer_is_reached(world: World) {
    let session = world.master().await;
    let paul = world.user(&session, &session.account_id, MASTER[0], "paul", "user").await;
    let market = Market::on(world);
    let reader = Reader::master(&market).await;
    let page = reader.get("/settings/account").await.is(200);
    let fields = [("company", "Zwicky & Söhne"), ("name", "Lucy"), ("email", "lucy@zwicky.example"), ("phone", "+1 555 0100")];
    let saved = reader.submit(&page, "/settings/account", &fields).await;
    saved.leads_to("/settings/account?done=saved");
    let page = reader.get("/settings/account?done=saved").await.is(200);
    page.has("value=\"Zwicky &#38; Söhne\"").has("The contact details were saved.");
    let contact = market.master().await.get("account").await.is(200).json()["contact"].clone();
    assert_eq!(
        contact,
        json!({ "name": "Lucy", "email": "lucy@zwicky.example", "phone": "+1 555 0100", "company": "Zwicky & Söhne" })
    );
    let user = Reader::user(&market, MASTER[0], &paul).await;
    user.get("/settings/account").await.is(200).has("Zwicky").lacks("Save Changes");
}
