//! What may be in an archive from elsewhere that is unpacked into a folder: which names, how many, how large.

use std::collections::HashMap;

/// Files and folders.
pub const MOST: usize = 10_000;
/// Bytes of all files together.
pub const LARGEST: u64 = 512 << 20;
/// Bytes of a path.
const LONGEST: usize = 500;
/// Bytes of a path's part: what file systems allow.
const LONGEST_PART: usize = 255;
/// Parts of a path.
const DEEPEST: usize = 20;

/// The names of an archive so far. No two of them may mean the same file, not even on a system that doesn't tell cases apart.
#[derive(Default)]
pub struct Names {
    /// By how they are in lower case: how they are written, and whether it's a folder's.
    taken: HashMap<String, (String, bool)>,
}

impl Names {
    /// Takes up a name as the archive has it, and says the path that is meant: relative, with plain parts between slashes. The
    /// error says why there can't be such a file.
    pub fn admit(&mut self, raw: &[u8], is_folder: bool) -> Result<String, String> {
        let name = std::str::from_utf8(raw).map_err(|_| "a name isn't UTF-8".to_owned())?;
        let refused = |why: &str| Err(format!("{} {why}", shown(name)));
        let path = if is_folder { name.strip_suffix('/').unwrap_or(name) } else { name };
        if path.len() > LONGEST {
            return refused("is too long");
        }
        // Some systems take a backslash for a slash, and a colon for more.
        if path.chars().any(|c| c.is_control() || c == '\\' || c == ':') {
            return refused("has characters that a name can't have everywhere");
        }
        let parts: Vec<&str> = path.split('/').collect();
        if parts.len() > DEEPEST {
            return refused("is too deep");
        }
        if parts.iter().any(|part| part.is_empty() || *part == "." || *part == "..") {
            return refused("leads elsewhere");
        }
        if parts.iter().any(|part| part.len() > LONGEST_PART) {
            return refused("is too long");
        }
        let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
        for end in ends {
            self.take(path.get(..end).unwrap_or_default(), true)?;
        }
        self.take(path, is_folder)?;
        Ok(path.to_owned())
    }

    fn take(&mut self, path: &str, is_folder: bool) -> Result<(), String> {
        match self.taken.get(&path.to_lowercase()) {
            Some((known, true)) if is_folder && known == path => Ok(()),
            Some((known, _)) => Err(format!("{} and {} are the same", shown(known), shown(path))),
            None => {
                self.taken.insert(path.to_lowercase(), (path.to_owned(), is_folder));
                Ok(())
            }
        }
    }
}

/// A name as it may stand in a message.
fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(80).collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../../b",
            "a/..",
            "./a",
            "a/./b",
            "a//b",
            "a/",
            "C:\\a",
            "c:a",
            "a\\..\\b",
            "a\0b",
            "a\nb",
        ] {
            assert!(Names::default().admit(name.as_bytes(), false).is_err(), "{name:?}");
        }
        assert!(Names::default().admit(b"a\xff", false).is_err());
        assert!(Names::default().admit("x".repeat(256).as_bytes(), false).is_err());
        assert!(Names::default().admit("x/".repeat(251).as_bytes(), true).is_err());
        assert!(Names::default().admit(format!("{}x", "x/".repeat(20)).as_bytes(), false).is_err());
    }

    #[test]
    fn two_names_of_one_file_are_refused() {
        for pair in [["a", "a"], ["a", "A"], ["d/a", "D/b"], ["a", "a/b"], ["a/b", "a"], ["É", "é"]] {
            let mut names = Names::default();
            assert!(names.admit(pair[0].as_bytes(), false).is_ok(), "{pair:?}");
            assert!(names.admit(pair[1].as_bytes(), false).is_err(), "{pair:?}");
        }
    }

    #[test]
    fn folders_may_be_named_more_than_once() {
        let mut names = Names::default();
        for (name, is_folder) in [("a/", true), ("a/b/c.js", false), ("a/b/", true), ("a/b/d.js", false)] {
            assert_eq!(names.admit(name.as_bytes(), is_folder).unwrap(), name.trim_end_matches('/'));
        }
    }

    proptest! {
        #[test]
        fn what_is_admitted_stays_below_the_folder(raw in proptest::collection::vec(any::<u8>(), 0..60), is_folder in any::<bool>()) {
            if let Ok(path) = Names::default().admit(&raw, is_folder) {
                prop_assert!(path.split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
                prop_assert!(std::path::Path::new(&path).is_relative() && !path.contains('\\'));
            }
        }
    }
}
