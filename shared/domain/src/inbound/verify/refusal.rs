//! Reasons for refusing a request before it becomes a webhook.

use crate::common::code::Code;

/// The reason for refusing a request. It never reveals the expected value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no signature, or a header that it covers is missing (AU-01).
    #[error("the signature is missing")]
    SignatureMissing,
    /// No signature matches the bytes and a live secret (AU-02, AU-03).
    #[error("the signature is not valid")]
    SignatureInvalid,
    /// The timestamp is missing, not a number, or out of tolerance (AU-06).
    #[error("the timestamp is out of tolerance")]
    TimestampOutOfTolerance,
    /// The token is missing, wrong or ambiguous (AU-11).
    #[error("the token is not valid")]
    TokenInvalid,
    /// The user name or the password is missing or wrong (AU-10).
    #[error("the credentials are not valid")]
    CredentialsInvalid,
    /// A challenge request is incomplete or too long (AU-12).
    #[error("the challenge request is not complete")]
    HandshakeInvalid,
    /// A challenge request has a wrong verify token (AU-12).
    #[error("the verify token is not valid")]
    VerifyTokenInvalid,
}

impl Refusal {
    /// The API's code.
    pub fn code(self) -> Code {
        match self {
            Self::SignatureMissing => Code::SignatureMissing,
            Self::SignatureInvalid => Code::SignatureInvalid,
            Self::TimestampOutOfTolerance => Code::TimestampOutOfTolerance,
            Self::TokenInvalid => Code::TokenInvalid,
            Self::CredentialsInvalid => Code::CredentialsInvalid,
            Self::HandshakeInvalid => Code::HandshakeInvalid,
            Self::VerifyTokenInvalid => Code::VerifyTokenInvalid,
        }
    }

    /// The HTTP status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::SignatureMissing
            | Self::SignatureInvalid
            | Self::TimestampOutOfTolerance
            | Self::TokenInvalid
            | Self::CredentialsInvalid => 401,
            Self::HandshakeInvalid => 400,
            Self::VerifyTokenInvalid => 403,
        }
    }
}
