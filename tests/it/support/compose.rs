//! docker-compose.yml as Docker Compose reads it: variables put in their places, and every key one that is known here.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// The root of the checkout, which the file's paths begin at.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compose {
    pub name: String,
    pub services: BTreeMap<String, Service>,
    pub volumes: BTreeMap<String, Option<()>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub image: Option<String>,
    pub build: Option<String>,
    #[serde(default)]
    pub command: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub profiles: Vec<String>,
    #[serde(default)]
    pub ports: Vec<String>,
    #[serde(default)]
    volumes: Vec<Volume>,
    #[serde(default)]
    pub depends_on: BTreeMap<String, Dependency>,
    pub healthcheck: Option<Healthcheck>,
    pub restart: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    pub condition: String,
    #[serde(default)]
    pub restart: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Healthcheck {
    pub test: Vec<String>,
    pub interval: String,
    pub timeout: String,
    pub start_period: Option<String>,
    pub retries: u32,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Volume {
    Short(String),
    Long(LongVolume),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LongVolume {
    r#type: String,
    source: String,
    target: String,
    read_only: bool,
    bind: Bind,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bind {
    create_host_path: bool,
}

/// Something of the host's, or a volume, in a container.
#[derive(Debug)]
pub struct Mount {
    pub source: Source,
    pub target: String,
    pub is_read_only: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    Path(PathBuf),
    Volume(String),
}

impl Compose {
    /// The file of the checkout, with these variables.
    pub fn read(variables: &[(&str, &str)]) -> Self {
        let text = fs::read_to_string(root().join("docker-compose.yml")).unwrap();
        serde_saphyr::from_str(&substituted(&text, variables)).unwrap()
    }
}

impl Service {
    pub fn mounts(&self) -> Vec<Mount> {
        self.volumes.iter().map(Volume::mount).collect()
    }
}

impl Volume {
    fn mount(&self) -> Mount {
        match self {
            Self::Short(text) => {
                let (text, is_read_only) = text.strip_suffix(":ro").map_or((text.as_str(), false), |text| (text, true));
                let (source, target) = text.split_once(':').unwrap();
                let is_path = source.starts_with(['.', '/']);
                let source = if is_path { Source::Path(root().join(source)) } else { Source::Volume(source.to_owned()) };
                Mount { source, target: target.to_owned(), is_read_only }
            }
            Self::Long(long) => {
                assert_eq!((long.r#type.as_str(), long.bind.create_host_path), ("bind", false), "{long:?}");
                let source = Source::Path(root().join(&long.source));
                Mount { source, target: long.target.clone(), is_read_only: long.read_only }
            }
        }
    }
}

/// A text with `${NAME}`, `${NAME:-otherwise}` and `${NAME:+instead}` replaced; an empty variable is as good as none.
fn substituted(text: &str, variables: &[(&str, &str)]) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let (inner, after) = after.strip_prefix('{').and_then(|after| after.split_once('}')).expect("a variable in braces");
        let end = inner.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(inner.len());
        let (name, operation) = inner.split_at(end);
        let value = variables.iter().find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| *value);
        out.push_str(match (operation.get(..2), value) {
            (Some(":+"), Some(_)) => &operation[2..],
            (Some(":+"), None) => "",
            (Some(":-"), value) => value.unwrap_or(&operation[2..]),
            (None, Some(value)) => value,
            _ => panic!("${{{inner}}} has no value"),
        });
        rest = after;
    }
    out + rest
}
