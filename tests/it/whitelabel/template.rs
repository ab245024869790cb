//! The records that brands' domains are to have: as the system says, and for one domain.

use serde_json::{Value, json};
use storefront::platform::names;

use crate::support::world::World;

on_every_world! {
    the_records_are_told_for_the_accounts_domain_or_any_other,
    the_template_is_the_systems_to_set,
    a_template_must_make_sense,
}

const NONE: &str = "No domain found to use. Supply one on the request or create one via the whitelabel API";

fn template() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/domains.json")).unwrap()
}

fn for_domain(domain: &str) -> Value {
    serde_json::from_str(&include_str!("../../../fixtures/domains.json").replace("{{domain}}", domain)).unwrap()
}

async fn the_records_are_told_for_the_accounts_domain_or_any_other(world: World) {
    let master = world.master().await;
    let path = master.at("/whitelabel/domains");
    let none = json!({ "domain": { "required": { "message": NONE } } });
    master.api.get(&path).await.is_invalid(none.clone());
    world.api.get("/v2/whitelabel/domains").await.is_invalid(none);
    master.api.put(&master.at("/whitelabel"), json!({ "domain": "Own.example" })).await.is(201);
    let own = master.api.get(&path).await.is(200);
    assert_eq!(own.data(), for_domain("Own.example"));
    master.api.with("if-none-match", own.header("etag").unwrap()).get(&path).await.is_bare(304);
    let other = for_domain("some.realm.com");
    assert_eq!(master.api.get(&format!("{path}?domain=some.realm.com")).await.is(200).data(), other);
    for body in [json!({ "data": { "domain": "some.realm.com" } }), json!({ "data": {}, "domain": "some.realm.com" })] {
        assert_eq!(master.api.send("GET", &path, Some(body)).await.is(200).data(), other);
    }
    assert_eq!(world.api.get("/v2/whitelabel/domains?domain=some.realm.com").await.is(200).data(), other);
    // The data counts over the query, and that over what is beside the data.
    let asked = format!("{path}?domain=query.example");
    let body = json!({ "data": { "domain": "data.example" }, "domain": "beside.example" });
    assert_eq!(master.api.send("GET", &asked, Some(body)).await.is(200).data(), for_domain("data.example"));
    let body = json!({ "data": {}, "domain": "beside.example" });
    assert_eq!(master.api.send("GET", &asked, Some(body)).await.is(200).data(), for_domain("query.example"));
    // The first to ask has made it the system's.
    let stored = world.documents().get(&names::SYSTEM_CONFIG, "whitelabel").await.unwrap();
    assert_eq!(stored["default"]["domains"], template());
    master.api.get(&format!("{path}?domain={}", "d".repeat(254))).await.is(400);
}

async fn the_template_is_the_systems_to_set(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let set = json!({
        "A": { "sip.{{domain}}": { "mapping": ["192.0.2.1"], "name": "Proxy", "zone": "z" } },
        "CNAME": { "{{domain}}.{{domain}}": { "mapping": ["{{domain}}.x.{{domain}}"], "name": "Portal" } },
        "CNAM": {}, "TXT": {}, "CAA": { "{{domain}}": { "mapping": ["0 issue x"], "name": "n" } },
    });
    world.api.post("/v2/whitelabel/domains", set.clone()).await.is_unauthorized();
    child.api.post("/v2/whitelabel/domains", set.clone()).await.is_forbidden();
    let mut sent = set.clone();
    sent["ui_metadata"] = json!({ "ui": "monster-ui" });
    assert_eq!(master.api.post("/v2/whitelabel/domains", sent).await.is(200).data(), set);
    let told = json!({
        "A": { "sip.x.example": { "mapping": ["192.0.2.1"], "name": "Proxy", "zone": "z" } },
        "CNAME": { "x.example.x.example": { "mapping": ["x.example.x.x.example"], "name": "Portal" } },
        "CNAM": {}, "TXT": {}, "CAA": { "x.example": { "mapping": ["0 issue x"], "name": "n" } },
    });
    assert_eq!(child.api.get(&child.at("/whitelabel/domains?domain=x.example")).await.is(200).data(), told);
    // What isn't sent is gone.
    assert_eq!(master.api.post("/v2/whitelabel/domains", json!({ "A": {} })).await.is(200).data(), json!({ "A": {} }));
    let stored = world.documents().get(&names::SYSTEM_CONFIG, "whitelabel").await.unwrap();
    assert_eq!((&stored["default"]["domains"], &stored["pvt_type"]), (&json!({ "A": {} }), &json!("config")));
}

async fn a_template_must_make_sense(world: World) {
    let master = world.master().await;
    let entry = json!({ "mapping": ["x"], "name": "n" });
    for (bad, path) in [
        (json!({ "A": [] }), "A"),
        (json!({ "MX": "x" }), "MX"),
        (json!({ "CNAME": { "{{domain}}": { "mapping": [], "name": "n" } } }), "CNAME.{{domain}}.mapping"),
        (json!({ "CNAME": { "{{domain}}": { "mapping": ["x"] } } }), "CNAME.{{domain}}.name"),
        (json!({ "CNAME": { "portal.example": entry } }), "CNAME.portal%2Eexample"),
    ] {
        let said = master.api.post("/v2/whitelabel/domains", bad.clone()).await.is(400).json();
        assert_eq!(said["message"], "validation error");
        assert!(said["data"].get(path).is_some(), "{bad}: {said}");
    }
    master.api.post("/v2/whitelabel/domains", json!([])).await.is(400);
    assert_eq!(world.api.get("/v2/whitelabel/domains?domain=x.example").await.is(200).data(), for_domain("x.example"));
}
