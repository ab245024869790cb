//! That docker-compose.yml, the Dockerfile and what they name belong together.

use std::fs;

use crate::support::{
    compose::{Compose, Healthcheck, Source, root},
    process::run,
};

/// With nothing set, and with all that can be.
fn both() -> [Compose; 2] {
    let dir = root().to_str().unwrap();
    let set = [("MONSTER_UI", dir), ("APPS", dir), ("COUCHDB_PASSWORD", "other"), ("COMPOSE_PROFILES", "rabbitmq")];
    [Compose::read(&[]), Compose::read(&set)]
}

#[test]
fn the_compose_file_names_only_what_there_is() {
    for compose in both() {
        assert_eq!(compose.name, "storefront");
        for (name, service) in &compose.services {
            match (&service.image, &service.build) {
                (Some(image), None) => assert!(image.split_once(':').is_some_and(|(_, tag)| !tag.is_empty()), "{image}"),
                (None, Some(folder)) => assert!(root().join(folder).join("Dockerfile").is_file(), "{folder}"),
                _ => panic!("{name} has an image, or a folder to build"),
            }
            assert_eq!(service.restart, "unless-stopped", "{name}");
            // Nobody but this machine has a business here: passwords are in the documents.
            assert!(service.ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{name}: {:?}", service.ports);
            for (other, dependency) in &service.depends_on {
                let other = compose.services.get(other).unwrap_or_else(|| panic!("{name} depends on {other}"));
                assert_eq!(dependency.condition, "service_healthy");
                assert!(other.healthcheck.is_some() && other.profiles.is_empty(), "{name}");
                // nginx asks for a name once only.
                assert_eq!(dependency.restart, name == "monster-ui");
            }
            if let Some(Healthcheck { test, interval, timeout, start_period, retries }) = &service.healthcheck {
                assert!(test[0] == "CMD" && *retries > 0, "{name}");
                let is_time = |text: &String| text.ends_with(['s', 'm']);
                assert!([interval, timeout].into_iter().chain(start_period).all(is_time), "{name}");
            }
            for mount in service.mounts() {
                match mount.source {
                    Source::Path(path) => assert!(path.exists() && mount.is_read_only, "{}", path.display()),
                    Source::Volume(volume) => assert!(compose.volumes.contains_key(&volume), "{volume}"),
                }
            }
        }
        let used = |volume: &String| {
            let mut mounts = compose.services.values().flat_map(|service| service.mounts());
            mounts.any(|mount| mount.source == Source::Volume(volume.clone()))
        };
        assert!(compose.volumes.keys().all(used));
    }
}

#[test]
fn storefronts_service_says_what_storefront_understands() {
    let [plain, other] = both();
    for compose in [&plain, &other] {
        let storefront = &compose.services["storefront"];
        let help = run(storefront.command.iter().map(String::as_str).chain(["--help"])).ok();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for name in storefront.environment.keys().filter(|name| *name != "RUST_LOG") {
            assert!(help.contains(&format!("[env: {name}")), "Storefront knows no {name}: {help}");
        }
        // An address within the stack is a service's name.
        for value in storefront.environment.values() {
            let host = url::Url::parse(value).ok().and_then(|url| url.host_str().map(str::to_owned));
            assert!(host.is_none_or(|host| compose.services.contains_key(&host)), "{value}");
        }
    }
    let said = |compose: &Compose, name: &str| compose.services["storefront"].environment[name].clone();
    assert_eq!(said(&plain, "STOREFRONT_AMQP"), "");
    assert_eq!(said(&other, "STOREFRONT_AMQP"), "amqp://guest:guest@rabbitmq:5672");
    assert_eq!(said(&other, "STOREFRONT_STORE"), "http://admin:other@couchdb:5984");
    assert_eq!(other.services["couchdb"].environment["COUCHDB_PASSWORD"], "other");
    assert_eq!(other.services["rabbitmq"].profiles, ["rabbitmq"]);
}

#[test]
fn the_image_is_made_of_what_there_is() {
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let ignored = fs::read_to_string(root().join(".dockerignore")).unwrap();
    let mut stages = Vec::new();
    for line in dockerfile.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["FROM", _, "AS", stage] => stages.push(*stage),
            ["COPY", from, program, target] if from.starts_with("--from=") => {
                assert!(stages.contains(&&from["--from=".len()..]), "{line}");
                assert!(program.ends_with("/target/release/storefront") && target.ends_with("/storefront"), "{line}");
            }
            ["COPY", sources @ .., _] => assert!(sources.iter().all(|source| root().join(source).exists()), "{line}"),
            _ => {}
        }
    }
    // What the program is made of, and cargo reads.
    let made_of = ["src", "couch_views", "fixtures", "templates", "static", "Cargo.toml", "Cargo.lock"];
    assert!(made_of.iter().all(|path| root().join(path).exists()));
    assert!(ignored.lines().all(|line| !made_of.contains(&line.trim_matches('/'))), "{ignored}");
    for (text, path) in sources() {
        for (at, _) in text.match_indices("#[folder = \"") {
            let folder = text[at..].split('"').nth(1).unwrap();
            assert!(made_of.contains(&folder.split('/').next().unwrap()), "{path}: {folder}");
        }
    }
    // The volume's folder is its user's, or the marketplace's apps couldn't be written there.
    let apps = &Compose::read(&[]).services["storefront"].environment["STOREFRONT_MARKETPLACE_APPS"];
    let made = dockerfile.lines().find(|line| line.contains("install -d -o storefront")).unwrap();
    assert!(made.split_whitespace().any(|word| word == apps), "{made}");
}

fn sources() -> impl Iterator<Item = (String, String)> {
    let files = walkdir::WalkDir::new(root().join("src")).into_iter().map(Result::unwrap);
    let files = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "rs"));
    files.map(|file| (fs::read_to_string(file.path()).unwrap(), file.path().display().to_string()))
}
