//! Fetching what the marketplace delivers, and installing it.
//!
//! Every step can be done again: whoever is interrupted begins the delivery anew, and what is there already is left as it is.

use std::{io, path::Path, time::Duration};

use super::{
    exchange::{Exchange, ExchangeError},
    shelf::Shelf,
    turns::{Asked, Turn, TurnError},
};
use crate::{
    kazoo::{connector::Connector, delivery::Delivery},
    platform::{Platform, packages::Report},
    store,
};

mod download;
mod install;

/// What fetching came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The connector is disabled, or the cluster isn't linked.
    Off,
    /// Another process is at it.
    Busy,
    /// It isn't time yet, for so many seconds.
    TooEarly(u64),
    Done(Tally),
}

/// What became of deliveries.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub delivered: usize,
    /// They can't be, and the marketplace knows.
    pub failed: usize,
    /// They are tried again the next time.
    pub postponed: usize,
}

/// Why nothing could be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error(transparent)]
    Turn(#[from] TurnError),
    #[error("the folder for the marketplace's apps can't be used: {0}")]
    Disk(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What is wrong with one delivery.
enum Trouble {
    /// It can never be carried out.
    Bad(String),
    /// It may go better the next time.
    Later(ExchangeError),
    /// The marketplace has taken it back.
    Withdrawn,
    /// Nothing goes on for any of them.
    Fatal(FetchError),
}

impl From<ExchangeError> for Trouble {
    fn from(error: ExchangeError) -> Self {
        if error.is_unauthorized() { Self::Fatal(error.into()) } else { Self::Later(error) }
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Fatal(error.into())
    }
}

/// How long until the next try where something went wrong.
const SOON: Duration = Duration::from_secs(300);
/// How long until the next look where another process is at it.
const BUSY: Duration = Duration::from_secs(60);

impl Platform {
    /// Fetches what the marketplace has for this cluster and installs it below a folder, now or if it's time for it.
    pub async fn fetch_deliveries(&self, apps: &Path, report: &dyn Report, now: bool) -> Result<Fetched, FetchError> {
        let connector = self.connector().await?;
        if !connector.is_enabled() || connector.token().is_none() {
            return Ok(Fetched::Off);
        }
        let Some(shelf) = Shelf::open(apps)? else {
            return Ok(Fetched::Busy);
        };
        let (turn, begun) = match self.take_turn(&shelf.id, (!now).then(|| connector.fetch_timer())).await? {
            Asked::Ours(turn, begun) => (turn, begun),
            Asked::Theirs => return Ok(Fetched::Busy),
            Asked::TooEarly(seconds) => return Ok(Fetched::TooEarly(seconds)),
        };
        let round = async {
            let exchange = Exchange::of(&connector, None)?;
            let courier =
                Courier { platform: self, connector: &connector, shelf: &shelf, turn: &turn, exchange: &exchange, report };
            courier.round(begun).await
        };
        let outcome = tokio::select! {
            outcome = round => outcome,
            lost = turn.keep() => return Err(lost.into()),
        };
        turn.give_back(outcome.is_ok()).await?;
        Ok(Fetched::Done(outcome?))
    }

    /// Fetches deliveries for ever: when it's time, and when something may have come.
    pub async fn keep_fetching_deliveries(&self, apps: &Path) {
        let mut now = false;
        loop {
            let pause = match self.fetch_deliveries(apps, &Log, now).await {
                Ok(fetched) => self.pause_after(&fetched).await,
                Err(error) => {
                    log::warn!("the marketplace's deliveries can't be fetched: {error}");
                    SOON.min(self.interval().await)
                }
            };
            now = tokio::select! {
                () = tokio::time::sleep(pause + jitter(pause)) => false,
                () = self.deliveries_wanted.notified() => true,
            };
        }
    }

    async fn pause_after(&self, fetched: &Fetched) -> Duration {
        match fetched {
            Fetched::TooEarly(seconds) => Duration::from_secs(*seconds),
            Fetched::Busy => BUSY.min(self.interval().await),
            Fetched::Done(tally) if tally.postponed > 0 => SOON.min(self.interval().await),
            Fetched::Off | Fetched::Done(_) => self.interval().await,
        }
    }

    async fn interval(&self) -> Duration {
        // Where settings can't be read now, the usual will do.
        Duration::from_secs(self.connector().await.unwrap_or_default().fetch_timer())
    }
}

/// Up to a tenth of a time: clusters that were started together shouldn't all come at once.
fn jitter(pause: Duration) -> Duration {
    let most = u64::try_from(pause.as_millis() / 10).unwrap_or(u64::MAX);
    Duration::from_millis(getrandom::u64().unwrap_or_default() % (most + 1))
}

/// Tells the log how it goes.
struct Log;

impl Report for Log {
    fn say(&self, line: &str) {
        log::info!("{}", line.trim());
    }

    fn warn(&self, line: &str) {
        log::warn!("{}", line.trim());
    }
}

/// Who carries out deliveries, and with what.
struct Courier<'a> {
    platform: &'a Platform,
    connector: &'a Connector,
    shelf: &'a Shelf,
    turn: &'a Turn<'a>,
    exchange: &'a Exchange,
    report: &'a dyn Report,
}

impl Courier<'_> {
    /// What was begun goes before what is new.
    async fn round(&self, begun: Vec<Delivery>) -> Result<Tally, FetchError> {
        let queued = self.exchange.deliveries().await?;
        let mut tally = Tally::default();
        for delivery in &begun {
            self.deliver(delivery, &mut tally).await?;
        }
        for entry in &queued {
            match Delivery::parse(entry) {
                Ok(delivery) if begun.iter().any(|known| known.id == delivery.id) => {}
                Ok(delivery) => {
                    self.turn.begin(&delivery).await?;
                    self.deliver(&delivery, &mut tally).await?;
                }
                Err(reason) => self.refuse(entry, &reason, &mut tally).await?,
            }
        }
        Ok(tally)
    }

    /// Carries out one delivery, and tells the marketplace what came of it.
    async fn deliver(&self, delivery: &Delivery, tally: &mut Tally) -> Result<(), FetchError> {
        let verb = if delivery.package.is_some() { "install" } else { "remove" };
        self.report.say(&format!("delivery {}: to {verb} app {} {}", delivery.id, delivery.app, delivery.version));
        match self.carry_out(delivery).await {
            Ok(()) => {
                self.report.say(&format!("  delivery {} is verified", delivery.id));
                tally.delivered += 1;
            }
            Err(Trouble::Fatal(error)) => return Err(error),
            Err(Trouble::Withdrawn) => self.report.say("  the marketplace has taken it back"),
            Err(Trouble::Later(error)) => {
                self.report.warn(&format!("  delivery {} has to wait: {error}", delivery.id));
                tally.postponed += 1;
                return Ok(());
            }
            Err(Trouble::Bad(detail)) => {
                self.report.warn(&format!("  delivery {} failed: {detail}", delivery.id));
                match self.tell(&delivery.id, "error", Some(&detail)).await {
                    Err(Trouble::Fatal(error)) => return Err(error),
                    Err(Trouble::Later(_)) => {
                        tally.postponed += 1;
                        return Ok(());
                    }
                    Ok(()) | Err(_) => tally.failed += 1,
                }
            }
        }
        Ok(self.turn.end(&delivery.id).await?)
    }

    async fn carry_out(&self, delivery: &Delivery) -> Result<(), Trouble> {
        self.tell(&delivery.id, "delivering", None).await?;
        match &delivery.package {
            Some(package) => self.install(delivery, package).await?,
            None => self.remove(delivery).await?,
        }
        self.tell(&delivery.id, "delivered", None).await?;
        self.verify(delivery).await?;
        self.tell(&delivery.id, "verified", None).await
    }

    /// A delivery that makes no sense.
    async fn refuse(&self, entry: &serde_json::Value, reason: &str, tally: &mut Tally) -> Result<(), FetchError> {
        tally.failed += 1;
        let id = crate::kazoo::delivery::said_id(entry);
        self.report.warn(&format!("  delivery {} makes no sense: {reason}", id.unwrap_or("without an id")));
        match self.tell(id.unwrap_or_default(), "error", Some(reason)).await {
            Err(Trouble::Fatal(error)) if id.is_some() => Err(error),
            _ => Ok(()),
        }
    }

    async fn tell(&self, id: &str, state: &str, detail: Option<&str>) -> Result<(), Trouble> {
        match self.exchange.tell(id, state, detail).await {
            Ok(()) => Ok(()),
            Err(ExchangeError::Refused { status: 409, said }) => match said.get("reason") {
                // Another delivery of the same app has taken its place.
                Some(reason) if reason == "superseded" => Err(Trouble::Withdrawn),
                // It has been told before.
                _ => Ok(()),
            },
            Err(error @ ExchangeError::Refused { status: 401 | 408 | 429, .. }) => Err(error.into()),
            Err(ExchangeError::Refused { status: 400..500, .. }) => Err(Trouble::Withdrawn),
            Err(error) => Err(error.into()),
        }
    }
}
