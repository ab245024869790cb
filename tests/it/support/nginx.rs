//! nginx on loopback, for as long as a test needs it.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

pub struct Nginx {
    /// Without a path.
    pub url: String,
    child: Child,
    directory: TempDir,
}

impl Nginx {
    /// Starts it with a configuration that listens on port 80 and keeps its temporary files in `/var/cache/nginx`: both are
    /// replaced. Nothing else is.
    pub fn start(configuration: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = free_address();
        let cache = directory.path().join("cache");
        fs::create_dir(&cache).unwrap();
        let configuration = replaced(configuration, "listen 80;", &format!("listen {address};"));
        let configuration = replaced(&configuration, "/var/cache/nginx", cache.to_str().unwrap());
        let file = directory.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        // Whoever runs the tests can read what they mount.
        let user = if is_root() { "user root; " } else { "" };
        let child = Command::new(program())
            .arg("-p")
            .arg(directory.path())
            .arg("-c")
            .arg(&file)
            .args(["-e", "stderr", "-g", &format!("{user}daemon off; master_process off; pid nginx.pid;")])
            .stdin(Stdio::null())
            .stderr(fs::File::create(directory.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut nginx = Self { url: format!("http://{address}"), child, directory };
        nginx.wait_for(address);
        nginx
    }

    fn wait_for(&mut self, address: SocketAddr) {
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let is_running = self.child.try_wait().unwrap().is_none();
            assert!(is_running && began.elapsed() < Duration::from_secs(60), "nginx doesn't start: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            println!("nginx logged:\n{}", self.log());
        }
    }
}

/// A text in which something that has to be there is replaced.
pub fn replaced(text: &str, what: &str, by: &str) -> String {
    assert!(text.contains(what), "there is no {what} in {text}");
    text.replace(what, by)
}

/// A port that is free now, and stays so as far as anybody can know.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// Where it is: Debian keeps it away from users.
fn program() -> &'static str {
    let there = |program: &&str| Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let found = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"].into_iter().find(there);
    found.expect("nginx, the web server, is needed for these tests: apt-get install nginx, or see scripts/test")
}
