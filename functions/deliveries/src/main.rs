//! The deliveries function on AWS Lambda.

// The SDK's futures exceed the compiler's default recursion limit.
#![recursion_limit = "256"]

use deliveries::{App, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App::new(gancho_edge::start(|tables| &tables.config, deliveries::QUEUES).await?);
    run(service_fn(move |event: LambdaEvent<_>| handle(app, event))).await
}
