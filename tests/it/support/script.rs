//! A server that says what a test tells it to, right or wrong, byte by byte.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use url::Url;

/// What becomes of a request.
#[derive(Clone)]
pub enum Answer {
    /// These bytes, and then the connection waits for another request.
    Say(String),
    /// These bytes, and then the connection is closed.
    Cut(String),
    /// These bytes, and then silence until the client goes away.
    Hang(String),
}

impl Answer {
    /// A whole answer with a JSON body.
    pub fn json(status: u16, body: &str) -> Self {
        let length = body.len();
        Self::Say(format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"))
    }
}

/// A server on a free port, for as long as the process lives.
pub struct Script {
    /// With credentials: the user `admin`, and a password that says `s3cret`.
    pub url: Url,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Script {
    /// Answers each request by this function; it's given the request's number, from 0.
    pub fn answering(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://admin:s3cret@{}", listener.local_addr().unwrap()).parse().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (seen, answer, count) = (requests.clone(), Arc::new(answer), connections.clone());
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::Relaxed);
                let (seen, answer) = (seen.clone(), answer.clone());
                thread::spawn(move || serve(connection, &seen, &*answer));
            }
        });
        Self { url, requests, connections }
    }

    /// The same answer to every request.
    pub fn always(answer: Answer) -> Self {
        Self::answering(move |_| answer.clone())
    }

    /// The requests that have come, heads and bodies, headers' names in lower case.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// How many connections have been opened.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

fn serve(mut connection: TcpStream, seen: &Mutex<Vec<String>>, answer: &dyn Fn(usize) -> Answer) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    while let Some(request) = read(&mut reader) {
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            seen.len() - 1
        };
        match answer(number) {
            Answer::Say(bytes) => connection.write_all(bytes.as_bytes()).unwrap(),
            Answer::Cut(bytes) => return connection.write_all(bytes.as_bytes()).unwrap(),
            Answer::Hang(bytes) => {
                connection.write_all(bytes.as_bytes()).unwrap();
                let _ = reader.read(&mut [0]);
                return;
            }
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<String> {
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        request.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.push_str(&String::from_utf8_lossy(&body));
    Some(request)
}
