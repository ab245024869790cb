//! A message broker for the tests: RabbitMQ, with what Kazoo would have declared, and a queue that hears everything.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use lapin::{Channel, Connection, ConnectionProperties, options::BasicGetOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than this no notice takes, not even on a busy machine.
const PATIENCE: u32 = 1200;
const PAUSE: Duration = Duration::from_millis(50);

/// Where everything arrives.
const QUEUE: &str = "heard";

pub struct Broker {
    port: u16,
    /// Erlang's name server, one for this broker alone, and how its nodes talk.
    names: u16,
    child: Option<Child>,
    dir: TempDir,
}

/// Somebody who listens.
pub struct Listener {
    channel: Channel,
    _connection: Connection,
}

impl Broker {
    /// One that doesn't run yet.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        // Like Kazoo's exchange neither the queue nor its binding outlives the broker; it's there again when that is.
        let definitions = json!({
            "vhosts": [{ "name": "/" }],
            "users": [{
                "name": "kazoo", "password_hash": "AQIDBEMMOXwY6PKx/JKP9PAqfsb4ozuD0Ta3pxxa9gEYBMmD",
                "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": "",
            }],
            "permissions": [{ "user": "kazoo", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" }],
            "exchanges": [{
                "name": "configuration", "vhost": "/", "type": "topic", "durable": false, "auto_delete": false,
                "internal": false, "arguments": {},
            }],
            "queues": [{ "name": QUEUE, "vhost": "/", "durable": false, "auto_delete": false, "arguments": {} }],
            "bindings": [{
                "source": "configuration", "vhost": "/", "destination": QUEUE, "destination_type": "queue",
                "routing_key": "#", "arguments": {},
            }],
        });
        fs::write(path("definitions.json"), definitions.to_string()).unwrap();
        fs::write(path("plugins"), "[].").unwrap();
        let config = format!("load_definitions = {}\n", path("definitions.json").display());
        fs::write(path("rabbitmq.conf"), config).unwrap();
        Self { port: free_port(), names: free_port(), child: None, dir }
    }

    pub fn url(&self) -> String {
        format!("amqp://kazoo:guest@127.0.0.1:{}", self.port)
    }

    /// Starts it, and waits until it takes connections.
    pub fn start(&mut self) {
        let path = |name: &str| self.dir.path().join(name);
        let variables = [
            ("RABBITMQ_NODENAME", "test@localhost".into()),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".into()),
            ("RABBITMQ_NODE_PORT", self.port.to_string()),
            ("RABBITMQ_DIST_PORT", free_port().to_string()),
            ("RABBITMQ_LOGS", "-".into()),
            // Run in this very process, so that its number is the one to be stopped.
            ("RABBITMQ_ALLOW_INPUT", "1".into()),
            ("RABBITMQ_SERVER_START_ARGS", "-noinput".into()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
            ("ERL_EPMD_PORT", self.names.to_string()),
        ];
        let files = [
            ("RABBITMQ_MNESIA_BASE", path("data")),
            ("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", path("plugins")),
            ("HOME", self.dir.path().to_owned()),
        ];
        let program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
        let mut child = Command::new(program)
            .envs(variables)
            .envs(files)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; Debian, Ubuntu: apt-get install rabbitmq-server"));
        let mut log = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Server startup complete") {
            let before = said.len();
            log.read_line(&mut said).unwrap();
            assert!(said.len() > before, "RabbitMQ doesn't start: {said}");
        }
        thread::spawn(move || log.lines().for_each(drop));
        self.child = Some(child);
    }

    /// Stops it as an operator does.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        child.wait().unwrap();
    }

    pub async fn listen(&self) -> Listener {
        let connection = Connection::connect(&self.url(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        Listener { channel, _connection: connection }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = Command::new("epmd").args(["-port", &self.names.to_string(), "-kill"]).stdout(Stdio::null()).status();
    }
}

impl Listener {
    /// The next notices until one with this routing key's words has come, that one last: its key and what it says.
    pub async fn until(&self, wanted: &str) -> (String, Value) {
        let mut heard = Vec::new();
        for _ in 0..PATIENCE {
            match self.channel.basic_get(QUEUE.into(), BasicGetOptions { no_ack: true }).await.unwrap() {
                Some(message) => {
                    let key = message.delivery.routing_key.to_string();
                    if key.contains(wanted) {
                        return (key, serde_json::from_slice(&message.delivery.data).unwrap());
                    }
                    heard.push(key);
                }
                None => tokio::time::sleep(PAUSE).await,
            }
        }
        panic!("{wanted} wasn't told, but {heard:#?}");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
