//! What the marketplace has for a cluster: an app that is to be installed, or removed.

use serde_json::{Value, json};

use super::document::{Object, text};

/// Bytes that a package may have.
pub const LARGEST: u64 = 128 << 20;
/// Bytes that a delivery's id, or a version, may have.
const LONGEST: usize = 200;

/// An app that is to be installed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: String,
    /// The app's name, which is fit for a folder's.
    pub app: String,
    pub version: String,
    /// `None`: the app is to be removed.
    pub package: Option<Package>,
}

/// What an app comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Where it's said to be, absolute or relative; else it's where all are.
    pub url: Option<String>,
    /// In lower-case hexadecimal digits.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

impl Delivery {
    /// Understands one entry of the marketplace's list; the error says what is wrong about it.
    pub fn parse(entry: &Value) -> Result<Self, String> {
        let id = said_id(entry).ok_or("it has no id")?;
        let named = |key: &str| entry.get("app").and_then(|app| app.get(key)).and_then(Value::as_str);
        let app = named("name").filter(|name| is_app_name(name)).ok_or("its app has no name that a folder could have")?;
        let version = named("version").unwrap_or_default();
        if version.len() > LONGEST || version.chars().any(char::is_control) {
            return Err("its version is none".into());
        }
        let package = match entry.get("remove") {
            Some(Value::Bool(true)) => None,
            _ => Some(Package::parse(entry.get("package").and_then(Value::as_object).ok_or("it has no package")?)?),
        };
        Ok(Self { id: id.to_owned(), app: app.to_owned(), version: version.to_owned(), package })
    }

    /// As [`Delivery::parse`] understands it.
    pub fn entry(&self) -> Value {
        let package = self.package.as_ref().map(|package| {
            let mut entry = json!({ "sha256": package.sha256, "size": package.size });
            if let Some(url) = &package.url {
                entry["url"] = url.as_str().into();
            }
            entry
        });
        json!({
            "id": self.id, "app": { "name": self.app, "version": self.version },
            "package": package, "remove": self.package.is_none(),
        })
    }
}

impl Package {
    fn parse(entry: &Object) -> Result<Self, String> {
        let sha256 = text(entry, "sha256").map(str::to_ascii_lowercase).unwrap_or_default();
        if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("its package has no SHA-256".into());
        }
        let size = entry.get("size").and_then(Value::as_u64).ok_or("its package has no size")?;
        if size > LARGEST {
            return Err(format!("its package has more than {} MiB", LARGEST >> 20));
        }
        Ok(Self { url: text(entry, "url").filter(|url| !url.is_empty()).map(str::to_owned), sha256, size })
    }
}

/// The id of an entry, so that it can be spoken of even if nothing else about it makes sense.
pub fn said_id(entry: &Value) -> Option<&str> {
    let id = entry.get("id")?.as_str()?;
    let is_id = !id.is_empty() && id.len() <= LONGEST && !id.chars().any(char::is_control) && ![".", ".."].contains(&id);
    is_id.then_some(id)
}

/// Whether an app could be called so, and a folder after it on any system.
fn is_app_name(name: &str) -> bool {
    let begins_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    begins_well && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Value {
        json!({
            "id": "d1", "subscription_id": "s1", "app": { "name": "reports", "version": "1.2", "kind": "monster_ui" },
            "package": { "url": "connector/packages/d1", "sha256": "AB".repeat(32), "size": 10 }, "remove": false,
        })
    }

    #[test]
    fn a_delivery_is_understood_and_said_again() {
        let delivery = Delivery::parse(&entry()).unwrap();
        assert_eq!(delivery.package.as_ref().unwrap().sha256, "ab".repeat(32));
        assert_eq!(Delivery::parse(&delivery.entry()).unwrap(), delivery);
        let removal = Delivery::parse(&json!({ "id": "d2", "app": { "name": "reports" }, "remove": true })).unwrap();
        assert_eq!(removal.package, None);
        assert_eq!(Delivery::parse(&removal.entry()).unwrap(), removal);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (path, value) in [
            ("/id", json!("")),
            ("/id", json!("..")),
            ("/id", json!("x".repeat(201))),
            ("/app", json!("reports")),
            ("/app/name", json!("../reports")),
            ("/app/name", json!(".hidden")),
            ("/app/name", json!("-rf")),
            ("/app/name", json!("a b")),
            ("/app/name", json!("x".repeat(65))),
            ("/app/version", json!("1\n2")),
            ("/package", json!(null)),
            ("/package/sha256", json!("ab")),
            ("/package/size", json!(-1)),
            ("/package/size", json!(LARGEST + 1)),
        ] {
            let mut entry = entry();
            *entry.pointer_mut(path).unwrap() = value.clone();
            assert!(Delivery::parse(&entry).is_err(), "{path} {value}");
        }
        for other in [json!(null), json!([]), json!("d1")] {
            assert!(Delivery::parse(&other).is_err(), "{other}");
        }
    }
}
