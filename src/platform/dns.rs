//! Looking up DNS records, to see whether a brand's domain has those that it's to have.
//!
//! A domain's own name servers are asked, as Kazoo does: what its owner has changed a minute ago shows at once, whatever
//! others still remember. Whatever goes wrong, no record is found; nothing here fails.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt, future::join_all, stream};
use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::runtime::TokioRuntimeProvider,
    proto::rr::{Name, RData, RecordType},
    system_conf::read_system_conf,
};
use tokio::time::{Instant, timeout_at};

use crate::kazoo::domains::{Kind, Question};

/// Lookups at a time; a connection carries twice as many.
const CONCURRENT: usize = 16;
/// A domain may be the child of one that has the name servers; no further up than this.
const LEVELS: usize = 8;
/// Addresses of name servers that are used at most.
const SERVERS: usize = 8;
/// How often a question is asked again that got no answer.
const ATTEMPTS: usize = 2;

/// Who is asked, how, and for how long.
#[derive(Clone, Debug)]
pub struct Dns {
    /// These, rather than the domain's own name servers.
    pub servers: Option<Vec<SocketAddr>>,
    /// TCP only. Without it UDP, and TCP for what is too long for that.
    pub tcp: bool,
    /// For all lookups together.
    pub limit: Duration,
    /// Asked who a domain's own name servers are, rather than the system's resolver.
    pub resolvers: Option<Vec<SocketAddr>>,
    /// Where a domain's own name servers listen.
    pub port: u16,
}

impl Default for Dns {
    fn default() -> Self {
        Self { servers: None, tcp: false, limit: Duration::from_secs(5), resolvers: None, port: 53 }
    }
}

impl Dns {
    /// The records of each question, in the order of the answer and in the words that [`crate::kazoo::domains`] has for them.
    pub async fn look_up(&self, domain: &str, questions: &[Question]) -> HashMap<Question, Vec<String>> {
        let began = Instant::now();
        let deadline = began + self.limit;
        // Looking for those to ask may not use up the time to ask them.
        let resolver = self.resolver(domain, began + self.limit / 2).await;
        let Some(resolver) = &resolver else {
            return HashMap::new();
        };
        let answers = stream::iter(questions.iter().cloned()).map(|question| async move {
            let records = timeout_at(deadline, records(resolver, &question)).await.unwrap_or_default();
            (question, records)
        });
        answers.buffer_unordered(CONCURRENT).collect().await
    }

    /// Asks the servers that were given, or those of the domain, or the system's.
    async fn resolver(&self, domain: &str, deadline: Instant) -> Option<TokioResolver> {
        if let Some(servers) = &self.servers {
            return self.asking(servers);
        }
        let system = match &self.resolvers {
            Some(resolvers) => self.asking(resolvers)?,
            None => self.system()?,
        };
        let own = timeout_at(deadline, name_servers(&system, domain)).await.unwrap_or_default();
        let own: Vec<SocketAddr> = own.into_iter().take(SERVERS).map(|ip| SocketAddr::new(ip, self.port)).collect();
        if own.is_empty() { Some(system) } else { self.asking(&own) }
    }

    fn asking(&self, servers: &[SocketAddr]) -> Option<TokioResolver> {
        let config = ResolverConfig::from_name_servers(servers.iter().map(|server| self.server(*server)).collect());
        self.build(config)
    }

    fn system(&self) -> Option<TokioResolver> {
        let (system, _) =
            read_system_conf().inspect_err(|error| log::warn!("the system's resolver isn't known: {error}")).ok()?;
        let servers = system.name_servers().iter();
        let address = |server: &NameServerConfig| {
            let port = server.connections.first().map_or(53, |connection| connection.port);
            SocketAddr::new(server.ip, port)
        };
        self.asking(&servers.map(address).collect::<Vec<_>>())
    }

    fn server(&self, address: SocketAddr) -> NameServerConfig {
        let protocols =
            if self.tcp { vec![ConnectionConfig::tcp()] } else { vec![ConnectionConfig::udp(), ConnectionConfig::tcp()] };
        let at_port = |mut connection: ConnectionConfig| {
            connection.port = address.port();
            connection
        };
        NameServerConfig::new(address.ip(), true, protocols.into_iter().map(at_port).collect())
    }

    fn build(&self, config: ResolverConfig) -> Option<TokioResolver> {
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = self.limit / 4;
        options.attempts = ATTEMPTS;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        builder.build().inspect_err(|error| log::warn!("no DNS resolver: {error}")).ok()
    }
}

/// The addresses of the name servers that are responsible for a domain: its own, or those of the nearest domain above.
async fn name_servers(resolver: &TokioResolver, domain: &str) -> Vec<IpAddr> {
    let labels: Vec<&str> = domain.split('.').filter(|label| !label.is_empty()).collect();
    for level in 0..labels.len().saturating_sub(1).clamp(1, LEVELS) {
        let zone = labels.get(level..).unwrap_or_default().join(".");
        let servers = records(resolver, &Question { kind: Kind::Ns, host: zone }).await;
        if servers.is_empty() {
            continue;
        }
        let addresses = servers.into_iter().take(SERVERS).map(|host| async move {
            let [v4, v6] = [Kind::A, Kind::Aaaa].map(|kind| Question { kind, host: host.clone() });
            let found = join_all([records(resolver, &v4), records(resolver, &v6)]).await;
            found.into_iter().flatten().filter_map(|address| address.parse().ok()).collect::<Vec<IpAddr>>()
        });
        return join_all(addresses).await.into_iter().flatten().collect();
    }
    Vec::new()
}

async fn records(resolver: &TokioResolver, question: &Question) -> Vec<String> {
    let Ok(mut name) = Name::from_utf8(&question.host) else {
        return Vec::new();
    };
    // The name as it stands; never with a search domain behind it.
    name.set_fqdn(true);
    match resolver.lookup(name, record_type(question.kind)).await {
        // Aliases that led there are in the answer, too.
        Ok(lookup) => lookup.answers().iter().filter_map(|record| written(question.kind, &record.data)).collect(),
        Err(error) => {
            log::debug!("no {:?} records of {}: {error}", question.kind, question.host);
            Vec::new()
        }
    }
}

fn record_type(kind: Kind) -> RecordType {
    match kind {
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
        Kind::Cname => RecordType::CNAME,
        Kind::Mx => RecordType::MX,
        Kind::Naptr => RecordType::NAPTR,
        Kind::Ns => RecordType::NS,
        Kind::Ptr => RecordType::PTR,
        Kind::Srv => RecordType::SRV,
        Kind::Txt => RecordType::TXT,
    }
}

/// A record of this kind, as Kazoo writes it; `None` for one of another kind.
fn written(kind: Kind, data: &RData) -> Option<String> {
    Some(match (kind, data) {
        (Kind::A, RData::A(address)) => address.0.to_string(),
        (Kind::Aaaa, RData::AAAA(address)) => match address.0.to_ipv4_mapped() {
            Some(mapped) => mapped.to_string(),
            None => address.0.segments().map(|group| format!("{group:x}")).join(":"),
        },
        (Kind::Cname, RData::CNAME(name)) => host(&name.0),
        (Kind::Ns, RData::NS(name)) => host(&name.0),
        (Kind::Ptr, RData::PTR(name)) => host(&name.0),
        (Kind::Mx, RData::MX(mx)) => format!("{} {}", mx.preference, host(&mx.exchange)),
        (Kind::Srv, RData::SRV(srv)) => format!("{} {} {} {}", srv.priority, srv.weight, srv.port, host(&srv.target)),
        (Kind::Naptr, RData::NAPTR(naptr)) => format!(
            "{} {} \"{}\" \"{}\" \"{}\" {}",
            naptr.order,
            naptr.preference,
            String::from_utf8_lossy(&naptr.flags).to_uppercase(),
            String::from_utf8_lossy(&naptr.services).to_uppercase(),
            String::from_utf8_lossy(&naptr.regexp),
            host(&naptr.replacement)
        ),
        (Kind::Txt, RData::TXT(txt)) => String::from_utf8_lossy(&txt.txt_data.concat()).into_owned(),
        _ => return None,
    })
}

/// A name without the dot at its end.
fn host(name: &Name) -> String {
    let text = name.to_ascii();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}
