//! Bringing an application to a cluster, or taking it away again: the part of a subscription that the cluster works on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Seconds after which a delivery that was begun and not heard of again is offered anew: whoever began it has died.
const PATIENCE: u64 = 15 * 60;
/// What is remembered of a delivery's course.
const LONGEST_LOG: usize = 50;
/// Characters of what a cluster says about it.
pub const LONGEST_DETAIL: usize = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DeliveryState")]
#[serde(rename_all = "snake_case")]
pub enum State {
    Queued,
    Delivering,
    Delivered,
    /// Seen on the cluster.
    Verified,
    Error,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Queued, Self::Delivering, Self::Delivered, Self::Verified, Self::Error];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivering => "delivering",
            Self::Delivered => "delivered",
            Self::Verified => "verified",
            Self::Error => "error",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A step of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    pub at: u64,
    pub state: State,
    pub detail: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Counts the deliveries of a subscription, from 1: what a cluster says of an earlier one no longer counts.
    pub number: u32,
    pub state: State,
    /// Whether the application is to be taken away.
    #[serde(default)]
    pub remove: bool,
    /// What is on its way, or was brought last.
    pub version: Option<String>,
    pub updated: u64,
    #[serde(default)]
    pub log: Vec<Step>,
}

/// What a cluster says can't be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {} can't become {}", .from.as_str(), .to.as_str())]
pub struct BadStep {
    pub from: State,
    pub to: State,
}

impl Delivery {
    pub fn new(number: u32, remove: bool, version: Option<String>, now: u64) -> Self {
        let log = vec![Step { at: now, state: State::Queued, detail: None }];
        Self { number, state: State::Queued, remove, version, updated: now, log }
    }

    /// The one that follows it.
    pub fn next(&self, remove: bool, now: u64) -> Self {
        Self::new(self.number + 1, remove, self.version.clone(), now)
    }

    /// The state as whoever asks for work sees it.
    pub fn offered_as(&self, now: u64) -> State {
        let is_stuck = self.state == State::Delivering && now.saturating_sub(self.updated) > PATIENCE;
        if is_stuck { State::Queued } else { self.state }
    }

    /// Takes what the cluster says. Saying the same again changes nothing.
    pub fn step(&mut self, to: State, detail: Option<&str>, now: u64) -> Result<(), BadStep> {
        use State as S;
        let may = match (self.state, to) {
            (from, to) if from == to => {
                // A long download shows that it's alive.
                if to == S::Delivering {
                    self.updated = now;
                }
                return Ok(());
            }
            (S::Queued, S::Delivering | S::Delivered | S::Error) => true,
            (S::Delivering, S::Delivered | S::Verified | S::Error) => true,
            (S::Delivered, S::Verified | S::Error) => true,
            // It's tried again.
            (S::Error, S::Delivering | S::Delivered | S::Verified) => true,
            _ => false,
        };
        if !may {
            return Err(BadStep { from: self.state, to });
        }
        self.state = to;
        self.updated = now;
        let detail = detail.map(|detail| detail.chars().take(LONGEST_DETAIL).collect());
        self.log.push(Step { at: now, state: to, detail });
        if self.log.len() > LONGEST_LOG {
            self.log.remove(0);
        }
        Ok(())
    }

    /// Whether the cluster has what it was to get.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Delivered | State::Verified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_goes_forward_only() {
        use State as S;
        let mut delivery = Delivery::new(1, false, None, 10);
        for (to, at) in [(S::Delivering, 11), (S::Error, 12), (S::Delivering, 13), (S::Delivered, 14), (S::Verified, 15)] {
            delivery.step(to, Some("so"), at).unwrap();
            assert_eq!((delivery.state, delivery.updated), (to, at));
        }
        assert_eq!(delivery.log.len(), 6);
        for back in [S::Queued, S::Delivering, S::Delivered, S::Error] {
            assert_eq!(delivery.step(back, None, 16), Err(BadStep { from: S::Verified, to: back }));
        }
        delivery.step(S::Verified, None, 17).unwrap();
        assert_eq!((delivery.log.len(), delivery.updated), (6, 15));
    }

    #[test]
    fn a_delivery_that_nobody_hears_of_is_offered_again() {
        let mut delivery = Delivery::new(1, false, None, 0);
        delivery.step(State::Delivering, None, 100).unwrap();
        assert_eq!(delivery.offered_as(100 + PATIENCE), State::Delivering);
        assert_eq!(delivery.offered_as(101 + PATIENCE), State::Queued);
        delivery.step(State::Delivering, None, 200).unwrap();
        assert_eq!(delivery.offered_as(101 + PATIENCE), State::Delivering);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut delivery = Delivery::new(1, false, None, 0);
        for at in 0..200 {
            let to = if at % 2 == 0 { State::Delivering } else { State::Error };
            delivery.step(to, Some(&"ä".repeat(5_000)), at).unwrap();
        }
        assert_eq!(delivery.log.len(), LONGEST_LOG);
        assert!(delivery.log.iter().all(|step| step.detail.as_ref().unwrap().chars().count() == LONGEST_DETAIL));
    }
}
