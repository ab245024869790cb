//! The schemas that bodies are held against.

use serde_json::json;
use storefront::platform::names;

use crate::support::world::World;

on_every_world! {
    schemas_are_listed_and_shown_to_anybody,
    data_can_be_held_against_a_schema_beforehand,
}

async fn schemas_are_listed_and_shown_to_anybody(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let put = async |doc: serde_json::Value| {
        world.documents().put(&names::SYSTEM_SCHEMAS, doc.as_object().unwrap()).await.unwrap();
    };
    put(json!({ "_id": "kapi.route.req", "type": "object" })).await;
    put(json!({ "_id": "Zoo", "type": "object", "pvt_vsn": "1" })).await;
    put(json!({ "_id": "gone", "type": "object", "pvt_deleted": true })).await;
    let list = world.api.get("/v2/schemas").await.is(200).data();
    let list: Vec<_> = list.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(list.is_sorted() && list.contains(&"accounts") && list.contains(&"token_restrictions") && list[0] == "Zoo");
    assert!(!list.contains(&"kapi.route.req"));
    for wanted in ["internals=true", "internals", "internals=yes", "internals=1"] {
        let with = world.api.get(&format!("/v2/schemas?{wanted}")).await.is(200).data();
        assert!(with.as_array().unwrap().contains(&json!("kapi.route.req")), "{wanted}");
    }
    assert_eq!(child.api.get(&child.at("/schemas")).await.is(200).data(), json!(list));
    let shown = world.api.token("undefined").get("/v2/schemas/Zoo").await.is(200);
    assert_eq!(shown.data(), json!({ "type": "object", "id": "Zoo" }));
    let tag = shown.header("etag").unwrap();
    assert_eq!(tag.trim_matches('"'), shown.json()["revision"]);
    world.api.with("if-none-match", tag).get("/v2/schemas/Zoo").await.is(304);
    for missing in ["nosuch", "gone"] {
        let cause = json!({ "cause": missing, "message": "bad identifier" });
        world.api.get(&format!("/v2/schemas/{missing}")).await.is_error(404, "bad_identifier", cause);
    }
    for path in ["/v2/schemas/Zoo/nosuch", "/v2/schemas/Zoo/validation/more"] {
        child.api.get(path).await.is_not_found();
    }
    world.api.post("/v2/schemas/Zoo", json!({})).await.is(405);
}

async fn data_can_be_held_against_a_schema_beforehand(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let path = "/v2/schemas/whitelabel/validation";
    let data = json!({ "domain": "a.example", "hide_powered": "true", "_id": "x", "pvt_x": 1 });
    let checked = master.api.put(path, data.clone()).await.is(201).data();
    let expected = json!({ "domain": "a.example", "hide_powered": true, "hide_credits": false, "hide_registration": false });
    assert_eq!(checked, expected);
    let told = json!({ "type": { "message": "Value did not match type(s): string", "target": "string", "value": 5 } });
    master.api.put(path, json!({ "domain": 5 })).await.is_invalid(json!({ "domain": told }));
    // Without an account in the path only superduper admins may ask.
    child.api.put(path, data.clone()).await.is_forbidden();
    world.api.put(path, data.clone()).await.is_unauthorized();
    child.api.put(&child.at("/schemas/whitelabel/validation"), data.clone()).await.is(201);
    let referring = json!({ "_id": "referring", "type": "object", "properties": { "a": { "$ref": "nosuch" } } });
    let gone = json!({ "_id": "gone", "type": "object", "pvt_deleted": true });
    for doc in [referring, gone] {
        world.documents().put(&names::SYSTEM_SCHEMAS, doc.as_object().unwrap()).await.unwrap();
    }
    for (name, cause) in [("nosuch", "nosuch"), ("gone", "gone"), ("referring", "nosuch")] {
        let cause = json!({ "cause": cause, "message": "bad identifier" });
        let answer = master.api.put(&format!("/v2/schemas/{name}/validation"), data.clone()).await;
        answer.is_error(404, "bad_identifier", cause);
    }
}
