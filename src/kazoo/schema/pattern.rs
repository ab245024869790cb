//! Regular expressions of Kazoo's schemas, which are Perl's, for a validator that speaks JavaScript's.

/// Names of classes, which stand inside of brackets, and what they comprise. To Perl all of them are ASCII.
const NAMED: [(&str, &str); 13] = [
    ("[:alnum:]", "A-Za-z0-9"),
    ("[:alpha:]", "A-Za-z"),
    ("[:ascii:]", r"\x00-\x7f"),
    ("[:blank:]", r" \t"),
    ("[:cntrl:]", r"\x00-\x1f\x7f"),
    ("[:digit:]", "0-9"),
    ("[:graph:]", r"\x21-\x7e"),
    ("[:lower:]", "a-z"),
    ("[:print:]", r"\x20-\x7e"),
    ("[:space:]", r"\t-\r "),
    ("[:upper:]", "A-Z"),
    ("[:word:]", "A-Za-z0-9_"),
    ("[:xdigit:]", "A-Fa-f0-9"),
];

/// Classes that stand anywhere.
const SHORT: [(&str, &str); 3] = [(r"\d", "0-9"), (r"\s", r"\t-\r "), (r"\w", "A-Za-z0-9_")];

/// And their opposites, which can't be spelt out inside of brackets.
const NEGATED: [(&str, &str); 3] = [(r"\D", "0-9"), (r"\S", r"\t-\r "), (r"\W", "A-Za-z0-9_")];

/// The pattern with its classes spelt out. `$` is the very end to the validator, so that a trailing newline, which Perl
/// would pass over, is refused.
pub(super) fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_brackets = false;
    while let Some(c) = rest.chars().next() {
        let found = |classes: &[(&'static str, &'static str)]| classes.iter().copied().find(|(name, _)| rest.starts_with(name));
        if in_brackets && let Some((name, class)) = found(&NAMED).or_else(|| found(&SHORT)) {
            // A hyphen beside a class is itself, beside what the class is spelt with it would make a range.
            if out.ends_with('-') && !out.ends_with(r"\-") {
                out.pop();
                out.push_str(r"\-");
            }
            out.push_str(class);
            rest = after(rest, name.len());
            if rest.starts_with('-') {
                out.push_str(r"\-");
                rest = after(rest, 1);
            }
            continue;
        }
        if !in_brackets && let Some((name, class)) = found(&SHORT) {
            out.extend(["[", class, "]"]);
            rest = after(rest, name.len());
            continue;
        }
        if !in_brackets && let Some((name, class)) = found(&NEGATED) {
            out.extend(["[^", class, "]"]);
            rest = after(rest, name.len());
            continue;
        }
        match c {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ => {}
        }
        // A backslash goes with what it escapes.
        let taken = rest.chars().take(if c == '\\' { 2 } else { 1 });
        rest = after(rest, taken.clone().map(char::len_utf8).sum());
        out.extend(taken);
    }
    out
}

fn after(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn classes_are_spelt_out() {
        for (pattern, expected) in [
            ("^[[:alnum:]_]+$", "^[A-Za-z0-9_]+$"),
            ("[^[:space:][:digit:]]", r"[^\t-\r 0-9]"),
            (r"^\d+\W\s$", r"^[0-9]+[^A-Za-z0-9_][\t-\r ]$"),
            (r"^[.\w_-]+$", "^[.A-Za-z0-9__-]+$"),
            (r"[\w-.]", r"[A-Za-z0-9_\-.]"),
            (r"[+-\d]", r"[+\-0-9]"),
        ] {
            assert_eq!(translated(pattern), expected);
        }
    }

    #[test]
    fn everything_else_stays() {
        for same in
            [r"[a-z]{2}\-[A-Z]{2}", r".*[\{]{2}domain[\}]{2}.*", "[:alnum:]", r"\[[:x:]", r"\\d", r"[\]\\]d", r"[\W]", r"a\"]
        {
            assert_eq!(translated(same), same);
        }
    }

    proptest! {
        #[test]
        fn a_pattern_without_classes_stays_as_it_is(pattern in r"[^:\\]{0,20}") {
            prop_assert_eq!(translated(&pattern), pattern);
        }

        #[test]
        fn any_pattern_is_taken(pattern in r"[\[\]:alnum\\dwDW^é-]{0,20}") {
            translated(&pattern);
        }
    }
}
