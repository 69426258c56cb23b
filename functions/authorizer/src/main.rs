//! The authorizer on AWS Lambda.

use authorizer::{App, handle};
use gancho_edge::{Deps, telemetry};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let app = &App::new(Deps::from_env().await?);
    run(service_fn(move |event: LambdaEvent<_>| handle(app, event))).await
}
