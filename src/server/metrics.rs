//! `/metrics`, in the text format of Prometheus and OpenMetrics.

use std::{fmt, sync::Arc};

use actix_web::{HttpResponse, web::Data};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge, info::Info},
    registry::{Registry, Unit},
};

use super::Watched;
use crate::{http::metrics::Metrics, notices::Bus, platform::unix_now, store::Cached};

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is measured, under names that begin with `storefront_`.
pub fn registry(requests: &Metrics, watched: &Watched) -> Registry {
    let mut registry = Registry::with_prefix("storefront");
    registry.register("build", "What runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    let started = ConstGauge::<i64>::new(i64::try_from(unix_now()).unwrap_or_default());
    registry.register_with_unit("start_time", "When the process began to serve, since 1970", Unit::Seconds, started);
    requests.register(&mut registry);
    watched.store.register(&mut registry);
    watched.answers.register(&mut registry);
    if let Some(cache) = &watched.cache {
        registry.register_collector(Box::new(Cache(Arc::clone(cache))));
    }
    if let Some(bus) = &watched.bus {
        registry.register_collector(Box::new(Notices(Arc::clone(bus))));
    }
    registry
}

/// Answers with what was measured so far.
pub async fn show(registry: Data<Registry>) -> HttpResponse {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &registry) {
        Ok(()) => HttpResponse::Ok().content_type(CONTENT_TYPE).body(text),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// The cache counts for itself; it's asked when somebody looks.
#[derive(Clone)]
struct Cache(Arc<Cached>);

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Collector for Cache {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let counts = self.0.counters().read();
        let (answers, bytes) = self.0.size();
        let counters = [
            ("cache_hits", "Reads that were answered from memory", counts.hits),
            ("cache_misses", "Reads whose answer wasn't in memory, or no longer good", counts.misses),
            ("cache_joined", "Reads that waited for another's that asked the same", counts.joined),
            ("cache_bypasses", "Reads past the cache: its feed was lost, or what is asked is never kept", counts.bypasses),
            ("cache_ahead", "Documents that others had changed and that were read again before anybody asked", counts.ahead),
            ("cache_updates", "Changed databases that the feed named", counts.updates),
            ("cache_losses", "How often the feed was lost, and all that was kept with it", counts.losses),
        ];
        encode(&mut encoder, counters)?;
        let gauges = [
            ("cache_answers", "Answers in memory", answers),
            ("cache_size_bytes", "Bytes of answers in memory, about", bytes),
            ("cache_alive", "1 while reads may be answered from memory", u64::from(*self.0.alive().borrow())),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}

/// So does the way to the message broker.
#[derive(Clone)]
struct Notices(Arc<Bus>);

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}

impl Collector for Notices {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let counts = self.0.counts();
        let counters = [
            ("notices_sent", "Change notices that the message broker has taken", counts.sent),
            ("notices_lost", "Change notices that were dropped, since too many waited for the broker", counts.lost),
        ];
        encode(&mut encoder, counters)
    }
}

fn encode<const N: usize>(encoder: &mut DescriptorEncoder, counters: [(&str, &str, u64); N]) -> Result<(), fmt::Error> {
    for (name, help, count) in counters {
        let counter = ConstCounter::new(count);
        counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
    }
    Ok(())
}
