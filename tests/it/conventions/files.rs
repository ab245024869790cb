//! Files: icons and screenshots.

use crate::support::world::{World, demo_apps};

on_every_world! {
    a_file_comes_whole_or_in_part,
    a_file_comes_to_those_who_take_its_type,
}

async fn a_file_comes_whole_or_in_part(world: World) {
    let original = std::fs::read(demo_apps().join("accounts/metadata/icon/accounts.png")).unwrap();
    let length = original.len();
    let path = format!("/v2/apps_store/{}/icon", world.app("accounts").await);
    let whole = world.api.get(&path).await.is(200);
    assert_eq!(whole.body, original);
    assert_eq!(whole.header("content-type"), Some("image/png"));
    assert_eq!(whole.header("content-length"), Some(length.to_string().as_str()));
    assert_eq!(whole.header("content-disposition"), Some("attachment; filename=accounts.png"));
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    for (range, part) in [
        ("bytes=0-9", 0..10),
        ("bytes=100-", 100..length),
        ("bytes=-7", length - 7..length),
        ("bytes=10-99999999", 10..length),
        ("bytes=0-0", 0..1),
    ] {
        let answer = world.api.with("range", range).get(&path).await.is(206);
        let said = format!("bytes {}-{}/{length}", part.start, part.end - 1);
        assert_eq!(answer.header("content-range"), Some(said.as_str()), "{range}");
        assert_eq!(answer.header("accept-ranges"), Some("bytes"), "{range}");
        assert_eq!(answer.body, original[part], "{range}");
    }
    for range in ["bytes=0-1,3-4", "bytes=99999999-", "bytes=5-2", "items=0-1", "rubbish"] {
        let answer = world.api.with("range", range).get(&path).await.is(200);
        assert_eq!(answer.body, original, "{range}");
    }
    let head = world.api.send("HEAD", &path, None).await.is(200);
    assert_eq!((head.header("content-type"), head.body.len()), (Some("image/png"), 0));
}

async fn a_file_comes_to_those_who_take_its_type(world: World) {
    let app = world.app("accounts").await;
    let master = world.master().await;
    for path in [format!("/v2/apps_store/{app}/icon"), master.at(&format!("/apps_store/{app}/screenshot/1"))] {
        let path = format!("{path}?auth_token={}", master.token);
        for accept in ["*/*", "image/png", "image/*", "image/avif,image/webp,image/png,*/*;q=0.8"] {
            world.api.with("accept", accept).get(&path).await.is(200);
        }
        for accept in ["image/jpeg", "text/html", "application/json"] {
            world.api.with("accept", accept).get(&path).await.is_bare(406);
        }
        // Faults are told as ever, whatever is taken.
        let answer = world.api.with("accept", "image/*").get("/v2/apps_store/nosuch/icon").await.is(404);
        assert_eq!(answer.json()["message"], "bad_identifier");
    }
}
