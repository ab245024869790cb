//! Stopping on a signal: nothing new is taken in, what is under way is finished, within a limit.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use actix_web::{
    Error,
    dev::{ServerHandle, ServiceResponse},
    http::ConnectionType,
    web::Data,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whether the server is about to stop; answers then tell clients to close their connections, which would be waited for
/// otherwise.
#[derive(Debug, Default)]
pub struct Stopping(AtomicBool);

impl Stopping {
    pub fn is_near(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// An answer, which is the last of its connection when the server is about to stop.
pub async fn closing<B>(
    answer: impl Future<Output = Result<ServiceResponse<B>, Error>>,
    stopping: Data<Stopping>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = answer.await?;
    if stopping.is_near() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// The signals that end a server.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on they don't end the process any more.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }

    /// Lets the servers come to an end at the first signal; ends itself at the second, which doesn't wait for them.
    pub async fn stop(mut self, servers: Vec<ServerHandle>, stopping: Data<Stopping>) {
        self.next().await;
        log::info!("stopping: requests in flight are finished; another signal stops at once");
        stopping.0.store(true, Relaxed);
        // Polled by the servers themselves.
        drop(servers.iter().map(|server| server.stop(true)).collect::<Vec<_>>());
        self.next().await;
        log::warn!("stopping at once");
    }
}
