//! Versions that were published: which of them a cluster gets, and which a new one retires.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{content::Package, version::Version};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    pub version: Version,
    pub notes: String,
    pub published_at: u64,
    /// When a newer one took its place, or the listing was removed.
    pub retired_at: Option<u64>,
    pub min_kazoo: Option<Version>,
    pub package: Option<Package>,
}

/// Adds a release in front and retires those whose place it takes: all that need the same Kazoo or a newer one. What older
/// Kazoos need stays, for these can't have the new one.
pub fn publish(releases: &mut Vec<Release>, new: Release) {
    let now = new.published_at;
    for old in releases.iter_mut().filter(|old| old.retired_at.is_none()) {
        if old.min_kazoo >= new.min_kazoo || old.version == new.version {
            old.retired_at = Some(now);
        }
    }
    releases.retain(|old| old.version != new.version);
    releases.insert(0, new);
}

/// The newest release that runs on a cluster of this version and isn't retired.
pub fn fitting<'a>(releases: &'a [Release], kazoo: &Version) -> Option<&'a Release> {
    let runs = |release: &&Release| {
        release.retired_at.is_none() && release.min_kazoo.as_ref().is_none_or(|oldest| oldest.series() <= kazoo.series())
    };
    releases.iter().filter(runs).max_by(|one, other| one.version.cmp(&other.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str, min_kazoo: &str, at: u64) -> Release {
        Release {
            version: version.parse().unwrap(),
            notes: String::new(),
            published_at: at,
            retired_at: None,
            min_kazoo: Some(min_kazoo.parse().unwrap()),
            package: None,
        }
    }

    /// R50
    #[test]
    fn a_new_version_retires_the_old_one() {
        let mut releases = vec![release("1.0", "5.1", 1)];
        publish(&mut releases, release("1.1", "5.1", 2));
        assert_eq!(releases.iter().map(|one| one.retired_at).collect::<Vec<_>>(), [None, Some(2)]);
        assert_eq!(fitting(&releases, &"5.3".parse().unwrap()).unwrap().version, "1.1".parse().unwrap());
    }

    /// R32
    #[test]
    fn a_cluster_gets_the_newest_version_that_runs_on_it() {
        let mut releases = vec![release("1.0", "5.1", 1)];
        publish(&mut releases, release("2.0", "5.4", 2));
        let version = |kazoo: &str| fitting(&releases, &kazoo.parse().unwrap()).map(|one| one.version.to_string());
        assert_eq!(version("5.1").as_deref(), Some("1.0"));
        assert_eq!(version("5.3").as_deref(), Some("1.0"));
        assert_eq!(version("5.4").as_deref(), Some("2.0"));
        assert_eq!(version("5.0"), None);
    }

    #[test]
    fn a_version_that_is_published_again_is_there_once() {
        let mut releases = vec![release("1.0", "5.1", 1)];
        publish(&mut releases, release("1.0", "5.1", 2));
        assert_eq!((releases.len(), releases[0].retired_at), (1, None));
    }
}
