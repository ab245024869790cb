//! What Storefront doesn't answer itself goes to a Kazoo behind it.

use crate::support::{client::Api, process::Server, world::World};

mod headers;
mod nouns;
mod streams;
mod troubles;

/// A server of this world's store with an upstream and these flags beside.
fn before(world: &World, upstream: &str, flags: &[&str]) -> (Server, Api) {
    let server = Server::serve_with(&world.store, &[&["--no-cache", "--upstream", upstream], flags].concat());
    let api = Api::new(server.url());
    (server, api)
}
