//! The history on AWS Lambda.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

use history::{App, handle};
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App::new(gancho_edge::start(|tables| &tables.config, history::QUEUES).await?);
    run(service_fn(move |event: LambdaEvent<LambdaRequest>| handle(app, event))).await
}
