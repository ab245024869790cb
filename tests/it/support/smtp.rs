//! A mail server that takes everything and shows it.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use super::world::World;

/// Longer than this no mail takes, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct MailServer {
    pub address: SocketAddr,
    received: Receiver<Mail>,
}

/// A message that came.
#[derive(Debug)]
pub struct Mail {
    /// The commands before the text, without `EHLO`.
    pub commands: Vec<String>,
    /// Head and body, as somebody reads them.
    pub text: String,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = channel();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let sender = sender.clone();
                thread::spawn(move || take(connection, &sender));
            }
        });
        Self { address, received }
    }

    /// Starts one that a world sends its mail to.
    pub fn relaying(world: &World) -> Self {
        let server = Self::start();
        set_relay(world, &server.address.ip().to_string(), server.address.port());
        server
    }

    /// The next message.
    #[track_caller]
    pub fn next(&self) -> Mail {
        self.received.recv_timeout(PATIENCE).expect("a mail comes")
    }

    /// Whether nothing came that wasn't looked at.
    pub fn is_empty(&self) -> bool {
        self.received.try_recv().is_err()
    }
}

/// Where a world sends its mail to.
pub fn set_relay(world: &World, relay: &str, port: u16) {
    for (key, value) in [("relay", relay), ("port", &port.to_string()), ("from", "Platform <noreply@example.com>")] {
        world.run(&["config", "set-default", "smtp_client", key, value]).ok();
    }
}

fn take(mut connection: TcpStream, received: &Sender<Mail>) -> Option<()> {
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let mut commands = Vec::new();
    connection.write_all(b"220 mail.example ESMTP\r\n").ok()?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        let reply = match line.split(' ').next()? {
            "EHLO" => "250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n",
            "AUTH" => "235 welcome\r\n",
            "DATA" => {
                connection.write_all(b"354 go on\r\n").ok()?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    reader.read_line(&mut text).ok()?;
                }
                let _ = received.send(Mail { commands: std::mem::take(&mut commands), text: readable(&text) });
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 fine\r\n",
        };
        if !["EHLO", "DATA", "QUIT"].iter().any(|word| line.starts_with(word)) {
            commands.push(line);
        }
        connection.write_all(reply.as_bytes()).ok()?;
    }
}

/// A message whose long lines were folded (quoted-printable), with those lines as they were.
fn readable(text: &str) -> String {
    if !text.contains("quoted-printable") {
        return text.to_owned();
    }
    let unfolded = text.replace("=\r\n", "");
    let mut parts = unfolded.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).unwrap()
}
