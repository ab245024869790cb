//! The way to the broker, on a thread of its own.

use std::{
    fmt, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow, bail};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind,
    options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions},
    types::FieldTable,
    uri::AMQPUri,
};
use tokio::{
    sync::mpsc::{self, Receiver, Sender, error::TrySendError},
    time::{sleep, timeout},
};

use super::Notice;

/// How many notices wait for a broker that's away; what comes then is lost.
pub const QUEUE: usize = 10_000;
/// How many are on their way at a time.
const BATCH: usize = 64;
/// How long the broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long [`Bus::close`] goes on trying to get rid of what is left.
const FAREWELL: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Seconds after which a silent connection is given up.
const HEARTBEAT: u16 = 10;

/// Where Kazoo listens for changes.
const EXCHANGE: &str = "configuration";

/// Notices on their way to a broker. It connects when there's something to say.
pub struct Bus {
    ends: Mutex<Option<Ends>>,
    meters: Arc<Meters>,
}

struct Ends {
    queue: Sender<Notice>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Meters {
    sent: AtomicU64,
    lost: AtomicU64,
    /// Lost, and not yet spoken of.
    unsaid: AtomicU64,
}

/// What became of the notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Taken by the broker.
    pub sent: u64,
    /// Dropped, since too many waited.
    pub lost: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} change notices sent, {} lost", self.sent, self.lost)
    }
}

impl Bus {
    /// A way to the broker at a URL like `amqp://user:password@host:5672/vhost`. An error when it can't be one; whether the
    /// broker is there is seen later.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        // The error says neither the URL nor what's wrong with it: there's a password in it.
        let mut uri: AMQPUri = url.parse().map_err(|_| anyhow!("expected amqp://USER:PASSWORD@HOST:PORT/VHOST"))?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let (queue, receiver) = mpsc::channel(QUEUE);
        let meters = Arc::<Meters>::default();
        let sending = Sending { uri, node: node(), meters: Arc::clone(&meters), queue: receiver, batch: Vec::new() };
        let thread = thread::Builder::new().name("notices".into()).spawn(move || sending.run()).context("no thread")?;
        Ok(Self { ends: Mutex::new(Some(Ends { queue, thread })), meters })
    }

    /// Has a notice sent. If too many wait already it's lost.
    pub fn tell(&self, notice: Notice) {
        let is_full = match self.ends().as_ref() {
            Some(ends) => match ends.queue.try_send(notice) {
                Ok(()) => return,
                Err(refused) => matches!(refused, TrySendError::Full(_)),
            },
            None => false,
        };
        self.meters.lost.fetch_add(1, Relaxed);
        if self.meters.unsaid.fetch_add(1, Relaxed) == 0 && is_full {
            log::error!(
                "{QUEUE} change notices wait for the broker: others are lost from now on, and Kazoo may show what was before"
            );
        }
    }

    pub fn counts(&self) -> Counts {
        Counts { sent: self.meters.sent.load(Relaxed), lost: self.meters.lost.load(Relaxed) }
    }

    /// Takes no more notices and waits, not for long, until those that wait have been sent.
    pub fn close(&self) {
        let ends = self.ends().take();
        let Some(Ends { queue, thread }) = ends else { return };
        drop(queue);
        if thread.join().is_err() {
            log::error!("what sends change notices has failed");
        }
    }

    fn ends(&self) -> MutexGuard<'_, Option<Ends>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.close();
    }
}

/// The thread's work.
struct Sending {
    uri: AMQPUri,
    node: String,
    meters: Arc<Meters>,
    queue: Receiver<Notice>,
    /// On their way, not yet taken by the broker.
    batch: Vec<Notice>,
}

impl Sending {
    fn run(mut self) {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(self.send_all()),
            Err(error) => log::error!("no change notices will be sent: {error}"),
        }
    }

    /// Until there's nobody left who could tell anything.
    async fn send_all(&mut self) {
        let (mut pause, mut is_away) = (FIRST_PAUSE, false);
        let mut farewell = None;
        while self.fill().await {
            let began = Instant::now();
            let Err(error) = self.send_while_connected(&mut is_away).await else { return };
            if !mem::replace(&mut is_away, true) {
                log::warn!("change notices wait for the broker at {}: {error:#}", self.uri.authority.host);
            }
            if self.queue.is_closed() && farewell.get_or_insert(began).elapsed() > FAREWELL {
                let left = self.batch.len() + self.queue.len();
                self.meters.lost.fetch_add(left as u64, Relaxed);
                return log::error!("{left} change notices could not be sent");
            }
            // A connection that held for a while was a good one.
            pause = if began.elapsed() > LONGEST_PAUSE { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            sleep(pause).await;
        }
    }

    /// Waits for something to send; whether there is any.
    async fn fill(&mut self) -> bool {
        !self.batch.is_empty() || self.queue.recv_many(&mut self.batch, BATCH).await > 0
    }

    /// Sends over one connection until that fails, or all has been said.
    async fn send_while_connected(&mut self, is_away: &mut bool) -> anyhow::Result<()> {
        let connection = timeout(PATIENCE, Connection::connect_uri(self.uri.clone(), properties())).await??;
        let channel = timeout(PATIENCE, open(&connection)).await??;
        if mem::take(is_away) {
            log::info!("the broker is there: change notices are sent");
        }
        while self.fill().await {
            timeout(PATIENCE, self.send_batch(&channel)).await??;
            self.meters.sent.fetch_add(self.batch.len() as u64, Relaxed);
            self.batch.clear();
            let lost = self.meters.unsaid.swap(0, Relaxed);
            if lost > 0 {
                log::error!("{lost} change notices were lost: flush Kazoo's caches (kazoo_data_maintenance flush_docs)");
            }
        }
        // All has been taken; how it ends is of no matter.
        let _ = timeout(PATIENCE, connection.close(200, "bye".into())).await;
        Ok(())
    }

    /// Sends what is on its way, and waits until the broker has it. After a failure it's sent once more: a notice that comes
    /// twice does no harm.
    async fn send_batch(&self, channel: &Channel) -> anyhow::Result<()> {
        let mut confirmations = Vec::with_capacity(self.batch.len());
        for notice in &self.batch {
            let message = notice.message(&self.node);
            let properties = BasicProperties::default().with_content_type("application/json".into());
            let options = BasicPublishOptions::default();
            let sent = channel.basic_publish(EXCHANGE.into(), notice.routing_key().into(), options, &message, properties);
            confirmations.push(sent.await?);
        }
        for confirmation in confirmations {
            if let Confirmation::Nack(_) = confirmation.await? {
                bail!("it refuses a message");
            }
        }
        Ok(())
    }
}

async fn open(connection: &Connection) -> anyhow::Result<Channel> {
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    // As Kazoo declares it: neither durable nor deleted by itself.
    let options = ExchangeDeclareOptions::default();
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, options, FieldTable::default()).await?;
    Ok(channel)
}

fn properties() -> ConnectionProperties {
    ConnectionProperties::default().with_connection_name("storefront".into())
}

/// What this process is called among Kazoo's nodes; none of them is called so.
fn node() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("storefront@{}", if host.trim().is_empty() { "localhost" } else { host.trim() })
}
