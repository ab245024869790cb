//! Link My Cluster, Manage Cluster.

use serde_json::json;

use crate::support::{
    marketplace::{Market, link_request},
    reader::Reader,
    world::{MASTER, World},
};

const LINK: &str = "/settings/account/link-cluster";
const MANAGE: &str = "/settings/account/manage-cluster";

on_every_world! {
    an_access_code_is_generated_and_links_a_cluster,
    the_kazoo_version_is_chosen,
    a_cluster_is_disconnected_after_a_question,
    others_of_the_account_only_look,
}

/// R10, R11, R12
async fn an_access_code_is_generated_and_links_a_cluster(world: World) {
    let market = Market::on(world);
    market.early().await;
    let reader = Reader::master(&market).await;
    let steps = reader.get(LINK).await.is(200);
    steps.has("Kazoo 5.1 or newer").has("One cluster").has("App Exchange").has("Marketplace Connector").has("Link Your Cluster");
    steps.lacks("id=\"access-code\"");
    let shown = reader.submit(&steps, LINK, &[]).await.is(200);
    shown.has("data-copy=\"access-code\"");
    let code = json!(shown.between("id=\"access-code\">", "<"));
    reader.get(LINK).await.is(200).lacks(code.as_str().unwrap());
    market.api.post("connector/link", link_request(&code, "c1")).await.is(201);
    // There is one cluster only.
    reader.get(LINK).await.leads_to(MANAGE);
    reader.submit(&steps, LINK, &[]).await.is(409).has("The account has a linked cluster already.");
}

/// R13, R14
async fn the_kazoo_version_is_chosen(world: World) {
    let market = Market::on(world);
    let master = market.early().await;
    let reader = Reader::master(&market).await;
    reader.get(MANAGE).await.is(200).has("No cluster is linked").has(LINK);
    market.link(&master, "c1").await;
    let page = reader.get(MANAGE).await.is(200);
    page.has("<code>c1</code>").has("value=\"lab\"").has("<dd>5.1.7</dd>").has("https://api.lab.example:8443/v2/");
    page.has("Choose your Kazoo version below").has("<option value=\"5.1\">5.1</option>").has("Save Changes");
    let save = async |version: &str| reader.submit(&page, MANAGE, &[("name", " The lab "), ("kazoo_version", version)]).await;
    save("5.2").await.leads_to("/settings/account/manage-cluster?done=saved");
    let page = reader.get("/settings/account/manage-cluster?done=saved").await.is(200);
    page.has("Your changes were saved.").has("the one that the cluster reports (5.1.7)").has("value=\"The lab\"");
    page.has("<option value=\"5.2\" selected>");
    save("5.1").await.leads_to("/settings/account/manage-cluster?done=saved");
    reader.get(MANAGE).await.is(200).lacks("note warn").has("<option value=\"5.1\" selected>");
    save("4.3").await.is(400).has("be chosen");
    assert_eq!(master.get("account/cluster").await.json()["kazoo_version"], "5.1");
}

async fn a_cluster_is_disconnected_after_a_question(world: World) {
    let market = Market::on(world);
    let (master, cluster) = market.ready().await;
    let reader = Reader::master(&market).await;
    let action = "/settings/account/manage-cluster/disconnect";
    let question = reader.get(action).await.is(200);
    question.has("Disconnect lab from the marketplace?").has("Yes, Disconnect");
    cluster.get("connector").await.is(200);
    reader.submit(&question, action, &[]).await.leads_to("/settings/account/manage-cluster?done=disconnected");
    reader.get("/settings/account/manage-cluster?done=disconnected").await.is(200).has("The cluster was disconnected.");
    cluster.get("connector").await.is(401);
    assert_eq!(master.get("account/cluster").await.json()["linked"], false);
    reader.get(action).await.leads_to(MANAGE);
    reader.submit(&question, action, &[]).await.is(404);
}

/// R7
async fn others_of_the_account_only_look(world: World) {
    let session = world.master().await;
    let paul = world.user(&session, &session.account_id, MASTER[0], "paul", "user").await;
    let market = Market::on(world);
    let (master, _cluster) = market.ready().await;
    let reader = Reader::user(&market, MASTER[0], &paul).await;
    let page = reader.get(MANAGE).await.is(200);
    page.has("<code>c1</code>").has("Superduper admins can change this.").lacks("Disconnect…");
    reader.submit(&page, MANAGE, &[("name", "mine"), ("kazoo_version", "5.4")]).await.is(403);
    let question = reader.get("/settings/account/manage-cluster/disconnect").await.is(200);
    reader.submit(&question, "/settings/account/manage-cluster/disconnect", &[]).await.is(403);
    let cluster = master.get("account/cluster").await.json();
    assert_eq!((&cluster["name"], &cluster["kazoo_version"]), (&json!("lab"), &json!("5.1")));
}
