//! Files that aren't what they were.

use std::fs;

use super::support::{Source, path, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_of_a_file_that_was_altered() {
    let (source, target, dir) = (Source::furnished().await, Source::empty(), tempfile::tempdir().unwrap());
    let file = dir.path().join("file");
    run(&source.name(), &["export", path(&file)]).ok();
    assert!(run(&source.name(), &["import", "--verify", path(&file)]).ok().contains("is whole"));
    let whole = fs::read(&file).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    assert!(lines[0].starts_with(b"{\"export\":{\"version\":1,") && lines[1].starts_with(b"{\"sha256\":"));

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    // A record and its digest, which nothing else in the file knows of but the next digest.
    let robbed = [&lines[..4], &lines[6..]].concat().concat();
    let swapped = [&lines[..2], &lines[4..6], &lines[2..4], &lines[6..]].concat().concat();
    let cases = [
        (flipped, "digest"),
        (robbed, "digest"),
        (swapped, "digest"),
        (whole[..whole.len() - 1].to_vec(), "ends within a record"),
        (lines[..lines.len() - 2].concat(), "the export wasn't finished"),
        ([&whole[..], b"{}\n"].concat(), "not a record"),
        (Vec::new(), "isn't an export"),
        (b"{\"document\":1}\n".to_vec(), "not a record"),
        (vec![b'{'; 1000], "ends within a record"),
    ];
    for (bytes, complaint) in cases {
        fs::write(&file, bytes).unwrap();
        let said = run(&target.name(), &["import", path(&file)]).failed();
        assert!(said.contains(complaint), "{complaint}: {said}");
    }
    assert_eq!(target.open().databases("").await.unwrap(), []);
}

/// Whoever makes the digests right can still ask for nothing that a store refuses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_file_gets_no_further_than_a_store_lets_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    let head = r#"{"export":{"version":1,"store":"x","account":null,"months":false}}"#;
    let (database, doc) = (r#"{"database":"accounts"}"#, r#"{"document":{"document":{"_id":"a"},"attachments":[]}}"#);
    let long = r#"{"document":{"document":{"_id":"a"},"attachments":[{"name":"n","content_type":"t/t","length":18446744073709551615}]}}"#;
    let end = |databases: u8, documents: u8| {
        format!(r#"{{"end":{{"databases":{databases},"documents":{documents},"attachments":0,"bytes":0}}}}"#)
    };
    let deep =
        format!(r#"{{"document":{{"document":{{"_id":"a","x":{}{}}},"attachments":[]}}}}"#, "[".repeat(200), "]".repeat(200));
    for (records, complaint) in [
        (vec![head.replace(":1", ":2")], "version 2"),
        (vec![database.to_owned()], "isn't an export"),
        (vec![head.to_owned(), doc.to_owned(), end(0, 1)], "doesn't belong here"),
        (vec![head.to_owned(), head.to_owned(), end(0, 0)], "doesn't belong here"),
        (vec![head.to_owned(), database.to_owned(), end(2, 0)], "doesn't belong here"),
        (vec![head.to_owned(), r#"{"database":"../x"}"#.to_owned()], "no database's name"),
        (vec![head.to_owned(), database.to_owned(), long.to_owned()], "ends within a record"),
        (vec![head.to_owned(), database.to_owned(), deep], "not a record"),
    ] {
        fs::write(&file, sealed(&records)).unwrap();
        let target = Source::empty();
        let said = run(&target.name(), &["import", path(&file)]).failed();
        assert!(said.contains(complaint), "{complaint}: {said}");
    }
    for id in ["..", "_all_docs", "", "_local/x"] {
        let doc = doc.replace("\"a\"", &format!("\"{id}\""));
        fs::write(&file, sealed(&[head.to_owned(), database.to_owned(), doc, end(1, 1)])).unwrap();
        let done = run(&Source::empty().name(), &["import", path(&file)]);
        assert!(done.code.is_some_and(|code| code < 2), "{id}: {done:?}");
    }
}

fn sealed(records: &[String]) -> String {
    use sha2::{Digest, Sha256};
    let (mut file, mut last) = (String::new(), String::new());
    for record in records {
        let digest = Sha256::digest(format!("{last}{record}\n"));
        last = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        file += &format!("{record}\n{{\"sha256\":\"{last}\"}}\n");
    }
    file
}
