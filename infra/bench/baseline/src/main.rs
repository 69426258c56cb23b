//! The smallest possible function in Rust: the baseline of `bench --only start`.
//!
//! It answers every request with an empty response and panics on request, so that the bench shows
//! the effect of a panic under the profile that functions are built with.

use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    assert!(!request.uri().path().ends_with("/panic"), "as requested");
    Ok(Response::new(Body::Empty))
}
