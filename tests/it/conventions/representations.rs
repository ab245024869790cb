//! In which form an answer comes.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::world::World;

on_every_world! {
    json_comes_to_all_who_take_it,
    data_comes_as_csv_to_those_who_ask,
    json_comes_indented_wrapped_or_compressed_on_demand,
    head_is_get_without_the_body,
}

async fn json_comes_to_all_who_take_it(world: World) {
    let master = world.master().await;
    for accept in ["*/*", "application/json", "application/x-json", "application/json, text/javascript, */*; q=0.01"] {
        let answer = master.api.with("accept", accept).get("/v2/about").await.is(200);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{accept}");
        assert_eq!(answer.header("vary"), Some("accept-language, accept"));
        assert_eq!(answer.header("content-language"), Some("en"));
        assert_eq!(answer.header("expires"), Some("Fri, 01 Jan 1999 00:00:00 GMT"));
    }
    for accept in ["text/html", "application/xml", "image/png"] {
        master.api.with("accept", accept).get("/v2/about").await.is_bare(406);
    }
    let strange = master.api.with("accept-language", "fr-FR,en;q=0.8").get("/v2/about").await.is(200);
    assert_eq!(strange.header("content-language"), Some("fr-fr"));
    // A content type is of no concern where there's no content.
    master.api.with("content-type", "text/plain").get("/v2/about").await.is(200);
}

async fn data_comes_as_csv_to_those_who_ask(world: World) {
    let master = world.master().await;
    for answer in [
        master.api.with("accept", "text/csv").get(&master.at("/users")).await.is(200),
        master.api.get(&master.at("/users?accept=csv")).await.is(200),
        master.api.get(&master.at("/users?accept=text/csv")).await.is(200),
    ] {
        assert_eq!(answer.header("content-type"), Some("text/csv"));
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\""));
        let text = answer.text();
        let (head, rows) = text.split_once('\n').unwrap();
        assert!(head.contains("\"username\"") && rows.contains("\"admin\"") && !text.contains("request_id"), "{text}");
    }
    let named = master.api.with("x-file-name", "my \"users\".csv").with("accept", "text/csv").get(&master.at("/users")).await;
    assert_eq!(named.header("content-disposition"), Some("attachment; filename=\"my _users_.csv\""));
}

async fn json_comes_indented_wrapped_or_compressed_on_demand(world: World) {
    let master = world.master().await;
    let plain = master.api.get("/v2/about").await.is(200);
    assert!(!plain.text().contains('\n'));
    for answer in
        [master.api.with("x-pretty-print", "true").get("/v2/about").await, master.api.get("/v2/about?pretty_print=true").await]
    {
        assert!(answer.text().contains("\n  "), "{}", answer.text());
        assert_eq!(answer.json()["data"]["version"], "5.0.0");
    }
    let wrapped = master.api.get("/v2/about?jsonp=my.cb_1").await.is(200);
    let inner = wrapped.text().strip_prefix("my.cb_1(").and_then(|text| text.strip_suffix(");")).unwrap().to_owned();
    assert_eq!(serde_json::from_str::<Value>(&inner).unwrap()["status"], "success");
    assert_eq!(wrapped.header("x-content-type-options"), Some("nosniff"));
    assert!(master.api.get("/v2/about?jsonp=alert(1)//").await.text().starts_with('{'));

    let zipped = master.api.with("accept-encoding", "gzip, deflate").get("/v2/about").await.is(200);
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(zipped.body.as_ref()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["data"]["version"], "5.0.0");
    let refused = master.api.with("accept-encoding", "gzip;q=0").get("/v2/about").await;
    assert_eq!(refused.header("content-encoding"), None);
}

async fn head_is_get_without_the_body(world: World) {
    let master = world.master().await;
    for path in ["/v2/about".to_owned(), master.at("")] {
        let (head, get) = (master.api.send("HEAD", &path, None).await, master.api.get(&path).await);
        assert_eq!((head.status, head.text().as_ref()), (200, ""), "{path}");
        for header in ["content-type", "etag", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{path}");
        }
    }
    assert_eq!(world.api.send("HEAD", "/v2/about", None).await.status, 401);
    assert_eq!(master.api.send("HEAD", &master.at("/nosuch"), None).await.status, 404);
}
