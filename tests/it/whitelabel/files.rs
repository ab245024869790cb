//! Logo, icon and welcome page: sent in every form that clients use, replaced, and shown to anybody without harm.

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::future::join;
use serde_json::{Value, json};

use crate::support::world::{Session, World};

on_every_world! {
    a_file_comes_back_as_it_was_sent,
    a_new_file_takes_the_place_of_the_old,
    what_is_no_file_for_its_place_is_refused,
    the_single_file_of_older_versions_is_the_logo,
    a_file_can_be_sent_for_the_accounts_own_domain,
    a_hostile_file_does_no_harm,
    a_file_comes_in_parts_and_once,
    files_sent_at_the_same_time_are_all_there,
    a_domains_files_are_its_owners_whichever_account_asks,
    a_file_may_be_encoded_for_its_way,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR and the rest of the picture";
const ICO: &[u8] = b"\x00\x00\x01\x00\x01\x00rest of the icon";
const DOMAIN: &str = "wl.brand.example";

/// An account with a brand.
async fn branded(world: &World) -> Session {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    child.api.put(&child.at("/whitelabel"), json!({ "domain": DOMAIN })).await.is(201);
    child
}

fn multipart(files: &[(&str, &str, &[u8])]) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (name, content_type, bytes) in files {
        let head = format!(
            "--XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: {content_type}\r\n\r\n"
        );
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(b"--XX--\r\n");
    ("multipart/form-data; boundary=XX", body)
}

async fn a_file_comes_back_as_it_was_sent(world: World) {
    let child = branded(&world).await;
    let encoded = BASE64_STANDARD.encode(PNG);
    assert!(encoded.ends_with('='), "padding is a case of its own");
    let (form, parts) = multipart(&[("Our Logo.png", "image/png", PNG)]);
    let uri = format!("data:image/png;base64,{encoded}");
    // A file's name is the client's, or made of the time.
    for (query, content_type, body, name) in [
        ("", "image/png", PNG.to_vec(), None),
        ("?filename=ours.png", "image/png", PNG.to_vec(), Some("logo-ours.png")),
        ("?filename=ours", "image/png", PNG.to_vec(), Some("logo-ours.png")),
        ("", "application/x-base64", uri.clone().into_bytes(), None),
        ("", "application/base64", uri.replace("base64,", "base64,\r\n ").into_bytes(), None),
        ("", "application/base64", encoded.trim_end_matches('=').as_bytes().to_vec(), None),
        ("", "application/base64", format!("data:application/base64;base64,{encoded}").into_bytes(), None),
        ("", form, parts, Some("logo-OurLogo.png")),
    ] {
        let logo = child.at("/whitelabel/logo");
        let answer = child.api.raw("POST", &format!("{logo}{query}"), Some(content_type), body).await.is(200);
        assert_eq!(answer.data(), child.api.get(&child.at("/whitelabel")).await.data());
        for shown in [
            child.api.get(&logo).await.is(200),
            child.api.get(&child.at(&format!("/whitelabel/{DOMAIN}/logo"))).await.is(200),
            world.api.get(&format!("/v2/whitelabel/{DOMAIN}/logo")).await.is(200),
            world.api.get(&format!("/v2/whitelabel/{}/logo?_=1", DOMAIN.to_uppercase())).await.is(200),
        ] {
            assert_eq!(shown.body, PNG, "{content_type}");
            assert_eq!(shown.header("content-type"), Some("image/png"), "{content_type}");
            let disposition = shown.header("content-disposition").unwrap();
            match name {
                Some(name) => assert_eq!(disposition, format!("attachment; filename={name}")),
                None => {
                    let time = disposition.strip_prefix("attachment; filename=logo-uploaded_file_").unwrap();
                    assert!(time.strip_suffix(".png").unwrap().parse::<u64>().unwrap() > 63_000_000_000, "{disposition}");
                }
            }
        }
    }
    let named = child.api.with("content-disposition", "attachment; filename=\"theirs.gif\"");
    named.raw("POST", &child.at("/whitelabel/logo"), Some("image/gif"), "GIF89a").await.is(200);
    let shown = child.api.get(&child.at("/whitelabel/logo")).await;
    assert_eq!(shown.header("content-disposition"), Some("attachment; filename=logo-theirs.gif"));

    child.api.raw("POST", &child.at("/whitelabel/icon?filename=fav.ico"), Some("image/x-icon"), ICO).await.is(200);
    let page = "<h1>Willkommen — ü</h1>";
    child.api.raw("POST", &child.at("/whitelabel/welcome"), Some("text/html; charset=utf-8"), page).await.is(200);
    let icon = world.api.get(&format!("/v2/whitelabel/{DOMAIN}/icon")).await.is(200);
    assert_eq!((icon.header("content-type"), &icon.body[..]), (Some("image/x-icon"), ICO));
    let welcome = world.api.with("accept", "text/html").get(&format!("/v2/whitelabel/{DOMAIN}/welcome")).await.is(200);
    assert_eq!((welcome.header("content-type"), welcome.text().as_ref()), (Some("text/html"), page));
    // Without a token only by domain.
    for part in ["logo", "icon", "welcome"] {
        world.api.get(&child.at(&format!("/whitelabel/{part}"))).await.is_unauthorized();
        world.api.get(&child.at(&format!("/whitelabel/{DOMAIN}/{part}"))).await.is_unauthorized();
    }
}

async fn names(world: &World, session: &Session) -> Vec<String> {
    let doc = world.documents().get(&session.db(), "whitelabel").await.unwrap();
    doc.get("_attachments").and_then(Value::as_object).map(|stubs| stubs.keys().cloned().collect()).unwrap_or_default()
}

async fn a_new_file_takes_the_place_of_the_old(world: World) {
    let child = branded(&world).await;
    let logo = child.at("/whitelabel/logo");
    let missing = json!(["logo"]);
    child.api.get(&logo).await.is_error(404, "bad identifier", missing.clone());
    child.api.raw("POST", &child.at("/whitelabel/icon?filename=i.png"), Some("image/png"), PNG).await.is(200);
    for name in ["a", "b", "b", "c.jpg"] {
        child.api.raw("POST", &format!("{logo}?filename={name}"), Some("image/png"), format!("picture {name}")).await.is(200);
        assert_eq!(child.api.get(&logo).await.text(), format!("picture {name}"));
    }
    let mut all = names(&world, &child).await;
    all.sort();
    assert_eq!(all, ["icon-i.png", "logo-c.jpg"]);
    // A replaced document keeps its files, a deleted one doesn't come back with them.
    child.api.post(&child.at("/whitelabel"), json!({ "domain": DOMAIN, "company_name": "New" })).await.is(200);
    assert_eq!(child.api.get(&logo).await.text(), "picture c.jpg");
    child.api.delete(&child.at("/whitelabel")).await.is(200);
    child.api.get(&logo).await.is_error(404, "bad identifier", missing.clone());
    child.api.put(&child.at("/whitelabel"), json!({ "domain": DOMAIN })).await.is(201);
    child.api.get(&logo).await.is_error(404, "bad identifier", missing);
}

async fn what_is_no_file_for_its_place_is_refused(world: World) {
    let child = branded(&world).await;
    let picture = json!({ "file": { "required": { "message": "Please provide an image file" } } });
    let single = json!({ "file": { "maxItems": { "message": "Please provide a single image file" } } });
    for part in ["logo", "icon"] {
        let path = child.at(&format!("/whitelabel/{part}"));
        child.api.post(&path, json!({ "a": 1 })).await.is_invalid(picture.clone());
        child.api.raw("POST", &path, Some("image/png"), "").await.is_invalid(picture.clone());
        child.api.raw("POST", &path, Some("application/base64"), "data:image/png;base64,").await.is_invalid(picture.clone());
        let (form, two) = multipart(&[("a.png", "image/png", PNG), ("b.png", "image/png", PNG)]);
        child.api.raw("POST", &path, Some(form), two).await.is_invalid(single.clone());
        let (form, page) = multipart(&[("a.html", "text/html", b"<p>")]);
        child.api.raw("POST", &path, Some(form), page).await.is_bare(415);
        for content_type in ["application/pdf", "text/html", "video/mp4"] {
            child.api.raw("POST", &path, Some(content_type), "x").await.is_bare(415);
        }
        child.api.raw("POST", &path, Some("application/base64"), "data:text/html;base64,PHA+").await.is_bare(415);
        child.api.raw("POST", &path, Some("application/base64"), BASE64_STANDARD.encode("no picture")).await.is_bare(415);
        let undecodable = json!({ "file": { "encoding": { "message": "failed to decode base64 data" } } });
        child.api.raw("POST", &path, Some("application/base64"), "!!!notbase64").await.is_invalid(undecodable);
        child.api.raw("PUT", &path, Some("image/png"), PNG).await.is(405);
        child.api.delete(&path).await.is(405);
    }
    child.api.raw("POST", &child.at("/whitelabel/logo"), Some("image/x-icon"), ICO).await.is_bare(415);
    let welcome = child.at("/whitelabel/welcome");
    let page = json!({ "file": { "required": { "message": "Please provide an html file" } } });
    child.api.post(&welcome, json!({ "a": 1 })).await.is_invalid(page);
    child.api.raw("POST", &welcome, Some("image/png"), PNG).await.is_bare(415);
    let (form, two) = multipart(&[("a.html", "text/html", b"<p>"), ("b.html", "text/html", b"<p>")]);
    let single = json!({ "file": { "maxItems": { "message": "Please provide a single html file" } } });
    child.api.raw("POST", &welcome, Some(form), two).await.is_invalid(single);
    let large = child.api.raw("POST", &welcome, Some("text/html"), vec![b'x'; 8_000_001]).await.is(400).json();
    assert_eq!(large["data"]["file"]["maxSize"]["target"], 8_000_000);
    assert!(names(&world, &child).await.is_empty());

    // Without a brand there's nothing to put a file to.
    let master = world.master().await;
    let missing = json!({ "cause": "whitelabel", "message": "bad identifier" });
    master.api.raw("POST", &master.at("/whitelabel/logo"), Some("image/png"), PNG).await.is_error(404, "bad_identifier", missing);
}

async fn the_single_file_of_older_versions_is_the_logo(world: World) {
    let child = branded(&world).await;
    world
        .edit(&child.db(), "whitelabel", |doc| {
            doc.insert(
                "_attachments".into(),
                json!({ "company.png": { "content_type": "image/png", "data": BASE64_STANDARD.encode(PNG) } }),
            );
        })
        .await;
    let old = world.api.get(&format!("/v2/whitelabel/{DOMAIN}/logo")).await.is(200);
    assert_eq!((&old.body[..], old.header("content-disposition")), (PNG, Some("attachment; filename=company.png")));
    world.api.get(&format!("/v2/whitelabel/{DOMAIN}/icon")).await.is(404);
    child.api.raw("POST", &child.at("/whitelabel/icon?filename=i.png"), Some("image/png"), "icon").await.is(200);
    assert_eq!(world.api.get(&format!("/v2/whitelabel/{DOMAIN}/logo")).await.is(200).body, PNG);
    child.api.raw("POST", &child.at("/whitelabel/logo?filename=new.png"), Some("image/png"), "new").await.is(200);
    assert_eq!(world.api.get(&format!("/v2/whitelabel/{DOMAIN}/logo")).await.is(200).text(), "new");
    let mut all = names(&world, &child).await;
    all.sort();
    assert_eq!(all, ["icon-i.png", "logo-new.png"]);
}

async fn a_file_can_be_sent_for_the_accounts_own_domain(world: World) {
    let child = branded(&world).await;
    for part in ["logo", "icon"] {
        let path = child.at(&format!("/whitelabel/WL.Brand.example/{part}"));
        child.api.raw("POST", &path, Some("image/png"), part).await.is(200);
        assert_eq!(world.api.get(&format!("/v2/whitelabel/{DOMAIN}/{part}")).await.text(), part);
    }
    let other = child.api.raw("POST", &child.at("/whitelabel/other.example/logo"), Some("image/png"), PNG).await;
    other.is_error(404, "bad_identifier", json!({ "cause": "other.example", "message": "bad identifier" }));
    world.api.raw("POST", &format!("/v2/whitelabel/{DOMAIN}/logo"), Some("image/png"), PNG).await.is(405);
    let nobodys = json!({ "cause": "nobody.example", "message": "bad identifier" });
    world.api.get("/v2/whitelabel/nobody.example/logo").await.is_error(404, "bad_identifier", nobodys);
    world.api.get(&format!("/v2/whitelabel/{DOMAIN}/nosuch")).await.is(404);
}

async fn a_hostile_file_does_no_harm(world: World) {
    let child = branded(&world).await;
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    child.api.raw("POST", &child.at("/whitelabel/logo"), Some("image/svg+xml"), svg).await.is(200);
    child.api.raw("POST", &child.at("/whitelabel/welcome"), Some("text/html"), "<script>alert(1)</script>").await.is(200);
    for part in ["logo", "welcome"] {
        let shown = world.api.get(&format!("/v2/whitelabel/{DOMAIN}/{part}")).await.is(200);
        let policy = shown.header("content-security-policy").unwrap();
        let rules: Vec<&str> = policy.split(';').map(str::trim).collect();
        assert!(rules.contains(&"sandbox") && rules.contains(&"default-src 'none'") && !policy.contains("script"), "{policy}");
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
        assert!(shown.header("content-disposition").unwrap().starts_with("attachment"));
    }
    for (name, kept) in [
        ("a%22%0D%0ASet-Cookie%3A%20x%3D1.svg", "logo-a\"Set-Cookie:x=1.svg"),
        ("..%2F..%2Fetc%2Fpasswd", "logo-passwd.svg"),
        ("%C3%BC%E2%80%AE%F0%9F%98%80.svg", "logo-ü\u{202e}😀.svg"),
        ("%00%01_attachments", "logo-_attachments.svg"),
        ("a%3Bfilename%3Db.svg", "logo-a;filename=b.svg"),
        ("%25%3F%23.svg", "logo-%?#.svg"),
    ] {
        child.api.raw("POST", &child.at(&format!("/whitelabel/logo?filename={name}")), Some("image/svg+xml"), svg).await.is(200);
        assert!(names(&world, &child).await.contains(&kept.to_owned()), "{name}: {:?}", names(&world, &child).await);
        let shown = world.api.get(&format!("/v2/whitelabel/{DOMAIN}/logo")).await.is(200);
        assert_eq!(shown.text(), svg);
        assert_eq!(shown.header("set-cookie"), None);
        let disposition = shown.headers.get("content-disposition").unwrap().to_str().unwrap();
        assert!(disposition.is_ascii() && disposition.matches("filename=").count() <= 2, "{disposition}");
    }
}

async fn a_file_comes_in_parts_and_once(world: World) {
    let child = branded(&world).await;
    let picture: Vec<u8> = (0..300_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    child.api.raw("POST", &child.at("/whitelabel/logo"), Some("image/png"), picture.clone()).await.is(200);
    let path = format!("/v2/whitelabel/{DOMAIN}/logo");
    let whole = world.api.get(&path).await.is(200);
    assert_eq!(whole.body, picture);
    let tag = whole.header("etag").unwrap();
    for (range, part) in [
        ("bytes=0-9", 0..10),
        ("bytes=65530-65540", 65530..65541),
        ("bytes=-7", 299_993..300_000),
        ("bytes=100000-", 100_000..300_000),
    ] {
        let answer = world.api.with("range", range).get(&path).await.is(206);
        assert_eq!(answer.header("content-range"), Some(format!("bytes {}-{}/300000", part.start, part.end - 1).as_str()));
        assert_eq!(answer.body, picture[part]);
    }
    world.api.with("if-none-match", tag).get(&path).await.is_bare(304);
    world.api.with("if-none-match", "\"other\"").get(&path).await.is(200);
    world.api.with("if-match", "\"other\"").get(&path).await.is_bare(412);
    let head = world.api.send("HEAD", &path, None).await.is(200);
    assert_eq!((head.header("content-length"), head.body.len()), (Some("300000"), 0));
    for accept in ["image/jpeg", "application/json"] {
        world.api.with("accept", accept).get(&path).await.is_bare(406);
    }
    child.api.raw("POST", &child.at("/whitelabel/logo"), Some("image/png"), PNG).await.is(200);
    assert_eq!(world.api.with("if-none-match", tag).get(&path).await.is(200).body, PNG);
}

async fn files_sent_at_the_same_time_are_all_there(world: World) {
    let child = branded(&world).await;
    for round in 0..4 {
        let send = |part: &str, content_type: &'static str| {
            let (api, path, body) =
                (child.api.clone(), child.at(&format!("/whitelabel/{part}?filename=f{round}")), format!("{part} {round}"));
            async move { api.raw("POST", &path, Some(content_type), body).await.is(200) }
        };
        join(join(send("logo", "image/png"), send("icon", "image/png")), send("welcome", "text/html")).await;
        for part in ["logo", "icon", "welcome"] {
            let shown = world.api.get(&format!("/v2/whitelabel/{DOMAIN}/{part}")).await.is(200);
            assert_eq!(shown.text(), format!("{part} {round}"));
        }
        assert_eq!(names(&world, &child).await.len(), 3);
    }
}

async fn a_domains_files_are_its_owners_whichever_account_asks(world: World) {
    let child = branded(&world).await;
    let other = world.account(&world.master().await, "Other").await;
    other.api.put(&other.at("/whitelabel"), json!({ "domain": "other.example" })).await.is(201);
    for (session, of) in [(&child, "child"), (&other, "other")] {
        session.api.raw("POST", &session.at("/whitelabel/logo"), Some("image/png"), format!("logo of {of}")).await.is(200);
    }
    // A document by domain is the account's own all the same.
    assert_eq!(other.api.get(&other.at(&format!("/whitelabel/{DOMAIN}"))).await.data()["domain"], "other.example");
    let logo = other.api.get(&other.at(&format!("/whitelabel/{DOMAIN}/logo"))).await.is(200);
    assert_eq!(logo.text(), "logo of child");
    assert_eq!(other.api.get(&other.at("/whitelabel/logo")).await.is(200).text(), "logo of other");
    other.api.get(&child.at(&format!("/whitelabel/{DOMAIN}/logo"))).await.is_forbidden();
    let theirs = other.api.raw("POST", &other.at(&format!("/whitelabel/{DOMAIN}/logo")), Some("image/png"), "mine").await;
    theirs.is_error(404, "bad_identifier", json!({ "cause": DOMAIN, "message": "bad identifier" }));
    assert_eq!(world.api.get(&format!("/v2/whitelabel/{DOMAIN}/logo")).await.text(), "logo of child");
}

async fn a_file_may_be_encoded_for_its_way(world: World) {
    let child = branded(&world).await;
    let logo = child.at("/whitelabel/logo");
    let encoded = BASE64_STANDARD.encode(PNG);
    let api = child.api.with("content-transfer-encoding", "BASE64");
    api.raw("POST", &logo, Some("image/png"), encoded.clone()).await.is(200);
    assert_eq!(child.api.get(&logo).await.is(200).body, PNG);
    let part = format!(
        "--XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"b.png\"\r\ncontent-type: image/png\r\n\
         content-transfer-encoding: base64\r\n\r\n{encoded}\r\n--XX--\r\n"
    );
    child.api.raw("POST", &logo, Some("multipart/form-data; boundary=XX"), part).await.is(200);
    let shown = child.api.get(&logo).await.is(200);
    assert_eq!((&shown.body[..], shown.header("content-disposition")), (PNG, Some("attachment; filename=logo-b.png")));
    let undecodable = json!({ "file": { "encoding": { "message": "failed to decode base64 data" } } });
    api.raw("POST", &logo, Some("image/png"), "!").await.is_invalid(undecodable);
}
