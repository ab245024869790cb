//! Versions: of Kazoo (`5.1`, `5.1.23`) and of listings (`1.4.0`).

use std::{borrow::Cow, cmp::Ordering, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The oldest Kazoo that can be linked.
pub const OLDEST_KAZOO: &str = "5.1";

/// Numbers with dots between them, one to four of them. `1.0` and `1.0.0` are the same version.
#[derive(Clone, Debug)]
pub struct Version {
    numbers: Vec<u32>,
    text: String,
}

impl Version {
    /// The first two numbers, `5.1` of `5.1.23`.
    pub fn series(&self) -> (u32, u32) {
        (self.number(0), self.number(1))
    }

    fn number(&self, place: usize) -> u32 {
        self.numbers.get(place).copied().unwrap_or(0)
    }
}

/// A version that isn't one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is numbers with dots between them, such as 1.4.0")]
pub struct BadVersion;

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = text.split('.').collect();
        if parts.len() > 4 || !parts.iter().all(|part| is_number(part)) {
            return Err(BadVersion);
        }
        let numbers = parts.iter().map(|part| part.parse()).collect::<Result<_, _>>().map_err(|_| BadVersion)?;
        Ok(Self { numbers, text: text.to_owned() })
    }
}

/// What a Kazoo tells of itself, such as `5.1.23-beta` or `5.1-4`: only the numbers it begins with count.
pub fn reported(text: &str) -> Result<Version, BadVersion> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim_end_matches('.').parse()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        (0..4).map(|place| self.number(place).cmp(&other.number(place))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^\d+(\.\d+){0,3}$", "description": "Numbers with dots between them" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version("1.9") < version("1.10"));
        assert!(version("5.1") < version("5.1.1"));
        assert_eq!(version("5.1"), version("5.1.0.0"));
        assert_eq!(version("5.1.23").series(), (5, 1));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for wrong in ["", "x", "1.", ".1", "1..2", "1.2.3.4.5", "-1", "99999999999", "1 "] {
            assert_eq!(wrong.parse::<Version>().err(), Some(BadVersion), "{wrong}");
        }
    }

    #[test]
    fn a_kazoo_may_say_more_than_its_numbers() {
        for (told, series) in [("5.1.23-beta", (5, 1)), ("5.4", (5, 4)), ("5.1.", (5, 1)), ("5.1-4", (5, 1))] {
            assert_eq!(reported(told).unwrap().series(), series, "{told}");
        }
        assert!(reported("beta").is_err());
        assert!(reported("").is_err());
    }
}
