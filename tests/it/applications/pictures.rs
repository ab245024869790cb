//! The pictures of applications.

use serde_json::{Value, json};

use super::{GIF, ONE, PNG, cast, keep, kept};
use crate::support::{
    client::{Answer, Api},
    world::World,
};

on_every_world! {
    pictures_are_the_roots_or_a_languages,
    a_new_screenshot_comes_after_the_others,
    pictures_go_with_their_names,
    a_languages_screenshot_is_deleted_from_that_language,
    accounts_see_the_resellers_pictures_and_else_the_masters,
    what_is_no_picture_is_refused,
}

async fn send(api: &Api, path: &str, content_type: &str, bytes: &'static [u8]) -> Answer {
    api.raw("POST", path, Some(content_type), bytes).await
}

async fn pictures_are_the_roots_or_a_languages(world: World) {
    let master = world.master().await;
    keep(&master, ONE, "one").await;
    let path = kept(&master, ONE);
    let german = master.at(&format!("/i18n/de-DE/applications/application/{ONE}"));
    master.api.get(&format!("{path}/icon")).await.is_error(
        404,
        "not_found",
        json!({ "cause": "icon attachment", "message": "failed to find attachment" }),
    );
    let stored = send(&master.api, &format!("{path}/icon?filename=a%20b.png"), "image/png", PNG).await.is(200).data();
    assert_eq!((&stored["icon"], stored.get("i18n")), (&json!("icon-ab.png"), None));
    assert_eq!(master.api.get(&format!("{german}/icon")).await.is(200).body, PNG);
    let stored = send(&master.api, &format!("{german}/icon?filename=c.gif"), "image/gif", GIF).await.is(200).data();
    assert_eq!((&stored["icon"], &stored["i18n"]["de-DE"]["icon"]), (&json!("icon-ab.png"), &json!("icon-de-DE-c.gif")));
    assert_eq!(master.api.get(&format!("{german}/icon")).await.is(200).body, GIF);
    let icon = master.api.get(&format!("{path}/icon")).await.is(200);
    assert_eq!((icon.body.as_ref(), icon.header("content-type")), (PNG, Some("image/png")));
}

async fn a_new_screenshot_comes_after_the_others(world: World) {
    let master = world.master().await;
    keep(&master, ONE, "one").await;
    let path = format!("{}/screenshots", kept(&master, ONE));
    let mut stored = Value::Null;
    for name in ["a", "b", "a"] {
        stored = send(&master.api, &format!("{path}?filename={name}.gif"), "image/gif", GIF).await.is(200).data();
    }
    assert_eq!(stored["screenshots"], json!(["screenshot-b.gif", "screenshot-a.gif"]));
    for wanted in ["0", "1", "screenshot-a.gif"] {
        assert_eq!(master.api.get(&format!("{path}/{wanted}")).await.is(200).body, GIF);
    }
    master.api.get(&format!("{path}/2")).await.is_error(
        404,
        "not_found",
        json!({ "cause": "screenshot attachment at index 2", "message": "failed to find attachment" }),
    );
}

async fn pictures_go_with_their_names(world: World) {
    let master = world.master().await;
    keep(&master, ONE, "one").await;
    let path = kept(&master, ONE);
    send(&master.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    send(&master.api, &format!("{path}/icon?filename=b.png"), "image/png", PNG).await.is(200);
    send(&master.api, &format!("{path}/screenshots?filename=s.gif"), "image/gif", GIF).await.is(200);
    let stubs = async || {
        let doc = world.documents().get(&master.db(), ONE).await.unwrap();
        doc.get("_attachments").map(|stubs| stubs.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "))
    };
    // The icon that was replaced is gone already.
    assert_eq!(stubs().await.unwrap(), "icon-b.png screenshot-s.gif");
    let left = master.api.delete(&format!("{path}/icon")).await.is(200).data();
    assert!(left.get("icon").is_none(), "{left}");
    let left = master.api.delete(&format!("{path}/screenshots/0")).await.is(200).data();
    assert!(left.get("screenshots").is_none(), "{left}");
    assert_eq!(stubs().await, None);
    master.api.delete(&format!("{path}/icon")).await.is(404);
    master.api.delete(&format!("{path}/screenshots/0")).await.is(404);
    // Changing texts keeps pictures.
    send(&master.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    master.api.patch(&path, json!({ "price": 1 })).await.is(200);
    master.api.get(&format!("{path}/icon")).await.is(200);
}

async fn a_languages_screenshot_is_deleted_from_that_language(world: World) {
    let master = world.master().await;
    keep(&master, ONE, "one").await;
    let path = kept(&master, ONE);
    let german = master.at(&format!("/i18n/de-DE/applications/application/{ONE}"));
    for at in [&path, &german] {
        for name in ["a", "b"] {
            send(&master.api, &format!("{at}/screenshots?filename={name}.gif"), "image/gif", GIF).await.is(200);
        }
    }
    let left = master.api.delete(&format!("{german}/screenshots/0")).await.is(200).data();
    assert_eq!(left["screenshots"], json!(["screenshot-a.gif", "screenshot-b.gif"]));
    assert_eq!(left["i18n"], json!({ "de-DE": { "screenshots": ["screenshot-de-DE-b.gif"] } }));
    let odd = master.at(&format!("/i18n/a%20b/applications/application/{ONE}/icon"));
    send(&master.api, &odd, "image/png", PNG).await.is(400);
}

async fn accounts_see_the_resellers_pictures_and_else_the_masters(world: World) {
    let cast = cast(&world).await;
    let customer = &cast.customer;
    keep(&cast.master, ONE, "one").await;
    let master = kept(&cast.master, ONE);
    send(&cast.master.api, &format!("{master}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    send(&cast.master.api, &format!("{master}/screenshots?filename=s.png"), "image/png", PNG).await.is(200);
    keep(&cast.reseller, ONE, "ours").await;
    let shown = |what: &str| customer.at(&format!("/applications/monster_ui/{ONE}/{what}"));
    assert_eq!(customer.api.get(&shown("icon")).await.is(200).body, PNG);
    send(&cast.reseller.api, &format!("{}/icon?filename=r.gif", kept(&cast.reseller, ONE)), "image/gif", GIF).await.is(200);
    assert_eq!(customer.api.get(&shown("icon")).await.is(200).body, GIF);
    assert_eq!(customer.api.get(&shown("screenshots/0")).await.is(200).body, PNG);
    customer.api.get(&shown("screenshots/1")).await.is(404);
    assert_eq!(cast.reseller.api.get(&cast.reseller.at(&format!("/applications/monster_ui/{ONE}/icon"))).await.body, PNG);
    // A user has none of what he isn't entitled to.
    let boss = customer.at(&format!("/users/{}/applications/monster_ui/{ONE}/icon", customer.user_id));
    customer.api.get(&boss).await.is(404);
    super::activate(customer, ONE).await;
    assert_eq!(customer.api.get(&boss).await.is(200).body, GIF);
    let german = customer.at(&format!("/users/{}/i18n/de-DE/applications/monster_ui/{ONE}/icon", customer.user_id));
    assert_eq!(customer.api.get(&german).await.is(200).body, GIF);
}

async fn what_is_no_picture_is_refused(world: World) {
    let master = world.master().await;
    keep(&master, ONE, "one").await;
    let path = kept(&master, ONE);
    for picture in [format!("{path}/icon"), format!("{path}/screenshots")] {
        let none = json!({ "file": { "required": { "message": "Please provide an image file" } } });
        master.api.post(&picture, json!({})).await.is_invalid(none);
        send(&master.api, &picture, "text/html", b"<script>").await.is_bare(415);
        let part =
            "--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.gif\"\r\ncontent-type: image/gif\r\n\r\nGIF89a\r\n";
        let two = format!("{part}{part}--x--\r\n");
        let several = json!({ "file": { "maxItems": { "message": "please provide a single image file" } } });
        master.api.raw("POST", &picture, Some("multipart/form-data; boundary=x"), two).await.is_invalid(several);
    }
    let other = kept(&master, super::TWO);
    send(&master.api, &format!("{other}/icon"), "image/png", PNG).await.is(404);
}
