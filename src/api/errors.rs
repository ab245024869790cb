//! How the platform's errors are told to a client.

use crate::{
    http::Failure,
    platform::{
        accounts::{CreateError, DeleteError, MoveError},
        schemas::CheckError,
    },
};

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Invalid(invalid) => Self::Validation(invalid),
            CheckError::Store(error) => Self::Store(error),
            CheckError::Unknown(_) | CheckError::Broken(_) => Self::Internal(error.into()),
        }
    }
}

impl From<CreateError> for Failure {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Check(error) => error.into(),
            CreateError::Exists(_) => Self::Conflict,
            CreateError::NoParent => Self::Refused { status: 400, message: "empty_tree_accounts_exist" },
            CreateError::Store(error) => Self::Store(error),
            CreateError::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<DeleteError> for Failure {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::HasDescendants => Self::HasDescendants,
            DeleteError::Store(error) => Self::Store(error),
        }
    }
}

impl From<MoveError> for Failure {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Itself | MoveError::BelowItself => Self::Forbidden,
            MoveError::Unknown(id) => Self::BadIdentifier { cause: id },
            MoveError::Store(error) => Self::Store(error),
        }
    }
}
