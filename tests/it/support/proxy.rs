//! A proxy before a database server, under a test's control: it can be gone, be slow, and counts connections.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

pub struct Proxy {
    /// The server's URL, by way of the proxy.
    pub url: Url,
    address: SocketAddr,
    shared: Arc<Shared>,
    /// How often it was stopped: connections of an earlier life end.
    life: watch::Sender<u64>,
}

/// How long a request is held back, by its first line.
type Rule = dyn Fn(&str) -> Duration + Send + Sync;

struct Shared {
    server: SocketAddr,
    rule: Mutex<Arc<Rule>>,
    open: AtomicUsize,
    most: AtomicUsize,
    held: AtomicUsize,
    most_held: AtomicUsize,
}

/// Counts something for as long as it's there.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn one_more(count: &'a AtomicUsize) -> (Self, usize) {
        let now = count.fetch_add(1, SeqCst) + 1;
        (Self(count), now)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Proxy {
    pub async fn before(server: &Url) -> Self {
        let behind = server.socket_addrs(|| None).unwrap().into_iter().find(SocketAddr::is_ipv4).unwrap();
        let rule: Arc<Rule> = Arc::new(|_: &str| Duration::ZERO);
        let (open, most, held, most_held) = Default::default();
        let shared = Arc::new(Shared { server: behind, rule: Mutex::new(rule), open, most, held, most_held });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut url = server.clone();
        url.set_port(Some(address.port())).unwrap();
        let life = watch::Sender::new(0);
        accept(listener, &shared, &life);
        Self { url, address, shared, life }
    }

    /// Cuts all connections; new ones are refused.
    pub async fn stop(&self) {
        self.life.send_modify(|life| *life += 1);
        while TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// Is there again, where it was before.
    pub async fn start(&self) {
        accept(TcpListener::bind(self.address).await.unwrap(), &self.shared, &self.life);
    }

    /// Holds requests back for as long as this function of their first line says.
    pub fn delay(&self, rule: impl Fn(&str) -> Duration + Send + Sync + 'static) {
        *self.shared.rule.lock().unwrap() = Arc::new(rule);
    }

    /// How many requests are being held back.
    pub fn held(&self) -> usize {
        self.shared.held.load(SeqCst)
    }

    /// How many were held back at most at a time.
    pub fn most_held(&self) -> usize {
        self.shared.most_held.load(SeqCst)
    }

    /// How many connections there are.
    pub fn open(&self) -> usize {
        self.shared.open.load(SeqCst)
    }

    /// How many connections there were at most at a time.
    pub fn most(&self) -> usize {
        self.shared.most.load(SeqCst)
    }
}

fn accept(listener: TcpListener, shared: &Arc<Shared>, life: &watch::Sender<u64>) {
    let (shared, mut life) = (shared.clone(), life.subscribe());
    tokio::spawn(async move {
        loop {
            let client = tokio::select! {
                _ = life.changed() => return,
                accepted = listener.accept() => accepted.unwrap().0,
            };
            let (shared, mut life) = (shared.clone(), life.clone());
            tokio::spawn(async move {
                let (_counted, now) = Counted::one_more(&shared.open);
                shared.most.fetch_max(now, SeqCst);
                tokio::select! {
                    _ = life.changed() => (),
                    _ = carry(client, &shared) => (),
                }
            });
        }
    });
}

/// Carries bytes both ways until one side ends. Nobody sends a request before the last one was answered, so that what comes
/// from the client after something came from the server begins with a request's first line.
async fn carry(mut client: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut server = TcpStream::connect(shared.server).await?;
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.split(), server.split());
    let is_new = AtomicBool::new(true);
    let asking = async {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = from_client.read(&mut buffer).await?;
            if read == 0 {
                return std::io::Result::Ok(());
            }
            if is_new.swap(false, SeqCst) {
                let text = String::from_utf8_lossy(&buffer[..read]);
                let rule = shared.rule.lock().unwrap().clone();
                let delay = rule(text.lines().next().unwrap_or_default());
                if !delay.is_zero() {
                    let (_counted, now) = Counted::one_more(&shared.held);
                    shared.most_held.fetch_max(now, SeqCst);
                    // Who asks may give up.
                    let gone = async {
                        if from_client.peek(&mut [0]).await.is_ok_and(|more| more > 0) {
                            std::future::pending::<()>().await;
                        }
                    };
                    tokio::select! {
                        () = tokio::time::sleep(delay) => (),
                        () = gone => return Ok(()),
                    }
                }
            }
            to_server.write_all(&buffer[..read]).await?;
        }
    };
    let answering = async {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = from_server.read(&mut buffer).await?;
            if read == 0 {
                return std::io::Result::Ok(());
            }
            is_new.store(true, SeqCst);
            to_client.write_all(&buffer[..read]).await?;
        }
    };
    tokio::select! {
        ended = asking => ended,
        ended = answering => ended,
    }
}
