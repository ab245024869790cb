//! Sending mail, through the relay that `system_config/smtp_client` names.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use super::{Platform, Settings};

const CATEGORY: &str = "smtp_client";

/// How long the relay may take for each thing it's told.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A message, in plain text.
pub struct Mail<'a> {
    pub to: &'a str,
    pub subject: &'a str,
    /// May hold a secret: never logged.
    pub text: String,
}

impl Platform {
    /// Sends a message. What goes wrong is logged: whoever asked for it has no part in it, and asks again when nothing comes.
    pub async fn send_mail(&self, mail: Mail<'_>) {
        // An address may have a line break in it, which mustn't make a line of the log.
        let (to, subject) = (mail.to.escape_debug().to_string(), mail.subject.to_owned());
        match self.try_to_send(mail).await {
            Ok(true) => log::info!("sent mail to {to}: {subject}"),
            Ok(false) => log::warn!("no mail is sent to {to} ({subject}): system_config/{CATEGORY} has no relay"),
            Err(error) => log::error!("the mail to {to} ({subject}) wasn't sent: {error:#}"),
        }
    }

    /// Whether there is a relay, which took the message.
    async fn try_to_send(&self, mail: Mail<'_>) -> anyhow::Result<bool> {
        let settings = self.settings(CATEGORY).await?;
        let Some(relay) = settings.text("relay").filter(|relay| !relay.is_empty()) else {
            return Ok(false);
        };
        let from = settings.text("from").map_or_else(|| format!("no_reply@{relay}"), str::to_owned);
        let message = Message::builder()
            .from(from.parse::<Mailbox>()?)
            .to(mail.to.parse::<Mailbox>()?)
            .subject(mail.subject)
            .body(mail.text)?;
        transport(relay, &settings)?.send(message).await?;
        Ok(true)
    }
}

fn transport(relay: &str, settings: &Settings) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
    let parameters = || TlsParameters::new(relay.to_owned());
    let (tls, usual_port) = match (settings.flag("ssl"), settings.text("tls")) {
        (Some(true), _) => (Tls::Wrapper(parameters()?), 465),
        (_, Some("always")) => (Tls::Required(parameters()?), 25),
        (_, Some("never")) => (Tls::None, 25),
        _ => (Tls::Opportunistic(parameters()?), 25),
    };
    let port = settings.number("port").and_then(|port| u16::try_from(port).ok()).unwrap_or(usual_port);
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(relay).port(port).tls(tls).timeout(Some(TIMEOUT));
    let credentials = settings.text("username").zip(settings.text("password"));
    Ok(match credentials {
        Some((user, password)) => builder.credentials(Credentials::new(user.to_owned(), password.to_owned())).build(),
        None => builder.build(),
    })
}
