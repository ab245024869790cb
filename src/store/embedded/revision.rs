//! Revisions: `N-<32 hex>`, made from what was written and on top of what, so that the same edit has the same revision.

use md5::{Digest, Md5};

use super::fault::Fault;

/// The number before the dash; 0 where there's no revision.
pub(super) fn generation(rev: &str) -> u64 {
    rev.split_once('-').and_then(|(number, _)| number.parse().ok()).unwrap_or(0)
}

/// Refuses what can't be a revision of anything.
pub(super) fn check(rev: &str) -> Result<(), Fault> {
    let shaped = rev.split_once('-').is_some_and(|(number, hash)| {
        number.parse::<u64>().is_ok_and(|number| number > 0) && !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_hexdigit())
    });
    if shaped { Ok(()) } else { Err(Fault::invalid(format!("{rev:?} is no revision"))) }
}

/// The revision that follows `parent` (none: empty) with this content.
pub(super) fn next(parent: &str, deleted: bool, members: &[u8], attachments: &[(&str, &str, &str)]) -> String {
    let mut hash = Md5::new();
    let mut add = |part: &[u8]| {
        // The length keeps neighbours apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(parent.as_bytes());
    add(&[u8::from(deleted)]);
    add(members);
    for (name, content_type, digest) in attachments {
        [name, content_type, digest].into_iter().for_each(|part| add(part.as_bytes()));
    }
    format!("{}-{}", generation(parent) + 1, hex(&hash.finalize()))
}

/// Lower-case hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_edit_has_the_same_revision_and_any_other_another() {
        let first = next("", false, b"\"a\":1", &[]);
        assert!(check(&first).is_ok() && first.starts_with("1-") && first.len() == 34);
        assert_eq!(first, next("", false, b"\"a\":1", &[]));
        let others = [
            next("", true, b"\"a\":1", &[]),
            next("", false, b"\"a\":2", &[]),
            next("", false, b"\"a\":1", &[("n", "t/t", "md5-x")]),
            next("", false, b"\"a\":1", &[("n", "t/u", "md5-x")]),
            next(&first, false, b"\"a\":1", &[]),
        ];
        assert!(others.iter().all(|other| *other != first));
        assert!(others[4].starts_with("2-"));
    }

    #[test]
    fn what_is_no_revision_is_refused() {
        for bad in ["", "1", "-abc", "x-abc", "0-abc", "1-", "1-xyz", "null"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
