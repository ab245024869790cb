//! How a server ends.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::support::{process::Server, world::World};

on_every_world! {
    a_request_in_flight_is_finished_when_the_server_is_told_to_stop,
    a_request_that_takes_too_long_does_not_keep_the_server,
    a_second_signal_ends_it_at_once,
}

/// The first half of a request that the server has begun to read.
fn half_a_request(server: &Server) -> TcpStream {
    let address = server.url().replace("http://", "");
    let mut connection = TcpStream::connect(&address).unwrap();
    let head = format!("PUT /v2/user_auth HTTP/1.1\r\nHost: {address}\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    connection.write_all(head.as_bytes()).unwrap();
    let mut asked = [0; 25];
    connection.read_exact(&mut asked).unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"), "{asked:?}");
    connection
}

async fn a_request_in_flight_is_finished_when_the_server_is_told_to_stop(world: World) {
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::serve(&world.store);
        let mut connection = half_a_request(&server);
        server.signal(signal);
        server.wait_for_log("stopping");
        connection.write_all(b"{\"data\":{}}").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("connection: close"), "{answer}");
        assert!(answer.ends_with('}'), "{answer}");
        assert!(server.wait(), "{}", server.log());
    }
}

async fn a_request_that_takes_too_long_does_not_keep_the_server(world: World) {
    let mut server = Server::serve_with(&world.store, &["--shutdown-timeout", "1"]);
    let _connection = half_a_request(&server);
    server.signal("-TERM");
    let began = Instant::now();
    assert!(server.wait(), "{}", server.log());
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

async fn a_second_signal_ends_it_at_once(world: World) {
    let mut server = Server::serve_with(&world.store, &["--shutdown-timeout", "600"]);
    let _connection = half_a_request(&server);
    server.signal("-TERM");
    server.wait_for_log("stopping");
    server.signal("-INT");
    let began = Instant::now();
    server.wait();
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}
