//! A listing's way into the marketplace: the states of a submission, and who may move it where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a submission has come. What is on sale meanwhile is another matter: an update is reviewed while the version before
/// it stays where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListingState")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Saved, not submitted.
    #[default]
    Draft,
    UnderReview,
    /// Approved, not launched by its vendor.
    Unpublished,
    Published,
    /// It failed the review.
    Denied,
    /// The operator has removed it.
    Revoked,
}

impl State {
    pub const ALL: [Self; 6] = [Self::Draft, Self::UnderReview, Self::Unpublished, Self::Published, Self::Denied, Self::Revoked];

    /// As it's written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::UnderReview => "under_review",
            Self::Unpublished => "unpublished",
            Self::Published => "published",
            Self::Denied => "denied",
            Self::Revoked => "revoked",
        }
    }

    /// The state that is written so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What can be done with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Its vendor changes what it says.
    Edit,
    /// Its vendor asks for a review.
    Submit,
    /// Its vendor launches what was approved.
    Publish,
    /// Its vendor takes it off the market.
    Unpublish,
    Approve,
    Deny,
    Revoke,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Submit => "submit",
            Self::Publish => "publish",
            Self::Unpublish => "unpublish",
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Revoke => "revoke",
        }
    }

    /// Whether somebody has to be told why.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::Deny | Self::Revoke)
    }
}

/// The state that an action leads to; `None` where it can't be done. `on_sale` says whether some version can be bought now.
pub fn after(state: State, action: Action, on_sale: bool) -> Option<State> {
    use {Action as A, State as S};
    match (action, state) {
        // An update begins as a draft of its own.
        (A::Edit, S::Draft | S::Unpublished | S::Published) => Some(S::Draft),
        (A::Edit, S::Denied | S::Revoked) => Some(state),
        (A::Submit, S::Draft | S::Denied | S::Revoked) => Some(S::UnderReview),
        (A::Publish, S::Unpublished) => Some(S::Published),
        (A::Unpublish, S::Published) => Some(S::Unpublished),
        // The update goes its way; what was on sale goes.
        (A::Unpublish, _) if on_sale => Some(state),
        (A::Approve, S::UnderReview) => Some(S::Unpublished),
        (A::Deny, S::UnderReview) => Some(S::Denied),
        (A::Revoke, S::Published) => Some(S::Revoked),
        (A::Revoke, _) if on_sale => Some(S::Revoked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Action as A, State as S, *};

    /// R49
    #[test]
    fn a_submission_goes_through_its_states() {
        let moves = [
            (S::Draft, A::Submit, S::UnderReview),
            (S::UnderReview, A::Approve, S::Unpublished),
            (S::UnderReview, A::Deny, S::Denied),
            (S::Unpublished, A::Publish, S::Published),
            (S::Published, A::Unpublish, S::Unpublished),
            (S::Published, A::Revoke, S::Revoked),
            (S::Denied, A::Submit, S::UnderReview),
            (S::Revoked, A::Submit, S::UnderReview),
            (S::Draft, A::Edit, S::Draft),
            (S::Published, A::Edit, S::Draft),
            (S::Unpublished, A::Edit, S::Draft),
            (S::Denied, A::Edit, S::Denied),
            (S::Revoked, A::Edit, S::Revoked),
        ];
        for state in S::ALL {
            for action in [A::Edit, A::Submit, A::Publish, A::Unpublish, A::Approve, A::Deny, A::Revoke] {
                let expected = moves.iter().find(|(from, by, _)| (*from, *by) == (state, action)).map(|(_, _, to)| *to);
                assert_eq!(after(state, action, false), expected, "{state:?} {action:?}");
            }
        }
    }

    #[test]
    fn what_is_on_sale_can_be_taken_off_while_an_update_is_under_way() {
        assert_eq!(after(S::UnderReview, A::Unpublish, true), Some(S::UnderReview));
        assert_eq!(after(S::UnderReview, A::Revoke, true), Some(S::Revoked));
        assert_eq!(after(S::UnderReview, A::Revoke, false), None);
    }

    #[test]
    fn a_state_is_read_as_it_is_written() {
        for state in S::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(State::parse("sold"), None);
    }
}
