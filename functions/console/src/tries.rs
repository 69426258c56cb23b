//! The limit of tries to sign in: five failed ones a minute and address. The secrets have 256 bits;
//! the limit keeps guesses from costing anything.

use gancho_domain::common::{code::Code, session::TRIES};
use gancho_edge::problem::ApiError;
use jiff::Timestamp;
use lambda_http::Request;

use crate::{App, request};

/// A counted try.
#[derive(Debug)]
pub(crate) struct Try {
    address: String,
    at: Timestamp,
}

/// Counts a try, or refuses it.
pub(crate) async fn begin(app: &App, request: &Request, at: Timestamp) -> Result<Try, ApiError> {
    let address = request::address(request);
    if app.store.count_try(&address, at).await? > TRIES {
        return Err(ApiError::new(429, Code::TooManyTries));
    }
    Ok(Try { address, at })
}

/// Takes the count of a try back that succeeded.
pub(crate) async fn succeeded(app: &App, tried: &Try) -> Result<(), ApiError> {
    Ok(app.store.forgive_try(&tried.address, tried.at).await?)
}
