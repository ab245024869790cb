//! Entity tags, and requests that depend on them.

use serde_json::json;

use crate::support::world::World;

on_every_world! {
    what_a_client_has_already_isnt_sent_again,
    a_write_can_depend_on_what_was_read,
}

async fn what_a_client_has_already_isnt_sent_again(world: World) {
    let master = world.master().await;
    let icon = format!("/v2/apps_store/{}/icon", world.app("accounts").await);
    for path in
        [master.at(""), master.at("/users"), master.at("/apps_store"), master.at(&format!("/users/{}", master.user_id)), icon]
    {
        let answer = master.api.get(&path).await.is(200);
        let tag = answer.header("etag").unwrap_or_else(|| panic!("{path} has no tag")).to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = master.api.with("if-none-match", &known).get(&path).await;
            again.is_bare(304);
            assert_eq!(again.header("etag"), Some(tag.as_str()), "{path} {known}");
        }
        master.api.with("if-none-match", "\"other\"").get(&path).await.is(200);
        master.api.with("if-match", &tag).get(&path).await.is(200);
        master.api.with("if-match", "\"other\"").get(&path).await.is_bare(412);
        for malformed in ["abc", "\"abc", "W/abc"] {
            master.api.with("if-none-match", malformed).get(&path).await.is_bare(400);
        }
    }
    // The tag of one document is its revision.
    let account = master.api.get(&master.at("")).await;
    assert_eq!(account.header("etag").unwrap().trim_matches('"'), account.json()["revision"].as_str().unwrap());
    // A list's stays while the list does, and not longer.
    let list = master.api.get(&master.at("/users")).await.header("etag").unwrap().to_owned();
    world.user(&master, &master.account_id, "Master Co.", "ann", "user").await;
    master.api.with("if-none-match", &list).get(&master.at("/users")).await.is(200);
}

async fn a_write_can_depend_on_what_was_read(world: World) {
    let master = world.master().await;
    let path =
        master.at(&format!("/users/{}", world.user(&master, &master.account_id, "Master Co.", "ann", "user").await.user_id));
    let tag = master.api.get(&path).await.header("etag").unwrap().to_owned();
    let change = json!({ "first_name": "Anna" });
    for (header, value) in [("if-match", "\"1-0\""), ("if-none-match", tag.as_str()), ("if-none-match", "*")] {
        master.api.with(header, value).patch(&path, change.clone()).await.is_bare(412);
        master.api.with(header, value).delete(&path).await.is_bare(412);
    }
    master.api.with("if-match", "unquoted").patch(&path, change.clone()).await.is_bare(400);
    assert_eq!(master.api.get(&path).await.data()["first_name"], "ann");
    let changed = master.api.with("if-match", &tag).patch(&path, change.clone()).await.is(200).json();
    assert_ne!(format!("\"{}\"", changed["revision"].as_str().unwrap()), tag);
    // Now the tag is old.
    master.api.with("if-match", &tag).patch(&path, change).await.is_bare(412);
    let new = json!({ "first_name": "a", "last_name": "b" });
    master.api.with("if-match", "*").put(&master.at("/users"), new).await.is_bare(412);
    master.api.with("if-match", "*").delete(&path).await.is(200);
}
