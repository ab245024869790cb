//! `Range` on files: one range of bytes, as Kazoo has it; anything else gets the whole file.

use std::ops::Range;

use super::Request;

/// The bytes a request asks for of a file of unknown length: `(first, last)`; a missing first counts from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    first: Option<u64>,
    last: Option<u64>,
}

impl ByteRange {
    /// The request's single range, if it has one.
    pub fn of(request: &Request) -> Option<Self> {
        if request.headers.contains_key("if-range") {
            return None;
        }
        Self::parse(request.header("range")?)
    }

    fn parse(header: &str) -> Option<Self> {
        let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| match text.trim() {
            "" => Some(None),
            digits => digits.parse().ok().map(Some),
        };
        let range = Self { first: number(first)?, last: number(last)? };
        (range.first.is_some() || range.last.is_some()).then_some(range)
    }

    /// The range in a file of this length (end excluded); `None` when it holds nothing.
    pub fn within(self, length: u64) -> Option<Range<u64>> {
        let range = match (self.first, self.last) {
            (Some(first), Some(last)) => first..last.saturating_add(1).min(length),
            (Some(first), None) => first..length,
            (None, Some(suffix)) => length.saturating_sub(suffix)..length,
            (None, None) => return None,
        };
        (range.start < range.end).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(header: &str, length: u64) -> Option<Range<u64>> {
        ByteRange::parse(header)?.within(length)
    }

    #[test]
    fn one_range_is_cut_to_the_file() {
        assert_eq!(cut("bytes=0-9", 100), Some(0..10));
        assert_eq!(cut("bytes=90-", 100), Some(90..100));
        assert_eq!(cut("bytes=-5", 100), Some(95..100));
        assert_eq!(cut("bytes=50-500", 100), Some(50..100));
        assert_eq!(cut("bytes=0-18446744073709551615", 100), Some(0..100));
    }

    #[test]
    fn what_is_no_single_satisfiable_range_is_none() {
        for header in ["bytes=100-", "bytes=5-2", "bytes=-0", "bytes=-", "bytes=0-1,3-4", "bytes=a-b", "items=0-1", "bytes"] {
            assert_eq!(cut(header, 100), None, "{header}");
        }
    }
}
