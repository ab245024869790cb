//! What was interrupted goes on.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use storefront::platform::archive::{self, Met, Scope};
use tokio::sync::Notify;
use url::Url;

use super::support::{Source, assert_same, path, run};
use crate::support::{couch::Clean, process::Server};

const ALL: Scope = Scope { account: None, months: true };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_was_cut_anywhere_is_completed_to_the_same_bytes() {
    let (source, dir) = (Source::furnished().await, tempfile::tempdir().unwrap());
    let platform = source.platform();
    let whole = dir.path().join("whole");
    archive::export(&platform, "here", &ALL, &whole, |_, _, _| {}).await.unwrap();
    let whole = fs::read(whole).unwrap();
    // Every kind of place: nothing, within the header, within documents and attachments, before and behind the last byte.
    let places = (0..16).map(|step| whole.len() * step / 16 + step * 7).chain([1, 150, whole.len() - 1, whole.len()]);
    for place in places {
        let file = dir.path().join(format!("cut-{place}"));
        fs::write(archive::part_of(&file), &whole[..place]).unwrap();
        let done = archive::export(&platform, "here", &ALL, &file, |_, _, _| {}).await.unwrap();
        assert!(done.resumed <= place as u64);
        assert!(fs::read(&file).unwrap() == whole, "cut at {place}");
        assert!(!archive::part_of(&file).exists());
        fs::remove_file(file).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_stopped_after_any_batch_is_completed() {
    let (source, dir) = (Source::furnished().await, tempfile::tempdir().unwrap());
    let file = dir.path().join("file");
    archive::export(&source.platform(), "here", &ALL, &file, |_, _, _| {}).await.unwrap();
    for stop in [1, 60, 100] {
        let target = Source::empty();
        let store = target.open();
        let (stopped, mut batches) = (Notify::new(), 0);
        let import = archive::import(&*store, &file, false, |met| {
            batches += usize::from(matches!(met, Met::At(_)));
            if batches == stop {
                stopped.notify_one();
            }
        });
        // What is on its way to the store then is abandoned where it happens to be.
        tokio::select! {
            biased;
            () = stopped.notified() => {}
            _ = import => panic!("the import ended first"),
        }
        drop(store);
        assert_eq!(run(&source.name(), &["compare", &target.name(), "--months"]).code, Some(1));
        let said = run(&target.name(), &["import", path(&file)]).ok();
        assert!(!said.contains(" 0 documents written") && !said.contains(" 0 there already"), "{said}");
        assert_same(&source.name(), &target.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_in_the_middle_leaves_what_the_next_one_completes() {
    let (source, couch, back, dir) =
        (Source::furnished().await, Clean::new().await, Source::empty(), tempfile::tempdir().unwrap());
    let (out, home) = (dir.path().join("out"), dir.path().join("home"));
    run(&source.name(), &["export", path(&out), "--months"]).ok();

    // Killed when it sends its 40th batch.
    let deadly = Deadly::before(couch.url(), "/_bulk_docs", 40);
    deadly.run(&["import", path(&out)]);
    let couch_url = couch.url().to_string();
    assert_eq!(run(&source.name(), &["compare", &couch_url, "--months"]).code, Some(1));
    let said = run(&couch_url, &["import", path(&out)]).ok();
    assert!(!said.contains(" 0 documents written") && !said.contains(" 0 there already"), "{said}");
    assert_same(&source.name(), &couch_url);

    // Killed when it asks for its 70th page. The port that it goes by belongs to what the store is called.
    let deadly = Deadly::before(couch.url(), "/_all_docs", 70);
    deadly.run(&["export", path(&home), "--months"]);
    assert!(!home.exists() && fs::metadata(archive::part_of(&home)).unwrap().len() > 0);
    let said = run(deadly.url.as_str(), &["export", path(&home), "--months"]).ok();
    assert!(said.contains("from an earlier run"), "{said}");
    run(&back.name(), &["import", path(&home)]).ok();
    assert_same(&source.name(), &back.name());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_of_another_export_is_not_continued() {
    let (source, dir) = (Source::furnished().await, tempfile::tempdir().unwrap());
    let file = dir.path().join("file");
    run(&source.name(), &["export", path(&file), "--months"]).ok();
    assert!(run(&source.name(), &["export", path(&file)]).failed().contains("the file exists already"));
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(archive::part_of(&file), &bytes[..bytes.len() / 2]).unwrap();
    let said = run(&source.name(), &["export", path(&file)]).failed();
    assert!(said.contains("another export"), "{said}");
    let said = run(&Source::furnished().await.name(), &["export", path(&file), "--months"]).failed();
    assert!(said.contains("another export"), "{said}");
    run(&source.name(), &["export", path(&file), "--months"]).ok();
    assert!(fs::read(&file).unwrap() == bytes);

    let own = dir.path().join("own");
    fs::write(archive::part_of(&own), "somebody's").unwrap();
    assert!(run(&source.name(), &["export", path(&own)]).failed().contains("isn't left of an export"));
    assert_eq!(fs::read(archive::part_of(&own)).unwrap(), b"somebody's");
}

/// A way to a CouchDB on which a process is killed at a chosen request, before the server gets to see it.
struct Deadly {
    url: Url,
    victim: Arc<Mutex<Option<u32>>>,
}

impl Deadly {
    fn before(server: &Url, request: &'static str, nth: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut url = server.clone();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let (victim, seen) = (Arc::new(Mutex::new(None)), Arc::new(AtomicUsize::new(0)));
        let (target, killed) = ((server.host_str().unwrap().to_owned(), server.port().unwrap()), victim.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect((target.0.as_str(), target.1)).unwrap();
                let (back_from, back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || forward(back_from, back_to, |_| true));
                let (seen, killed) = (seen.clone(), killed.clone());
                let mut tail = Vec::new();
                thread::spawn(move || {
                    forward(client, server, |piece| {
                        // A word may come in two pieces.
                        tail.extend_from_slice(piece);
                        let found = tail.windows(request.len()).filter(|window| *window == request.as_bytes()).count();
                        tail = tail.split_off(tail.len().saturating_sub(request.len() - 1));
                        let before = seen.fetch_add(found, Ordering::SeqCst);
                        if before < nth && before + found >= nth {
                            let victim: u32 = killed.lock().unwrap().take().expect("a process is run");
                            assert!(Command::new("kill").args(["-KILL", &victim.to_string()]).status().unwrap().success());
                            return false;
                        }
                        true
                    });
                });
            }
        });
        Self { url, victim }
    }

    /// Runs the program until it's killed.
    fn run(&self, arguments: &[&str]) {
        let mut victim = self.victim.lock().unwrap();
        let mut process = Server::start([&["--store", self.url.as_str()], arguments].concat());
        *victim = Some(process.id());
        drop(victim);
        assert!(!process.wait(), "{}", process.log());
        assert!(self.victim.lock().unwrap().is_none(), "it ended by itself: {}", process.log());
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, mut may_pass: impl FnMut(&[u8]) -> bool) {
    let mut piece = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        if !may_pass(&piece[..length]) || to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
