//! Kazoo's own configuration, `/etc/kazoo/core/config.ini`: where its CouchDB is.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use url::Url;

use crate::store::Location;

/// The section that names the database's, and what that is called where nothing is said.
const DATA: (&str, &str) = ("data", "bigcouch");

/// The settings of one section. A name may be there more than once, and so may a section: one for each host or zone.
type Section = Vec<(String, String)>;

/// The store that a node of Kazoo uses. `host` and `zone` are this machine's, as far as known.
pub fn location(path: &Path) -> anyhow::Result<Location> {
    let text = fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let zone = std::env::var("KAZOO_ZONE").ok();
    understand(&text, host.trim(), zone.as_deref()).with_context(|| format!("{}", path.display())).map(Location::Couch)
}

fn understand(text: &str, host: &str, zone: Option<&str>) -> anyhow::Result<Url> {
    let sections = parse(text);
    let zone = zone.or_else(|| value(&sections, host, None, "kazoo_apps", "zone"));
    let named = value(&sections, host, zone, DATA.0, "config");
    let section = named.unwrap_or(if sections.iter().any(|(name, _)| name == DATA.1) { DATA.1 } else { "couchdb" });
    if !sections.iter().any(|(name, _)| name == section) {
        bail!("it has no section [{section}], which says where the database is");
    }
    let get = |key| value(&sections, host, zone, section, key);
    let Some(ip) = get("ip") else {
        bail!("[{section}] has no ip, or none that is for this host and zone");
    };
    let ip = if ip.contains(':') && !ip.starts_with('[') { format!("[{ip}]") } else { ip.to_owned() };
    let port = get("port").unwrap_or("5984");
    let port: u16 = port.parse().with_context(|| format!("[{section}] has a port that is none"))?;
    let mut url = Url::parse(&format!("http://{ip}:{port}")).with_context(|| format!("[{section}] has an ip that is none"))?;
    let secrets = [get("username"), get("password")].map(|text| text.filter(|text| !text.is_empty()));
    if let [Some(username), password] = secrets
        && url.set_username(username).and_then(|()| url.set_password(password)).is_err()
    {
        bail!("[{section}] has an ip that can't have a user");
    }
    Ok(url)
}

/// A setting for a host and zone: a section that names the host counts alone; else those of the zone; else those for everybody.
fn value<'a>(sections: &'a [(String, Section)], host: &str, zone: Option<&str>, section: &str, key: &str) -> Option<&'a str> {
    let all: Vec<&Section> = sections.iter().filter(|(name, _)| name == section).map(|(_, section)| section).collect();
    let ours = all.iter().find(|section| first(section, "host") == Some(host));
    let for_all_hosts = || all.iter().filter(|section| first(section, "host").is_none());
    let zoned = for_all_hosts().find(|section| zone.is_some() && first(section, "zone") == zone);
    // What says in which zone we are has that as a setting, not as a condition.
    let general = for_all_hosts().find(|section| key == "zone" || first(section, "zone").is_none());
    first(ours.or(zoned).or(general)?, key)
}

fn first<'a>(section: &'a Section, key: &str) -> Option<&'a str> {
    section.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

fn parse(text: &str) -> Vec<(String, Section)> {
    let mut sections: Vec<(String, Section)> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.starts_with([';', '#'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name.trim()) {
            sections.push((name.to_owned(), Section::new()));
        } else if let (Some((_, section)), Some((key, value))) = (sections.last_mut(), line.split_once('=')) {
            section.push((key.trim().to_owned(), unquote(value.trim())));
        }
    }
    sections
}

/// A value without its quotation marks, or without the comment behind it.
fn unquote(value: &str) -> String {
    let quoted = value.strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(text, _)| text);
    quoted.unwrap_or_else(|| value.split(" ;").next().unwrap_or_default().trim_end()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"
; a comment
[zone]
name = "local"
amqp_uri = "amqp://guest:guest@127.0.0.1:5672"

[bigcouch]
compact_automatically = true
cookie = change_me
ip = "db.example.com"
port = 15984 ; haproxy
username = "kazoo"
password = "s=cr;t @/x"
admin_port = 15986
"#;

    fn url(text: &str) -> String {
        understand(text, "kz1.example.com", None).unwrap().to_string()
    }

    #[test]
    fn the_database_is_found_with_its_credentials() {
        assert_eq!(url(PLAIN), "http://kazoo:s%3Dcr%3Bt%20%40%2Fx@db.example.com:15984/");
        assert_eq!(url("[couchdb]\nip=::1"), "http://[::1]:5984/");
        assert_eq!(url("[data]\nconfig = \"mine\"\n[bigcouch]\nip = a\n[mine]\nip = b\nusername = \"\""), "http://b:5984/");
    }

    #[test]
    fn of_several_sections_the_nearest_counts() {
        let both = "[bigcouch]\nip = a\n[bigcouch]\nzone = west\nip = w\n[bigcouch]\nhost = kz1.example.com\nip = h\n";
        assert_eq!(url(both), "http://h:5984/");
        let elsewhere = both.replace("kz1", "kz2");
        assert_eq!(url(&elsewhere), "http://a:5984/");
        assert_eq!(url(&format!("{elsewhere}[kazoo_apps]\nzone = west\n")), "http://w:5984/");
    }

    #[test]
    fn what_is_missing_is_said_without_secrets() {
        for (text, reason) in [
            ("", "no section [couchdb]"),
            ("[data]\nconfig = x\n", "no section [x]"),
            ("[bigcouch]\npassword = pw12\n", "has no ip"),
            ("[bigcouch]\nip = a\nport = pw12\n", "has a port that is none"),
        ] {
            let error = format!("{:#}", understand(text, "h", None).unwrap_err());
            assert!(error.contains(reason) && !error.contains("pw12"), "{error}");
        }
    }
}
