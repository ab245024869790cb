//! Icons and screenshots beyond the plain case: vendors' apps, parts of files, names that need care.

use serde_json::json;

use super::{people, plan, serve, vendor_app};
use crate::support::world::World;

on_every_world! {
    a_vendors_app_shows_its_pictures_to_whom_it_is_offered,
    a_picture_is_shown_whatever_the_account_may_have,
    a_part_of_a_picture_can_be_had,
    an_app_without_the_picture_says_so,
}

async fn a_vendors_app_shows_its_pictures_to_whom_it_is_offered(world: World) {
    let (master, child) = people(&world).await;
    let vendor = world.account(&master, "Vendor").await;
    vendor_app(&world, &vendor.account_id, "radio", "radio").await;
    plan(&world, &vendor.account_id, "p", json!({ "applications": { "radio": { "vendor_id": vendor.account_id } } })).await;
    serve(&world, &child.account_id, "plans", json!({ "p": { "vendor_id": vendor.account_id } })).await;

    for (api, path) in [
        (&child.api, child.at("/apps_store/radio/icon")),
        (&master.api, child.at("/apps_store/radio/icon")),
        (&world.api, child.at(&format!("/apps_store/radio/icon?auth_token={}", child.token))),
        // As Monster UI asks for screenshots: without an account, but with a token.
        (&world.api, format!("/v2/apps_store/radio/icon?auth_token={}", child.token)),
    ] {
        let icon = api.get(&path).await.is(200);
        assert_eq!((icon.header("content-type"), icon.text().as_ref()), (Some("image/svg+xml"), "<svg/>"));
        let disposition = "attachment; filename=\"the icon.svg\"; filename*=UTF-8''the%20icon%2Esvg";
        assert_eq!(icon.header("content-disposition"), Some(disposition));
    }
    let screenshot = child.api.get("/v2/apps_store/radio/screenshot/0").await.is(200);
    assert_eq!(
        (screenshot.header("content-type"), screenshot.body.as_ref()),
        (Some("image/jpeg"), &b"\xff\xd8\xff\xe0\x00\x10"[..])
    );
    assert!(screenshot.header("content-disposition").unwrap().ends_with("filename*=UTF-8''%C3%BCber%201%2Ejpg"));
    child.api.get("/v2/apps_store/radio/screenshot/1").await.is(200);
    child.api.get("/v2/apps_store/radio/screenshot/2").await.is_error(404, "bad identifier", json!(["screenshot/2"]));

    // Nobody else is offered it.
    let unknown = json!({ "cause": "radio", "details": "radio", "message": "bad identifier" });
    for api in [&world.api, &master.api, &vendor.api] {
        api.get("/v2/apps_store/radio/icon").await.is_error(404, "bad_identifier", unknown.clone());
    }
}

async fn a_picture_is_shown_whatever_the_account_may_have(world: World) {
    let (master, child) = people(&world).await;
    let (hidden, forbidden) = (world.app("api-console").await, world.app("port").await);
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [forbidden] })).await.is(200);
    for id in [hidden, forbidden] {
        child.api.get(&child.at(&format!("/apps_store/{id}"))).await.is(404);
        child.api.get(&child.at(&format!("/apps_store/{id}/icon"))).await.is(200);
        world.api.get(&format!("/v2/apps_store/{id}/screenshot/0")).await.is(200);
    }
}

async fn a_part_of_a_picture_can_be_had(world: World) {
    let (_, child) = people(&world).await;
    let path = format!("/v2/apps_store/{}/icon", world.app("accounts").await);
    let whole = child.api.get(&path).await.is(200).body;
    for (range, bytes) in [
        ("bytes=0-9", 0..10),
        ("bytes=10-", 10..whole.len()),
        ("bytes=-5", whole.len() - 5..whole.len()),
        ("bytes=5-99999999", 5..whole.len()),
    ] {
        let part = child.api.with("range", range).get(&path).await.is(206);
        assert_eq!(part.body, whole.slice(bytes.clone()), "{range}");
        assert_eq!(part.header("accept-ranges"), Some("bytes"));
        let content_range = format!("bytes {}-{}/{}", bytes.start, bytes.end - 1, whole.len());
        assert_eq!(part.header("content-range"), Some(content_range.as_str()), "{range}");
    }
    // Several parts, or none that makes sense, are the whole.
    for range in ["bytes=0-1,3-4", "bytes=x", "lines=1-2"] {
        assert_eq!(child.api.with("range", range).get(&path).await.is(200).body, whole, "{range}");
    }
    child.api.with("accept", "text/html").get(&path).await.is(406);
}

async fn an_app_without_the_picture_says_so(world: World) {
    let (master, child) = people(&world).await;
    let id = world.app("reports").await;
    world
        .edit(&master.db(), &id, |doc| {
            doc.insert("icon".into(), json!("nosuch.png"));
            doc.insert("screenshots".into(), json!(["nosuch.png", 5]));
        })
        .await;
    let path = child.at(&format!("/apps_store/{id}"));
    child.api.get(&format!("{path}/icon")).await.is_error(404, "bad identifier", json!([id]));
    for n in ["0", "1"] {
        let missing = json!([format!("screenshot/{n}")]);
        child.api.get(&format!("{path}/screenshot/{n}")).await.is_error(404, "bad identifier", missing);
    }
    world.edit(&master.db(), &id, |doc| drop((doc.shift_remove("icon"), doc.shift_remove("screenshots")))).await;
    child.api.get(&format!("{path}/icon")).await.is_error(404, "bad identifier", json!([id]));
    child.api.get(&format!("{path}/screenshot/0")).await.is_error(404, "bad identifier", json!(["screenshot/0"]));
    for (path, status) in [("/nosuch", 404), ("/screenshot/0/1", 404)] {
        child.api.get(&child.at(&format!("/apps_store/{id}{path}"))).await.is(status);
    }
    let said = child.api.send("POST", &format!("{path}/icon"), Some(json!({ "data": {} }))).await.is(405);
    assert_eq!(said.header("allow"), Some("OPTIONS, GET"));
}
