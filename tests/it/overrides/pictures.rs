//! An override's icon and screenshots.

use serde_json::{Value, json};
use storefront::store::Object;

use super::{GIF, PNG, send, stage};
use crate::support::world::{Session, World};

on_every_world! {
    an_icon_is_named_after_its_language_and_its_file,
    a_new_icon_takes_the_place_of_the_old_one,
    a_new_screenshot_comes_before_the_others,
    pictures_are_deleted_with_their_names,
    each_language_has_pictures_of_its_own,
    the_roots_pictures_become_those_of_the_usual_language,
    a_hostile_file_name_becomes_a_harmless_one,
    a_picture_comes_as_bytes_base64_data_uri_or_multipart,
    what_is_no_single_picture_is_refused,
    many_uploads_at_once_all_arrive,
}

async fn attachments(world: &World, child: &Session, app: &str) -> Vec<String> {
    let doc = world.documents().get(&child.db(), &format!("app_whitelabel-{app}")).await.unwrap();
    let mut names: Vec<String> = doc
        .get("_attachments")
        .and_then(Value::as_object)
        .map(|stubs: &Object| stubs.keys().cloned().collect())
        .unwrap_or_default();
    names.sort();
    names
}

async fn an_icon_is_named_after_its_language_and_its_file(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    let stored = send(&child.api, &format!("{path}/icon?filename=image-icon.png"), "image/png", PNG).await.is(200);
    let expected = json!({ "i18n": { "en-US": { "icon": "icon-en-US-image-icon.png" } }, "id": format!("app_whitelabel-{app}") });
    assert_eq!(stored.data(), expected);
    // The revision is that of what is stored now.
    let rev = stored.json()["revision"].clone();
    assert_eq!(child.api.get(&path).await.json()["revision"], rev);
    let icon = child.api.get(&format!("{path}/icon")).await.is(200);
    assert_eq!((icon.body.as_ref(), icon.header("content-type")), (PNG, Some("image/png")));
    assert_eq!(icon.header("content-disposition"), Some("attachment; filename=icon-en-US-image-icon.png"));
    assert_eq!(icon.header("x-content-type-options"), Some("nosniff"));
    let part = child.api.with("range", "bytes=1-3").get(&format!("{path}/icon")).await.is(206);
    assert_eq!(part.text(), "PNG");
}

async fn a_new_icon_takes_the_place_of_the_old_one(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    send(&child.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    send(&child.api, &format!("{path}/icon?filename=b.gif"), "image/gif", GIF).await.is(200);
    assert_eq!(attachments(&world, &child, &app).await, ["icon-en-US-b.gif"]);
    assert_eq!(child.api.get(&format!("{path}/icon")).await.body, GIF);
    // The same name again: other bytes.
    send(&child.api, &format!("{path}/icon?filename=b.gif"), "image/gif", b"GIF89a other").await.is(200);
    assert_eq!(child.api.get(&format!("{path}/icon")).await.text(), "GIF89a other");
}

async fn a_new_screenshot_comes_before_the_others(world: World) {
    let (_, child, _, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    for name in ["a", "b", "a", "c"] {
        send(&child.api, &format!("{path}/screenshot?filename={name}.png"), "image/png", PNG).await.is(200);
    }
    let names = json!(["screenshot-en-US-c.png", "screenshot-en-US-a.png", "screenshot-en-US-b.png"]);
    assert_eq!(child.api.get(&path).await.data()["i18n"]["en-US"]["screenshots"], names);
    for wanted in ["0", "2", "02", "screenshot-en-US-b.png"] {
        child.api.get(&format!("{path}/screenshot/{wanted}")).await.is(200);
    }
    for wanted in ["3", "-1", "b.png", "_attachments"] {
        child.api.get(&format!("{path}/screenshot/{wanted}")).await.is(404);
    }
    child.api.get(&format!("{path}/screenshot/9")).await.is_error(
        404,
        "not_found",
        json!({ "cause": "screenshot attachment at index 9", "message": "failed to find attachment" }),
    );
}

async fn pictures_are_deleted_with_their_names(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    send(&child.api, &format!("{path}/icon?filename=i.png"), "image/png", PNG).await.is(200);
    for name in ["a", "b"] {
        send(&child.api, &format!("{path}/screenshot?filename={name}.png"), "image/png", PNG).await.is(200);
    }
    let left = child.api.delete(&format!("{path}/screenshot/0")).await.is(200).data();
    assert_eq!(left["i18n"]["en-US"]["screenshots"], json!(["screenshot-en-US-a.png"]));
    assert_eq!(attachments(&world, &child, &app).await, ["icon-en-US-i.png", "screenshot-en-US-a.png"]);
    child.api.delete(&format!("{path}/icon")).await.is(200);
    child.api.get(&format!("{path}/icon")).await.is(404);
    child.api.delete(&format!("{path}/icon")).await.is(404);
    // What becomes empty goes.
    let left = child.api.delete(&format!("{path}/screenshot/screenshot-en-US-a.png")).await.is(200).data();
    assert_eq!(left, json!({ "id": format!("app_whitelabel-{app}") }));
    child.api.delete(&format!("{path}/screenshot/0")).await.is(404);
    assert!(attachments(&world, &child, &app).await.is_empty());
}

async fn each_language_has_pictures_of_its_own(world: World) {
    let (_, child, app, path) = stage(&world).await;
    let in_french = child.at(&format!("/i18n/fr-FR/apps_store/{app}/override"));
    child.api.put(&in_french, json!({})).await.is(201);
    send(&child.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    // Without one of its own a language has the usual one's.
    assert_eq!(child.api.get(&format!("{in_french}/icon")).await.is(200).body, PNG);
    let stored = send(&child.api, &format!("{in_french}/icon?filename=a.gif"), "image/gif", GIF).await.is(200).data();
    assert_eq!(stored["i18n"], json!({ "en-US": { "icon": "icon-en-US-a.png" }, "fr-FR": { "icon": "icon-fr-FR-a.gif" } }));
    assert_eq!(child.api.get(&format!("{in_french}/icon")).await.body, GIF);
    assert_eq!(child.api.get(&format!("{path}/icon")).await.body, PNG);
    let first = format!("/v2/i18n/fr-FR/accounts/{}/apps_store/{app}", child.account_id);
    for shown in
        [child.at(&format!("/i18n/fr-FR/apps_store/{app}/icon")), format!("{first}/icon"), format!("{first}/override/icon")]
    {
        assert_eq!(child.api.get(&shown).await.is(200).body, GIF, "{shown}");
    }
    child.api.delete(&format!("{in_french}/icon")).await.is(200);
    // It had no other: the usual one isn't this language's to delete.
    child.api.delete(&format!("{in_french}/icon")).await.is(404);
    assert_eq!(child.api.get(&format!("{in_french}/icon")).await.is(200).body, PNG);
    let odd = child.at(&format!("/i18n/%2e%2e%2fx/apps_store/{app}/override/icon"));
    let refused = send(&child.api, &odd, "image/png", PNG).await.is(400).json();
    assert!(refused["data"]["i18n"]["wrong_format"].is_object(), "{refused}");
}

async fn the_roots_pictures_become_those_of_the_usual_language(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, json!({ "icon": "old.png", "screenshots": ["one.png", "two.png"] })).await.is(201);
    send(&child.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    let stored = send(&child.api, &format!("{path}/screenshot?filename=s.png"), "image/png", PNG).await.is(200).data();
    let pictures = json!({ "icon": "icon-en-US-a.png", "screenshots": ["screenshot-en-US-s.png", "one.png", "two.png"] });
    assert_eq!(stored, json!({ "i18n": { "en-US": pictures }, "id": format!("app_whitelabel-{app}") }));
}

async fn a_hostile_file_name_becomes_a_harmless_one(world: World) {
    let (_, child, _, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    for (sent, stored) in [
        ("..%2F..%2F_design%2Fx.png", "icon-en-US-x.png"),
        ("C%3A%5Ctemp%5Cy.png", "icon-en-US-y.png"),
        ("a%0D%0Ab%00c.png", "icon-en-US-abc.png"),
        ("_hidden", "icon-en-US-_hidden.png"),
        ("%C3%BCml%C3%A4ut.png", "icon-en-US-ümläut.png"),
    ] {
        let answer = send(&child.api, &format!("{path}/icon?filename={sent}"), "image/png", PNG).await.is(200);
        assert_eq!(answer.data()["i18n"]["en-US"]["icon"], stored);
        assert_eq!(child.api.get(&format!("{path}/icon")).await.is(200).body, PNG, "{sent}");
    }
    let answer = send(&child.api, &format!("{path}/icon?filename="), "image/png", PNG).await.is(200).data();
    let name = answer["i18n"]["en-US"]["icon"].as_str().unwrap().to_owned();
    assert_eq!(name.len(), "icon-en-US-".len() + 12 + ".png".len(), "{name}");
    let long = format!("{path}/icon?filename={}", "n".repeat(3000));
    let answer = send(&child.api, &long, "image/png", PNG).await.is(200).data();
    assert!(answer["i18n"]["en-US"]["icon"].as_str().unwrap().len() < 200, "{answer}");
}

async fn a_picture_comes_as_bytes_base64_data_uri_or_multipart(world: World) {
    let (_, child, _, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    let icon = format!("{path}/icon?filename=a");
    let parts = b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"m.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a part\r\n--x--\r\n";
    for (content_type, body, name, kind, bytes) in [
        ("image/jpg", &b"raw"[..], "icon-en-US-a.jpeg", "image/jpg", &b"raw"[..]),
        ("application/base64", b"R0lGODlhIGJhcmU=", "icon-en-US-a.gif", "image/gif", b"GIF89a bare"),
        ("application/base64", b"data:image/png;base64,dXJp", "icon-en-US-a.png", "image/png", b"uri"),
        ("application/x-base64", b"data:image/svg+xml;base64,PHN2Zy8+", "icon-en-US-a.svg", "image/svg+xml", b"<svg/>"),
        ("multipart/form-data; boundary=x", parts, "icon-en-US-m.gif", "image/gif", b"GIF89a part"),
    ] {
        let stored = send(&child.api, &icon, content_type, body).await.is(200).data();
        assert_eq!(stored["i18n"]["en-US"]["icon"], name, "{content_type}");
        let read = child.api.get(&icon).await.is(200);
        assert_eq!((read.header("content-type"), read.body.as_ref()), (Some(kind), bytes), "{content_type}");
    }
}

async fn what_is_no_single_picture_is_refused(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    for picture in [format!("{path}/icon"), format!("{path}/screenshot")] {
        let none = json!({ "file": { "required": { "message": "Please provide an image file" } } });
        child.api.post(&picture, json!({})).await.is_invalid(none.clone());
        child.api.raw("POST", &picture, Some("image/png"), "").await.is_invalid(none);
        let two = b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n\
            --x\r\nContent-Disposition: form-data; name=\"g\"; filename=\"b.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n--x--\r\n";
        let several = json!({ "file": { "maxItems": { "message": "please provide a single image file" } } });
        send(&child.api, &picture, "multipart/form-data; boundary=x", two).await.is_invalid(several);
        for content_type in ["text/html", "application/pdf", "application/octet-stream"] {
            send(&child.api, &picture, content_type, b"<script>").await.is_bare(415);
        }
        send(&child.api, &picture, "application/base64", b"PHNjcmlwdD4=").await.is_bare(415);
    }
    assert!(attachments(&world, &child, &app).await.is_empty());
}

async fn many_uploads_at_once_all_arrive(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, json!({})).await.is(201);
    let uploads = (0..8).map(|number| {
        let (api, path) = (child.api.clone(), format!("{path}/screenshot?filename={number}.png"));
        tokio::spawn(async move { send(&api, &path, "image/png", PNG).await.status })
    });
    for upload in uploads.collect::<Vec<_>>() {
        assert_eq!(upload.await.unwrap(), 200);
    }
    let stored = child.api.get(&path).await.data();
    assert_eq!(stored["i18n"]["en-US"]["screenshots"].as_array().unwrap().len(), 8);
    assert_eq!(attachments(&world, &child, &app).await.len(), 8);
}
