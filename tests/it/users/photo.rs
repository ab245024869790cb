//! Users' pictures.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::support::world::World;

on_every_world! {
    a_picture_comes_back_as_what_it_is,
    a_picture_can_be_sent_in_many_ways,
    only_pictures_are_taken,
    what_kazoo_stored_is_recognised,
    a_plain_user_changes_his_own_picture_only,
}

/// A picture of one transparent dot.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9c, 0x62, 0x00, 0x01, 0x00, 0x00, 0x05, 0x00, 0x01, 0x0d, 0x0a, 0x2d, 0xb4, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44,
    0xae, 0x42, 0x60, 0x82,
];
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";

async fn a_picture_comes_back_as_what_it_is(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let own = child.at(&format!("/users/{}", child.user_id));
    let photo = format!("{own}/photo");
    let missing = json!({ "cause": "photo", "message": "bad identifier" });
    child.api.get(&photo).await.is_error(404, "bad_identifier", missing.clone());
    child.api.delete(&photo).await.is_error(404, "bad_identifier", missing.clone());
    let before = child.api.get(&own).await.is(200);
    let stored = child.api.raw("POST", &photo, Some("image/png"), PNG).await.is(200);
    // The answer is the user, on a new revision.
    assert_eq!(stored.data(), before.data());
    assert_ne!(stored.json()["revision"], before.json()["revision"]);
    let shown = child.api.get(&photo).await.is(200);
    assert_eq!((shown.header("content-type"), shown.body.as_ref()), (Some("image/png"), PNG));
    assert_eq!(shown.header("content-disposition"), Some("attachment; filename=photo"));
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(shown.header("vary"), Some("accept-language, accept"));
    let tag = shown.header("etag").unwrap();
    child.api.with("if-none-match", tag).get(&photo).await.is_bare(304);
    assert_eq!(child.api.with("range", "bytes=1-3").get(&photo).await.is(206).body, &PNG[1..4]);
    assert_eq!(world.api.get(&format!("{photo}?auth_token={}", child.token)).await.is(200).body, PNG);
    // Kazoo's clients ask for it in these two ways.
    let octets = child.api.with("accept", "application/octet-stream").get(&photo).await.is(200);
    assert_eq!((octets.header("content-type"), octets.body.as_ref()), (Some("application/octet-stream"), PNG));
    let encoded = child.api.with("accept", "application/base64").get(&photo).await.is(200);
    assert_eq!(encoded.header("content-type"), Some("application/base64"));
    assert_eq!(BASE64_STANDARD.decode(&encoded.body).unwrap(), PNG);
    child.api.with("accept", "image/jpeg").get(&photo).await.is_bare(406);
    world.api.get(&photo).await.is_unauthorized();
    // Changing the user leaves the picture where it is, and the other way round.
    child.api.patch(&own, json!({ "own": 1 })).await.is(200);
    child.api.raw("POST", &photo, Some("image/gif"), GIF).await.is(200);
    assert_eq!(child.api.get(&photo).await.is(200).header("content-type"), Some("image/gif"));
    assert_eq!(child.api.get(&own).await.data()["own"], 1);
    child.api.with("if-match", "\"1-0\"").delete(&photo).await.is_bare(412);
    assert_eq!(child.api.delete(&photo).await.is(200).data(), json!({ "_read_only": { "deleted": true } }));
    child.api.get(&photo).await.is_error(404, "bad_identifier", missing);
    child.api.get(&own).await.is(200);
}

async fn a_picture_can_be_sent_in_many_ways(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let photo = child.at(&format!("/users/{}/photo", child.user_id));
    let encoded = BASE64_STANDARD.encode(PNG);
    let mut form = b"--b\r\ncontent-disposition: form-data; name=f; filename=a.png\r\ncontent-type: image/png\r\n\r\n".to_vec();
    form.extend_from_slice(PNG);
    form.extend_from_slice(b"\r\n--b--\r\n");
    for (content_type, body) in [
        ("application/octet-stream", PNG.to_vec()),
        // What it says it is doesn't count.
        ("image/jpeg", PNG.to_vec()),
        ("application/base64", encoded.clone().into_bytes()),
        ("application/x-base64", format!("data:image/png;base64,{encoded}").into_bytes()),
        ("multipart/form-data; boundary=b", form),
    ] {
        child.api.raw("POST", &photo, Some(content_type), body).await.is(200);
        let shown = child.api.get(&photo).await.is(200);
        assert_eq!((shown.header("content-type"), shown.body.as_ref()), (Some("image/png"), PNG), "{content_type}");
        child.api.delete(&photo).await.is(200);
    }
}

async fn only_pictures_are_taken(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let photo = child.at(&format!("/users/{}/photo", child.user_id));
    let unknown = json!({ "file": { "wrong_format": { "message": "A photo must be a PNG, JPEG, GIF or WebP picture" } } });
    let svg: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for (content_type, body) in
        [("image/png", svg), ("image/png", b"<html>"), ("application/octet-stream", b"%PDF-1.7"), ("image/gif", b"G")]
    {
        child.api.raw("POST", &photo, Some(content_type), body).await.is_invalid(unknown.clone());
    }
    for content_type in ["image/svg+xml", "text/html", "application/zip"] {
        child.api.raw("POST", &photo, Some(content_type), PNG).await.is_bare(415);
    }
    let nothing = json!({ "file": { "required": { "message": "Field is required but missing", "value": "file" } } });
    child.api.raw("POST", &photo, Some("image/png"), "").await.is_invalid(nothing.clone());
    child.api.post(&photo, json!({})).await.is_invalid(nothing);
    world.sup(&["kapps_config", "set_default", "crossbar", "max_upload_size", "60"]).ok();
    child.api.raw("POST", &photo, Some("image/png"), PNG).await.is(400);
    child.api.get(&photo).await.is(404);
}

async fn what_kazoo_stored_is_recognised(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let attachment = |bytes: &[u8], content_type: &str| json!({ "photo": { "content_type": content_type, "data": BASE64_STANDARD.encode(bytes) } });
    for (bytes, content_type, shown) in [
        (PNG, "application/octet-stream", "image/png"),
        (GIF, "undefined", "image/gif"),
        (b"<html>".as_slice(), "text/html", "application/octet-stream"),
    ] {
        world
            .edit(&child.db(), &child.user_id, |user| {
                user.insert("_attachments".into(), attachment(bytes, content_type));
            })
            .await;
        let answer = child.api.get(&child.at(&format!("/users/{}/photo", child.user_id))).await.is(200);
        assert_eq!((answer.header("content-type"), answer.body.as_ref()), (Some(shown), bytes));
    }
}

async fn a_plain_user_changes_his_own_picture_only(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let of = |user: &str| child.at(&format!("/users/{user}/photo"));
    paul.api.raw("POST", &of(&paul.user_id), Some("image/png"), PNG).await.is(200);
    paul.api.get(&of(&paul.user_id)).await.is(200);
    paul.api.raw("POST", &of(&child.user_id), Some("image/png"), PNG).await.is_forbidden();
    paul.api.delete(&of(&child.user_id)).await.is_forbidden();
    paul.api.delete(&of(&paul.user_id)).await.is(200);
}
