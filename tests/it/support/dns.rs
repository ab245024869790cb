//! Name servers for the tests: a real authoritative one with a zone of ours, and one that misbehaves as told.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener, UdpSocket},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use tempfile::TempDir;

/// The zone of every test; `{{domain}}` of the templates is its name.
pub const ZONE: &str = "brand.example";
/// A zone that the server is to have, but hasn't: it answers SERVFAIL.
pub const BROKEN: &str = "broken.example";

/// NSD, authoritative for [`ZONE`].
pub struct NameServer {
    pub address: SocketAddr,
    child: Child,
    _dir: TempDir,
}

impl NameServer {
    /// Starts it with these records; names without a dot at the end are in the zone.
    pub fn serving(records: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let head = format!("$ORIGIN {ZONE}.\n$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A 127.0.0.1\n");
        fs::write(dir.path().join("zone"), head + records).unwrap();
        let address = free_address();
        fs::write(dir.path().join("nsd.conf"), configuration(dir.path(), address)).unwrap();
        let mut child = Command::new(nsd())
            .args(["-d", "-V", "1", "-c"])
            .arg(dir.path().join("nsd.conf"))
            .stdin(Stdio::null())
            .stdout(File::create(dir.path().join("stdout")).unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("nsd started") {
            let before = said.len();
            log.read_line(&mut said).unwrap();
            assert!(said.len() > before, "NSD doesn't start: {said}");
        }
        thread::spawn(move || log.lines().for_each(drop));
        Self { address, child, _dir: dir }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        // Asked rather than killed, so that it ends its own children.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Where the server is: Debian keeps it away from users.
fn nsd() -> &'static str {
    let there = |program: &&str| Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let found = ["nsd", "/usr/sbin/nsd", "/usr/local/sbin/nsd"].into_iter().find(there);
    found.expect("NSD, the name server, is needed for these tests: apt-get install nsd, or see scripts/test")
}

fn configuration(dir: &Path, address: SocketAddr) -> String {
    let dir = dir.display();
    let (ip, port) = (address.ip(), address.port());
    format!(
        "server:\n  ip-address: {ip}@{port}\n  server-count: 1\n  username: \"\"\n  database: \"\"\n  zonesdir: \"{dir}\"\n  \
         pidfile: \"{dir}/pid\"\n  xfrdfile: \"{dir}/xfrd\"\n  xfrdir: \"{dir}\"\n  zonelistfile: \"{dir}/zones\"\n\
         remote-control:\n  control-enable: no\n\
         zone:\n  name: {ZONE}\n  zonefile: zone\n\
         zone:\n  name: {BROKEN}\n  zonefile: nowhere\n"
    )
}

/// A port that is free for UDP and TCP now, and stays so as far as anybody can know.
fn free_address() -> SocketAddr {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = udp.local_addr().unwrap();
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// What becomes of a question.
#[derive(Clone, Copy)]
pub enum Reply {
    /// The server has a failure.
    Servfail,
    /// There is no such name.
    Nxdomain,
    /// Bytes that are no answer.
    Garbage,
    /// None.
    Silence,
}

/// Answers each question over UDP by what `reply` says to its name; a question over TCP never gets an answer.
pub fn misbehaving(reply: impl Fn(&str) -> Reply + Send + 'static) -> SocketAddr {
    let address = free_address();
    let socket = UdpSocket::bind(address).unwrap();
    let silent = TcpListener::bind(address).unwrap();
    thread::spawn(move || {
        let _silent = silent;
        let mut packet = [0; 2048];
        while let Ok((length, client)) = socket.recv_from(&mut packet) {
            let code = match reply(&question(&packet[12..length])) {
                Reply::Servfail => 2,
                Reply::Nxdomain => 3,
                Reply::Garbage => {
                    socket.send_to(b"\xff\x00rubbish", client).unwrap();
                    continue;
                }
                Reply::Silence => continue,
            };
            // The question itself, marked as its answer.
            packet[2] |= 0x80;
            packet[3] = packet[3] & 0xf0 | code;
            socket.send_to(&packet[..length], client).unwrap();
        }
    });
    address
}

/// The name that stands at the beginning of a question.
fn question(bytes: &[u8]) -> String {
    let (mut labels, mut rest) = (Vec::new(), bytes);
    while let [length, after @ ..] = rest
        && *length > 0
    {
        let (label, after) = after.split_at(usize::from(*length));
        labels.push(String::from_utf8_lossy(label).into_owned());
        rest = after;
    }
    labels.join(".")
}
