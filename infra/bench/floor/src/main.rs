//! The least that a function in Rust can be: what `bench --only start` compares the others with.
//!
//! It answers everything with nothing, and panics where it is asked to, so that the bench sees what
//! a panic comes to under the profile that functions are built with.

use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    assert!(request.uri().path() != "/panic", "as it was asked");
    Ok(Response::new(Body::Empty))
}
