//! The authorizer on AWS Lambda.

use authorizer::{App, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App::new(gancho_edge::start(|tables| &tables.config, authorizer::QUEUES).await?);
    run(service_fn(move |event: LambdaEvent<_>| handle(app, event))).await
}
