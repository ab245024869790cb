//! The configuration file, and what comes out of it, the environment and the flags together.
//!
//! A setting in the file takes the place of the flag's default. So flags go before variables, variables before the file, the
//! file before what is built in; what may be said is written down once, as flags; and values are understood alike wherever
//! they stand.

use std::{fmt, fs, path::Path};

use anyhow::{Context as _, bail};
use clap::{ArgMatches, Command, Error, parser::ValueSource};
use toml::{Table, Value};

/// Settings that every command has; all others are those of [`super::Serve`].
const GLOBAL: [&str; 3] = ["store", "kazoo_config", "amqp"];

/// A configuration file's settings.
#[derive(Debug, Default)]
pub struct File(Vec<(String, Vec<String>)>);

impl File {
    /// Reads a file. `known` are the settings that there are.
    pub fn read(path: &Path, known: &[String]) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).context("it can't be read")?;
        // Not with the parser's own words, which repeat the line: that may have a password in it.
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(0, |span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
            anyhow::anyhow!("line {line}: {}", error.message())
        })?;
        let mut settings = Vec::new();
        for (name, value) in table {
            if !known.contains(&name) {
                bail!("there is no setting {name:?}; known are {}", known.join(", "));
            }
            let values = match value {
                Value::Array(values) => values.iter().map(plain).collect(),
                value => plain(&value).map(|value| vec![value]),
            };
            settings.push((name.clone(), values.with_context(|| format!("{name} is neither a plain value nor a list of such"))?));
        }
        Ok(Self(settings))
    }

    /// Lets the settings be the flags' defaults.
    pub fn apply(&self, command: Command) -> Command {
        self.0.iter().fold(command, |command, (name, values)| {
            let set = |command: Command| command.mut_arg(name, |arg| arg.hide_default_value(true).default_values(values));
            if GLOBAL.contains(&name.as_str()) {
                return set(command);
            }
            // It's a setting of that command, too.
            let fetches = (name == "marketplace_apps").then_some("marketplace-fetch");
            ["serve", "demo"]
                .into_iter()
                .chain(fetches)
                .fold(command, |command, of| command.mut_subcommand(of, set))
                .mut_subcommand("config", |config| config.mut_subcommand("show", set))
        })
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => Some(value.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

/// The names of all settings, in the order in which flags show them.
pub fn names(command: &Command) -> Vec<String> {
    let serve = command.find_subcommand("serve").into_iter().flat_map(Command::get_arguments);
    let flags = serve.map(|arg| arg.get_id().as_str()).filter(|id| !["help", "version"].contains(id));
    GLOBAL.into_iter().chain(flags).map(str::to_owned).collect()
}

/// A setting as it counts.
#[derive(Debug)]
pub struct Setting {
    pub name: String,
    /// As it would be said in flags; nothing where it's open.
    pub values: Vec<String>,
    pub source: &'static str,
}

/// All settings, as `storefront config show` knows them.
pub fn effective(command: &Command, matches: &ArgMatches, file: &File) -> Vec<Setting> {
    let Some(shown) = matches.subcommand_matches("config").and_then(|config| config.subcommand_matches("show")) else {
        return Vec::new();
    };
    let setting = |name: String| {
        let source = match shown.value_source(&name) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "environment",
            _ if file.has(&name) => "file",
            _ => "default",
        };
        let values = shown.get_raw(&name).into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect();
        Setting { name, values, source }
    };
    names(command).into_iter().map(setting).collect()
}

/// As a line of a configuration file, with what it comes from; one that is open as a comment.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let literal = |text: &String| match text.parse::<toml::Value>() {
            Ok(value @ (Value::Integer(_) | Value::Boolean(_))) => value.to_string(),
            _ => Value::from(text.as_str()).to_string(),
        };
        let Self { name, values, source } = self;
        match values.as_slice() {
            [] => write!(f, "# {name} isn't set"),
            [value] => write!(f, "{name} = {}  # {source}", literal(value)),
            values => write!(f, "{name} = [{}]  # {source}", values.iter().map(literal).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// An error of the second reading, in which only the file's settings can be at fault.
pub fn blame(error: &Error, path: &Path) -> anyhow::Error {
    let text = error.to_string();
    let reason = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    anyhow::anyhow!("{}: {reason}", path.display())
}
