//! A server that refuses, fails, stalls or lies.

use std::net::TcpListener;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use storefront::store::{Db, Error, Query, Reduce, Store, Upload, View, couch::CouchStore};

use super::{impatient, tells_secrets};
use crate::store::contract::doc;
use crate::support::script::{Answer, Script};

const DB: Db = Db::named("accounts");
const VIEW: View = View::new("accounts", "listing");

fn store(script: &Script) -> CouchStore {
    CouchStore::new(&script.url).unwrap()
}

async fn get(script: &Script) -> Error {
    failed_get(&store(script)).await
}

async fn failed_get(store: &CouchStore) -> Error {
    let error = store.get(&DB, "x").await.unwrap_err();
    assert!(!tells_secrets(&error), "{error:?}");
    error
}

fn upload(chunks: Vec<Result<Bytes, Error>>, length: Option<u64>) -> Upload {
    Upload { content_type: "audio/mpeg".into(), length, body: stream::iter(chunks).boxed() }
}

#[tokio::test]
async fn a_refusal_becomes_the_error_that_it_means() {
    let refusal =
        |status, error, reason| get_refused(Answer::json(status, &json!({"error": error, "reason": reason}).to_string()));
    let error = refusal(401, "unauthorized", "Name or password is incorrect.").await;
    assert!(matches!(error, Error::Unauthorized { reason, .. } if reason == "Name or password is incorrect."));
    assert!(matches!(refusal(403, "forbidden", "You are not allowed to access this db.").await, Error::Unauthorized { .. }));
    assert!(matches!(refusal(404, "not_found", "deleted").await, Error::NotFound { .. }));
    assert!(matches!(refusal(404, "not_found", "Database does not exist.").await, Error::NoDatabase { .. }));
    assert!(matches!(refusal(409, "conflict", "Document update conflict.").await, Error::Conflict { .. }));
    assert!(matches!(refusal(400, "bad_request", "Invalid rev format").await, Error::Invalid { .. }));
    assert!(matches!(refusal(500, "badmatch", "{x,y}").await, Error::Corrupt { .. }));
    assert!(matches!(refusal(500, "timeout", "The request could not be processed.").await, Error::Timeout { .. }));
    assert!(matches!(refusal(503, "service_unavailable", "soon").await, Error::Unreachable { .. }));
}

async fn get_refused(answer: Answer) -> Error {
    get(&Script::always(answer)).await
}

#[tokio::test]
async fn a_database_that_exists_isnt_made_again() {
    let script = Script::always(Answer::json(412, r#"{"error":"file_exists","reason":"it does"}"#));
    let error = store(&script).create_database(&DB).await.unwrap_err();
    assert!(matches!(error, Error::DatabaseExists { db } if db == DB));
}

#[tokio::test]
async fn a_validation_functions_no_reaches_the_writer_with_its_reason() {
    let script = Script::always(Answer::json(403, r#"{"error":"forbidden","reason":"no wombats"}"#));
    let doc = doc(json!({"_id": "x"}));
    let error = store(&script).put(&DB, &doc).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { reason, .. } if reason == "no wombats"));
}

#[tokio::test]
async fn a_server_that_isnt_there_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let store = CouchStore::new(&format!("http://admin:s3cret@127.0.0.1:{port}").parse().unwrap()).unwrap();
    for error in [store.get(&DB, "x").await.unwrap_err(), store.ping().await.unwrap_err()] {
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("refused"), "an operator reads why: {error}");
        assert!(!tells_secrets(&error), "{error:?}");
    }
}

#[tokio::test]
async fn a_host_without_an_address_is_unreachable() {
    let store = CouchStore::new(&"http://admin:s3cret@couchdb.invalid:5984".parse().unwrap()).unwrap();
    let error = store.get(&DB, "x").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(!tells_secrets(&error), "{error:?}");
}

#[tokio::test]
async fn silence_is_a_timeout() {
    for begun in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"_id\":"] {
        let script = Script::always(Answer::Hang(begun.into()));
        assert!(matches!(failed_get(&impatient(&script.url)).await, Error::Timeout { .. }), "{begun:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_short_document() {
    let sized = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"_id\":\"x\"}";
    assert!(matches!(get(&Script::always(Answer::Cut(sized.into()))).await, Error::Unreachable { .. }));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"_id\":\"x\"}\r\n";
    assert!(matches!(get(&Script::always(Answer::Cut(chunked.into()))).await, Error::Unreachable { .. }));
}

#[tokio::test]
async fn an_answer_that_isnt_couchdbs_is_corrupt() {
    assert!(matches!(get(&Script::always(Answer::json(200, "<html>hello</html>"))).await, Error::Corrupt { .. }));
    assert!(matches!(get(&Script::always(Answer::json(200, "[]"))).await, Error::Corrupt { .. }));
    assert!(matches!(get(&Script::always(Answer::json(404, "<html>no such page</html>"))).await, Error::Corrupt { .. }));
    assert!(matches!(get(&Script::always(Answer::Cut("what?\r\n\r\n".into()))).await, Error::Unreachable { .. }));
}

#[tokio::test]
async fn a_failed_reduce_is_an_error_though_its_status_is_good() {
    let query = Query { reduce: Reduce::All, ..Query::default() };
    for body in [
        r#"{"rows":[{"key":null,"value":{"error":"builtin_reduce_error","reason":"not numbers"}}]}"#,
        r#"{"rows":[{"key":null,"error":"reduce_overflow_error","reason":"too much"}]}"#,
        r#"{"rows":[],"error":"os_process_error","reason":"gone"}"#,
    ] {
        let script = Script::always(Answer::json(200, body));
        let error = store(&script).view(&DB, VIEW, &query).await.unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_read_is_sent_again_when_its_connection_was_stale_and_a_write_isnt() {
    let script = Script::answering(|number| match number {
        1 => Answer::Cut(String::new()),
        _ => Answer::json(200, r#"{"_id":"x","rev":"1-a"}"#),
    });
    let couch = store(&script);
    couch.get(&DB, "x").await.unwrap();
    couch.get(&DB, "x").await.unwrap();
    assert_eq!(script.requests().len(), 3);

    let script = Script::answering(|number| match number {
        0 => Answer::json(200, r#"{"_id":"x"}"#),
        _ => Answer::Cut(String::new()),
    });
    let couch = store(&script);
    couch.get(&DB, "x").await.unwrap();
    let doc = doc(json!({"_id": "x"}));
    assert!(matches!(couch.put(&DB, &doc).await.unwrap_err(), Error::Unreachable { .. }));
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn a_download_that_breaks_off_or_stalls_ends_with_an_error() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 100\r\nETag: \"abc==\"\r\n\r\nshort";
    let script = Script::always(Answer::Cut(head.into()));
    let body = store(&script).attachment(&DB, "x", "y", None).await.unwrap().body;
    let error = body.try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");

    let script = Script::always(Answer::Hang(head.into()));
    let body = impatient(&script.url).attachment(&DB, "x", "y", None).await.unwrap().body;
    let error = body.try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn an_upload_whose_source_fails_ends_with_the_sources_error() {
    let script = Script::always(Answer::json(201, r#"{"rev":"1-a"}"#));
    let chunks = vec![Ok(Bytes::from("abc")), Err(Error::Timeout { db: Db::named("the-source") })];
    let error = store(&script).put_attachment(&DB, "x", None, "y", upload(chunks, Some(10))).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { db } if db.as_str() == "the-source"));
}

#[tokio::test]
async fn an_upload_of_another_length_than_announced_is_refused() {
    let script = Script::always(Answer::json(201, r#"{"rev":"1-a"}"#));
    for length in [2, 4] {
        let upload = upload(vec![Ok(Bytes::from("abc"))], Some(length));
        let error = store(&script).put_attachment(&DB, "x", None, "y", upload).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    }
    assert!(script.requests().is_empty(), "no whole request has come");
}

#[tokio::test]
async fn an_upload_that_stalls_is_a_timeout() {
    let script = Script::always(Answer::json(201, r#"{"rev":"1-a"}"#));
    let body = stream::iter([Ok(Bytes::from("abc"))]).chain(stream::pending()).boxed();
    let upload = Upload { content_type: "audio/mpeg".into(), length: Some(10), body };
    let error = impatient(&script.url).put_attachment(&DB, "x", None, "y", upload).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}
