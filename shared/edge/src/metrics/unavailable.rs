//! Counts the calls to AWS that failed after the SDK's last attempt: no connection, a timeout, a
//! server error, throttling, a missing permission or a missing table. A refusal with a reason (a
//! failed condition, a conflicting transaction) is a response, not a failure.

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::FinalizerInterceptorContextRef,
    },
    error::BoxError,
};

use super::{Metric, Metrics};

/// Error codes in the body of a 400 for throttling, a missing permission, a missing table or queue
/// and expired credentials.
const OURS_OR_THEIRS: [&str; 8] = [
    "Throttl",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "AccessDenied",
    "ResourceNotFoundException",
    "NonExistentQueue",
    "QueueDoesNotExist",
    "ExpiredToken",
];
/// The number of leading bytes of a body that are searched for its code.
const HEAD: usize = 512;

/// Counts the failed calls of a client.
#[derive(Debug)]
pub struct Unavailable(pub Metrics);

impl Intercept for Unavailable {
    fn name(&self) -> &'static str {
        "Unavailable"
    }

    fn read_after_execution(
        &self,
        call: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if matches!(call.output_or_error(), Some(Err(_))) {
            let answer = call.response();
            let answer = answer.map(|it| (it.status().as_u16(), it.body().bytes()));
            if answer.is_none_or(|(status, body)| failed(status, body.unwrap_or_default())) {
                self.0.one(Metric::StorageUnavailable);
            }
        }
        Ok(())
    }
}

/// True if an error response is the service's failure.
fn failed(status: u16, body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(body.get(..HEAD).unwrap_or(body));
    status >= 500 || status == 429 || OURS_OR_THEIRS.iter().any(|code| head.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_with_a_reason_is_no_failure_of_the_service() {
        assert!(failed(500, b""));
        assert!(failed(503, b"{}"));
        let coded = |code: &str| serde_json::json!({ "__type": code }).to_string();
        assert!(failed(400, coded("ThrottlingException").as_bytes()));
        assert!(failed(400, coded("ProvisionedThroughputExceededException").as_bytes()));
        for code in ["AccessDeniedException", "ResourceNotFoundException", "ExpiredTokenException"]
        {
            assert!(failed(400, coded(code).as_bytes()), "{code}");
        }
        for code in ["ConditionalCheckFailedException", "TransactionCanceledException"] {
            assert!(!failed(400, coded(code).as_bytes()), "{code}");
        }
        assert!(failed(400, b"<Error><Code>Throttling</Code></Error>"));
    }
}
