//! The program itself: commands that run to their end, and servers that run until they are dropped.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Longer than this nothing takes, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command said, and whether it was content.
#[derive(Debug)]
pub struct Done {
    pub success: bool,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    /// What it printed; a failure fails the test.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.success, "{self:?}");
        self.stdout
    }

    /// What it complained of; success fails the test, and so does any status but 1.
    #[track_caller]
    pub fn failed(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.stderr
    }
}

/// The program with these arguments, and nothing of the tests' own environment that it would read.
fn program<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_storefront"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("STOREFRONT_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Done {
    run_in(&[], arguments)
}

/// The same with these variables in the environment.
pub fn run_in<A: AsRef<OsStr>>(variables: &[(&str, &str)], arguments: impl IntoIterator<Item = A>) -> Done {
    let output = program(arguments).envs(variables.iter().copied()).output().unwrap();
    Done {
        success: output.status.success(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program at a terminal, with somebody who types this. What it says there is all in `stdout`.
pub fn run_at_a_terminal<A: AsRef<OsStr>>(typed: &str, arguments: impl IntoIterator<Item = A>) -> Done {
    let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap());
    let inner = program(arguments);
    let line: Vec<String> = [inner.get_program()].into_iter().chain(inner.get_args()).map(quoted).collect();
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--echo", "never", "--command", &line.join(" "), "/dev/null"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    Done {
        success: output.status.success(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A running server.
pub struct Server {
    child: Child,
    stdout: Arc<Said>,
    stderr: Arc<Said>,
}

impl Server {
    /// Starts the program with these arguments; it may not be ready yet.
    pub fn start<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::spawn(&mut program(arguments))
    }

    /// The same in a directory, with these variables in the environment.
    pub fn start_in<A: AsRef<OsStr>>(
        directory: &Path,
        variables: &[(&str, &str)],
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        Self::spawn(program(arguments).current_dir(directory).envs(variables.iter().copied()))
    }

    fn spawn(program: &mut Command) -> Self {
        let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = Said::listen(child.stdout.take().unwrap());
        let stderr = Said::listen(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Starts `storefront serve` on a store, on a free port, with all nouns that it can have. It has no cache: tests write past the server and look at once.
    pub fn serve(store: &str) -> Self {
        Self::serve_with(store, &["--no-cache"])
    }

    /// The same with these flags.
    pub fn serve_with(store: &str, flags: &[&str]) -> Self {
        Self::start([&["--store", store, "serve", "--listen", "127.0.0.1:0", "--workers", "2", "--companions"], flags].concat())
    }

    /// Its URL, without a path, as soon as it has said so.
    #[track_caller]
    pub fn url(&self) -> String {
        let said = self.stdout.wait(|text| {
            let (_, rest) = text.split_once("Storefront listens on ")?;
            rest.contains("/v2").then(|| rest.split("/v2").next().unwrap().to_owned())
        });
        said.unwrap_or_else(|| panic!("the server doesn't listen: {}", self.log()))
    }

    /// What it printed so far.
    pub fn printed(&self) -> String {
        self.stdout.text()
    }

    /// Waits until what it printed is as wanted.
    #[track_caller]
    pub fn wait_for_print(&self, wanted: impl Fn(&str) -> bool) {
        let found = self.stdout.wait(|text| wanted(text).then_some(()));
        found.unwrap_or_else(|| panic!("it printed only this: {} {}", self.printed(), self.log()));
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.stderr.text()
    }

    /// Waits until something was logged.
    #[track_caller]
    pub fn wait_for_log(&self, wanted: &str) {
        let found = self.stderr.wait(|text| text.contains(wanted).then_some(()));
        found.unwrap_or_else(|| panic!("{wanted:?} wasn't logged: {}", self.log()));
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it on the spot.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end, and whether it was content.
    pub fn wait(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Sends it a signal, like `-TERM`.
    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.id().to_string()]).status().unwrap().success());
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            // The harness keeps this for the failed test's report.
            println!("the server logged:\n{}", self.log());
        }
    }
}

/// Everything that came out of a pipe so far.
struct Said {
    state: Mutex<(String, bool)>,
    news: Condvar,
}

impl Said {
    fn listen(pipe: impl Read + Send + 'static) -> Arc<Self> {
        let said = Arc::new(Self { state: Mutex::default(), news: Condvar::new() });
        let heard = said.clone();
        thread::spawn(move || {
            let mut lines = BufReader::new(pipe);
            loop {
                let mut line = Vec::new();
                let ended = lines.read_until(b'\n', &mut line).map_or(true, |length| length == 0);
                let mut state = heard.state.lock().unwrap();
                state.0.push_str(&String::from_utf8_lossy(&line));
                state.1 = ended;
                heard.news.notify_all();
                if ended {
                    return;
                }
            }
        });
        said
    }

    fn text(&self) -> String {
        self.state.lock().unwrap().0.clone()
    }

    /// Waits until the text has what is looked for; `None` when it ended before, or after too long a time.
    fn wait<T>(&self, look: impl Fn(&str) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state.lock().unwrap();
        loop {
            if let Some(found) = look(&state.0) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.1 || left.is_zero() {
                return None;
            }
            state = self.news.wait_timeout(state, left).unwrap().0;
        }
    }
}
