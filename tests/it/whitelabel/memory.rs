//! Large files: in and out as they are, and without the server's memory growing with those who read them.

use std::{fs, sync::Arc};

use futures_util::{StreamExt, future::join_all};
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::{client::Api, process::Server, world::World};

const LENGTH: usize = 5 << 20;
const READERS: usize = 50;
/// By how much the server may grow, in KiB.
const GROWTH: u64 = 20 << 10;

/// What a process has occupied at most so far, in KiB.
fn most_resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Something that doesn't repeat itself, the same each time.
fn picture() -> Vec<u8> {
    let mut state = 1_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..LENGTH).map(next).collect()
}

on_every_world! {
    a_large_logo_comes_back_byte_for_byte,
}

async fn a_large_logo_comes_back_byte_for_byte(world: World) {
    let master = world.master().await;
    master.api.put(&master.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(201);
    let picture = picture();
    master.api.raw("POST", &master.at("/whitelabel/logo"), Some("image/png"), picture.clone()).await.is(200);
    assert!(world.api.get("/v2/whitelabel/wl.example/logo").await.is(200).body == picture, "another picture came back");
}

/// All have got the beginning before any of them reads on: the server has fifty answers under way at once.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_readers_of_a_large_logo_cost_little_memory() {
    let world = World::embedded();
    let master = world.master().await;
    master.api.put(&master.at("/whitelabel"), json!({ "domain": "wl.example" })).await.is(201);
    let picture = Arc::new(picture());
    master.api.raw("POST", &master.at("/whitelabel/logo"), Some("image/png"), picture.to_vec()).await.is(200);

    // Another one, which hasn't grown with the upload. What a single reader costs doesn't count.
    let server = Server::serve(&world.store);
    let path = "/v2/whitelabel/wl.example/logo";
    assert!(Api::new(server.url()).get(path).await.is(200).body == *picture, "another picture came back");
    let before = most_resident(server.id());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (url, together) = (format!("{}{path}", server.url()), Arc::new(Barrier::new(READERS)));
    let read = |_| {
        let (request, picture, together) = (client.get(&url).send(), picture.clone(), together.clone());
        async move {
            let answer = request.await.unwrap();
            assert_eq!(answer.status(), 200);
            let mut stream = answer.bytes_stream();
            let mut got = stream.next().await.unwrap().unwrap().to_vec();
            together.wait().await;
            while let Some(chunk) = stream.next().await {
                got.extend_from_slice(&chunk.unwrap());
            }
            assert!(got == *picture, "another picture came back");
        }
    };
    join_all((0..READERS).map(read)).await;
    let most = most_resident(server.id());
    assert!(most < before + GROWTH, "grew from {before} to {most} KiB");
    println!("grew from {before} to {most} KiB");
}
