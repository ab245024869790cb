//! The schemas that bodies are held against.

use serde_json::{Value, json};
use storefront::platform::names;

use crate::support::world::World;

on_every_world! {
    schemas_are_listed_and_shown_to_anybody,
    data_can_be_held_against_a_schema_beforehand,
    accounts_and_users_have_kazoos_limits,
    what_is_sent_as_text_is_mended_unless_that_is_switched_off,
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

/// An object with this at the end of a dotted path.
fn at(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |inner, key| json!({ key: inner }))
}

async fn accounts_and_users_have_kazoos_limits(world: World) {
    let master = world.master().await;
    let long = |length: usize| json!("x".repeat(length));
    let both = [
        ("call_recording", at("other", json!(1)), "additionalProperties"),
        ("call_restriction", at("did_us.action", json!("allow")), "enum"),
        ("call_waiting.enabled", json!("x"), "type"),
        ("caller_id.internal.name", long(36), "maxLength"),
        ("caller_id.external.number", long(36), "maxLength"),
        ("caller_id_options.outbound_privacy", json!("some"), "enum"),
        ("dial_plan.system", json!("x"), "type"),
        ("do_not_disturb.enabled", json!(7), "type"),
        ("enabled", json!("perhaps"), "type"),
        ("flags", json!([7]), "type"),
        ("language", json!(7), "type"),
        ("metaflows.binding_digit", json!("a"), "enum"),
        ("metaflows.digit_timeout", json!(-1), "minimum"),
        ("music_on_hold", json!([]), "type"),
        ("ringtones.external", long(257), "maxLength"),
        ("ringtones.internal", long(257), "maxLength"),
        ("voicemail.notify.callback.attempts", json!("x"), "type"),
    ];
    let accounts = [
        ("call_recording.account.any.any.time_limit", json!(4), "minimum"),
        ("call_recording.account.any.any.format", json!("ogg"), "enum"),
        ("caller_id_options.show_rate", json!("x"), "type"),
        ("music_on_hold.media_id", long(2049), "maxLength"),
        ("name", json!(""), "minLength"),
        ("name", long(129), "maxLength"),
        ("notifications.low_balance.threshold", json!("x"), "type"),
        ("notifications.first_occurrence.sent_initial_call", json!("x"), "type"),
        ("org", json!(7), "type"),
        ("preflow.always", json!(7), "type"),
        ("realm", json!("abc"), "minLength"),
        ("realm", long(254), "maxLength"),
        ("realm", json!("a_b.c-d!"), "pattern"),
        ("timezone", json!("CET"), "minLength"),
        ("timezone", long(33), "maxLength"),
        ("topup.threshold", json!("x"), "type"),
        ("zones", json!("x"), "type"),
    ];
    let users = [
        ("call_forward.number", long(36), "maxLength"),
        ("contact_list.exclude", json!("x"), "type"),
        ("directories", json!([]), "type"),
        ("email", json!("a@"), "minLength"),
        ("email", json!(format!("{}@x", "x".repeat(253))), "maxLength"),
        ("email", json!("nobody"), "wrong_format"),
        ("first_name", json!(""), "minLength"),
        ("first_name", long(129), "maxLength"),
        ("last_name", json!(""), "minLength"),
        ("last_name", long(129), "maxLength"),
        ("hotdesk.id", long(16), "maxLength"),
        ("hotdesk.pin", json!("123"), "minLength"),
        ("hotdesk.pin", long(16), "maxLength"),
        ("media.audio.codecs", json!(["MP3"]), "enum"),
        ("media.encryption.methods", json!(["rot13"]), "enum"),
        ("music_on_hold.media_id", long(129), "maxLength"),
        ("password", json!({}), "type"),
        ("presence_id", json!({}), "type"),
        ("priv_level", json!("owner"), "enum"),
        ("profile.nicknames", json!("x"), "type"),
        ("pronounced_name.media_id", long(129), "maxLength"),
        ("require_password_update", json!("x"), "type"),
        ("username", json!(""), "pattern"),
        ("username", long(257), "maxLength"),
        ("username", json!("a b"), "pattern"),
        ("username", json!("zoë"), "pattern"),
        ("verified", json!("x"), "type"),
        ("vm_to_email_enabled", json!("x"), "type"),
    ];
    let account = json!({ "name": "A" });
    let user = json!({ "first_name": "a", "last_name": "b" });
    let mut complaints = Vec::new();
    for (schema, whole, members) in
        [("accounts", &account, [&both[..], &accounts[..]].concat()), ("users", &user, [&both[..], &users[..]].concat())]
    {
        let path = format!("/v2/schemas/{schema}/validation");
        for (member, value, code) in members {
            let mut data = whole.clone();
            data.as_object_mut().unwrap().extend(at(member, value.clone()).as_object().unwrap().clone());
            let answer = master.api.put(&path, data).await;
            let told = answer.json()["data"].clone();
            let problems: Vec<&Value> = told.as_object().into_iter().flat_map(|data| data.values()).collect();
            if answer.status != 400 || problems.len() != 1 || !problems[0][code].is_object() {
                complaints.push(format!("{schema} {member} {code}: {} {}", answer.status, answer.text()));
            }
        }
        master.api.put(&path, whole.clone()).await.is(201);
        for missing in whole.as_object().unwrap().keys() {
            let mut data = whole.clone();
            data.as_object_mut().unwrap().shift_remove(missing);
            let told = json!({ "required": { "message": "Field is required but missing", "value": missing } });
            master.api.put(&path, data).await.is_invalid(json!({ missing: told }));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    // Defaults within an object come with the object.
    let forwarding = json!({ "first_name": "a", "last_name": "b", "call_forward": { "number": "1" } });
    let forwarding = master.api.put("/v2/schemas/users/validation", forwarding).await.is(201).data()["call_forward"].clone();
    let expected = json!({
        "number": "1", "enabled": false, "direct_calls_only": false, "failover": false, "ignore_early_media": true,
        "keep_caller_id": true, "require_keypress": true, "substitute": true,
    });
    assert_eq!(forwarding, expected);
}

async fn what_is_sent_as_text_is_mended_unless_that_is_switched_off(world: World) {
    let master = world.master().await;
    let path = "/v2/schemas/users/validation";
    let written = json!({ "first_name": "a", "last_name": "b", "enabled": "false", "call_recording": { "any": { "any": { "time_limit": "60" } } } });
    let mended = master.api.put(path, written.clone()).await.is(201).data();
    assert_eq!((&mended["enabled"], &mended["call_recording"]["any"]["any"]["time_limit"]), (&json!(false), &json!(60)));
    world.sup(&["kapps_config", "set_default", "crossbar", "schema_strict_validation", "true"]).ok();
    let told = master.api.put(path, written).await.is(400).json()["data"].clone();
    assert!(told["enabled"]["type"].is_object(), "{told}");
}
