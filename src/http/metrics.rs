//! What is counted of requests. Label values are bounded: nouns rather than paths, and what nobody knows is `other`.

use std::{borrow::Cow, time::Duration};

use actix_web::http::Method;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// From an answer out of memory to a long wait.
const SECONDS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// A noun of the API, where it's one that somebody knows.
pub type Noun = Cow<'static, str>;

/// Stands for the noun where a path has none that is known: anybody can make up as many as he likes.
pub const OTHER: &str = "other";

/// What was counted; copies share it.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram>,
    /// Requests that are being answered.
    pub in_flight: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    noun: Noun,
    verb: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    noun: Noun,
    verb: &'static str,
    status: u16,
    by: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            in_flight: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Has them shown.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Requests by noun, verb, status (499: the client went away) and who answered: storefront or upstream";
        registry.register("requests", help, self.requests.clone());
        let help = "Time from a request's head to its answer's last byte";
        registry.register_with_unit("request", help, Unit::Seconds, self.durations.clone());
        registry.register("requests_in_flight", "Requests that are being answered", self.in_flight.clone());
    }

    /// Counts a request that is over.
    pub fn count(&self, noun: &Noun, verb: &'static str, status: u16, forwarded: bool, took: Duration) {
        let by = if forwarded { "upstream" } else { "storefront" };
        self.durations.get_or_create(&Asked { noun: noun.clone(), verb }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { noun: noun.clone(), verb, status, by }).inc();
    }
}

/// A method as a label.
pub fn verb(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER)
}
