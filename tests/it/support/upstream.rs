//! A program that stands behind Storefront, where Kazoo would, and answers as a test tells it to.

use std::thread;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::future::LocalBoxFuture;
use tokio::sync::oneshot;

pub type Answered = LocalBoxFuture<'static, HttpResponse>;

/// A server on a free port, until it's dropped.
pub struct Upstream {
    /// Without a path.
    pub url: String,
    system: actix_web::rt::System,
}

impl Upstream {
    /// Answers every request by this function.
    pub async fn answering(answer: impl Fn(HttpRequest, web::Payload) -> Answered + Clone + Send + 'static) -> Self {
        let (ready, is_ready) = oneshot::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || App::new().default_service(web::to(answer.clone())));
                let server = server.workers(2).disable_signals().bind("127.0.0.1:0").unwrap();
                ready.send((server.addrs()[0], actix_web::rt::System::current())).unwrap();
                server.run().await.unwrap();
            });
        });
        let (address, system) = is_ready.await.unwrap();
        Self { url: format!("http://{address}"), system }
    }

    /// Tells of each request what it was, line by line: method and path with query, headers in alphabetical order, body.
    pub async fn echoing() -> Self {
        Self::answering(|request, mut body| {
            Box::pin(async move {
                use futures_util::StreamExt as _;
                let mut bytes = Vec::new();
                while let Some(Ok(piece)) = body.next().await {
                    bytes.extend_from_slice(&piece);
                }
                let mut headers: Vec<String> = request
                    .headers()
                    .iter()
                    .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
                    .collect();
                headers.sort();
                let line = format!("{} {}", request.method(), request.uri());
                let text = format!("{line}\n{}\n\n{}", headers.join("\n"), String::from_utf8_lossy(&bytes));
                HttpResponse::Ok().insert_header(("x-upstream", "kazoo")).content_type("text/plain").body(text)
            })
        })
        .await
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.system.stop();
    }
}
