//! What stands around an answer's data.

use serde_json::json;

use crate::support::world::World;

on_every_world! {
    an_envelope_says_who_answered_whom_and_when,
    a_token_comes_back_only_when_it_was_accepted,
    a_list_says_how_much_of_it_there_is,
}

async fn an_envelope_says_who_answered_whom_and_when(world: World) {
    let master = world.master().await;
    let answer = master.api.with("x-request-id", "my-request-1").get("/v2/about").await.is(200);
    assert_eq!(answer.header("x-request-id"), Some("my-request-1"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body = answer.json();
    assert_eq!(body["request_id"], "my-request-1");
    assert_eq!((&body["status"], &body["version"]), (&json!("success"), &json!("5.0.0")));
    assert_eq!(body["auth_token"], master.token);
    assert!(body.get("error").is_none() && body.get("message").is_none());
    let timestamp = body["timestamp"].as_str().unwrap();
    assert!(timestamp.len() == 20 && timestamp.ends_with('Z') && timestamp.as_bytes()[10] == b'T', "{timestamp}");
    // The digest of a name in base64.
    assert_eq!(body["node"].as_str().unwrap().len(), 22);
    assert!(body["tokens"]["remaining"].is_u64() && body["tokens"]["consumed"].is_u64());

    let error = world.api.get("/v2/about").await;
    let id = error.header("x-request-id").unwrap().to_owned();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    let body = error.json();
    assert_eq!((&body["request_id"], &body["node"]), (&json!(id), &answer.json()["node"]));
    // Strangers aren't told what runs here.
    assert!(body.get("version").is_none(), "{body}");
}

async fn a_token_comes_back_only_when_it_was_accepted(world: World) {
    let master = world.master().await;
    let path = master.at("");
    for answer in [
        master.api.get(&path).await.is(200),
        world.api.get(&format!("{path}?auth_token={}", master.token)).await.is(200),
        master.api.get(&master.at("/nosuch")).await.is(404),
        master.api.put("/v2/about", json!({})).await.is(405),
        master.api.get(&format!("{path}/users/nosuch")).await.is(404),
    ] {
        assert_eq!(answer.auth_token(), master.token);
    }
    for token in ["undefined", "", "garbage", "aaaa.bbbb.cccc"] {
        for path in [path.as_str(), "/v2/schemas", "/v2/nosuch"] {
            let answer = world.api.token(token).get(path).await;
            assert!(answer.json().get("auth_token").is_none(), "{}", answer.text());
        }
    }
}

async fn a_list_says_how_much_of_it_there_is(world: World) {
    let master = world.master().await;
    for name in ["ann", "bob", "cid"] {
        world.user(&master, &master.account_id, "Master Co.", name, "user").await;
    }
    let whole = master.api.get(&master.at("/users?paginate=false")).await.json();
    assert_eq!(whole["data"].as_array().unwrap().len(), 4);
    assert!(["page_size", "start_key", "next_start_key"].iter().all(|key| whole.get(*key).is_none()), "{whole}");

    let (mut ids, mut start, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = master.api.get(&master.at(&format!("/users?page_size=3{start}"))).await.is(200).json();
        pages += 1;
        ids.extend(page["data"].as_array().unwrap().iter().map(|user| user["id"].clone()));
        assert_eq!(page["page_size"], page["data"].as_array().unwrap().len());
        match page["next_start_key"].as_str() {
            Some(key) => start = format!("&start_key={key}"),
            None => break,
        }
    }
    let wanted: Vec<_> = whole["data"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect();
    assert_eq!((pages, ids), (2, wanted.clone()));

    let ascending = master.api.get(&master.at("/users?ascending=true&_=1700000000000&ui_metadata=x")).await.data();
    let backwards: Vec<_> = ascending.as_array().unwrap().iter().rev().map(|user| user["id"].clone()).collect();
    assert_eq!(backwards, wanted);
    let filtered = master.api.get(&master.at("/users?filter_username=bob")).await.data();
    assert_eq!((filtered.as_array().unwrap().len(), &filtered[0]["username"]), (1, &json!("bob")));
    for (size, message) in
        [("abc", "invalid page size"), ("0", "page size must be at least 1"), ("-1", "page size must be at least 1")]
    {
        let answer = master.api.get(&master.at(&format!("/users?page_size={size}"))).await;
        answer.is_error(404, "faulty_request", json!({ "message": message }));
    }
}
