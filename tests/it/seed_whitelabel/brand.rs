//! Creating, fetching, modifying and deleting a whitelabel document.

use serde_json::json;

use super::{curl, document, reseller};
use crate::support::world::World;

on_every_world! {
    a_whitelabel_is_created_fetched_modified_and_deleted,
    every_documented_key_has_its_type_and_default,
}

async fn a_whitelabel_is_created_fetched_modified_and_deleted(world: World) {
    let reseller = reseller(&world).await;
    let path = reseller.at("/whitelabel");
    let shown = json!({
        "company_name": "My VoIP Reseller Company", "domain": "mydomain.com",
        "hide_credits": false, "hide_powered": false, "hide_registration": false, "id": "whitelabel",
    });
    assert_eq!(curl(&reseller.api, "PUT", &path, &document()).await.is(201).data(), shown);
    let fetched = reseller.api.get(&path).await.is(200);
    assert_eq!(fetched.data(), shown);
    for key in ["auth_token", "request_id", "revision", "status"] {
        assert!(fetched.json()[key].is_string(), "{key}");
    }
    assert_eq!(world.api.get("/v2/whitelabel/mydomain.com").await.is(200).data(), shown);
    assert_eq!(curl(&reseller.api, "POST", &path, &document()).await.is(200).data(), shown);
    reseller.api.delete(&path).await.is(200);
    reseller.api.get(&path).await.is(404);
    world.api.get("/v2/whitelabel/mydomain.com").await.is(404);
}

async fn every_documented_key_has_its_type_and_default(world: World) {
    let reseller = reseller(&world).await;
    let path = reseller.at("/whitelabel");
    let all = json!({
        "company_name": "c", "domain": "d.example", "fake_api_url": "http://a.example", "hide_credits": true, "hide_powered": true,
        "hide_registration": true, "inbound_trunks_price": "1", "outbound_trunks_price": "2", "twoway_trunks_price": "3",
        "nav": { "help": "http://h.example", "learn_more": "http://l.example" },
        "port": {
            "authority": ["a", "b"], "features": "http://f.example", "loa": "http://l.example", "resporg": "http://r.example",
            "support_email": "s@d.example", "terms": "http://t.example",
        },
    });
    let mut shown = curl(&reseller.api, "PUT", &path, &json!({ "data": all })).await.is(201).data();
    shown.as_object_mut().unwrap().remove("id");
    assert_eq!(shown, all);
    for wrong in [
        json!({ "company_name": 1 }),
        json!({ "domain": [] }),
        json!({ "fake_api_url": 1 }),
        json!({ "hide_credits": "x" }),
        json!({ "hide_powered": 2 }),
        json!({ "hide_registration": {} }),
        json!({ "inbound_trunks_price": 1 }),
        json!({ "outbound_trunks_price": 1 }),
        json!({ "twoway_trunks_price": 1 }),
        json!({ "nav": [] }),
        json!({ "nav": { "help": 1 } }),
        json!({ "nav": { "learn_more": 1 } }),
        json!({ "port": 1 }),
        json!({ "port": { "authority": 1 } }),
        json!({ "port": { "features": 1 } }),
        json!({ "port": { "loa": 1 } }),
        json!({ "port": { "resporg": 1 } }),
        json!({ "port": { "support_email": 1 } }),
        json!({ "port": { "terms": 1 } }),
    ] {
        let answer = curl(&reseller.api, "POST", &path, &json!({ "data": wrong })).await;
        assert_eq!((answer.status, &answer.json()["message"]), (400, &json!("validation error")), "{wrong}");
    }
}
