//! How the platform's errors are told to a client.

use serde_json::Value;

use crate::{
    http::Failure,
    kazoo::validation::Invalid,
    platform::{
        accounts::{CreateError, DeleteError, MoveError},
        connector::{ConnectorError, exchange::ExchangeError},
        schemas::CheckError,
    },
    store::Object,
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

impl From<ConnectorError> for Failure {
    fn from(error: ConnectorError) -> Self {
        let invalid = |path: &str, message: &str| Invalid::one(path, "invalid", message).into();
        match error {
            ConnectorError::Disabled => invalid("action", "marketplace connector is disabled"),
            ConnectorError::AlreadyLinked => invalid("action", "cluster is already linked"),
            ConnectorError::BadCode => invalid("access_code", "access code is unknown or expired"),
            ConnectorError::Exchange(error) => Self::PassedThrough { said: said_by(&error) },
            ConnectorError::Store(error) => Self::Store(error),
        }
    }
}

/// The marketplace's own words. Monster UI knows by one of them, wherever it stands, that the cluster was unlinked there.
fn said_by(error: &ExchangeError) -> Object {
    const SIGNATURE: &str = "Unauthorized";
    let said = error.said();
    if error.is_unauthorized() && !Value::Object(said.clone()).to_string().contains(SIGNATURE) {
        return Object::from_iter([("message".to_owned(), SIGNATURE.into())]);
    }
    said
}
