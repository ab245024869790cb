//! How the platform's errors are told to a client.

use crate::{
    http::Failure,
    platform::{accounts::CreateError, schemas::CheckError},
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
            CreateError::Store(error) => Self::Store(error),
            CreateError::Internal(error) => Self::Internal(error),
        }
    }
}
