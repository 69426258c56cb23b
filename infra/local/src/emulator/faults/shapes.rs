//! Errors in the shapes of the services.

use serde_json::{Value, json};

use super::connector::SNS;
use crate::emulator::json::set;

/// An error of DynamoDB, SQS or SNS, in the shape that the SDK knows.
#[derive(Debug, Clone, PartialEq)]
pub struct AwsError {
    /// The HTTP status.
    pub status: u16,
    /// The type, without its namespace.
    pub code: String,
    /// Other fields of the body.
    pub fields: Value,
}

impl AwsError {
    /// An error of any type.
    pub fn new(status: u16, code: &str) -> Self {
        Self { status, code: code.to_owned(), fields: json!({}) }
    }

    /// Too many requests of this account.
    pub fn throttling() -> Self {
        Self::new(400, "ThrottlingException")
    }

    /// Too many requests for this table.
    pub fn throughput_exceeded() -> Self {
        Self::new(400, "ProvisionedThroughputExceededException")
    }

    /// An internal error of the service.
    pub fn internal() -> Self {
        Self::new(500, "InternalServerError")
    }

    /// Another transaction with the same token is in progress.
    pub fn transaction_in_progress() -> Self {
        Self::new(400, "TransactionInProgressException")
    }

    /// Another write to the same row is in progress.
    pub fn transaction_conflict() -> Self {
        Self::new(400, "TransactionConflictException")
    }

    /// A condition did not hold.
    pub fn condition_failed() -> Self {
        Self::new(400, "ConditionalCheckFailedException")
    }

    /// A cancelled transaction, with a reason for each of its actions: `None`,
    /// `TransactionConflict`, `ConditionalCheckFailed`, ...
    pub fn transaction_cancelled(reasons: &[&str]) -> Self {
        let list: Vec<Value> =
            reasons.iter().map(|code| json!({ "Code": code, "Message": null })).collect();
        let mut error = Self::new(400, "TransactionCanceledException");
        error.fields = json!({ "CancellationReasons": list });
        error
    }

    /// The body of the response.
    pub fn body(&self, service: &str) -> String {
        if service == SNS {
            return crate::emulator::sns::failure(self.status, &self.code, "as a fault says");
        }
        let namespace = if service == "AmazonSQS" {
            "com.amazonaws.sqs"
        } else {
            "com.amazonaws.dynamodb.v20120810"
        };
        let mut body = self.fields.clone();
        set(&mut body, "__type", format!("{namespace}#{}", self.code));
        if body.get("message").is_none() {
            set(&mut body, "message", format!("{}, as a fault says", self.code));
        }
        body.to_string()
    }
}
