//! A real browser, headless Chromium, driven by its own driver.

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver, WebElement, prelude::*};

/// What makes it start quickly, talk to nobody but the test, and run where the tests run.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];
/// Longer than this nothing takes, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const OFTEN: Duration = Duration::from_millis(100);

pub struct Browser {
    session: WebDriver,
    /// Without a path.
    url: String,
    // In this order: the driver ends the browser before its profile goes.
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// A new one, that was nowhere before, for the site at this URL.
    pub async fn at(url: &str) -> Self {
        let (driver, profile) = (Driver::start(), tempfile::tempdir().unwrap());
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        let session = WebDriver::new(format!("http://127.0.0.1:{}", driver.port), wanted).await.unwrap();
        Self { session, url: url.to_owned(), _driver: driver, _profile: profile }
    }

    /// Opens a page.
    pub async fn go(&self, path: &str) {
        self.session.goto(format!("{}{path}", self.url)).await.unwrap();
    }

    /// Waits until the page says something.
    pub async fn sees(&self, words: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{words:?} isn't on the page: {text}");
            tokio::time::sleep(OFTEN).await;
        }
    }

    /// What the page says now, as far as it can be seen; nothing while it gives way to the next one.
    pub async fn text(&self) -> String {
        let body = self.session.query(By::Tag("body")).first().await;
        match body {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits for an element.
    pub async fn find(&self, css: &str) -> WebElement {
        let found = self.session.query(By::Css(css)).wait(PATIENCE, OFTEN).first().await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}; the page says: {}", self.text().await),
        }
    }

    /// Clicks an element.
    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Clicks the link or button that says this, once it's there.
    pub async fn press(&self, words: &str) {
        let path = format!("//*[self::a or self::button][normalize-space(.)=\"{words}\"]");
        let found = self.session.query(By::XPath(path)).and_displayed().wait(PATIENCE, OFTEN).first().await;
        match found {
            Ok(element) => element.click().await.unwrap(),
            Err(error) => panic!("nothing says {words:?}: {error}; the page says: {}", self.text().await),
        }
    }

    /// Fills in the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let path = format!("//*[@id=//label[normalize-space(.)=\"{label}\"]/@for]");
        let found = self.session.query(By::XPath(path)).wait(PATIENCE, OFTEN).first().await;
        let field = found.unwrap_or_else(|error| panic!("no field {label:?}: {error}"));
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses from the list with this label.
    pub async fn choose(&self, label: &str, option: &str) {
        let list = format!("//select[@id=//label[normalize-space(.)=\"{label}\"]/@for]/option[.=\"{option}\"]");
        let found = self.session.query(By::XPath(list)).wait(PATIENCE, OFTEN).first().await;
        found.unwrap_or_else(|error| panic!("no {option:?} in {label:?}: {error}")).click().await.unwrap();
    }

    /// Logs in by the form.
    pub async fn log_in(&self, account: &str, user: &str, password: &str) {
        for (label, text) in [("Account name", account), ("User name", user), ("Password", password)] {
            self.fill(label, text).await;
        }
        self.click("form[action='/login'] button").await;
    }

    /// Waits until the address begins like this.
    pub async fn is_at(&self, beginning: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let url = self.session.current_url().await.unwrap();
            if url.as_str().starts_with(beginning) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{url} isn't {beginning}");
            tokio::task::yield_now().await;
        }
    }

    /// Makes the window as large as a phone's.
    pub async fn becomes_a_phone(&self) {
        self.session.set_window_rect(0, 0, 360, 740).await.unwrap();
    }

    /// What a script says.
    pub async fn evaluate(&self, script: &str) -> serde_json::Value {
        self.session.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Ends it.
    pub async fn quit(self) {
        self.session.quit().await.unwrap();
    }
}

/// The browser's driver, on a port of its own choice.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start() -> Self {
        let spawned = Command::new("chromedriver").arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|error| {
            panic!("chromedriver can't be run ({error}). Debian: apt-get install chromium chromium-driver; scripts/test does it")
        });
        let mut log = BufReader::new(child.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "chromedriver doesn't start");
            if let Some((_, port)) = line.trim().trim_end_matches('.').rsplit_once("successfully on port ") {
                break port.parse().unwrap();
            }
        };
        thread::spawn(move || log.lines().for_each(drop));
        Self { child, port }
    }

    /// Asks it to end its browsers and itself.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(connection, "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.port)?;
        connection.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.shut_down().is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
