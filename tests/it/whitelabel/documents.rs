//! An account's brand: written, shown, replaced, removed.

use serde_json::{Value, json};
use storefront::platform::names;

use crate::support::world::{Session, World};

on_every_world! {
    a_brand_is_made_shown_replaced_and_removed,
    what_nobody_knows_is_kept,
    what_is_private_is_not_a_clients_to_set,
    a_domain_stands_on_both_copies_of_the_account,
    what_is_wrong_is_told,
    only_admins_of_the_account_and_those_above_may_write,
    conditions_are_kept,
    what_is_no_brand_is_not_shown_as_one,
    a_brand_tells_when_it_was_made_and_changed,
    what_5_4_adds_is_checked,
}

async fn people(world: &World) -> (Session, Session) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    (master, child)
}

fn missing() -> Value {
    json!({ "cause": "whitelabel", "message": "bad identifier" })
}

async fn a_brand_is_made_shown_replaced_and_removed(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    child.api.get(&path).await.is_error(404, "bad_identifier", missing());
    child.api.post(&path, json!({ "company_name": "X" })).await.is_error(404, "bad_identifier", missing());
    child.api.delete(&path).await.is_error(404, "bad_identifier", missing());

    let made = child.api.put(&path, json!({ "company_name": "Brand", "domain": "WL.brand.example" })).await.is(201);
    let mut brand = json!({
        "company_name": "Brand", "domain": "WL.brand.example", "hide_credits": false, "hide_powered": false,
        "hide_registration": false, "id": "whitelabel",
    });
    assert_eq!(made.data(), brand);
    assert_eq!(made.header("location"), Some(format!("{path}/whitelabel").as_str()));
    let shown = child.api.get(&path).await.is(200);
    assert_eq!((shown.data(), &shown.json()["revision"]), (brand.clone(), &made.json()["revision"]));
    child.api.put(&path, json!({})).await.is_error(409, "datastore_conflict", json!({ "message": "conflicting documents" }));

    // Visitors find it under its domain, in any case; under another, nothing.
    for domain in ["wl.brand.example", "WL.Brand.EXAMPLE"] {
        let visited = world.api.get(&format!("/v2/whitelabel/{domain}?_=1700000000000")).await.is(200);
        assert_eq!((visited.data(), &visited.json()["page_size"]), (brand.clone(), &json!(1)));
        assert_eq!(visited.header("etag"), shown.header("etag"));
        world.api.token("undefined").get(&format!("/v2/whitelabel/{domain}")).await.is(200);
    }
    for other in ["brand.example", "x.wl.brand.example", "wl.brand.example:8000"] {
        let answer = world.api.get(&format!("/v2/whitelabel/{other}")).await;
        answer.is_error(404, "bad_identifier", json!({ "cause": other, "message": "bad identifier" }));
    }
    // Below an account it's the account's own, whatever domain stands there.
    assert_eq!(child.api.get(&format!("{path}/other.example")).await.is(200).data(), brand);

    let replaced = child.api.post(&path, json!({ "domain": "wl.brand.example", "hide_powered": true })).await.is(200);
    brand["hide_powered"] = json!(true);
    brand["domain"] = json!("wl.brand.example");
    brand.as_object_mut().unwrap().remove("company_name");
    assert_eq!(replaced.data(), brand);

    let deleted =
        child.api.send("DELETE", &path, Some(json!({ "data": { "ui_metadata": { "ui": "monster-ui" } } }))).await.is(200);
    assert_eq!(deleted.json()["revision"], replaced.json()["revision"]);
    brand["_read_only"] = json!({ "deleted": true });
    assert_eq!(deleted.data(), brand);
    child.api.get(&path).await.is_error(404, "bad_identifier", missing());
    world.api.get("/v2/whitelabel/wl.brand.example").await.is(404);
    let again = child.api.put(&path, json!({ "domain": "wl.brand.example" })).await.is(201);
    let number = |revision: &Value| revision.as_str().unwrap().split('-').next().unwrap().parse::<u32>().unwrap();
    assert!(number(&again.json()["revision"]) > number(&replaced.json()["revision"]));
    child.api.patch(&path, json!({})).await.is(405);
}

async fn what_nobody_knows_is_kept(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    let free = json!({
        "applicationTitle": "Brand", "brandColor": "#ff0000", "appLinks": { "https://x.example": { "i18n": { "en-US": { "label": "X" } } } },
        "custom_welcome_message": "Hello\nthere", "port": { "authority": "a", "carriers": ["x"] }, "hide_port": true, "sso_providers": [],
        "ui_metadata": { "ui": "monster-ui", "origin": "branding" }, "unknown": { "x": [1, null, { "y": 2.5 }] },
    });
    child.api.put(&path, free.clone()).await.is(201);
    let shown = child.api.get(&path).await.data();
    for (key, value) in free.as_object().unwrap() {
        assert_eq!(&shown[key], value, "{key}");
    }
    // What another program put there survives a replacement if it's private, as it isn't the client's.
    world
        .edit(&child.db(), "whitelabel", |doc| {
            doc.insert("pvt_theirs".into(), json!({ "a": 1 }));
        })
        .await;
    child.api.post(&path, json!({})).await.is(200);
    let stored = world.documents().get(&child.db(), "whitelabel").await.unwrap();
    assert_eq!((stored.get("pvt_theirs"), stored.get("unknown")), (Some(&json!({ "a": 1 })), None));
}

async fn what_is_private_is_not_a_clients_to_set(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    let sneaky =
        json!({ "_id": "other", "id": "other", "pvt_type": "user", "pvt_account_id": "x", "_attachments": { "logo": {} } });
    assert_eq!(child.api.put(&path, sneaky.clone()).await.is(201).data()["id"], "whitelabel");
    child.api.post(&path, sneaky).await.is(200);
    let stored = world.documents().get(&child.db(), "whitelabel").await.unwrap();
    assert_eq!(stored["pvt_type"], "whitelabel");
    assert_eq!(stored["pvt_account_id"], child.account_id.as_str());
    assert_eq!(stored["pvt_auth_user_id"], child.user_id.as_str());
    assert!(stored["pvt_account_db"].as_str().unwrap().starts_with("account%2F"));
    assert!(stored.get("_attachments").is_none());
}

async fn a_domain_stands_on_both_copies_of_the_account(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    let domains = async || {
        let store = world.documents();
        let (own, copy) = (child.db(), &names::ACCOUNTS);
        let own = store.get(&own, &child.account_id).await.unwrap().get("pvt_whitelabel_domain").cloned();
        assert_eq!(own, store.get(copy, &child.account_id).await.unwrap().get("pvt_whitelabel_domain").cloned());
        own
    };
    assert_eq!(domains().await, None);
    child.api.put(&path, json!({ "domain": "One.example" })).await.is(201);
    assert_eq!(domains().await, Some(json!("One.example")));
    child.api.post(&path, json!({ "domain": "two.example" })).await.is(200);
    assert_eq!(domains().await, Some(json!("two.example")));
    world.api.get("/v2/whitelabel/one.example").await.is(404);
    world.api.get("/v2/whitelabel/two.example").await.is(200);
    child.api.post(&path, json!({ "company_name": "Nowhere" })).await.is(200);
    assert_eq!(domains().await, None);
    world.api.get("/v2/whitelabel/two.example").await.is(404);
    child.api.post(&path, json!({ "domain": "three.example" })).await.is(200);
    // An account that's edited keeps its domain.
    child.api.patch(&child.at(""), json!({ "name": "Renamed" })).await.is(200);
    assert_eq!(domains().await, Some(json!("three.example")));
    child.api.delete(&path).await.is(200);
    assert_eq!(domains().await, None);
}

async fn what_is_wrong_is_told(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    let number = json!({ "message": "Value did not match type(s): string", "target": "string", "value": 5 });
    child.api.put(&path, json!({ "domain": 5 })).await.is_invalid(json!({ "domain": { "type": number } }));
    let long = format!("{}.example", "d".repeat(64));
    for domain in [
        "",
        "not a domain!",
        "  wl.example ",
        "wl.example:8000",
        "http://wl.example",
        "wl..example",
        "logo",
        "Domains",
        "ü.example",
        &long,
    ] {
        let format = json!({ "message": "White label domain must be a host name", "cause": domain });
        child.api.put(&path, json!({ "domain": domain })).await.is_invalid(json!({ "domain": { "wrong_format": format } }));
    }
    let both = child.api.put(&path, json!({ "domain": "!", "company_name": 1 })).await.is(400).json();
    assert_eq!(both["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["company_name", "domain"]);
    for data in [json!([]), json!({ "nav": { "help": 1 } }), json!({ "port": "x" }), json!({ "hide_credits": "perhaps" })] {
        child.api.put(&path, data).await.is(400);
    }
    child.api.get(&path).await.is(404);
    assert!(world.documents().get(&child.db(), &child.account_id).await.unwrap().get("pvt_whitelabel_domain").is_none());
}

async fn only_admins_of_the_account_and_those_above_may_write(world: World) {
    let (master, child) = people(&world).await;
    let stranger = world.account(&master, "Stranger").await;
    let plain = world.user(&child, &child.account_id, "Child", "plain", "user").await;
    let path = child.at("/whitelabel");
    child.api.put(&path, json!({ "domain": "wl.example" })).await.is(201);
    for (method, path) in
        [("PUT", path.clone()), ("POST", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/logo"))]
    {
        let body = || Some(json!({ "data": {} }));
        world.api.send(method, &path, body()).await.is_unauthorized();
        stranger.api.send(method, &path, body()).await.is_forbidden();
        plain.api.send(method, &path, body()).await.is_forbidden();
    }
    for path in [path.clone(), format!("{path}/domains"), format!("{path}/wl.example")] {
        world.api.get(&path).await.is_unauthorized();
        stranger.api.get(&path).await.is_forbidden();
        plain.api.get(&path).await.is(200);
    }
    master.api.post(&path, json!({ "domain": "wl.example", "company_name": "From above" })).await.is(200);
    assert_eq!(world.api.get("/v2/whitelabel/wl.example").await.data()["company_name"], "From above");
    master
        .api
        .get("/v2/whitelabel")
        .await
        .is_invalid(json!({ "account_id": { "required": { "message": "account ID is required in url" } } }));
}

async fn conditions_are_kept(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    child.api.put(&path, json!({ "domain": "wl.example" })).await.is(201);
    let old = child.api.get(&path).await.header("etag").unwrap().to_owned();
    for path in [path.as_str(), "/v2/whitelabel/wl.example"] {
        child.api.with("if-none-match", &old).get(path).await.is_bare(304);
    }
    child.api.with("if-match", &old).post(&path, json!({ "domain": "wl.example" })).await.is(200);
    child.api.with("if-match", &old).post(&path, json!({ "domain": "other.example" })).await.is_bare(412);
    child.api.with("if-match", &old).delete(&path).await.is_bare(412);
    world.api.get("/v2/whitelabel/wl.example").await.is(200);
    world.api.get("/v2/whitelabel/other.example").await.is(404);
}

async fn what_is_no_brand_is_not_shown_as_one(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    child.api.put(&path, json!({ "domain": "wl.example" })).await.is(201);
    world.edit(&child.db(), "whitelabel", |doc| drop(doc.insert("pvt_type".into(), json!("other")))).await;
    child.api.get(&path).await.is_error(404, "bad_identifier", missing());
    child.api.post(&path, json!({})).await.is_error(404, "bad_identifier", missing());
    child.api.delete(&path).await.is_error(404, "bad_identifier", missing());
    child.api.raw("POST", &format!("{path}/logo"), Some("image/png"), "x").await.is_error(404, "bad_identifier", missing());
    child.api.put(&path, json!({})).await.is(409);
    world.api.get("/v2/whitelabel/wl.example").await.is(404);
    world.api.get("/v2/whitelabel/wl.example/logo").await.is(404);
}

async fn a_brand_tells_when_it_was_made_and_changed(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    let made = child.api.put(&path, json!({ "domain": "wl.example" })).await.is(201).json();
    let metadata = &made["metadata"];
    assert_eq!((&metadata["id"], &metadata["created"]), (&json!("whitelabel"), &metadata["modified"]));
    assert!(metadata["created"].as_u64().unwrap() > 63_000_000_000, "{metadata}");
    for shown in [child.api.get(&path).await, world.api.get("/v2/whitelabel/wl.example").await] {
        assert_eq!(&shown.json()["metadata"], metadata);
    }
    for changed in [
        child.api.post(&path, json!({ "domain": "wl.example" })).await,
        child.api.raw("POST", &format!("{path}/logo"), Some("image/png"), "x").await,
    ] {
        let changed = changed.is(200).json();
        assert_eq!((&changed["metadata"]["id"], &changed["metadata"]["created"]), (&metadata["id"], &metadata["created"]));
    }
    let deleted = child.api.delete(&path).await.is(200).json();
    assert_eq!((&deleted["metadata"]["deleted"], &deleted["data"]["_read_only"]["deleted"]), (&json!(true), &json!(true)));
}

async fn what_5_4_adds_is_checked(world: World) {
    let (_, child) = people(&world).await;
    let path = child.at("/whitelabel");
    let downloads = json!({ "deb": "d", "mac": "m", "rpm": "r", "windows": "w" });
    let told = json!({ "commland": { "downloads": downloads }, "conference_public_domain": "meet.example" });
    let shown = child.api.put(&path, told.clone()).await.is(201).data();
    assert_eq!((&shown["commland"], &shown["conference_public_domain"]), (&told["commland"], &told["conference_public_domain"]));
    for (wrong, key) in [
        (json!({ "commland": { "downloads": { "deb": 1 } } }), "commland.downloads.deb"),
        (json!({ "commland": { "downloads": [] } }), "commland.downloads"),
        (json!({ "commland": "x" }), "commland"),
        (json!({ "conference_public_domain": 1 }), "conference_public_domain"),
    ] {
        let said = child.api.post(&path, wrong).await.is(400).json();
        assert!(said["data"][key]["type"].is_object(), "{said}");
    }
}
