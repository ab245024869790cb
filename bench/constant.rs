//! A plain actix-web handler that returns constants: what Storefront's figures are compared with.
//!
//! `constant ADDRESS [CONTENT-TYPE FILE]...` answers `/0`, `/1` and so on with the files, from memory.

use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or_else(|| anyhow::anyhow!("constant ADDRESS [CONTENT-TYPE FILE]..."))?;
    let mut constants = Vec::new();
    while let (Some(kind), Some(file)) = (arguments.next(), arguments.next()) {
        constants.push((kind, Bytes::from(std::fs::read(file)?)));
    }
    let server = HttpServer::new(move || {
        constants.iter().enumerate().fold(App::new(), |app, (nth, (kind, body))| {
            let (kind, body) = (kind.clone(), body.clone());
            let answer = move || {
                let answer = HttpResponse::Ok().content_type(kind.as_str()).body(body.clone());
                async move { answer }
            };
            app.route(&format!("/{nth}"), web::get().to(answer))
        })
    });
    Ok(server.bind(address)?.run().await?)
}
