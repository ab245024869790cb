//! Bodies are passed on as they come, however long they are.

use std::{
    fs, io,
    sync::{Arc, Mutex},
};

use actix_web::HttpResponse;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::{Notify, mpsc, oneshot};

use super::before;
use crate::support::{upstream::Upstream, world::World};

on_every_world! {
    a_long_body_goes_up_piece_by_piece,
    a_long_body_comes_down_piece_by_piece,
    an_upstream_is_told_when_a_client_stops_reading,
    an_upstream_is_told_when_a_client_stops_sending,
    a_body_that_is_not_wanted_is_answered_all_the_same,
}

const PIECE: usize = 256 << 10;
/// 24 MB altogether.
const PIECES: usize = 96;
const WHOLE: usize = PIECE * PIECES;
/// What a server's memory may grow by meanwhile.
const GROWTH: usize = 12 << 20;

fn piece(number: usize) -> Bytes {
    vec![(number % 251) as u8; PIECE].into()
}

/// Whether these bytes belong at this place.
fn belong(mut bytes: &[u8], mut at: usize) -> bool {
    while !bytes.is_empty() {
        let (here, rest) = bytes.split_at(bytes.len().min(PIECE - at % PIECE));
        if here != &piece(at / PIECE)[..here.len()] {
            return false;
        }
        (bytes, at) = (rest, at + here.len());
    }
    true
}

/// The most memory that a process had so far, in bytes.
fn peak(id: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

async fn a_long_body_goes_up_piece_by_piece(world: World) {
    let begun = Arc::new(Notify::new());
    let told = begun.clone();
    let upstream = Upstream::answering(move |request, mut body| {
        let told = told.clone();
        Box::pin(async move {
            let (mut length, mut is_right) = (0, true);
            while let Some(Ok(piece)) = body.next().await {
                told.notify_one();
                is_right = is_right && belong(&piece, length);
                length += piece.len();
            }
            let framing = ["content-length", "transfer-encoding"].map(|name| request.headers().contains_key(name));
            HttpResponse::Ok().json((length, is_right, framing))
        })
    })
    .await;
    let (server, api) = before(&world, &upstream.url, &[]);
    let before = peak(server.id());
    for with_length in [true, false] {
        let begun = begun.clone();
        // The second piece isn't sent before the first has come to the upstream.
        let pieces = stream::iter(0..PIECES).then(move |number| {
            let begun = begun.clone();
            async move {
                if number == 1 {
                    begun.notified().await;
                }
                Ok::<_, io::Error>(piece(number))
            }
        });
        let request = reqwest::Client::new().post(format!("{}/v2/media/m/raw", api.url));
        let request = if with_length { request.header("content-length", WHOLE) } else { request };
        let answer = request.body(reqwest::Body::wrap_stream(pieces)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let said: (usize, bool, [bool; 2]) = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(said, (WHOLE, true, [with_length, !with_length]));
    }
    let grown = peak(server.id()).saturating_sub(before);
    assert!(grown < GROWTH, "{grown}");
}

async fn a_long_body_comes_down_piece_by_piece(world: World) {
    for with_length in [true, false] {
        let seen = Arc::new(Notify::new());
        let told = seen.clone();
        let upstream = Upstream::answering(move |_, _| {
            let seen = told.clone();
            let pieces = stream::iter(0..PIECES).then(move |number| {
                let seen = seen.clone();
                async move {
                    if number == 1 {
                        seen.notified().await;
                    }
                    Ok::<_, actix_web::Error>(piece(number))
                }
            });
            Box::pin(async move {
                let mut response = HttpResponse::Ok();
                if with_length { response.no_chunking(WHOLE as u64) } else { &mut response }.streaming(pieces)
            })
        })
        .await;
        let (server, api) = before(&world, &upstream.url, &[]);
        let before = peak(server.id());
        let mut answer = reqwest::get(format!("{}/v2/media/m/raw", api.url)).await.unwrap();
        assert_eq!(answer.content_length(), with_length.then_some(WHOLE as u64));
        let mut length = 0;
        while let Some(bytes) = answer.chunk().await.unwrap() {
            seen.notify_one();
            assert!(belong(&bytes, length));
            length += bytes.len();
        }
        assert_eq!(length, WHOLE);
        let grown = peak(server.id()).saturating_sub(before);
        assert!(grown < GROWTH, "{grown}");
    }
}

async fn an_upstream_is_told_when_a_client_stops_reading(world: World) {
    let (dropped, is_dropped) = oneshot::channel::<()>();
    let dropped = Arc::new(Mutex::new(Some(dropped)));
    let upstream = Upstream::answering(move |_, _| {
        // Goes when the stream goes.
        let held = dropped.lock().unwrap().take();
        let pieces = stream::repeat(()).map(move |()| {
            let _ = &held;
            Ok::<_, actix_web::Error>(piece(1))
        });
        Box::pin(async move { HttpResponse::Ok().streaming(pieces) })
    })
    .await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    let mut answer = reqwest::get(format!("{}/v2/media/m/raw", api.url)).await.unwrap();
    answer.chunk().await.unwrap().unwrap();
    drop(answer);
    assert!(is_dropped.await.is_err());
}

async fn an_upstream_is_told_when_a_client_stops_sending(world: World) {
    let (ends, mut ended) = mpsc::unbounded_channel();
    let upstream = Upstream::answering(move |_, mut body| {
        let ends = ends.clone();
        Box::pin(async move {
            ends.send(body.next().await.unwrap().is_ok()).unwrap();
            let mut is_whole = true;
            while let Some(piece) = body.next().await {
                is_whole = piece.is_ok();
            }
            ends.send(is_whole).unwrap();
            HttpResponse::Ok().finish()
        })
    })
    .await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    let pieces = stream::iter(0..PIECES).then(move |number| async move {
        if number == 1 {
            std::future::pending::<()>().await;
        }
        Ok::<_, io::Error>(piece(number))
    });
    let request = reqwest::Client::new().post(format!("{}/v2/media/m/raw", api.url)).header("content-length", WHOLE);
    let sending = tokio::spawn(request.body(reqwest::Body::wrap_stream(pieces)).send());
    assert_eq!(ended.recv().await, Some(true));
    sending.abort();
    assert_eq!(ended.recv().await, Some(false));
}

async fn a_body_that_is_not_wanted_is_answered_all_the_same(world: World) {
    let upstream = Upstream::answering(|_, _| {
        Box::pin(async { HttpResponse::PayloadTooLarge().insert_header(("connection", "close")).body("too long") })
    })
    .await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    let answer = api.raw("PUT", "/v2/media/m/raw", Some("audio/mpeg"), vec![7; 4 << 20]).await;
    // The upstream closes the connection; what it said before may be lost with it.
    assert!([413, 502].contains(&answer.status), "{}", answer.status);
}
