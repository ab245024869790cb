//! Times, prices and states as people read them.

use askama::filters::Safe;

use crate::{
    kazoo::time,
    market::{
        content::Kind,
        delivery, order,
        plan::{Model, Plan, UnitFee},
        refund,
        subscription::Status,
    },
    portal::subscriptions::DeliveryView,
};

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Currencies without a smaller unit.
const WHOLE: [&str; 8] = ["CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF"];

/// A day, as an element that programs can read too.
pub fn day(unix: &u64) -> Safe<String> {
    let written = time::iso8601(*unix);
    Safe(format!("<time datetime=\"{written}\">{}</time>", day_in_words(&written)))
}

/// Day and time of day.
pub fn moment(unix: &u64) -> Safe<String> {
    let written = time::iso8601(*unix);
    let clock = written.get(11..16).unwrap_or_default();
    Safe(format!("<time datetime=\"{written}\">{}, {clock} UTC</time>", day_in_words(&written)))
}

/// `2026-11-22T…` as `22 November 2026`.
fn day_in_words(written: &str) -> String {
    let number = |range| written.get(range).and_then(|part: &str| part.parse::<usize>().ok()).unwrap_or_default();
    let month = number(5..7).checked_sub(1).and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
    format!("{} {month} {}", number(8..10), written.get(..4).unwrap_or_default())
}

/// An amount in a currency's smallest unit.
pub fn money(amount: &u64, currency: &str) -> String {
    let sign = match currency {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        _ => "",
    };
    let number =
        if WHOLE.contains(&currency) { grouped(*amount) } else { format!("{}.{:02}", grouped(amount / 100), amount % 100) };
    if sign.is_empty() { format!("{currency} {number}") } else { format!("{sign}{number}") }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// What a plan costs, without what each device or user costs besides.
pub fn price(plan: &Plan) -> String {
    match plan.model {
        Model::Free => "Free".into(),
        // All of it goes by units.
        _ if plan.base_price == 0 => plan.unit_fees.iter().map(|one| fee(one, plan)).collect::<Vec<_>>().join(" + "),
        _ => money(&plan.base_price, &plan.currency),
    }
}

/// How often that is charged.
pub fn rhythm(plan: &Plan) -> &'static str {
    match plan.model {
        Model::OneTime => "once",
        Model::Monthly => "a month",
        Model::Free => "",
    }
}

/// A fee that depends on how many there are of something.
pub fn fee(fee: &UnitFee, plan: &Plan) -> String {
    format!("{} for each {}", money(&fee.price, &plan.currency), fee.unit)
}

/// What kind of listing it is, in a word or two.
pub fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Delivered => "Delivered app",
        Kind::Affiliated => "Affiliated",
        Kind::Integration => "Integration",
    }
}

pub fn status(status: &Status) -> &'static str {
    match status {
        Status::Pending => "On its way",
        Status::Active => "Active",
        Status::Cancelled => "Cancelled",
        Status::Failed => "Failed",
        Status::Refunded => "Refunded",
    }
}

/// What a status looks like: a class of the stylesheet.
pub fn tone(status: &Status) -> &'static str {
    match status {
        Status::Pending => "info",
        Status::Active => "good",
        Status::Cancelled | Status::Refunded => "quiet",
        Status::Failed => "bad",
    }
}

/// How far a delivery has come.
pub fn delivery(delivery: &DeliveryView) -> &'static str {
    state(&delivery.state, &delivery.remove)
}

/// A step of a delivery, or of the removal of what was delivered.
pub fn state(state: &delivery::State, remove: &bool) -> &'static str {
    use delivery::State as S;
    match (state, remove) {
        (S::Queued, false) => "Waiting for your cluster to fetch it",
        (S::Delivering, false) => "Being delivered",
        (S::Delivered, false) => "Delivered to your cluster",
        (S::Verified, false) => "Present on your cluster",
        (S::Error, false) => "The delivery failed",
        (S::Queued, true) => "Waiting for your cluster to remove it",
        (S::Delivering, true) => "Being removed",
        (S::Delivered | S::Verified, true) => "Removed from your cluster",
        (S::Error, true) => "The removal failed",
    }
}

pub fn refund(state: &refund::State) -> &'static str {
    match state {
        refund::State::Requested => "A refund was requested",
        refund::State::Approved => "The refund was approved",
        refund::State::Rejected => "The refund was rejected",
    }
}

/// Whether something is still to come of an order.
pub fn is_open(status: &order::Status) -> bool {
    *status == order::Status::Processing
}

/// An address that a browser may be sent to, of one that a vendor wrote; anything else leads nowhere.
pub fn web_url(text: &str) -> Option<&str> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "https" | "http") && url.has_host()).then_some(text)
}

/// An e-mail address as a link, of one that a vendor wrote.
pub fn mail_url(address: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@');
    let (name, host) = address.split_once('@')?;
    let is_address = !name.is_empty() && host.contains('.') && !host.contains('@') && address.chars().all(is_plain);
    is_address.then(|| format!("mailto:{address}"))
}

/// The paragraphs of a text.
pub fn paragraphs(text: &str) -> Vec<&str> {
    text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_its_currency_does() {
        assert_eq!(money(&19_900, "USD"), "$199.00");
        assert_eq!(money(&5, "EUR"), "€0.05");
        assert_eq!(money(&123_456_789, "CHF"), "CHF 1,234,567.89");
        assert_eq!(money(&1_500, "JPY"), "JPY 1,500");
    }

    #[test]
    fn a_day_is_written_out_and_readable_for_programs() {
        assert_eq!(day(&1_710_278_674).0, "<time datetime=\"2024-03-12T21:24:34Z\">12 March 2024</time>");
        assert_eq!(moment(&0).0, "<time datetime=\"1970-01-01T00:00:00Z\">1 January 1970, 00:00 UTC</time>");
    }

    #[test]
    fn only_addresses_of_the_web_and_of_people_become_links() {
        assert!(web_url("https://docs.example/a?b#c").is_some());
        for bad in ["javascript:alert(1)", "data:text/html,x", "//docs.example", "docs.example", "", "https://"] {
            assert_eq!(web_url(bad), None, "{bad}");
        }
        assert_eq!(mail_url("help+me@vendor.example").as_deref(), Some("mailto:help+me@vendor.example"));
        for bad in ["", "help", "help@", "a@b", "a@b.c?cc=d@e.f", "a@b@c.d", "a b@c.d", "\"@c.d"] {
            assert_eq!(mail_url(bad), None, "{bad}");
        }
    }
}
