//! Times as Kazoo writes them, always in UTC.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// A Unix time in seconds as `2024-03-12T21:24:34Z`.
pub fn iso8601(unix_seconds: u64) -> String {
    timestamp(unix_seconds).to_string()
}

/// The month in which a Unix time in seconds falls, as `202403`.
pub fn month(unix_seconds: u64) -> String {
    let at: DateTime = TimeZone::UTC.to_datetime(timestamp(unix_seconds));
    format!("{:04}{:02}", at.year(), at.month())
}

/// A time beyond the year 9999 is taken for its last moment.
fn timestamp(unix_seconds: u64) -> Timestamp {
    i64::try_from(unix_seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn year_and_month(unix_seconds: u64) -> (u64, u64) {
        let month = month(unix_seconds);
        let (year, month) = month.split_at(4);
        (year.parse().unwrap(), month.parse().unwrap())
    }

    #[test]
    fn a_time_is_written_to_the_second_in_utc() {
        assert_eq!(iso8601(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso8601(1_710_278_674), "2024-03-12T21:24:34Z");
        assert_eq!(iso8601(951_782_400), "2000-02-29T00:00:00Z");
    }

    #[test]
    fn a_month_is_six_digits() {
        assert_eq!(month(1_740_787_200), "202503");
        assert_eq!(month(1_740_787_199), "202502");
        assert_eq!(month(u64::MAX), "999912");
    }

    #[test]
    fn a_month_begins_and_ends_at_midnight_utc() {
        let cases = [
            (0, (1970, 1)),
            (951_782_399, (2000, 2)),    // 2000-02-28T23:59:59Z
            (951_868_799, (2000, 2)),    // 2000-02-29T23:59:59Z
            (951_868_800, (2000, 3)),    // 2000-03-01T00:00:00Z
            (1_740_787_199, (2025, 2)),  // 2025-02-28T23:59:59Z
            (1_740_787_200, (2025, 3)),  // 2025-03-01T00:00:00Z
            (1_767_225_599, (2025, 12)), // 2025-12-31T23:59:59Z
            (1_767_225_600, (2026, 1)),  // 2026-01-01T00:00:00Z
            (4_107_542_399, (2100, 2)),  // 2100-02-28T23:59:59Z
            (4_107_542_400, (2100, 3)),  // 2100-03-01T00:00:00Z
        ];
        for (time, month) in cases {
            assert_eq!(year_and_month(time), month, "{time}");
        }
    }

    proptest! {
        #[test]
        fn months_follow_each_other(day in 0_u64..200_000) {
            let (year, month) = year_and_month(day * 86_400);
            let next = year_and_month((day + 1) * 86_400);
            let following = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            prop_assert!(next == (year, month) || next == following, "{:?} then {:?}", (year, month), next);
        }
    }
}
