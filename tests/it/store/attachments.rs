//! Attachments: bytes that belong to a document.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use storefront::store::{Attachment, Db, Error, Store, Upload};

use super::contract::{doc, generation, on};

on_every_store! {
    an_attachment_is_read_as_it_was_written,
    an_attachment_makes_its_document,
    five_megabytes_pass_both_ways,
    a_range_is_a_part_of_the_bytes,
    attachments_live_as_long_as_their_stubs,
    data_comes_with_the_document,
    an_attachment_can_be_replaced,
    any_name_will_do,
    writing_needs_the_current_revision,
    an_attachment_can_be_deleted,
    what_is_not_attached_is_an_error,
    nothing_at_all_can_be_attached,
    an_upload_of_another_length_than_announced_is_refused,
    an_upload_that_breaks_off_leaves_the_document_as_it_was,
}

/// Bytes that arrive in pieces of odd size.
pub fn upload(content_type: &str, bytes: &[u8]) -> Upload {
    let pieces: Vec<_> = bytes.chunks(10_007).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Upload { content_type: content_type.into(), length: Some(bytes.len() as u64), body: stream::iter(pieces).boxed() }
}

async fn bytes(attachment: Attachment) -> Bytes {
    attachment.body.try_collect::<BytesMut>().await.unwrap().freeze()
}

async fn read(store: &dyn Store, db: &Db, id: &str, name: &str) -> Bytes {
    bytes(store.attachment(db, id, name, None).await.unwrap()).await
}

/// Bytes that repeat themselves nowhere nearby.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn digest(bytes: &[u8]) -> String {
    format!("md5-{}", STANDARD.encode(Md5::digest(bytes)))
}

async fn an_attachment_is_read_as_it_was_written(store: &dyn Store, db: &Db) {
    let png = noise(1000);
    let first = store.put(db, &doc(json!({"_id": "a", "name": "x"}))).await.unwrap();
    let second = store.put_attachment(db, "a", Some(&first), "icon", upload("image/png", &png)).await.unwrap();
    assert_eq!(generation(&second), 2);
    let attachment = store.attachment(db, "a", "icon", None).await.unwrap();
    assert_eq!(attachment.info.content_type, "image/png");
    assert_eq!((attachment.info.length, attachment.range.clone()), (1000, 0..1000));
    assert_eq!(attachment.info.digest, digest(&png));
    assert_eq!(bytes(attachment).await, png);
    let read = store.get(db, "a").await.unwrap();
    assert_eq!((&read["name"], &read["_rev"]), (&json!("x"), &json!(second)));
    let stub = &read["_attachments"]["icon"];
    assert_eq!(*stub, json!({"content_type": "image/png", "revpos": 2, "digest": digest(&png), "length": 1000, "stub": true}));
}

async fn an_attachment_makes_its_document(store: &dyn Store, db: &Db) {
    let rev = store.put_attachment(db, "a", None, "icon", upload("image/png", b"png")).await.unwrap();
    assert_eq!(generation(&rev), 1);
    let read = store.get(db, "a").await.unwrap();
    assert_eq!((&read["_rev"], read["_attachments"].as_object().unwrap().len()), (&json!(rev), 1));
    let second = store.delete(db, "a", &rev).await.unwrap();
    assert!(matches!(store.attachment(db, "a", "icon", None).await, Err(Error::NotFound { .. } | Error::NoAttachment { .. })));
    let third = store.put_attachment(db, "a", None, "other", upload("image/png", b"png")).await.unwrap();
    assert_eq!(generation(&third), generation(&second) + 1);
    assert!(matches!(store.attachment(db, "a", "icon", None).await, Err(Error::NoAttachment { .. })));
}

async fn five_megabytes_pass_both_ways(store: &dyn Store, db: &Db) {
    let audio = noise(5 << 20);
    store.put_attachment(db, "a", None, "a.mp3", upload("audio/mpeg", &audio)).await.unwrap();
    let attachment = store.attachment(db, "a", "a.mp3", None).await.unwrap();
    assert_eq!((attachment.info.length, &attachment.info.digest), (audio.len() as u64, &digest(&audio)));
    let pieces: Vec<_> = attachment.body.try_collect().await.unwrap();
    assert!(pieces.len() > 10, "it comes in pieces");
    assert!(pieces.concat() == audio, "byte for byte");
    // Without a length too.
    let unknown = Upload { length: None, ..upload("audio/mpeg", &audio) };
    store.put_attachment(db, "b", None, "b.mp3", unknown).await.unwrap();
    assert!(read(store, db, "b", "b.mp3").await == audio);
}

async fn a_range_is_a_part_of_the_bytes(store: &dyn Store, db: &Db) {
    let audio = noise(200_000);
    store.put_attachment(db, "a", None, "a.mp3", upload("audio/mpeg", &audio)).await.unwrap();
    for range in [0..1, 0..65_536, 65_535..65_537, 1000..150_000, 199_999..200_000, 100..100] {
        let part = store.attachment(db, "a", "a.mp3", Some(range.clone())).await.unwrap();
        assert_eq!((part.range.clone(), part.info.length), (range.clone(), 200_000));
        assert!(bytes(part).await == audio[range.start as usize..range.end as usize], "{range:?}");
    }
    let beyond = store.attachment(db, "a", "a.mp3", Some(199_990..999_999)).await.unwrap();
    assert_eq!(beyond.range, 199_990..200_000);
    assert_eq!(bytes(beyond).await, audio[199_990..]);
}

async fn attachments_live_as_long_as_their_stubs(store: &dyn Store, db: &Db) {
    let first = store.put_attachment(db, "a", None, "one", upload("image/png", b"1")).await.unwrap();
    let second = store.put_attachment(db, "a", Some(&first), "two", upload("image/png", b"22")).await.unwrap();
    let mut read_back = (*store.get(db, "a").await.unwrap()).clone();
    read_back.insert("changed".into(), json!(true));
    let third = store.put(db, &read_back).await.unwrap();
    assert_ne!(second, third);
    assert_eq!((read(store, db, "a", "one").await, read(store, db, "a", "two").await), (Bytes::from("1"), Bytes::from("22")));
    let mut read_back = (*store.get(db, "a").await.unwrap()).clone();
    assert_eq!(read_back["_attachments"]["one"]["revpos"], json!(1));
    read_back["_attachments"].as_object_mut().unwrap().remove("one");
    let fourth = store.put(db, &read_back).await.unwrap();
    assert!(matches!(store.attachment(db, "a", "one", None).await, Err(Error::NoAttachment { .. })));
    assert_eq!(read(store, db, "a", "two").await, "22");
    store.put(db, &on(&fourth, json!({"_id": "a"}))).await.unwrap();
    assert!(matches!(store.attachment(db, "a", "two", None).await, Err(Error::NoAttachment { .. })));
    assert!(!store.get(db, "a").await.unwrap().contains_key("_attachments"));
}

async fn data_comes_with_the_document(store: &dyn Store, db: &Db) {
    let entry = |bytes: &[u8]| json!({"content_type": "image/png", "data": STANDARD.encode(bytes)});
    let docs = [json!({"_id": "a", "_attachments": {"x": entry(b"inline"), "y": entry(&noise(100_000))}})];
    let first = store.put_many(db, &docs.map(doc)).await.unwrap().remove(0).unwrap();
    assert_eq!(read(store, db, "a", "x").await, "inline");
    assert!(read(store, db, "a", "y").await == noise(100_000));
    let stubs = store.get(db, "a").await.unwrap()["_attachments"].clone();
    assert_eq!(stubs["x"]["length"], json!(6));
    assert_eq!(stubs["x"]["digest"], json!(digest(b"inline")));
    assert!(stubs["x"].get("data").is_none());
    let mixed = json!({"_id": "a", "_attachments": {"x": stubs["x"], "z": entry(b"more")}});
    store.put(db, &on(&first, mixed)).await.unwrap();
    let names: Vec<Value> =
        store.get(db, "a").await.unwrap()["_attachments"].as_object().unwrap().keys().map(|name| json!(name)).collect();
    assert!(names.len() == 2 && names.contains(&json!("x")) && names.contains(&json!("z")), "{names:?}");
    assert_eq!((read(store, db, "a", "x").await, read(store, db, "a", "z").await), (Bytes::from("inline"), Bytes::from("more")));
}

async fn an_attachment_can_be_replaced(store: &dyn Store, db: &Db) {
    let first = store.put_attachment(db, "a", None, "icon", upload("image/png", b"old")).await.unwrap();
    store.put_attachment(db, "a", Some(&first), "icon", upload("image/jpeg", b"newer")).await.unwrap();
    let attachment = store.attachment(db, "a", "icon", None).await.unwrap();
    assert_eq!((attachment.info.content_type.as_str(), attachment.info.length), ("image/jpeg", 5));
    assert_eq!(bytes(attachment).await, "newer");
    assert_eq!(store.get(db, "a").await.unwrap()["_attachments"]["icon"]["revpos"], json!(2));
}

async fn any_name_will_do(store: &dyn Store, db: &Db) {
    let mut rev = store.put(db, &doc(json!({"_id": "a/b c"}))).await.unwrap();
    let names = ["a b.png", "dir/file.png", "ünï☎.png", "a+b&c=d?e#f%20.png"];
    for name in names {
        rev = store.put_attachment(db, "a/b c", Some(&rev), name, upload("image/png", name.as_bytes())).await.unwrap();
    }
    for name in names {
        assert_eq!(read(store, db, "a/b c", name).await, name);
    }
    let stubs = store.get(db, "a/b c").await.unwrap()["_attachments"].clone();
    assert!(names.iter().all(|name| stubs.get(name).is_some()), "{stubs}");
}

async fn writing_needs_the_current_revision(store: &dyn Store, db: &Db) {
    let first = store.put_attachment(db, "a", None, "icon", upload("image/png", b"1")).await.unwrap();
    let second = store.put_attachment(db, "a", Some(&first), "icon", upload("image/png", b"2")).await.unwrap();
    let stale = store.put_attachment(db, "a", Some(&first), "icon", upload("image/png", b"3")).await;
    assert!(matches!(stale, Err(Error::Conflict { .. })), "{stale:?}");
    let missing = store.put_attachment(db, "a", None, "icon", upload("image/png", b"3")).await;
    assert!(matches!(missing, Err(Error::Conflict { .. })), "{missing:?}");
    assert_eq!(read(store, db, "a", "icon").await, "2");
    assert_eq!(store.get(db, "a").await.unwrap()["_rev"], json!(second));
}

async fn an_attachment_can_be_deleted(store: &dyn Store, db: &Db) {
    let first = store.put_attachment(db, "a", None, "one", upload("image/png", b"1")).await.unwrap();
    let second = store.put_attachment(db, "a", Some(&first), "two", upload("image/png", b"2")).await.unwrap();
    let third = store.delete_attachment(db, "a", &second, "one").await.unwrap();
    assert_eq!(generation(&third), 3);
    assert!(matches!(store.attachment(db, "a", "one", None).await, Err(Error::NoAttachment { .. })));
    assert_eq!(read(store, db, "a", "two").await, "2");
    assert!(matches!(store.delete_attachment(db, "a", &third, "one").await, Err(Error::NoAttachment { .. })));
}

async fn what_is_not_attached_is_an_error(store: &dyn Store, db: &Db) {
    let missing = store.attachment(db, "a", "icon", None).await.err();
    assert!(matches!(missing, Some(Error::NotFound { ref id, .. }) if id == "a"), "{missing:?}");
    store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    let missing = store.attachment(db, "a", "icon", None).await.err();
    assert!(matches!(missing, Some(Error::NoAttachment { ref id, ref name, .. }) if id == "a" && name == "icon"), "{missing:?}");
}

async fn nothing_at_all_can_be_attached(store: &dyn Store, db: &Db) {
    store.put_attachment(db, "a", None, "empty", upload("image/png", b"")).await.unwrap();
    let attachment = store.attachment(db, "a", "empty", None).await.unwrap();
    assert_eq!((attachment.info.length, attachment.range.clone()), (0, 0..0));
    assert!(bytes(attachment).await.is_empty());
}

async fn an_upload_of_another_length_than_announced_is_refused(store: &dyn Store, db: &Db) {
    for announced in [99_999, 100_001] {
        let wrong = Upload { length: Some(announced), ..upload("image/png", &noise(100_000)) };
        let refused = store.put_attachment(db, "a", None, "icon", wrong).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        assert!(matches!(store.get(db, "a").await, Err(Error::NotFound { .. })));
    }
}

async fn an_upload_that_breaks_off_leaves_the_document_as_it_was(store: &dyn Store, db: &Db) {
    let rev = store.put_attachment(db, "a", None, "icon", upload("image/png", b"old")).await.unwrap();
    let broken = stream::iter([Ok(Bytes::from(noise(1 << 20))), Err(Error::Timeout { db: db.clone() })]);
    let broken = Upload { content_type: "image/png".into(), length: None, body: broken.boxed() };
    let failed = store.put_attachment(db, "a", Some(&rev), "icon", broken).await;
    assert!(matches!(failed, Err(Error::Timeout { .. })), "{failed:?}");
    assert_eq!(store.get(db, "a").await.unwrap()["_rev"], json!(rev));
    assert_eq!(read(store, db, "a", "icon").await, "old");
}
