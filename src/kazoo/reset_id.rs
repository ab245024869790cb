//! The id of a password reset: it says in which month's database the reset is kept, hidden among noise.

use std::ops::RangeInclusive;

use super::id;

/// The size that Kazoo's setting has by default; an id is shorter than it by what isn't counted there.
const USUAL_SIZE: usize = 137;
const UNCOUNTED: usize = 5;
/// The least size that leaves 128 bits to be guessed, and the greatest that Kazoo takes.
const SIZES: RangeInclusive<usize> = 75..=180;
/// Where the digits of year and month stand behind the account's id: Y1 Y4 M2 Y2 Y3 M1, the places between being noise.
const YEAR: [usize; 4] = [33, 37, 39, 34];
const MONTH: [usize; 2] = [40, 36];

/// Hexadecimal digits of a reset id, given the setting `reset_id_size`.
pub fn length(setting: Option<u64>) -> usize {
    let size = setting.map_or(USUAL_SIZE, |size| usize::try_from(size).unwrap_or(usize::MAX));
    size.clamp(*SIZES.start(), *SIZES.end()) - UNCOUNTED
}

/// Makes a reset id for an account and the month (`202503`) in which the reset is kept. `noise` is as many random hexadecimal
/// digits as the id is to have.
pub fn encode(account_id: &str, month: &str, noise: &str) -> Option<String> {
    let mut digits: Vec<u8> = noise.bytes().collect();
    digits.get_mut(..32)?.copy_from_slice(account_id.as_bytes().get(..32)?);
    for (place, digit) in YEAR.into_iter().chain(MONTH).zip(month.bytes()) {
        *digits.get_mut(place)? = digit;
    }
    String::from_utf8(digits).ok()
}

/// The account's id and the month that a reset id names; `None` when it can't be one.
pub fn decode(reset_id: &str) -> Option<(String, String)> {
    let digits = reset_id.as_bytes();
    let account_id = reset_id.get(..32)?.to_ascii_lowercase();
    let month: Option<Vec<u8>> =
        YEAR.into_iter().chain(MONTH).map(|place| digits.get(place).copied().filter(u8::is_ascii_digit)).collect();
    let month = String::from_utf8(month?).ok()?;
    id::is_id(&account_id).then_some((account_id, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_month_are_found_again() {
        let account = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        for length in [length(None), length(Some(0)), length(Some(u64::MAX))] {
            let reset = encode(account, "202503", &"f".repeat(length)).unwrap();
            assert_eq!(reset.len(), length);
            assert!(reset.starts_with(account));
            assert_eq!(decode(&reset.to_uppercase()), Some((account.to_owned(), "202503".to_owned())));
        }
    }

    #[test]
    fn a_size_that_would_be_guessed_or_refused_isnt_taken() {
        assert_eq!(length(None), 132);
        assert_eq!(length(Some(100)), 95);
        // 32 digits are the account's, 6 the month's.
        assert_eq!([0, 42, 74, 75].map(|size| length(Some(size))), [70; 4]);
        assert_eq!([180, 250, u64::MAX].map(|size| length(Some(size))), [175; 3]);
    }

    #[test]
    fn what_names_no_month_is_no_reset_id() {
        assert_eq!(decode(&"a".repeat(132)), None);
        assert_eq!(decode("0a1b"), None);
        assert_eq!(encode("short", "202503", &"f".repeat(140)), None);
    }
}
