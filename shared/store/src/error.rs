//! Errors of the tables.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::CancellationReason,
};

use crate::Item;

/// An error of the tables. Absence is not an error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold: another writer was first.
    #[error("a condition did not hold")]
    Condition,
    /// Two transactions conflicted, or capacity was short: a retry may succeed.
    #[error("busy: {0}")]
    Busy(String),
    /// An item would exceed the size limit of the table.
    #[error("an item is too large")]
    TooLarge,
    /// A row does not have the expected shape.
    #[error("a row could not be read: {0}")]
    Corrupt(String),
    /// A part of a body is missing.
    #[error("a part of the body is missing")]
    BodyMissing,
    /// The body is not the one that was received.
    #[error("the body is not the one that was received")]
    BodyChanged,
    /// The service did not carry out the request.
    #[error("the table did not answer: {0}")]
    Unavailable(String),
}

impl StoreError {
    /// Reports whether a retry may succeed.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Condition | Self::Busy(_) | Self::Unavailable(_) => true,
            Self::TooLarge | Self::Corrupt(_) | Self::BodyMissing | Self::BodyChanged => false,
        }
    }
}

/// Converts the error of any single call.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err, which gives values")]
pub(crate) fn from_sdk<E>(error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error.code() {
        Some("ConditionalCheckFailedException") => StoreError::Condition,
        Some(
            code @ ("ThrottlingException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "TransactionConflictException"
            | "TransactionInProgressException"),
        ) => StoreError::Busy(code.to_owned()),
        Some("ValidationException") if too_large(error.message()) => StoreError::TooLarge,
        _ => StoreError::Unavailable(cause(&error)),
    }
}

/// An error and its sources, in a line for the log. Not the SDK's `DisplayErrorContext`, which
/// prints the service's whole response: it is long, and it may hold a customer's row.
pub fn cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut behind = error.source();
    while let Some(next) = behind {
        text.push_str(": ");
        text.push_str(&next.to_string());
        behind = next.source();
    }
    text
}

/// Converts a put's error: returns the row that its condition met, if the put requested it. `Err`:
/// any other error.
pub(crate) fn met_by_put(error: SdkError<PutItemError>) -> Result<Option<Item>, StoreError> {
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item().cloned()),
        _ => Err(from_sdk(error)),
    }
}

/// Converts an update's error, in the same way.
pub(crate) fn met_by_update(error: SdkError<UpdateItemError>) -> Result<Option<Item>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            Ok(failed.item().cloned())
        }
        _ => Err(from_sdk(error)),
    }
}

fn too_large(message: Option<&str>) -> bool {
    message.is_some_and(|text| text.to_lowercase().contains("size has exceeded"))
}

/// Converts a transaction's error: the worst of its items' reasons decides.
pub(crate) fn from_transaction(error: SdkError<TransactWriteItemsError>) -> StoreError {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return from_sdk(error);
    };
    let reasons = cancelled.cancellation_reasons();
    let code = |code: &str| reasons.iter().find(|r| r.code() == Some(code));
    if let Some(reason) =
        code("ValidationError").or_else(|| code("ItemCollectionSizeLimitExceeded"))
    {
        return if too_large(reason.message()) {
            StoreError::TooLarge
        } else {
            StoreError::Corrupt(reason.message().unwrap_or_default().to_owned())
        };
    }
    if code("ConditionalCheckFailed").is_some() {
        return StoreError::Condition;
    }
    StoreError::Busy(spelled(reasons))
}

fn spelled(reasons: &[CancellationReason]) -> String {
    reasons.iter().filter_map(CancellationReason::code).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{error::ErrorMetadata, operation::get_item::GetItemError};

    use super::*;

    #[test]
    fn a_cause_names_the_code_and_leaves_the_services_answer_out() {
        let said =
            ErrorMetadata::builder().code("InternalServerError").message("try again").build();
        let answer = r#"{"Item": {"email": {"S": "ana@example.com"}}}"#;
        let error = SdkError::service_error(GetItemError::generic(said), answer);
        let cause = cause(&error);
        assert!(cause.starts_with("service error: "), "{cause}");
        assert!(cause.contains("InternalServerError") && cause.contains("try again"), "{cause}");
        assert!(!cause.contains("ana@example.com"), "{cause}");
    }
}
