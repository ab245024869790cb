//! What is sent to the server, and what isn't.

use std::sync::mpsc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use storefront::store::{Db, Error, Keys, Query, Reduce, Since, Store, Upload, View, couch::CouchStore};

use crate::store::contract::doc;
use crate::support::script::{Answer, Script};

const DB: Db = Db::named("account/0a/1b/2c");

fn ok() -> Script {
    Script::always(Answer::json(200, r#"{"_id":"x","ok":true,"rev":"1-a","rows":[],"results":[],"last_seq":0}"#))
}

fn store(script: &Script) -> CouchStore {
    CouchStore::new(&script.url).unwrap()
}

fn upload(bytes: &'static str) -> Upload {
    Upload {
        content_type: "audio/mpeg".into(),
        length: Some(bytes.len() as u64),
        body: stream::iter([Ok(Bytes::from(bytes))]).boxed(),
    }
}

#[tokio::test]
async fn credentials_go_in_their_header_and_nowhere_else() {
    let script = ok();
    store(&script).get(&DB, "x").await.unwrap();
    let request = &script.requests()[0];
    assert!(request.starts_with("GET /account%2F0a%2F1b%2F2c/x HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Basic YWRtaW46czNjcmV0\r\n"), "{request}");
    assert!(!request.contains("s3cret") && !request.contains("referer"), "{request}");
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
}

#[tokio::test]
async fn credentials_may_have_any_characters() {
    let script = ok();
    let mut url = script.url.clone();
    url.set_password(Some("p@ss:w/r+d é")).unwrap();
    CouchStore::new(&url).unwrap().get(&DB, "x").await.unwrap();
    assert!(script.requests()[0].contains("authorization: Basic YWRtaW46cEBzczp3L3IrZCDDqQ==\r\n"), "{}", script.requests()[0]);
}

#[tokio::test]
async fn a_path_in_the_servers_url_stays_in_front() {
    let script = ok();
    let url = script.url.join("/proxy/couch/").unwrap();
    CouchStore::new(&url).unwrap().get(&DB, "x").await.unwrap();
    assert!(script.requests()[0].starts_with("GET /proxy/couch/account%2F0a%2F1b%2F2c/x HTTP/1.1\r\n"));
}

#[test]
fn a_url_that_cant_be_a_servers_is_refused_without_showing_its_password() {
    for url in ["http://admin:s3cret@h/?q=1", "http://admin:s3cret@h/#f", "ftp://admin:s3cret@h/", "http://a%3Ab:s3cret@h/"] {
        let error = CouchStore::new(&url.parse().unwrap()).unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{url}");
        assert!(error.to_string().contains("CouchDB URL") && !super::tells_secrets(&error), "{error}");
    }
    assert!(!format!("{:?}", CouchStore::new(&"http://admin:s3cret@h/".parse().unwrap()).unwrap()).contains("s3cret"));
}

#[tokio::test]
async fn names_made_of_dots_never_reach_the_server() {
    let script = ok();
    let store = store(&script);
    for id in ["..", ".", "", "_design/..", "_security"] {
        let doc = doc(json!({"_id": id}));
        let refused = [
            store.get(&DB, id).await.map(drop),
            store.delete(&DB, id, "1-a").await.map(drop),
            store.put(&DB, &doc).await.map(drop),
            store.attachment(&DB, id, "icon", None).await.map(drop),
            store.put_attachment(&DB, id, None, "icon", upload("x")).await.map(drop),
            store.delete_attachment(&DB, id, "1-a", "icon").await.map(drop),
            store.delete_attachment(&DB, "x", "1-a", id).await.map(drop),
            store.put_many(&DB, &[doc]).await.unwrap().remove(0).map(drop),
        ];
        // An attachment may have a name that a document mayn't.
        for refusal in refused {
            assert!(matches!(refusal, Err(Error::Invalid { .. })) || id == "_design/..", "{id:?}: {refusal:?}");
        }
    }
    for db in ["..", ".", ""] {
        assert!(matches!(store.delete_database(&Db::named(db)).await, Err(Error::Invalid { .. })));
    }
    let sent = script.requests();
    assert!(sent.iter().all(|request| request.starts_with("DELETE /account%2F0a%2F1b%2F2c/x/_design%2F..?rev=")), "{sent:?}");
}

#[tokio::test]
async fn a_document_without_an_id_isnt_sent() {
    let script = ok();
    let doc = doc(json!({"a": 1}));
    assert!(matches!(store(&script).put(&DB, &doc).await, Err(Error::Invalid { .. })));
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn a_deletion_names_its_revision_even_an_empty_one() {
    let script = ok();
    store(&script).delete(&DB, "x", "1-a").await.unwrap();
    store(&script).delete(&DB, "x", "").await.unwrap();
    store(&script).delete_attachment(&DB, "x", "1-a", "y").await.unwrap();
    let lines: Vec<_> = script.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(lines[0], "DELETE /account%2F0a%2F1b%2F2c/x?rev=1-a HTTP/1.1");
    assert_eq!(lines[1], "DELETE /account%2F0a%2F1b%2F2c/x?rev= HTTP/1.1");
    assert_eq!(lines[2], "DELETE /account%2F0a%2F1b%2F2c/x/y?rev=1-a HTTP/1.1");
}

#[tokio::test]
async fn an_attachment_has_one_content_type_and_its_length() {
    let script = ok();
    store(&script).put_attachment(&DB, "x", Some("1-a"), "y z", upload("abc")).await.unwrap();
    let request = &script.requests()[0];
    assert!(request.starts_with("PUT /account%2F0a%2F1b%2F2c/x/y%20z?rev=1-a HTTP/1.1\r\n"), "{request}");
    assert_eq!(request.matches("content-type:").count(), 1, "{request}");
    assert!(request.contains("content-type: audio/mpeg\r\n"), "{request}");
    assert!(request.contains("content-length: 3\r\n") && request.ends_with("\r\n\r\nabc"), "{request}");
}

/// What a query makes of itself on the wire.
async fn asked(view: View, query: Query) -> Value {
    let script = ok();
    store(&script).view(&DB, view, &query).await.unwrap();
    let requests = script.requests();
    serde_json::from_str(requests[0].split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn a_query_says_all_that_it_wants_and_no_more() {
    let view = View::new("apps", "by_account");
    assert_eq!(asked(view, Query::default()).await, json!({"reduce": false}));
    assert_eq!(asked(view, Query::key(Value::Null)).await, json!({"key": null, "reduce": false}));
    let query = Query { skip: 2, ..Query::range(json!(["a"]), json!(["a", {}])).with_docs().descending().limit(3) };
    let expected = json!({
        "startkey": ["a"], "endkey": ["a", {}], "descending": true, "limit": 3, "skip": 2, "reduce": false, "include_docs": true,
    });
    assert_eq!(asked(view, query).await, expected);
    let query = Query { keys: Keys::Range { start: None, end: Some(json!("b")), inclusive_end: false }, ..Query::default() };
    assert_eq!(asked(view, query).await, json!({"endkey": "b", "inclusive_end": false, "reduce": false}));
    let reduced = |reduce| Query { reduce, ..Query::default() };
    assert_eq!(asked(view, reduced(Reduce::All)).await, json!({"reduce": true}));
    assert_eq!(asked(view, reduced(Reduce::Group)).await, json!({"group": true}));
    assert_eq!(asked(view, reduced(Reduce::Level(2))).await, json!({"group_level": 2}));
    assert_eq!(asked(View::ALL_DOCS, Query::keys(vec![json!("a")])).await, json!({"keys": ["a"]}));
}

#[tokio::test]
async fn no_keys_are_no_rows_and_no_question() {
    let script = ok();
    assert_eq!(store(&script).view(&DB, View::ALL_DOCS, &Query::keys(Vec::new())).await.unwrap(), []);
    assert!(store(&script).get_many(&DB, &[]).await.unwrap().is_empty());
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn a_feed_goes_on_where_it_was_told_to() {
    let script = Script::always(Answer::json(200, r#"{"results":[],"last_seq":"7-g1A+/="}"#));
    let last = store(&script).changes(&DB, &Since::default()).await.unwrap().last;
    store(&script).changes(&DB, &Since { seq: Some(last), limit: Some(5), include_docs: true, wait: None }).await.unwrap();
    let requests = script.requests();
    assert!(requests[0].starts_with("GET /account%2F0a%2F1b%2F2c/_changes?since=0 HTTP/1.1\r\n"));
    let expected = "GET /account%2F0a%2F1b%2F2c/_changes?since=7-g1A%2B%2F%3D&limit=5&include_docs=true HTTP/1.1\r\n";
    assert!(requests[1].starts_with(expected), "{}", requests[1]);
}

#[tokio::test]
async fn a_range_is_cut_from_an_answer_that_has_everything() {
    let whole = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\nETag: \"abc==\"\r\n\r\n0123456789";
    let script = Script::always(Answer::Say(whole.into()));
    for (asked, range, bytes) in [(2..5, 2..5, "234"), (8..u64::MAX, 8..10, "89"), (20..30, 10..10, "")] {
        let part = store(&script).attachment(&DB, "x", "y", Some(asked)).await.unwrap();
        assert_eq!((part.range, part.info.length, part.info.digest.as_str()), (range, 10, "md5-abc=="));
        let body: Vec<Bytes> = part.body.try_collect().await.unwrap();
        assert_eq!(body.concat(), bytes.as_bytes());
    }
    assert!(script.requests()[0].contains("range: bytes=2-4\r\n"));
}

#[test]
fn a_busy_thread_holds_up_no_other() {
    let script = ok();
    let store = std::sync::Arc::new(store(&script));
    let (opened, open) = mpsc::channel();
    let (answered, answer) = mpsc::channel();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // One thread opens a connection and then does nothing for its runtime until the other one has its answer.
    let busy = std::thread::spawn({
        let store = store.clone();
        move || {
            runtime().block_on(async {
                store.get(&DB, "x").await.unwrap();
                opened.send(()).unwrap();
                answer.recv().unwrap();
            });
        }
    });
    open.recv().unwrap();
    let free = runtime().block_on(store.get(&DB, "x"));
    answered.send(()).unwrap();
    busy.join().unwrap();
    free.unwrap();
}

#[tokio::test]
async fn one_connection_serves_one_request_after_another() {
    let script = ok();
    let store = store(&script);
    for _ in 0..3 {
        store.get(&DB, "x").await.unwrap();
    }
    assert_eq!((script.requests().len(), script.connections()), (3, 1));
}
