//! The console function on AWS Lambda.

use console::{App, handle};
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App::new(gancho_edge::start(|tables| &tables.config, console::QUEUES).await?);
    run(service_fn(move |event: LambdaEvent<LambdaRequest>| handle(app, event))).await
}
