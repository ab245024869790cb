//! How a body is read, and what's said of one that can't be.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, md5},
    world::World,
};

on_every_world! {
    a_body_that_isnt_an_envelope_is_told_why,
    a_login_may_come_in_any_form_that_can_be_understood,
    a_body_of_another_type_has_no_data,
    a_body_may_be_large_but_not_too_large,
    odd_texts_come_back_as_they_were_sent,
}

const JSON: Option<&str> = Some("application/json");

async fn log_in(world: &World, content_type: Option<&str>, body: impl Into<bytes::Bytes>) -> Answer {
    world.api.raw("PUT", "/v2/user_auth", content_type, body).await
}

fn login() -> Value {
    json!({ "credentials": md5("admin", "secret123"), "account_name": "Master Co." })
}

fn envelope() -> String {
    json!({ "data": login() }).to_string()
}

fn required(name: &str) -> Value {
    json!({ name: { "required": { "message": "Field is required but missing", "value": name } } })
}

async fn a_body_that_isnt_an_envelope_is_told_why(world: World) {
    let bad_json = |message: &str| json!({ "json": { "invalid": { "message": message, "target": "body" } } });
    let deep = format!("{{\"data\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let marked = format!("\u{feff}{}", envelope());
    for body in ["{\"data\":", "{\"data\":{}} x", "nul", "{'data':{}}", &deep, &marked] {
        log_in(&world, JSON, body.to_owned()).await.is_invalid(bad_json("decoder_exit around 0"));
    }
    for body in ["[]", "\"x\"", "12", "null", "true"] {
        log_in(&world, JSON, body).await.is_invalid(bad_json("All JSON must be valid"));
    }
    for (body, envelope) in [("{}", json!({})), (r#"{"Auth-Token":"x","data":null}"#, json!({"auth_token": "x"}))] {
        let missing = json!({ "data": { "required": { "message": "Field is required but missing", "value": envelope } } });
        log_in(&world, JSON, body).await.is_invalid(missing);
    }
    for data in [json!("x"), json!(1), json!(true)] {
        let detail = json!({
            "message": "Value did not match type(s): object, array", "target": "object, array", "value": data,
        });
        log_in(&world, JSON, json!({ "data": data }).to_string()).await.is_invalid(json!({ "data": { "type": detail } }));
    }
    let array = json!({ "message": "Value did not match type(s): object", "target": "object", "value": [] });
    world.api.put("/v2/user_auth", json!([])).await.is_invalid(json!({ "": { "type": array } }));
    for body in [r#"{"data":{"a":1,"a":1}}"#, r#"{"data":{"x":[{"b":{"c":1,"c":2}}]}}"#, r#"{"data":{},"data":{}}"#] {
        let said = log_in(&world, JSON, body).await.is(400).json();
        let message = said["data"]["json"]["invalid"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("duplicate key"), "{message}");
    }
    // A body is read whoever sends it, and for whatever verb.
    for method in ["GET", "DELETE"] {
        let answer = world.api.raw(method, "/v2/about", JSON, "{").await;
        answer.is_invalid(bad_json("decoder_exit around 0"));
    }
    world.api.put("/v2/user_auth", json!({})).await.is_invalid(required("credentials"));
    log_in(&world, JSON, "").await.is_invalid(required("credentials"));
}

async fn a_login_may_come_in_any_form_that_can_be_understood(world: World) {
    let (body, credentials) = (envelope(), md5("admin", "secret123"));
    for content_type in [
        None,
        JSON,
        Some("application/json; charset=utf-8"),
        Some("Application/JSON"),
        Some("application/x-json"),
        // What curl says of any body.
        Some("application/x-www-form-urlencoded"),
    ] {
        assert_eq!(log_in(&world, content_type, body.clone()).await.status, 201, "{content_type:?}");
    }
    let part =
        format!("--b\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n{body}\r\n--b--\r\n");
    log_in(&world, Some("multipart/form-data; boundary=b"), part).await.is(201);
    let members = json!({ "Data": login(), "UI-Metadata": { "ui": "x" }, "nothing": null });
    log_in(&world, JSON, members.to_string()).await.is(201);

    let form = format!("credentials={credentials}&account_name=Master+Co.");
    let value = json!({ "credentials": credentials, "account_name": "Master Co." });
    let missing = json!({ "data": { "required": { "message": "Field is required but missing", "value": value } } });
    log_in(&world, Some("application/x-www-form-urlencoded"), form).await.is_invalid(missing);
    let bad_json = json!({ "json": { "invalid": { "message": "decoder_exit around 0", "target": "body" } } });
    let field = "--b\r\ncontent-disposition: form-data; name=\"credentials\"\r\n\r\nx\r\n--b--\r\n";
    for part in [field, "--b\r\nno end", "nothing of the kind"] {
        log_in(&world, Some("multipart/form-data; boundary=b"), part).await.is_invalid(bad_json.clone());
    }
}

async fn a_body_of_another_type_has_no_data(world: World) {
    for content_type in ["text/plain", "application/xml", "image/png", "application/octet-stream"] {
        log_in(&world, Some(content_type), envelope()).await.is_invalid(required("credentials"));
    }
    for body in [BASE64_STANDARD.encode("a file"), format!("data:image/png;base64,{}", BASE64_STANDARD.encode("a file"))] {
        log_in(&world, Some("application/base64"), body).await.is_invalid(required("credentials"));
    }
    let undecodable = json!({ "file": { "encoding": { "message": "failed to decode base64 data" } } });
    log_in(&world, Some("application/x-base64"), "not base64!").await.is_invalid(undecodable);
    // Somewhere else such a body isn't taken, and nothing is changed by it.
    let master = world.master().await;
    let app = master.at(&format!("/apps_store/{}", world.app("accounts").await));
    master.api.raw("PUT", &app, Some("text/plain"), "x").await.is_bare(415);
    master.api.put(&app, json!({ "allowed_users": "all" })).await.is(201);
}

async fn a_body_may_be_large_but_not_too_large(world: World) {
    let data = |length: usize| format!("{{\"data\":{{\"credentials\":\"x\",\"pad\":\"{}\"}}}}", "a".repeat(length));
    log_in(&world, JSON, data(7_900_000)).await.is_unauthorized();
    let message = "Payload or Files must not be more than 8000000 bytes";
    let too_large = json!({ "file": { "maxSize": { "message": message, "target": 8_000_000 } } });
    log_in(&world, JSON, data(8_000_000)).await.is_invalid(too_large.clone());
    log_in(&world, Some("image/png"), vec![0; 20_000_000]).await.is_invalid(too_large);
    world.master().await;
}

async fn odd_texts_come_back_as_they_were_sent(world: World) {
    let master = world.master().await;
    let odd = "ü \u{1F600} \u{202e} \" \\ / \u{7f} \u{2028} <b>&amp;";
    let user = json!({
        "username": "odd", "password": "x1", "first_name": odd, "last_name": "x", "custom": { "pvt_nested": odd, "n": [1, 2.5, null] },
        "pvt_top": 1, "_private": 2,
    });
    let made = master.api.put(&master.at("/users"), user).await.is(201).data();
    let shown = master.api.get(&master.at(&format!("/users/{}", made["id"].as_str().unwrap()))).await.data();
    assert_eq!(shown["first_name"], odd);
    assert_eq!(shown["custom"], json!({ "pvt_nested": odd, "n": [1, 2.5, null] }));
    assert!(shown.as_object().unwrap().keys().all(|key| !key.starts_with("pvt_") && !key.starts_with('_')), "{shown}");
    // Bytes that aren't UTF-8 are let pass, and are no credentials.
    let body = [b"{\"data\":{\"credentials\":\"".as_slice(), b"\xff\xfe", b"\",\"account_name\":\"Master Co.\"}}"].concat();
    log_in(&world, JSON, body).await.is_unauthorized();
}
